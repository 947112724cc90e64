"""Session descriptions and offer/answer in the three profiles."""

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from centrala.telephony.sip import limits
from centrala.telephony.sip.errors import NotAllowed, SdpError
from centrala.telephony.sip.sdp.agreement import Agreed, Profile
from centrala.telephony.sip.sdp.attributes import (
    Codec,
    Direction,
    Fingerprint,
    Ice,
    Setup,
    codecs_of,
    cryptos_of,
    direction,
    ice_of,
)
from centrala.telephony.sip.sdp.negotiate import (
    DTMF,
    G722,
    OPUS,
    PCMA,
    PCMU,
    Endpoint,
    Negotiator,
    Policy,
)
from centrala.telephony.sip.sdp.parse import parse_sdp
from centrala.telephony.sip.sdp.refuse import refusal_of

HERE, THERE = Endpoint("192.0.2.1", 10000), Endpoint("192.0.2.2", 20000)
KEY30, KEY30B = base64.b64encode(b"k" * 30).decode(), base64.b64encode(b"K" * 30).decode()
SUITE = "AES_CM_128_HMAC_SHA1_80"
PRINT = Fingerprint("sha-256", ":".join(["AB"] * 32))
WEB = Endpoint(
    "192.0.2.1",
    10000,
    fingerprint=PRINT,
    ice=Ice("ufrg", "p" * 22, ("1 1 udp 2130706431 192.0.2.1 10000 typ host",), lite=True),
)
ALL = Policy(
    codecs=(OPUS, G722, PCMA, PCMU, DTMF),
    profiles=(Profile.DTLS, Profile.SDES, Profile.PLAIN),
)
# What a browser offers, cut to what matters: numbers, bundle, two m-lines, trickled candidates.
BROWSER = (
    """v=0
o=- 4611731400430051336 2 IN IP4 127.0.0.1
s=-
t=0 0
a=group:BUNDLE 0 1
a=extmap-allow-mixed
a=msid-semantic: WMS s
m=audio 9 UDP/TLS/RTP/SAVPF 111 63 9 0 8 13 110 126
c=IN IP4 0.0.0.0
a=rtcp:9 IN IP4 0.0.0.0
a=candidate:1 1 udp 2113937151 10.0.0.5 51000 typ host generation 0
a=ice-ufrag:abcd
a=ice-pwd:0123456789012345678901
a=ice-options:trickle
a=fingerprint:sha-256 {print}
a=setup:actpass
a=mid:0
a=sendrecv
a=rtcp-mux
a=rtpmap:111 opus/48000/2
a=fmtp:111 minptime=10;useinbandfec=1
a=rtpmap:63 red/48000/2
a=rtpmap:9 G722/8000
a=rtpmap:0 PCMU/8000
a=rtpmap:8 PCMA/8000
a=rtpmap:13 CN/8000
a=rtpmap:110 telephone-event/48000
a=rtpmap:126 telephone-event/8000
m=video 9 UDP/TLS/RTP/SAVPF 96
c=IN IP4 0.0.0.0
a=mid:1
a=rtpmap:96 VP8/90000
""".replace("{print}", PRINT.value)
    .replace("\n", "\r\n")
    .encode()
)


def sdp(*media: str, session: str = "c=IN IP4 192.0.2.9") -> bytes:
    lines = ["v=0", "o=- 1 1 IN IP4 192.0.2.9", "s=-", session, "t=0 0", *media]
    return "\r\n".join(lines).encode() + b"\r\n"


def both(
    offerer: Policy, answerer: Policy, one: Endpoint = HERE, other: Endpoint = THERE
) -> tuple[Agreed, Agreed, Negotiator, Negotiator]:
    a, b = Negotiator("1"), Negotiator("2")
    answer, theirs = b.answer(a.offer(one, offerer), other, answerer)
    return a.accept(answer), theirs, a, b


def test_plain_call_agrees_on_the_offerers_first_codec_that_both_have() -> None:
    ours, theirs, _, _ = both(Policy((G722, PCMU, DTMF)), Policy((PCMA, PCMU, DTMF)))
    assert ours.codec.key == theirs.codec.key == PCMU.key
    assert (ours.remote_address, ours.remote_port) == ("192.0.2.2", 20000)
    assert (theirs.remote_address, theirs.remote_rtcp_port) == ("192.0.2.1", 10001)
    assert ours.dtmf is not None
    assert ours.dtmf.payload_type == 101
    assert ours.direction is theirs.direction is Direction.SENDRECV


