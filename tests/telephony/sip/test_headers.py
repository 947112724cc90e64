"""Typed header values and the header container."""

import pytest
import sipmessage
from hypothesis import given
from hypothesis import strategies as st

from centrala.telephony.sip.errors import ParseError
from centrala.telephony.sip.headers.address import NameAddr, parse_addresses, parse_name_addr
from centrala.telephony.sip.headers.auth import parse_auth
from centrala.telephony.sip.headers.small import (
    Reason,
    Replaces,
    SessionExpires,
    parse_cseq,
    parse_media_type,
    parse_rack,
    parse_reasons,
    parse_replaces,
    parse_retry_after,
    parse_session_expires,
    parse_tokens,
)
from centrala.telephony.sip.headers.via import parse_via, parse_vias
from centrala.telephony.sip.message import Headers, Request, Response
from centrala.telephony.sip.parser import parse_datagram
from centrala.telephony.sip.responses import make_response
from centrala.telephony.sip.text import parse_params, quote, split_list, unquote
from centrala.telephony.sip.uri import SipUri


def test_names_are_found_in_any_spelling_and_compact_form() -> None:
    headers = Headers([("i", "x"), ("VIA", "a"), ("v", "b"), ("X-Own", "1")])
    assert headers.get("Call-ID") == "x"
    assert headers.all("via") == ["a", "b"]
    assert [name for name, _ in headers] == ["Call-ID", "Via", "Via", "X-Own"]
    assert "x-own" in headers
    assert headers.count("V") == 2


def test_changed_header_is_read_anew() -> None:
    request = Request("OPTIONS", "sip:a@b", Headers([("CSeq", "1 OPTIONS"), ("To", "sip:a@b")]))
    assert request.cseq.number == 1
    request.headers.set("CSeq", "2 OPTIONS")
    assert request.cseq.number == 2
    request.headers.remove("cseq")
    with pytest.raises(ParseError):
        _ = request.cseq


def test_set_keeps_the_place_and_drops_the_others() -> None:
    headers = Headers([("X-A", "1"), ("X-B", "2"), ("x-a", "3"), ("X-C", "4")])
    headers.set("x-a", "9")
    assert list(headers) == [("x-a", "9"), ("X-B", "2"), ("X-C", "4")]
    headers.replace_first("X-B", "8")
    headers.add_first("Via", "v")
    assert list(headers) == [("Via", "v"), ("x-a", "9"), ("X-B", "8"), ("X-C", "4")]


@pytest.mark.parametrize("evil", ["a\r\nVia: x", "a\nb", "a\rb"])
def test_line_end_in_a_value_is_never_written(evil: str) -> None:
    response = Response(200, "OK", Headers([("Subject", evil)]))
    with pytest.raises(ValueError, match="line end"):
        response.to_bytes()


def test_latin_1_names_are_read_and_echoed_as_they_came() -> None:
    wire = 'OPTIONS sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP h\r\nFrom: "Jörg" <sip:j@b>;tag=1\r\n\r\n'
    request = parse_datagram(wire.encode("latin-1"))
    assert isinstance(request, Request)
    assert request.from_.display == "Jörg"
    assert '"Jörg"'.encode("latin-1") in make_response(request, 200).to_bytes()


def test_utf_8_names_are_read() -> None:
    assert parse_name_addr('"Иван Петров" <sip:i@b>').display == "Иван Петров"
    assert parse_name_addr("Иван <sip:i@b>").display == "Иван"


@pytest.mark.parametrize(
    "value",
    [
        "",
        "<sip:a@b",
        '"open <sip:a@b>',
        "a, b <sip:a@b>",
        '"x" sip:a@b',
        "<sip:a@b>;;",
        "<sip:a@b>;=x",
        "<sip:a@b> tag=1",
        "sip:a@b?x=y",
        "< sip:a@b >",
    ],
)
def test_malformed_address_is_refused(value: str) -> None:
    with pytest.raises(ParseError):
        parse_name_addr(value)


def test_addresses_are_split_outside_of_quotes_and_brackets() -> None:
    values = parse_addresses('"a, b" <sip:a,b@c>;x="1,2", sip:d@e;q=0.5 ,<tel:+1>')
    assert [str(v.uri) for v in values] == ["sip:a,b@c", "sip:d@e", "tel:+1"]
    assert [v.q_thousandths for v in values] == [1000, 500, 1000]


@pytest.mark.parametrize("q", ["2", "-1", "0.1234", "x", "1.1", "."])
def test_bad_q_is_refused(q: str) -> None:
    with pytest.raises(ParseError):
        _ = parse_name_addr(f"<sip:a@b>;q={q}").q_thousandths


