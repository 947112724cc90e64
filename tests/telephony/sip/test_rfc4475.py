"""The 49 torture messages of RFC 4475: parsed or rejected as their verdict says, and answered."""

import csv
from pathlib import Path

import pytest

from centrala.telephony.sip.errors import ParseError, SipError
from centrala.telephony.sip.headers.small import CSeq
from centrala.telephony.sip.message import Request, Response
from centrala.telephony.sip.parser import parse_datagram
from centrala.telephony.sip.responses import answer_bad
from centrala.telephony.sip.uri import OpaqueUri, SipUri, parse_sip_uri, same_uri
from centrala.telephony.sip.validate import (
    check_accept,
    check_body,
    check_request,
    check_response,
    check_syntax,
)

FOLDER = Path(__file__).parent / "vectors" / "rfc4475"
TABLE = (FOLDER / "index.csv").read_text()
INDEX = {row["file"]: row for row in csv.DictReader(TABLE.splitlines())}
METHODS = {"INVITE", "ACK", "CANCEL", "BYE", "OPTIONS", "REGISTER", "MESSAGE", "INFO"}
# What RFC 4475 says (or leaves to the general rules) about the answer to each rejected message.
ANSWERS = {
    "badinv01.dat": 400,
    "clerr.dat": 400,
    "ncl.dat": 400,
    "scalar02.dat": 400,
    "scalarlg.dat": 0,  # a response is dropped
    "quotbal.dat": 400,
    "ltgtruri.dat": 400,
    "lwsruri.dat": 400,
    "lwsstart.dat": 400,
    "trws.dat": 400,
    "escruri.dat": 400,
    "baddate.dat": 400,
    "regbadct.dat": 400,
    "badaspec.dat": 400,
    "baddn.dat": 400,
    "badvers.dat": 505,
    "mismatch01.dat": 400,
    "mismatch02.dat": 400,
    "bigcode.dat": 0,
}
# Parsed messages that a user agent refuses all the same (RFC 4475 3.3).
REFUSED = {
    "insuf.dat": 400,
    "unkscm.dat": 416,
    "novelsc.dat": 416,
    "bext01.dat": 420,
    "multi01.dat": 400,
    "mcl01.dat": 400,
    "intmeth.dat": 405,
    "esc02.dat": 405,
    "invut.dat": 415,
}


def load(name: str) -> bytes:
    return (FOLDER / name).read_bytes()


def read(name: str) -> Request | Response:
    message = parse_datagram(load(name))
    assert message is not None
    check_syntax(message)
    return message


def request(name: str) -> Request:
    message = read(name)
    assert isinstance(message, Request)
    return message


def test_all_49_messages_are_here() -> None:
    assert len(INDEX) == 49
    assert set(INDEX) == {path.name for path in FOLDER.glob("*.dat")}


@pytest.mark.parametrize("name", [n for n, r in INDEX.items() if r["parser_verdict"] == "parses"])
def test_valid_message_parses_and_reads_the_same_after_writing(name: str) -> None:
    message = read(name)
    again = parse_datagram(message.to_bytes())
    assert again is not None
    check_syntax(again)
    assert again.start_line() == message.start_line()
    assert again.body == message.body
    kept = [(n, v) for n, v in message.headers if n.lower() not in {"content-length", "l"}]
    assert [(n, v) for n, v in again.headers][:-1] == kept


@pytest.mark.parametrize("name", [n for n, r in INDEX.items() if r["parser_verdict"] == "rejected"])
def test_invalid_message_is_rejected_with_its_status(name: str) -> None:
    with pytest.raises(ParseError) as caught:
        read(name)
    assert caught.value.status == ANSWERS[name]
    answer = answer_bad(caught.value, to_tag="t1")
    if ANSWERS[name] == 0:
        assert answer is None
        return
    assert answer is not None
    wire = parse_datagram(answer.to_bytes())
    assert isinstance(wire, Response)
    assert wire.status == ANSWERS[name]
    assert (wire.headers.get("call-id") or "none") in load(name).decode()


@pytest.mark.parametrize(("name", "status"), sorted(REFUSED.items()))
def test_message_that_parses_but_cannot_be_served_is_refused(name: str, status: int) -> None:
    message = request(name)
    with pytest.raises(SipError) as caught:
        check_request(message, methods=METHODS, extensions={"100rel", "timer"})
        check_body(message, {"application/sdp"})
    assert caught.value.status == status


def test_unsupported_extensions_are_named_in_the_420() -> None:
    with pytest.raises(SipError) as caught:
        check_request(request("bext01.dat"), methods=METHODS, extensions=())
    assert caught.value.headers == (("Unsupported", "nothingSupportsThis, nothingSupportsThisEither"),)


def test_offer_that_accepts_only_an_unknown_type_is_406() -> None:
    with pytest.raises(SipError) as caught:
        check_accept(request("sdp01.dat"), "application/sdp")
    assert caught.value.status == 406


