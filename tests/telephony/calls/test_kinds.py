"""Every kind of leg in a call: plain RTP, SRTP with keys in the SDP, browsers - as caller and as called."""

import pytest

from centrala.telephony.calls.service.engine import RETURN_WITHIN
from centrala.telephony.calls.streams import BROWSER, LegKind, MediaPolicy
from centrala.telephony.sip.agent.events import Answered, AttemptFailed, IncomingCall
from telephony.calls.stage import Phone, Stage, answers
from telephony.calls.test_bridge import bridge_to
from telephony.calls.test_streams import KEYS, PRINT
from telephony.calls.test_within import do, leg_of

ANY = MediaPolicy(kinds=(LegKind.WEB, LegKind.SDES, LegKind.PLAIN))
SECURE = MediaPolicy(kinds=(LegKind.SDES,))
SUITE = "AES_CM_128_HMAC_SHA1_80"


def as_browser(phone: Phone, setup: str) -> None:
    """The phone's descriptions are a browser's from now on."""

    def sdp(way: str = "sendrecv", version: int = 0) -> bytes:
        return (
            f"v=0\r\no=- 1 {version} IN IP4 {phone.address[0]}\r\ns=-\r\nc=IN IP4 0.0.0.0\r\nt=0 0\r\n"
            f"m=audio 9 UDP/TLS/RTP/SAVPF 9 8 126\r\na=rtpmap:126 telephone-event/8000\r\na=mid:0\r\n"
            f"a=ice-ufrag:{phone.name}\r\na=ice-pwd:{'p' * 22}\r\na=fingerprint:{PRINT}\r\na=setup:{setup}\r\n"
            f"a=rtcp-mux\r\na={way}\r\n"
        ).encode()

    phone.sdp = sdp  # type: ignore[method-assign]  # another kind of phone


def as_secure(phone: Phone) -> None:
    plain = Phone.sdp

    def sdp(way: str = "sendrecv", version: int = 0) -> bytes:
        made = plain(phone, way, version).replace(b"RTP/AVP", b"RTP/SAVP")
        return made + f"a=crypto:1 {SUITE} inline:{KEYS[SUITE]}\r\n".encode()

    phone.sdp = sdp  # type: ignore[method-assign]  # another kind of phone


def answers_secure(phone: Phone, event: IncomingCall) -> None:
    tag = next(line for line in (event.offer or b"").decode().splitlines() if SUITE in line).split(":")[1].split(" ")[0]
    body = phone.sdp().replace(b"crypto:1", f"crypto:{tag}".encode())
    phone.agent.answer(event.session, phone.stage.net.now, body)


@pytest.fixture
def stage() -> Stage:
    return Stage(policy=ANY)


def kind_in_engine(stage: Stage, name: str) -> str:
    fields = stage.media.legs[leg_of(stage, name).name].fields
    return "srtp" if fields.get("srtp") else str(fields["kind"])


async def end(stage: Stage, phone: Phone) -> None:
    phone.hang_up()
    await stage.run(60.0)
    assert stage.leftovers == {}


async def test_a_browser_calls_a_telephone(stage: Stage) -> None:
    alice, bob = stage.phone("alice"), stage.phone("bob", answers)
    as_browser(alice, "actpass")
    stage.policy = MediaPolicy()
    plain = stage.target(bob)
    stage.policy = ANY
    bridge_to(stage, bob)
    stage.target = lambda *_args, **_more: plain  # type: ignore[method-assign]  # one way to bob
    alice.call()
    await stage.run(1.0)
    assert (kind_in_engine(stage, "alice"), kind_in_engine(stage, "bob")) == ("webrtc", "rtp")
    assert stage.heard() == {"alice": {"bob"}, "bob": {"alice"}}
    (answered,) = alice.all(Answered)
    assert b"a=setup:passive" in (answered.answer or b"")
    assert b"a=ice-lite" in (answered.answer or b"") or b"a=ice-ufrag" in (answered.answer or b"")
    remote = stage.media.legs[leg_of(stage, "alice").name].fields["remote"]
    assert (remote["ice_ufrag"], remote["setup"]) == ("alice", "active")
    assert {row["kind"] for row in stage.rows.legs} == {"webrtc", "rtp"}
    await end(stage, alice)


