"""The audio stream of one leg: between SDP on one side and the media engine's settings on the other.

Pure: the engine's local parameters and fresh keys are handed in. An answer is worked out twice: first with a stand-in
for our end, to learn what to tell the engine; then, with the port that the engine gave, for the wire.
"""

import base64
import ipaddress
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final, Self

from centrala.telephony.media.types import (
    Codec,
    CodecPt,
    LocalRtp,
    LocalWeb,
    Nat,
    Remote,
    RtpLeg,
    Srtp,
    WebLeg,
    WebRemote,
)
from centrala.telephony.media.types import Direction as MediaDirection
from centrala.telephony.sip.sdp.agreement import Agreed, Profile, agree, profile_of
from centrala.telephony.sip.sdp.attributes import SUITES, Direction, Fingerprint, Ice
from centrala.telephony.sip.sdp.attributes import Codec as SdpCodec
from centrala.telephony.sip.sdp.negotiate import DTMF, G722, PCMA, PCMU, Endpoint, Negotiator, Policy
from centrala.telephony.sip.sdp.parse import parse_sdp

Settings = RtpLeg | WebLeg
Local = LocalRtp | LocalWeb
PTIMES: Final = (10, 20, 30, 40, 60)  # ms that the engine can make
ENGINE_SUITES: Final = (
    "AEAD_AES_256_GCM",
    "AEAD_AES_128_GCM",
    "AES_CM_128_HMAC_SHA1_80",
    "AES_CM_128_HMAC_SHA1_32",
)


class LegKind(StrEnum):
    """How the audio travels."""

    PLAIN = "rtp"
    SDES = "srtp"
    WEB = "webrtc"


_PROFILES: Final = {LegKind.PLAIN: Profile.PLAIN, LegKind.SDES: Profile.SDES, LegKind.WEB: Profile.DTLS}
_KINDS: Final = {profile: kind for kind, profile in _PROFILES.items()}
CODECS: Final = {"PCMA": PCMA, "PCMU": PCMU, "G722": G722}


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaPolicy:
    """What a leg may use. `kinds` best first; the first is what we offer. `codecs` by name, best first."""

    kinds: tuple[LegKind, ...] = (LegKind.PLAIN,)
    codecs: tuple[str, ...] = ("PCMA", "PCMU", "G722")
    nat: Nat = Nat.SAME_IP
    timeout_ms: int = 0  # without packets for so long the leg is given up; 0: never

    def preferring(self, codec: str | None) -> "MediaPolicy":
        """The same with one codec first, so that two legs need no transcoding."""
        if codec not in self.codecs:
            return self
        order = (codec, *(name for name in self.codecs if name != codec))
        return MediaPolicy(kinds=self.kinds, codecs=order, nat=self.nat, timeout_ms=self.timeout_ms)

    def sdp(self) -> Policy:
        codecs = tuple(CODECS[name] for name in self.codecs)
        return Policy((*codecs, DTMF), tuple(_PROFILES[kind] for kind in self.kinds), order="theirs")


BROWSER: Final = MediaPolicy(kinds=(LegKind.WEB,), codecs=("G722", "PCMA", "PCMU"))


def make_keys(random_bytes: Callable[[int], bytes]) -> dict[str, str]:
    """SDES keys (RFC 4568) for every suite of the engine."""
    return {suite: base64.b64encode(random_bytes(SUITES[suite])).decode() for suite in ENGINE_SUITES}


def kind_of_offer(offer: bytes) -> LegKind | None:
    """How the first audio stream of an offer travels. Raises `SdpError`."""
    session = parse_sdp(offer)
    for media in session.media:
        profile = profile_of(session, media)
        if media.kind == "audio" and media.port and profile is not None:
            return _KINDS[profile]
    return None


_STAND_IN: Final = Endpoint(
    "127.0.0.1",
    9,
    fingerprint=Fingerprint("sha-256", ":".join(["00"] * 32)),
    ice=Ice("stand", "0" * 22, lite=True),
)