def test_via_with_spaces_ports_and_parameters() -> None:
    one, two = parse_vias("SIP / 2.0 / udp h:5080 ;branch=z9hG4bKx;rport, SIP/2.0/WSS [::1];ttl=1")
    assert (one.transport, one.host, one.port, one.branch) == ("UDP", "h", 5080, "z9hG4bKx")
    assert (two.transport, two.host, two.port) == ("WSS", "[::1]", None)


def test_rport_and_received_are_filled_and_show_the_way_back() -> None:
    asked = parse_via("SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bKx;rport")
    stamped = asked.stamped("203.0.113.5", 40000)
    assert str(stamped).endswith(";rport=40000;received=203.0.113.5")
    assert stamped.reply_to() == ("203.0.113.5", 40000)
    plain = parse_via("SIP/2.0/UDP 10.0.0.1:5070;branch=z9hG4bKx").stamped("203.0.113.5", 40000)
    assert plain.reply_to() == ("203.0.113.5", 5070)
    same = parse_via("SIP/2.0/UDP 203.0.113.5;branch=z9hG4bKx")
    assert same.stamped("203.0.113.5", 40000) is same
    assert same.reply_to() == ("203.0.113.5", 5060)


def test_small_values_read_and_write() -> None:
    assert str(parse_cseq(" 7  INVITE ")) == "7 INVITE"
    assert str(parse_rack("3 7 INVITE")) == "3 7 INVITE"
    assert parse_session_expires("1800 ; refresher=UAC") == SessionExpires(1800, "uac")
    assert parse_session_expires("90") == SessionExpires(90)
    replaces = parse_replaces("a@b ;from-tag=f;early-only;to-tag=t")
    assert replaces == Replaces("a@b", "t", "f", early_only=True)
    assert parse_replaces(str(replaces)) == replaces
    reasons = parse_reasons('Q.850;cause=16;text="Normal, clearing", SIP;cause=200')
    assert reasons == [Reason("Q.850", 16, "Normal, clearing"), Reason("SIP", 200)]
    assert parse_reasons(", ".join(map(str, reasons))) == reasons
    assert parse_media_type("Application / SDP ;x=1").kind == "application/sdp"
    assert parse_retry_after("18000 (in a meeting);duration=3600") == 18000
    assert parse_tokens("") == []


@pytest.mark.parametrize(
    ("read", "text"),
    [
        (parse_cseq, "INVITE"),
        (parse_cseq, "1"),
        (parse_cseq, "2147483648 INVITE"),
        (parse_cseq, "-1 INVITE"),
        (parse_cseq, "١ INVITE"),
        (parse_rack, "1 INVITE"),
        (parse_session_expires, "soon"),
        (parse_session_expires, "1e3"),
        (parse_replaces, "x;to-tag=1"),
        (parse_media_type, "sdp"),
        (parse_tokens, "a b"),
        (parse_tokens, "a,,b"),
        (parse_auth, ""),
        (parse_auth, "Digest a"),
        (parse_auth, 'Digest a="x'),
    ],
)
def test_malformed_small_value_is_refused(read: object, text: str) -> None:
    with pytest.raises(ParseError):
        read(text)  # type: ignore[operator]  # a table of readers


def test_credentials_keep_commas_and_quotes() -> None:
    value = parse_auth('Digest username="a \\"b\\", c", realm="r",nc=00000001, qop=auth')
    assert value.params == {"username": 'a "b", c', "realm": "r", "nc": "00000001", "qop": "auth"}
    assert parse_auth(value.write(challenge=False)) == value


@given(st.text(st.characters(exclude_characters="\r\n\0", exclude_categories=["Cs"])))
def test_quoted_text_reads_back(text: str) -> None:
    assert unquote(quote(text)) == text
    address = NameAddr(SipUri("b", "a"), text)
    assert parse_name_addr(str(address)) == address
    assert split_list(f"{quote(text)}, x") == [quote(text), "x"]


@given(st.dictionaries(st.from_regex(r"[a-z]{1,5}", fullmatch=True), st.none() | st.just('"a;b=,"')))
def test_parameters_read_back(params: dict[str, str | None]) -> None:
    text = "".join(f" ; {n}" if v is None else f" ;{n} = {v}" for n, v in params.items())
    assert parse_params(text) == params


def test_another_parser_reads_our_address_the_same() -> None:
    address = NameAddr(SipUri("example.com", "a", 5070), 'J "R" D', {"tag": "x"})
    seen = sipmessage.Address.parse(str(address))
    assert (seen.name, str(seen.uri)) == ('J "R" D', "sip:a@example.com:5070")
    assert seen.parameters["tag"] == "x"


def test_scanners_take_linear_time_on_hostile_text() -> None:
    """A quadratic scanner would need minutes for these."""
    for text in ('"' + "\\" * 200_000, " " * 200_000 + ";", ";" + " " * 200_000, "a" * 200_000):
        for read in (parse_name_addr, parse_via, parse_params, parse_auth):
            try:
                read(text)
            except ParseError:
                continue
