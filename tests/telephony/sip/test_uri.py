"""URIs: reading, writing, equivalence (RFC 3261 19.1, RFC 3966)."""

import pytest
import sipmessage
from hypothesis import given
from hypothesis import strategies as st

from centrala.telephony.sip.errors import ParseError
from centrala.telephony.sip.uri import (
    OpaqueUri,
    SipUri,
    TelUri,
    escape_user,
    parse_sip_uri,
    parse_uri,
    same_uri,
)

# The examples of RFC 3261 19.1.4.
EQUAL = [
    ("sip:%61lice@atlanta.com;transport=TCP", "sip:alice@AtLanTa.CoM;Transport=tcp"),
    ("sip:carol@chicago.com", "sip:carol@chicago.com;newparam=5"),
    ("sip:carol@chicago.com", "sip:carol@chicago.com;security=on"),
    (
        "sip:biloxi.com;transport=tcp;method=REGISTER?to=sip:bob%40biloxi.com",
        "sip:biloxi.com;method=REGISTER;transport=tcp?to=sip:bob%40biloxi.com",
    ),
    (
        "sip:alice@atlanta.com?subject=project%20x&priority=urgent",
        "sip:alice@atlanta.com?priority=urgent&subject=project%20x",
    ),
    ("tel:+1-201-555-0123", "tel:+12015550123"),
    ("sip:a@[2001:db8::1]", "sip:a@[2001:DB8:0::1]"),
]
DIFFERENT = [
    ("SIP:ALICE@AtLanTa.CoM;Transport=udp", "sip:alice@AtLanTa.CoM;Transport=UDP"),
    ("sip:bob@biloxi.com", "sip:bob@biloxi.com:5060"),
    ("sip:bob@biloxi.com", "sip:bob@biloxi.com;transport=udp"),
    ("sip:bob@biloxi.com", "sip:bob@biloxi.com:6000;transport=tcp"),
    ("sip:carol@chicago.com", "sip:carol@chicago.com?Subject=next%20meeting"),
    ("sip:bob@phone21.boxesbybob.com", "sip:bob@192.0.2.4"),
    ("sip:bob@biloxi.com", "sips:bob@biloxi.com"),
    ("sip:bob@biloxi.com;x=1", "sip:bob@biloxi.com;x=2"),
    ("sip:bob@biloxi.com;user=phone;ttl=1", "sip:bob@biloxi.com"),
    ("sip:bob:word@biloxi.com", "sip:bob@biloxi.com"),
    ("tel:+12015550123", "tel:+12015550124"),
    ("tel:5550123;phone-context=a.example", "tel:5550123"),
]


@pytest.mark.parametrize(("one", "other"), EQUAL)
def test_equivalent_uris_are_the_same_both_ways(one: str, other: str) -> None:
    assert same_uri(parse_uri(one), parse_uri(other))
    assert same_uri(parse_uri(other), parse_uri(one))


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_uris_that_differ_are_not_the_same_either_way(one: str, other: str) -> None:
    assert not same_uri(parse_uri(one), parse_uri(other))
    assert not same_uri(parse_uri(other), parse_uri(one))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "alice",
        "sip:",
        "sip:@host",
        "sip:a@",
        "sip:a@b@c",
        "sip:a@host:port",
        "sip:a@host:99999",
        "sip:a@[::1",
        "sip:a@[::1]x",
        "sip:a@[::1%25eth0]",
        "sip:a b@host",
        "sip:a@host;",
        "sip:a@host;=x",
        "sip:a@host?",
        "sip:%zz@host",
        "sip:a@ho st",
        "tel:",
        "tel:abcxyz",
        "http://ex ample",
    ],
)
def test_malformed_uri_is_refused(text: str) -> None:
    with pytest.raises(ParseError):
        parse_uri(text)


def test_too_long_uri_is_414_and_another_scheme_416() -> None:
    with pytest.raises(ParseError) as caught:
        parse_uri("sip:" + "a" * 5000 + "@host")
    assert caught.value.status == 414
    with pytest.raises(ParseError) as caught:
        parse_sip_uri("http://example.com")
    assert caught.value.status == 416


def test_parts_are_read() -> None:
    uri = parse_sip_uri("sips:al%20ice:pw@[2001:db8::9]:5061;lr;transport=WS?Subject=x")
    assert (uri.scheme, uri.user, uri.user_text, uri.password) == (
        "sips",
        "al%20ice",
        "al ice",
        "pw",
    )
    assert (uri.host, uri.address, uri.port) == ("[2001:db8::9]", "2001:db8::9", 5061)
    assert (uri.loose, uri.transport, uri.headers) == (True, "ws", "Subject=x")
    assert parse_uri("tel:+7-(495)-1;ext=2") == TelUri("+7-(495)-1", {"ext": "2"})
    assert parse_uri("mailto:a@b") == OpaqueUri("mailto", "a@b")


@given(st.text(min_size=1, max_size=30))
def test_any_text_can_be_a_user_part(text: str) -> None:
    uri = SipUri("example.com", escape_user(text))
    again = parse_sip_uri(str(uri))
    assert again == uri
    assert ";" in text or again.user_text == text


HOSTS = st.sampled_from(["example.com", "192.0.2.1", "[2001:db8::1]", "a-b.example", "localhost"])
USERS = st.none() | st.from_regex(r"[a-z0-9+._~-]{1,12}", fullmatch=True)
PARAMS = st.dictionaries(
    st.sampled_from(["transport", "lr", "user", "maddr", "x", "ob"]),
    st.none() | st.from_regex(r"[a-z0-9.]{1,8}", fullmatch=True),
    max_size=4,
)
URIS = st.builds(SipUri, HOSTS, USERS, st.none() | st.integers(0, 65535), st.booleans(), st.none(), PARAMS)


@given(URIS)
def test_written_uri_reads_back_and_equals_itself(uri: SipUri) -> None:
    assert parse_uri(str(uri)) == uri
    assert same_uri(uri, uri)


@given(URIS, URIS)
def test_equivalence_is_symmetric(one: SipUri, other: SipUri) -> None:
    assert same_uri(one, other) == same_uri(other, one)


@given(URIS)
def test_another_parser_reads_the_same(uri: SipUri) -> None:
    seen = sipmessage.URI.parse(str(uri))
    assert (seen.scheme, seen.user, seen.port) == (uri.scheme, uri.user, uri.port)
    assert seen.host.strip("[]") == uri.address