@dataclass(slots=True)
class Stream:
    """One leg's stream; `session_id` is digits, unique for the leg (RFC 8866 5.2)."""

    session_id: str
    policy: MediaPolicy
    keys: dict[str, str] = field(default_factory=dict)
    kind: LegKind = LegKind.PLAIN
    wanted: Direction = Direction.SENDRECV  # what we let the peer do; the peer may do less
    end: Endpoint | None = None  # our end, once the engine has made it
    agreed: Agreed | None = None
    tag: str | None = None
    _negotiator: Negotiator = field(init=False)

    def __post_init__(self) -> None:
        self._negotiator = Negotiator(self.session_id)

    @property
    def codec(self) -> str | None:
        """The name of the codec in force."""
        return None if self.agreed is None else self.agreed.codec.name.upper()

    @property
    def peer_holds(self) -> bool:
        """The peer does not listen: it has put us on hold (RFC 3264 8.4)."""
        return self.agreed is not None and self.wanted.sends and not self.agreed.direction.sends

    @property
    def offering(self) -> bool:
        return self._negotiator.pending is not None

    # We answer

    def look_at(self, offer: bytes) -> Settings:
        """What the engine needs to know to answer this offer; nothing is changed. Raises `SdpError`."""
        trial = Negotiator.from_dict(self._negotiator.to_dict()) if self.agreed else Negotiator(self.session_id)
        stand_in = Endpoint("127.0.0.1", 9, self.keys, _STAND_IN.fingerprint, _STAND_IN.ice)
        _, agreed = trial.answer(offer, self.end or stand_in, self._policy(), self.wanted)
        self.kind = _KINDS[agreed.profile]
        return self._settings(agreed)

    def answer(self, offer: bytes) -> bytes:
        """Our answer. Raises `SdpError`; `NotAllowed` before the engine has made our end."""
        sdp, self.agreed = self._negotiator.answer(offer, self._end(), self._policy(), self.wanted)
        return sdp

    # We offer

    def before_offer(self) -> Settings:
        """What the engine needs to make our end before the peer has said anything."""
        self.kind = self.policy.kinds[0]
        codecs = [CodecPt(name=Codec(name), pt=CODECS[name].payload_type) for name in self.policy.codecs]
        if self.kind is LegKind.WEB:
            return WebLeg(
                codecs=codecs, dtmf_pt=DTMF.payload_type, media_timeout_ms=self.policy.timeout_ms, tag=self.tag
            )
        srtp = None
        if self.kind is LegKind.SDES:
            # Packets that come before the answer cannot be read: the peer's key is not known yet.
            suite = ENGINE_SUITES[0]
            srtp = Srtp(suite=suite, local=self.keys[suite], remote=self.keys[suite])
        return RtpLeg(codecs=codecs, dtmf_pt=DTMF.payload_type, nat=self.policy.nat, srtp=srtp, tag=self.tag)

    def offer(self) -> bytes:
        return self._negotiator.offer(self._end(), self._policy(offered=True), self.wanted)

    def preview(self, answer: bytes) -> Settings | None:
        """What an answer in a provisional response says; it binds nobody yet (RFC 3261 13.2.1)."""
        pending = self._negotiator.pending
        if pending is None:
            return None
        return self._settings(agree(pending, parse_sdp(answer), self._negotiator.index, we_offered=True))

    def accept(self, answer: bytes) -> Settings:
        """Take the answer to our offer. Raises `SdpError`, and what was in force stays."""
        self.agreed = self._negotiator.accept(answer)
        return self._settings(self.agreed)

    def refused(self) -> None:
        self._negotiator.refused()

    # Both

    def made(self, local: Local) -> None:
        """The engine has made or changed our end."""
        if isinstance(local, LocalRtp):
            self.end = Endpoint(local.ip, local.port, self.keys, ssrc=local.ssrc, cname=local.cname)
            return
        algorithm, _, value = local.fingerprint.partition(" ")
        self.end = Endpoint(
            local.candidates[0][0],
            local.candidates[0][1],
            fingerprint=Fingerprint(algorithm, value),
            ice=Ice(local.ice_ufrag, local.ice_pwd, tuple(_candidates(local)), lite=True),
            setup="active" if local.setup == "active" else "passive",
            ssrc=local.ssrc,
            cname=local.cname,
        )

    def in_force(self) -> Settings:
        """The engine's settings as they are agreed now."""
        return self.before_offer() if self.agreed is None else self._settings(self.agreed)

    def _end(self) -> Endpoint:
        if self.end is None:
            raise RuntimeError("the engine has not made this stream")
        return self.end

    def _policy(self, *, offered: bool = False) -> Policy:
        policy = self.policy.sdp()
        if offered and self.agreed is None:
            return Policy(policy.codecs, (_PROFILES[self.policy.kinds[0]],), policy.order, policy.ptime)
        return policy

    def _settings(self, agreed: Agreed) -> Settings:
        codecs = _codecs(agreed.codec, agreed.receive_type)
        dtmf = agreed.dtmf.payload_type if agreed.dtmf else None
        if agreed.profile is Profile.DTLS:
            return WebLeg(
                codecs=codecs,
                dtmf_pt=dtmf,
                remote=_web_remote(agreed),
                direction=MediaDirection(agreed.direction.value),
                media_timeout_ms=self.policy.timeout_ms,
                tag=self.tag,
            )
        srtp = None
        if agreed.local_crypto is not None and agreed.remote_crypto is not None:
            suite = agreed.local_crypto.suite
            srtp = Srtp(suite=suite, local=agreed.local_crypto.key, remote=agreed.remote_crypto.key)
        return RtpLeg(
            codecs=codecs,
            dtmf_pt=dtmf,
            remote=_remote(agreed),
            ptime=agreed.ptime if agreed.ptime in PTIMES else 20,
            direction=MediaDirection(agreed.direction.value),
            nat=self.policy.nat,
            rtcp_mux=agreed.rtcp_mux,
            media_timeout_ms=self.policy.timeout_ms if agreed.direction.receives else 0,
            srtp=srtp,
            tag=self.tag,
        )

    # Over a restart

    def to_dict(self) -> dict[str, Any]:
        end = self.end
        return {
            "negotiator": self._negotiator.to_dict(),
            "policy": [list(self.policy.kinds), list(self.policy.codecs), self.policy.nat, self.policy.timeout_ms],
            "keys": self.keys if self.kind is LegKind.SDES else {},
            "kind": self.kind,
            "wanted": self.wanted,
            "end": None if end is None else _end_to_dict(end),
        }

    @classmethod
    def from_dict(cls, kept: dict[str, Any], *, tag: str) -> Self:
        kinds, codecs, nat, timeout = kept["policy"]
        policy = MediaPolicy(
            kinds=tuple(LegKind(kind) for kind in kinds), codecs=tuple(codecs), nat=Nat(nat), timeout_ms=int(timeout)
        )
        made = cls(kept["negotiator"]["session_id"], policy, dict(kept["keys"]), LegKind(kept["kind"]), tag=tag)
        made.wanted = Direction(kept["wanted"])
        made.end = None if kept["end"] is None else _end_from_dict(kept["end"], made.keys)
        made._negotiator = Negotiator.from_dict(kept["negotiator"])
        made.agreed = made._negotiator.agreed
        return made


