"""The IPv6 torture messages of RFC 5118, section by section."""

from pathlib import Path

import pytest

from centrala.telephony.sip.errors import ParseError
from centrala.telephony.sip.message import Request
from centrala.telephony.sip.parser import parse_datagram
from centrala.telephony.sip.uri import SipUri, same_uri
from centrala.telephony.sip.validate import check_syntax

FOLDER = Path(__file__).parent / "vectors" / "rfc5118"
GOOD = sorted(p.name for p in FOLDER.glob("*.dat") if p.name != "ipv6-bad.dat")


def read(name: str) -> Request:
    message = parse_datagram((FOLDER / name).read_bytes())
    assert isinstance(message, Request)
    check_syntax(message)
    return message


def target(name: str) -> SipUri:
    uri = read(name).uri
    assert isinstance(uri, SipUri)
    return uri


@pytest.mark.parametrize("name", GOOD)
def test_valid_message_parses_and_writes_back(name: str) -> None:
    message = read(name)
    again = parse_datagram(message.to_bytes())
    assert isinstance(again, Request)
    assert again.to_bytes() == message.to_bytes()


def test_there_are_twelve() -> None:
    assert len(GOOD) == 11


def test_ipv6_reference_gives_the_address() -> None:
    assert target("ipv6-good.dat").address == "2001:db8::10"
    assert read("ipv6-good.dat").via.reply_to() == ("2001:db8::9:1", 5060)


def test_ipv6_address_without_brackets_is_refused() -> None:
    with pytest.raises(ParseError) as caught:
        read("ipv6-bad.dat")
    assert caught.value.status == 400


def test_port_inside_the_brackets_is_part_of_the_address() -> None:
    uri = target("port-ambiguous.dat")
    assert (uri.address, uri.port) == ("2001:db8::10:5070", None)


def test_port_after_the_brackets_is_a_port() -> None:
    uri = target("port-unambiguous.dat")
    assert (uri.address, uri.port) == ("2001:db8::10", 5070)


@pytest.mark.parametrize("form", ["with", "no"])
def test_received_may_have_brackets_or_not(form: str) -> None:
    via = read(f"via-received-param-{form}-delim.dat").via
    assert via.reply_to() == ("2001:db8::9:255", 5060)


def test_both_families_in_one_path() -> None:
    vias = read("mult-ip-in-header.dat").vias
    assert [v.reply_to() for v in vias] == [
        ("2001:db8::9:1", 6050),
        ("192.0.2.1", 5060),
        ("192.0.2.200", 5060),
    ]


def test_ipv4_mapped_addresses_are_addresses() -> None:
    message = read("ipv4-mapped-ipv6.dat")
    assert [v.host for v in message.vias] == ["[::ffff:192.0.2.10]", "[::ffff:192.0.2.2]"]
    assert message.via.port == 19823


def test_three_colons_of_the_old_grammar_are_taken_for_two() -> None:
    liberal = target("ipv6-bug-abnf-3-colons.dat")
    assert same_uri(liberal, target("ipv6-correct-abnf-2-colons.dat"))
    assert ":::" not in str(liberal)