def test_order_of_the_answerer_decides_when_it_says_so() -> None:
    ours, _, _, _ = both(Policy((PCMU, PCMA)), Policy((PCMA, PCMU), order="ours"))
    assert ours.codec.key == PCMA.key


def test_numbers_of_dynamic_formats_are_the_offerers() -> None:
    mine = Policy((Codec("opus", 48000, 99, 2), Codec("telephone-event", 8000, 97)))
    ours, theirs, _, _ = both(mine, Policy((OPUS, DTMF)))
    assert ours.codec.payload_type == theirs.codec.payload_type == ours.receive_type == 99
    assert ours.dtmf is not None
    assert ours.dtmf.payload_type == 97


def test_no_common_codec_is_488() -> None:
    with pytest.raises(SdpError) as caught:
        both(Policy((G722,)), Policy((PCMU,)))
    assert caught.value.status == 488


def test_browser_offer_is_answered_in_its_own_numbers_with_video_refused() -> None:
    answerer = Negotiator("7")
    answer, agreed = answerer.answer(BROWSER, WEB, Policy((PCMA, DTMF), (Profile.DTLS,)))
    assert agreed.profile is Profile.DTLS
    assert agreed.codec.key == PCMA.key
    assert agreed.dtmf is not None
    assert agreed.dtmf.payload_type == 126
    assert (agreed.setup, agreed.rtcp_mux, agreed.mid) == (Setup.PASSIVE, True, "0")
    assert agreed.remote_ice is not None
    assert agreed.remote_ice.ufrag == "abcd"
    assert agreed.remote_fingerprint == PRINT
    assert agreed.direction is Direction.SENDRECV  # zeros in c= mean nothing with ICE
    parsed = parse_sdp(answer)
    assert [m.port for m in parsed.media] == [10000, 0]
    assert parsed.media[0].proto == "UDP/TLS/RTP/SAVPF"
    assert parsed.attribute("group") == "BUNDLE 0"
    assert parsed.has("ice-lite")
    assert parsed.media[0].formats == ["8", "126"]
    assert parsed.media[1].attribute("mid") == "1"


def test_opus_takes_the_telephone_event_of_its_clock_if_we_have_it() -> None:
    wide = Codec("telephone-event", 48000, 110)
    _, agreed = Negotiator("7").answer(BROWSER, WEB, Policy((OPUS, DTMF, wide), (Profile.DTLS,)))
    assert agreed.codec.key == OPUS.key
    assert agreed.dtmf is not None
    assert agreed.dtmf.payload_type == 110


def test_our_own_dtls_offer_lets_the_peer_choose_its_role() -> None:
    policy = Policy((PCMU,), (Profile.DTLS,))
    browser = Endpoint("192.0.2.5", 9, fingerprint=PRINT, ice=Ice("uuuu", "q" * 22), setup="active")
    ours, theirs, _, _ = both(policy, policy, WEB, browser)
    assert (ours.setup, theirs.setup) == (Setup.PASSIVE, Setup.ACTIVE)
    assert ours.rtcp_mux


def test_dtls_without_fingerprint_is_488() -> None:
    offer = BROWSER.replace(b"a=fingerprint", b"a=nothing")
    with pytest.raises(SdpError) as caught:
        Negotiator("7").answer(offer, WEB, ALL)
    assert caught.value.status == 488


def test_sdes_keys_are_exchanged_under_the_tag_of_the_offer() -> None:
    policy = Policy((PCMA,), (Profile.SDES,))
    one = Endpoint("192.0.2.1", 1000, keys={SUITE: KEY30})
    other = Endpoint("192.0.2.2", 2000, keys={SUITE: KEY30B})
    ours, theirs, _, _ = both(policy, policy, one, other)
    assert ours.local_crypto == theirs.remote_crypto
    assert ours.remote_crypto == theirs.local_crypto
    assert ours.remote_crypto is not None
    assert ours.remote_crypto.key == KEY30B


@pytest.mark.parametrize(
    "line",
    [
        f"1 UNKNOWN_SUITE inline:{KEY30}",
        f"1 {SUITE} inline:{KEY30[:-8]}",
        f"1 {SUITE} inline:!!!",
        f"1 {SUITE} inline:{KEY30} UNENCRYPTED_SRTP",
        f"x {SUITE} inline:{KEY30}",
    ],
)
def test_unusable_crypto_lines_refuse_the_stream(line: str) -> None:
    offer = sdp("m=audio 4000 RTP/SAVP 8", f"a=crypto:{line}")
    with pytest.raises(SdpError) as caught:
        Negotiator("1").answer(offer, Endpoint("192.0.2.1", 1, keys={SUITE: KEY30}), ALL)
    assert caught.value.status == 488