def _candidates(local: LocalWeb) -> list[str]:
    # RFC 8839 5.1: foundation, component, transport, priority (RFC 8445 5.1.2.2: host, component 1).
    return [f"{n} 1 udp {2130706431 - n} {ip} {port} typ host" for n, (ip, port) in enumerate(local.candidates)]


def _codecs(codec: SdpCodec, receive_type: int) -> list[CodecPt]:
    name = Codec(codec.name.upper())
    sent = CodecPt(name=name, pt=codec.payload_type)
    return [sent] if receive_type == codec.payload_type else [sent, CodecPt(name=name, pt=receive_type)]


def _remote(agreed: Agreed) -> Remote | None:
    """None while the peer has no address that can be sent to: zeros on hold, or a name."""
    try:
        address = ipaddress.ip_address(agreed.remote_address)
    except ValueError:
        return None
    if address.is_unspecified or address.is_multicast:
        return None
    return Remote(ip=str(address), port=agreed.remote_port, rtcp_port=agreed.remote_rtcp_port)


def _web_remote(agreed: Agreed) -> WebRemote | None:
    if agreed.remote_ice is None or agreed.remote_fingerprint is None:
        return None
    return WebRemote(
        ice_ufrag=agreed.remote_ice.ufrag,
        ice_pwd=agreed.remote_ice.pwd,
        fingerprint=str(agreed.remote_fingerprint),
        # Agreed has our role; the engine wants the peer's.
        setup="passive" if agreed.setup == "active" else "active",
        mid=agreed.mid or "0",
    )


def _end_to_dict(end: Endpoint) -> dict[str, Any]:
    ice = end.ice
    return {
        "address": end.address,
        "port": end.port,
        "fingerprint": None if end.fingerprint is None else [end.fingerprint.algorithm, end.fingerprint.value],
        "ice": None if ice is None else [ice.ufrag, ice.pwd, list(ice.candidates)],
        "setup": end.setup,
        "ssrc": end.ssrc,
        "cname": end.cname,
    }


def _end_from_dict(kept: dict[str, Any], keys: dict[str, str]) -> Endpoint:
    ice = kept["ice"]
    return Endpoint(
        kept["address"],
        int(kept["port"]),
        keys,
        Fingerprint(*kept["fingerprint"]) if kept["fingerprint"] else None,
        None if ice is None else Ice(ice[0], ice[1], tuple(ice[2]), lite=True),
        kept["setup"],
        kept["ssrc"],
        kept["cname"],
    )