def test_short_tortuous_invite_is_read_in_full() -> None:
    message = request("wsinv.dat")
    assert message.to.tag == "1918181833n"
    assert message.from_.display == 'J Rosenberg \\"'
    assert message.from_.tag == "98asjd8"
    assert message.max_forwards == 68
    assert message.cseq == CSeq(9, "INVITE")
    assert [v.host for v in message.vias] == [
        "192.0.2.2",
        "spindle.example.com",
        "192.168.255.111",
    ]
    assert message.vias[1].branch == "z9hG4bK9ikj8"
    assert message.vias[2].branch == "z9hG4bK30239"
    assert message.headers.get("Subject") == ""
    assert message.headers.get("NewFangledHeader") == "newfangled value continued newfangled value"
    contact = message.contacts[0]
    assert contact.display == 'Quoted string ""'
    assert contact.params["newparam"] == "newvalue"
    assert contact.q_thousandths == 330
    route = message.addresses("route")[0].uri
    assert isinstance(route, SipUri)
    assert route.loose


def test_wide_range_of_characters_is_kept() -> None:
    message = request("intmeth.dat")
    assert message.method == "!interesting-Method0123456789_*+`.%indeed'~"
    assert message.to.display == "BEL:\x07 NUL:\x00 DEL:\x7f"
    assert message.from_.display == "token1~` token2'+_ token3*%!.-"
    assert message.from_.text_param("fromparam''~+*_!.-%") == "работающий"
    uri = parse_sip_uri(message.target)
    assert uri.user == "1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*"
    assert uri.password == "&it+has=1,weird!*pas$wo~d_too.(doesn't-it)"
    assert uri.host == "example.com"


def test_escapes_name_the_same_user_and_lr_parameter() -> None:
    message = request("esc01.dat")
    assert same_uri(message.to.uri, parse_sip_uri("sip:user@example.com"))
    contact = message.contacts[0].uri
    assert isinstance(contact, SipUri)
    assert contact.loose
    uri = message.uri
    assert isinstance(uri, SipUri)
    assert uri.user_text == "sips:user@example.com"


def test_escaped_nulls_make_different_users() -> None:
    one, two = request("escnull.dat").contacts
    assert not same_uri(one.uri, two.uri)


def test_percent_sign_that_is_no_escape_is_left_alone() -> None:
    message = request("esc02.dat")
    assert message.method == "RE%47IST%45R"
    assert message.to.display == "%Z%45"
    assert [str(c.uri) for c in message.contacts] == [
        "sip:alias1@host1.example.com",
        "sip:alias3@host3.example.com",
    ]


def test_octets_after_content_length_are_dropped() -> None:
    message = request("dblreq.dat")
    assert message.method == "REGISTER"
    assert message.body == b""


def test_long_values_and_mixed_spellings_of_via_are_read() -> None:
    message = request("longreq.dat")
    assert len(message.vias) == 34
    assert message.vias[-1].branch.endswith("longbranchvalue")


def test_semicolons_in_the_user_part_do_not_start_parameters() -> None:
    uri = parse_sip_uri(request("semiuri.dat").target)
    assert (uri.user, uri.host, uri.params) == ("user;par=u%40example.net", "example.com", {})


def test_unknown_transports_are_kept() -> None:
    transports = [v.transport for v in request("transports.dat").vias]
    assert transports == ["UDP", "SCTP", "TLS", "UNKNOWN", "TCP"]


def test_binary_multipart_body_survives() -> None:
    message = request("mpart01.dat")
    assert len(message.body) == 553
    assert message.body_of("multipart/mixed") is not None
    assert message.to_bytes().endswith(message.body)


def test_reason_phrases_may_be_unusual_or_empty() -> None:
    unusual, empty = read("unreason.dat"), read("noreason.dat")
    assert isinstance(unusual, Response)
    assert unusual.reason.startswith("= 2**3 * 5**2 но сто девяносто")
    assert isinstance(empty, Response)
    assert (empty.status, empty.reason) == (100, "")


def test_bare_cookie_is_not_a_transaction_identifier() -> None:
    assert not request("badbranch.dat").via.unique_branch


def test_response_with_two_vias_is_not_ours() -> None:
    message = read("bcast.dat")
    assert isinstance(message, Response)
    with pytest.raises(ParseError) as caught:
        check_response(message)
    assert caught.value.status == 0


def test_contact_parameters_belong_to_the_header_outside_of_brackets() -> None:
    bare, bracketed = request("cparam01.dat").contacts[0], request("cparam02.dat").contacts[0]
    assert "unknownparam" in bare.params
    assert isinstance(bracketed.uri, SipUri)
    assert "unknownparam" in bracketed.uri.params


def test_escaped_header_in_a_contact_is_kept() -> None:
    contact = request("regescrt.dat").contacts[0].uri
    assert isinstance(contact, SipUri)
    assert contact.headers == "Route=%3Csip:sip.example.com%3E"


def test_unknown_schemes_in_addresses_are_kept_as_text() -> None:
    message = request("unksm2.dat")
    assert message.to.uri == OpaqueUri("isbn", "2983792873")
    assert str(message.from_.uri) == "http://www.example.com"
    assert str(message.contacts[0].uri) == "name:John_Smith"


def test_rfc_2543_request_has_no_branch_no_from_tag_no_max_forwards() -> None:
    message = request("inv2543.dat")
    assert not message.via.unique_branch
    assert message.from_.tag is None
    assert message.max_forwards is None
    check_request(message, methods=METHODS, extensions=())