def test_key_without_mki_is_preferred_and_an_mki_kept() -> None:
    media = parse_sdp(
        sdp(
            "m=audio 4000 RTP/SAVP 8",
            f"a=crypto:1 {SUITE} inline:{KEY30}|2^31|1:4",
            f"a=crypto:2 {SUITE} inline:{KEY30B}|2^31",
        )
    ).media[0]
    assert [key.mki for key in cryptos_of(media)] == ["1:4", None]
    offer = parse_sdp(sdp("m=audio 1 RTP/AVP 0"))
    offer.media = [media]
    endpoint = Endpoint("192.0.2.1", 1, keys={SUITE: KEY30})
    _, agreed = Negotiator("1").answer(offer.to_bytes(), endpoint, ALL)
    assert agreed.remote_crypto is not None
    assert agreed.remote_crypto.tag == 2


def test_better_profile_wins_and_the_other_line_is_refused() -> None:
    offer = sdp(
        "m=audio 4000 RTP/AVP 8",
        "m=audio 4002 RTP/SAVP 8",
        f"a=crypto:1 {SUITE} inline:{KEY30}",
    )
    endpoint = Endpoint("192.0.2.1", 1000, keys={SUITE: KEY30B})
    answer, agreed = Negotiator("1").answer(offer, endpoint, ALL)
    assert agreed.profile is Profile.SDES
    assert [m.port for m in parse_sdp(answer).media] == [0, 1000]


@pytest.mark.parametrize(
    ("offered", "wanted", "agreed"),
    [
        ("sendrecv", Direction.SENDRECV, Direction.SENDRECV),
        ("sendonly", Direction.SENDRECV, Direction.RECVONLY),
        ("recvonly", Direction.SENDRECV, Direction.SENDONLY),
        ("inactive", Direction.SENDRECV, Direction.INACTIVE),
        ("sendrecv", Direction.SENDONLY, Direction.SENDONLY),
        ("sendonly", Direction.SENDONLY, Direction.INACTIVE),
    ],
)
def test_direction_is_mirrored_and_never_wider_than_offered(offered: str, wanted: Direction, agreed: Direction) -> None:
    offer = sdp("m=audio 4000 RTP/AVP 8", f"a={offered}")
    answer, result = Negotiator("1").answer(offer, HERE, Policy((PCMA,)), wanted)
    assert result.direction is agreed
    assert parse_sdp(answer).media[0].has(agreed.value)


def test_session_direction_counts_for_media_without_one() -> None:
    offer = sdp("m=audio 4000 RTP/AVP 8", session="c=IN IP4 192.0.2.9\r\na=inactive")
    _, agreed = Negotiator("1").answer(offer, HERE, Policy((PCMA,)))
    assert agreed.direction is Direction.INACTIVE


def test_address_of_zeros_is_the_old_way_to_hold() -> None:
    offer = sdp("m=audio 4000 RTP/AVP 8", session="c=IN IP4 0.0.0.0")
    _, agreed = Negotiator("1").answer(offer, HERE, Policy((PCMA,)))
    assert agreed.direction is Direction.RECVONLY


@given(st.sampled_from(Direction), st.sampled_from(Direction))
def test_directions_form_an_algebra(one: Direction, other: Direction) -> None:
    assert one.mirrored.mirrored is one
    assert one.within(other) is other.within(one)
    assert direction(sends=one.sends, receives=one.receives) is one
    assert one.within(Direction.SENDRECV) is one


def test_hold_and_resume_keep_lines_numbers_and_count_the_version_up() -> None:
    mine = Policy((Codec("opus", 48000, 99, 2), DTMF, PCMA))
    _, _, a, b = both(mine, Policy((OPUS, DTMF, PCMA)))
    versions = []
    offer = b""
    for way in (Direction.SENDONLY, Direction.SENDONLY, Direction.SENDRECV):
        offer = b.offer(THERE, Policy((OPUS, DTMF, PCMA)), way)
        versions.append(parse_sdp(offer).origin.version)
        answer, agreed = a.answer(offer, HERE, mine)
        assert b.accept(answer).direction is way
        assert agreed.codec.payload_type == 99  # the number of the first offer stays
    assert versions == [1, 1, 2]
    assert len(parse_sdp(offer).media) == 1