async def test_a_telephone_calls_a_browser(stage: Stage) -> None:
    alice, bob = stage.phone("alice"), stage.phone("bob", answers)
    as_browser(bob, "active")
    bridge_to(stage, bob)
    whole = stage.target
    stage.target = lambda phone, **_more: whole(phone, policy=BROWSER)  # type: ignore[method-assign]  # bob's browser
    alice.call()
    await stage.run(1.0)
    assert (kind_in_engine(stage, "alice"), kind_in_engine(stage, "bob")) == ("rtp", "webrtc")
    assert stage.heard() == {"alice": {"bob"}, "bob": {"alice"}}
    bob.offer("sendonly", 2)
    await stage.run(1.0)
    assert leg_of(stage, "bob").away
    await end(stage, alice)


async def test_a_browser_whose_audio_failed_has_time_to_come_back(stage: Stage) -> None:
    alice, bob = stage.phone("alice"), stage.phone("bob", answers)
    as_browser(bob, "active")
    bridge_to(stage, bob)
    whole = stage.target
    stage.target = lambda phone, **_more: whole(phone, policy=BROWSER)  # type: ignore[method-assign]  # bob's browser
    alice.call()
    await stage.run(1.0)
    lost = leg_of(stage, "bob")
    stage.media.emit("leg.closed", leg=lost.name, room="r", reason="failed", stats={})
    await stage.run(RETURN_WITHIN - 1.0)
    assert lost.live
    assert not alice.over
    await stage.run(2.0)
    assert not lost.live
    assert alice.over


async def test_a_carrier_with_srtp_is_called_with_our_keys_and_decrypted_with_its(stage: Stage) -> None:
    alice, bob = stage.phone("alice"), stage.phone("bob", answers_secure)
    as_secure(bob)
    bridge_to(stage, bob)
    whole = stage.target
    stage.target = lambda phone, **_more: whole(phone, policy=SECURE)  # type: ignore[method-assign]  # bob's carrier
    alice.call()
    await stage.run(1.0)
    assert (kind_in_engine(stage, "alice"), kind_in_engine(stage, "bob")) == ("rtp", "srtp")
    srtp = stage.media.legs[leg_of(stage, "bob").name].fields["srtp"]
    assert (srtp["suite"], srtp["remote"]) == (SUITE, KEYS[SUITE])
    assert srtp["local"] != srtp["remote"]
    await do(stage, stage.calls.hold(leg_of(stage, "bob").id))
    await end(stage, alice)


async def test_a_secure_caller_is_answered_securely_and_after_a_restart_too(stage: Stage) -> None:
    alice, bob = stage.phone("alice"), stage.phone("bob", answers)
    as_secure(alice)
    bridge_to(stage, bob)
    whole = stage.target
    stage.target = lambda phone, **_more: whole(phone, policy=MediaPolicy())  # type: ignore[method-assign]  # plain
    alice.call()
    await stage.run(1.0)
    assert kind_in_engine(stage, "alice") == "srtp"
    before = stage.media.legs[leg_of(stage, "alice").name].fields["srtp"]
    await stage.die(1.0)
    assert await stage.come_back() == 2
    alice.offer("sendonly", 3)
    await stage.run(1.0)
    assert stage.media.legs[leg_of(stage, "alice").name].fields["srtp"] == before
    await end(stage, alice)
    await stage.calls.close()


async def test_who_may_only_come_encrypted_is_refused_otherwise() -> None:
    stage = Stage(policy=SECURE)
    alice = stage.phone("alice")
    bridge_to(stage, stage.phone("bob", answers))
    alice.call()
    await stage.run(60.0)
    (failed,) = alice.all(AttemptFailed)
    assert failed.cause.status == 488
    assert stage.leftovers == {}
