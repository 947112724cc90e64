"""SDP and the engine's settings: plain RTP, SRTP with keys in the SDP, browsers; answered, offered, over a restart."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from centrala.telephony.calls.streams import BROWSER, LegKind, MediaPolicy, Stream, kind_of_offer, make_keys
from centrala.telephony.media.types import LocalRtp, LocalWeb, RtpLeg, WebLeg
from centrala.telephony.sip.errors import SdpError

RTP = LocalRtp(ip="192.0.2.1", port=20000, rtcp_port=20001, ssrc=7, cname="us")
PRINT = "sha-256 " + ":".join(["AB"] * 32)
WEB = LocalWeb(
    ice_ufrag="ours",
    ice_pwd="o" * 22,
    fingerprint=PRINT,
    setup="passive",
    mid="0",
    candidates=(("192.0.2.1", 30000),),
    ssrc=7,
    cname="us",
)
KEYS = make_keys(lambda size: bytes(range(size)))
SECURE = MediaPolicy(kinds=(LegKind.SDES,))
EITHER = MediaPolicy(kinds=(LegKind.SDES, LegKind.PLAIN))


def stream(policy: MediaPolicy = EITHER) -> Stream:
    return Stream("1", policy, dict(KEYS), tag="call")


def plain(body: str = "RTP/AVP 8 0 101", extra: str = "", ip: str = "198.51.100.7") -> bytes:
    return (
        f"v=0\r\no=- 1 1 IN IP4 {ip}\r\ns=-\r\nc=IN IP4 {ip}\r\nt=0 0\r\nm=audio 4000 {body}\r\n"
        f"a=rtpmap:101 telephone-event/8000\r\n{extra}"
    ).encode()


BROWSERS_OFFER = plain(
    "UDP/TLS/RTP/SAVPF 111 9 0 8 126",
    "a=rtpmap:111 opus/48000/2\r\na=rtpmap:126 telephone-event/8000\r\na=mid:audio\r\na=ice-ufrag:abcd\r\n"
    f"a=ice-pwd:{'p' * 22}\r\na=fingerprint:{PRINT}\r\na=setup:actpass\r\na=rtcp-mux\r\n",
)


def test_a_plain_offer_is_answered_with_its_first_codec_and_the_engines_port() -> None:
    one = stream()
    settings = one.look_at(plain())
    assert isinstance(settings, RtpLeg)
    assert settings.remote is not None
    assert (settings.remote.ip, settings.remote.port, settings.codecs[0].pt, settings.dtmf_pt) == (
        "198.51.100.7",
        4000,
        8,
        101,
    )
    assert settings.srtp is None
    assert settings.tag == "call"
    one.made(RTP)
    answer = one.answer(plain())
    assert b"m=audio 20000 RTP/AVP 8 101" in answer
    assert one.codec == "PCMA"


def test_looking_changes_nothing() -> None:
    one = stream()
    one.look_at(plain())
    assert one.agreed is None
    one.made(RTP)
    first = one.answer(plain())
    one.look_at(plain(ip="203.0.113.9"))
    assert one.in_force() == stream().look_at(plain())
    assert b"o=- 1 0" in first


def test_keys_in_the_sdp_go_to_the_engine_and_never_into_a_log() -> None:
    key = KEYS["AES_CM_128_HMAC_SHA1_80"][::-1].replace("=", "A")[:40]
    offer = plain("RTP/SAVP 8 101", f"a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:{key}\r\n")
    one = stream(SECURE)
    settings = one.look_at(offer)
    assert isinstance(settings, RtpLeg)
    assert settings.srtp is not None
    assert (settings.srtp.suite, settings.srtp.remote) == ("AES_CM_128_HMAC_SHA1_80", key)
    assert settings.srtp.local == KEYS["AES_CM_128_HMAC_SHA1_80"]
    assert key not in repr(settings)
    one.made(RTP)
    assert f"inline:{KEYS['AES_CM_128_HMAC_SHA1_80']}".encode() in one.answer(offer)
    assert one.kind is LegKind.SDES


def test_a_policy_without_plain_audio_refuses_it() -> None:
    with pytest.raises(SdpError) as refused:
        stream(SECURE).look_at(plain())
    assert refused.value.status == 488


def test_a_browsers_offer_is_answered_by_ice_lite_with_the_engines_hash() -> None:
    assert kind_of_offer(BROWSERS_OFFER) is LegKind.WEB
    one = Stream("1", BROWSER)
    settings = one.look_at(BROWSERS_OFFER)
    assert isinstance(settings, WebLeg)
    assert settings.remote is not None
    assert (settings.remote.ice_ufrag, settings.remote.setup, settings.remote.mid) == ("abcd", "active", "audio")
    one.made(WEB)
    answer = one.answer(BROWSERS_OFFER).decode()
    assert "a=ice-ufrag:ours" in answer
    assert "a=setup:passive" in answer
    assert " 192.0.2.1 30000 typ host" in answer
    assert one.codec == "G722"


def test_our_offer_to_a_browser_is_completed_by_its_answer() -> None:
    one = Stream("1", BROWSER)
    assert isinstance(one.before_offer(), WebLeg)
    one.made(WEB)
    offer = one.offer()
    assert b"a=setup:actpass" in offer
    browser = Stream("2", BROWSER)
    browser.look_at(offer)
    browser.made(WEB)
    settings = one.accept(browser.answer(offer))
    assert isinstance(settings, WebLeg)
    assert settings.remote is not None
    assert settings.remote.ice_ufrag == "ours"


@pytest.mark.parametrize("kind", [LegKind.PLAIN, LegKind.SDES])
def test_two_of_us_agree(kind: LegKind) -> None:
    us, them = stream(MediaPolicy(kinds=(kind,))), stream(MediaPolicy(kinds=(kind,), codecs=("PCMU", "PCMA")))
    us.before_offer()
    us.made(RTP)
    them.look_at(offer := us.offer())
    them.made(LocalRtp(ip="198.51.100.7", port=4000, rtcp_port=4001, ssrc=8, cname="them"))
    settings = us.accept(them.answer(offer))
    assert isinstance(settings, RtpLeg)
    assert (us.codec, them.codec) == ("PCMA", "PCMA")
    assert (settings.srtp is not None) == (kind is LegKind.SDES)


def test_the_other_legs_codec_is_offered_first() -> None:
    assert MediaPolicy().preferring("G722").codecs == ("G722", "PCMA", "PCMU")
    assert MediaPolicy().preferring("opus") == MediaPolicy()


@pytest.mark.parametrize(("way", "holds"), [("sendonly", True), ("inactive", True), ("recvonly", False)])
def test_a_hold_is_seen_however_it_is_said(way: str, *, holds: bool) -> None:
    one = stream()
    one.look_at(plain())
    one.made(RTP)
    one.answer(plain())
    assert not one.peer_holds
    one.answer(plain(extra=f"a={way}\r\n"))
    assert one.peer_holds is holds


def test_an_address_of_zeros_is_a_hold_and_no_destination() -> None:
    one = stream()
    settings = one.look_at(plain(ip="0.0.0.0"))  # noqa: S104 - RFC 2543's way to say hold
    assert isinstance(settings, RtpLeg)
    assert settings.remote is None
    one.made(RTP)
    one.answer(plain(ip="0.0.0.0"))  # noqa: S104 - as above
    assert one.peer_holds


@pytest.mark.parametrize("policy", [EITHER, BROWSER], ids=["telephone", "browser"])
def test_a_stream_is_the_same_after_a_restart(policy: MediaPolicy) -> None:
    offer = BROWSERS_OFFER if policy is BROWSER else plain()
    one = Stream("1", policy, dict(KEYS), tag="call")
    one.look_at(offer)
    one.made(WEB if policy is BROWSER else RTP)
    one.answer(offer)
    again = Stream.from_dict(one.to_dict(), tag="call")
    assert again.in_force() == one.in_force()
    assert (again.kind, again.codec, again.peer_holds) == (one.kind, one.codec, one.peer_holds)
    assert again.answer(offer) == one.answer(offer)
    assert again.offer() == one.offer()


@given(st.binary(max_size=300))
def test_a_strangers_sdp_is_read_or_refused(data: bytes) -> None:
    try:
        stream().look_at(data)
    except SdpError as refused:
        assert refused.status in {400, 488}