def test_later_offer_keeps_refused_lines_refused() -> None:
    negotiator = Negotiator("7")
    negotiator.answer(BROWSER, WEB, Policy((PCMA,), (Profile.DTLS,)))
    again = parse_sdp(negotiator.offer(WEB, Policy((PCMA,), (Profile.DTLS,)), Direction.SENDONLY))
    assert [(m.kind, m.port) for m in again.media] == [("audio", 10000), ("video", 0)]
    assert again.media[0].attribute("mid") == "0"


def test_refused_offer_leaves_the_agreement() -> None:
    _, _, a, _ = both(Policy((PCMA,)), Policy((PCMA,)))
    before = a.agreed
    a.offer(HERE, Policy((PCMA,)), Direction.INACTIVE)
    a.refused()
    assert a.agreed == before
    with pytest.raises(NotAllowed):
        a.accept(b"v=0")


@pytest.mark.parametrize(
    "answer",
    [
        sdp("m=audio 0 RTP/AVP 8"),
        sdp("m=video 4000 RTP/AVP 8"),
        sdp("m=audio 4000 RTP/SAVP 8"),
        sdp("m=audio 4000 RTP/AVP 99"),
        sdp(),
        sdp("m=audio 4000 RTP/AVP 8", session="b=AS:1"),
    ],
)
def test_answer_that_agrees_on_nothing_is_refused_and_voids_the_offer(answer: bytes) -> None:
    negotiator = Negotiator("1")
    negotiator.offer(HERE, Policy((PCMA,)))
    with pytest.raises(SdpError):
        negotiator.accept(answer)
    assert negotiator.agreed is None


def test_state_survives_a_restart() -> None:
    _, _, a, b = both(Policy((PCMA, DTMF)), Policy((PCMA, DTMF)))
    for negotiator in (a, b):
        kept = json.loads(json.dumps(negotiator.to_dict()))
        again = Negotiator.from_dict(kept)
        assert again.agreed == negotiator.agreed
        assert again.offer(HERE, Policy((PCMA, DTMF))) == negotiator.offer(HERE, Policy((PCMA, DTMF)))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"hello",
        b"v=1\r\n",
        b"v=0\r\ns=-\r\n",
        sdp("m=audio"),
        sdp("m=audio 99999 RTP/AVP 0"),
        sdp("m=audio -1 RTP/AVP 0"),
        sdp("m=audio 1 RTP/AVP"),
        sdp("x"),
        sdp(session="c=IN IP4 2001:db8::1"),
        sdp(session="c=IN IP9 x"),
        sdp("a=\0"),
        sdp(*["m=audio 1 RTP/AVP 0"] * (limits.MAX_SDP_MEDIA + 1)),
        sdp(*["a=x"] * (limits.MAX_SDP_ATTRIBUTES + 1)),
        sdp("a=" + "x" * limits.MAX_SDP_LINE),
        sdp("m=audio 1 RTP/AVP " + "0 " * 100),
        b"v=0\r\n" * 9000,
    ],
)
def test_malformed_or_oversized_description_is_refused(data: bytes) -> None:
    with pytest.raises(SdpError) as caught:
        parse_sdp(data)
    assert caught.value.status in {400, 413}


def test_line_feeds_alone_and_unknown_letters_are_tolerated() -> None:
    parsed = parse_sdp(BROWSER.replace(b"\r\n", b"\n").replace(b"t=0 0", b"t=0 0\nq=1"))
    assert [c.name for c in codecs_of(parsed.media[0])][:2] == ["opus", "red"]
    assert ice_of(parsed, parsed.media[1]) is None


@given(st.binary(max_size=300), st.integers(0, len(BROWSER)), st.integers(0, 60))
def test_damaged_description_raises_only_its_own_error(noise: bytes, at: int, cut: int) -> None:
    data = BROWSER[:at] + noise + BROWSER[at + cut :]
    try:
        Negotiator("1").answer(data, WEB, ALL)
    except SdpError as problem:
        assert problem.status in {400, 413, 488}
    refusal_of(data)


def test_refusal_answers_every_line_with_port_zero() -> None:
    answer = refusal_of(BROWSER)
    assert answer is not None
    assert [m.port for m in parse_sdp(answer).media] == [0, 0]
    assert refusal_of(b"?") is None
