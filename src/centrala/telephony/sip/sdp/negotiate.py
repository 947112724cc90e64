"""Offer/answer for one leg (RFC 3264): one audio stream, in any of three profiles.

A `Negotiator` remembers what was said, since later offers must keep the m-lines, the payload types
and the origin of the first, and count its version up when anything changes (RFC 3264 8).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Literal

from centrala.telephony.sip.errors import NotAllowed, SdpError
from centrala.telephony.sip.sdp.agreement import (
    Agreed,
    Profile,
    agree,
    common,
    pick_dtmf,
    profile_of,
    remote_direction,
)
from centrala.telephony.sip.sdp.attributes import (
    STATIC,
    SUITES,
    Codec,
    Crypto,
    Direction,
    Fingerprint,
    Ice,
    Setup,
    codecs_of,
    cryptos_of,
    fingerprint_of,
    setup_of,
)
from centrala.telephony.sip.sdp.model import (
    Attributes,
    Media,
    Origin,
    SessionDescription,
    connection_to,
)
from centrala.telephony.sip.sdp.parse import parse_sdp

PCMU, PCMA, G722 = STATIC[0], STATIC[8], STATIC[9]
OPUS = Codec("opus", 48_000, 111, 2, "useinbandfec=1")
DTMF = Codec("telephone-event", 8_000, 101, 1, "0-15")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Our end of the stream, as the media engine gave it.

    `keys` maps SRTP suites to base64 keys of our own, for SDES; `fingerprint` and `ice` serve DTLS.
    """

    address: str
    port: int
    keys: dict[str, str] = field(default_factory=dict)
    fingerprint: Fingerprint | None = None
    ice: Ice | None = None
    setup: Literal["active", "passive"] = "passive"  # our role when the choice is ours
    ssrc: int | None = None
    cname: str = "centrala"


@dataclass(frozen=True, slots=True)
class Policy:
    """What we take: codecs and profiles, best first. `order` tells whose preference decides."""

    codecs: tuple[Codec, ...] = (PCMA, PCMU, DTMF)
    profiles: tuple[Profile, ...] = (Profile.PLAIN,)
    order: Literal["ours", "theirs"] = "theirs"
    ptime: int | None = 20  # milliseconds


@dataclass(slots=True)
class Negotiator:
    """The offer/answer state of one leg. `session_id` is digits, unique for this leg (RFC 8866
    5.2)."""

    session_id: str
    user: str = "-"
    version: int = 0
    index: int = 0  # which m-line is our audio
    local: SessionDescription | None = None
    remote: SessionDescription | None = None
    we_offered: bool = False
    pending: SessionDescription | None = None  # our offer, not answered yet
    types: dict[tuple[str, int, int], int] = field(default_factory=dict)

    def offer(
        self,
        endpoint: Endpoint,
        policy: Policy,
        direction: Direction = Direction.SENDRECV,
    ) -> bytes:
        """Make an offer; it is in force when its answer is accepted."""
        previous = self.local
        profile = self._profile() or policy.profiles[0]
        codecs = [replace(c, payload_type=self.types.get(c.key, c.payload_type)) for c in policy.codecs]
        audio = _section(profile, endpoint, codecs, direction, policy.ptime)
        audio.attributes += _offered_transport(profile, endpoint)
        media = [audio]
        if previous is not None:
            media = [_refused(m) for m in previous.media]
            media[self.index] = audio
        mid = self._mid(previous)
        if profile is Profile.DTLS:
            audio.attributes.insert(0, ("mid", mid))
        self.pending = self._describe(endpoint, media, mid if profile is Profile.DTLS else None)
        return self.pending.to_bytes()

    def _profile(self) -> Profile | None:
        if self.local is None:
            return None
        return profile_of(self.local, self.local.media[self.index])

    def _mid(self, previous: SessionDescription | None) -> str:
        return (previous.media[self.index].attribute("mid") if previous else None) or "0"

    def accept(self, data: bytes) -> Agreed:
        """Take the answer to our offer. Raises `SdpError`, and the offer is then void."""
        offer, self.pending = self.pending, None
        if offer is None:
            raise NotAllowed("an answer without an offer")
        remote = parse_sdp(data)
        agreed = agree(offer, remote, self.index, we_offered=True)
        self._commit(offer, remote, we_offered=True)
        return agreed

    def refused(self) -> None:
        """Forget our offer: the peer has refused it and what was in force stays (RFC 3264 4)."""
        self.pending = None

    def answer(
        self,
        data: bytes,
        endpoint: Endpoint,
        policy: Policy,
        direction: Direction = Direction.SENDRECV,
    ) -> tuple[bytes, Agreed]:
        """Answer an offer. Raises `SdpError`: 400 unreadable, 488 nothing in common."""
        remote = parse_sdp(data)
        index = self._choose(remote, policy)
        theirs = remote.media[index]
        profile = profile_of(remote, theirs)
        if profile is None:
            raise SdpError("Unknown transport profile", status=488)
        codecs = _answer_codecs(theirs, policy)
        wanted = direction.within(remote_direction(remote, theirs).mirrored)
        mine = _section(profile, endpoint, codecs, wanted, policy.ptime)
        mine.proto = theirs.proto
        mid = theirs.attribute("mid")
        if mid is not None:
            mine.attributes.insert(0, ("mid", mid))
        mine.attributes += _answered_transport(profile, endpoint, remote, theirs)
        media = [mine if i == index else _refused(m) for i, m in enumerate(remote.media)]
        bundled = mid if "BUNDLE" in (remote.attribute("group") or "") else None
        self.index = index
        local = self._describe(endpoint, media, bundled)
        agreed = agree(local, remote, index, we_offered=False)
        self._commit(local, remote, we_offered=False)
        return local.to_bytes(), agreed

    def _choose(self, remote: SessionDescription, policy: Policy) -> int:
        """Return the audio m-line to take: the best profile, then the first in order."""
        found: list[tuple[int, int]] = []
        for index, media in enumerate(remote.media):
            profile = profile_of(remote, media)
            if media.kind != "audio" or media.port == 0 or profile not in policy.profiles:
                continue
            found.append((policy.profiles.index(profile), index))
        if not found:
            raise SdpError("No acceptable audio", status=488)
        kept = [pair for pair in found if self.local is not None and pair[1] == self.index]
        return min(kept or found)[1]

    def _describe(self, endpoint: Endpoint, media: list[Media], bundled: str | None) -> SessionDescription:
        connection = connection_to(endpoint.address)
        attributes: Attributes = []
        if bundled is not None:
            attributes.append(("group", f"BUNDLE {bundled}"))
        if endpoint.ice is not None and endpoint.ice.lite and bundled is not None:
            attributes.append(("ice-lite", None))
        origin = Origin(self.user, self.session_id, self.version, connection.family, connection.address)
        made = SessionDescription(origin, connection=connection, attributes=attributes, media=media)
        last = self.pending or self.local
        if last is not None and made.to_bytes() != last.to_bytes():
            self.version += 1
            made.origin = replace(origin, version=self.version)
        return made

    def _commit(self, local: SessionDescription, remote: SessionDescription, *, we_offered: bool) -> None:
        self.local, self.remote, self.we_offered = local, remote, we_offered
        for codec in codecs_of(local.media[self.index]):
            self.types.setdefault(codec.key, codec.payload_type)

    @property
    def agreed(self) -> Agreed | None:
        """What is in force, or None before the first answer."""
        if self.local is None or self.remote is None:
            return None
        return agree(self.local, self.remote, self.index, we_offered=self.we_offered)

    def to_dict(self) -> dict[str, Any]:
        """Return the state as JSON values; an offer under way is not kept."""
        return {
            "session_id": self.session_id,
            "user": self.user,
            "version": self.version,
            "index": self.index,
            "local": None if self.local is None else self.local.to_bytes().decode(),
            "remote": None if self.remote is None else self.remote.to_bytes().decode(),
            "we_offered": self.we_offered,
            "types": [[*key, number] for key, number in self.types.items()],
        }

    @classmethod
    def from_dict(cls, kept: dict[str, Any]) -> Negotiator:
        """Read what `to_dict` wrote."""
        local, remote = kept["local"], kept["remote"]
        return cls(
            session_id=kept["session_id"],
            user=kept["user"],
            version=int(kept["version"]),
            index=int(kept["index"]),
            local=None if local is None else parse_sdp(local.encode()),
            remote=None if remote is None else parse_sdp(remote.encode()),
            we_offered=bool(kept["we_offered"]),
            types={(name, clock, ch): number for name, clock, ch, number in kept["types"]},
        )


def _section(
    profile: Profile,
    endpoint: Endpoint,
    codecs: list[Codec],
    direction: Direction,
    ptime: int | None,
) -> Media:
    attributes: Attributes = []
    for codec in codecs:
        channels = f"/{codec.channels}" if codec.channels > 1 else ""
        attributes.append(("rtpmap", f"{codec.payload_type} {codec.name}/{codec.clock}{channels}"))
        if codec.fmtp:
            attributes.append(("fmtp", f"{codec.payload_type} {codec.fmtp}"))
    if ptime is not None:
        attributes.append(("ptime", str(ptime)))
    attributes.append((direction.value, None))
    if endpoint.ssrc is not None:
        attributes.append(("ssrc", f"{endpoint.ssrc} cname:{endpoint.cname}"))
    formats = [str(codec.payload_type) for codec in codecs]
    return Media("audio", endpoint.port, profile.value, formats, attributes=attributes)


def _offered_transport(profile: Profile, endpoint: Endpoint) -> Attributes:
    if profile is Profile.SDES:
        suites = [suite for suite in SUITES if suite in endpoint.keys]
        if not suites:
            raise NotAllowed("an SDES offer without keys")
        return [("crypto", str(Crypto(tag, suite, endpoint.keys[suite]))) for tag, suite in enumerate(suites, 1)]
    if profile is Profile.DTLS:
        return [*_dtls(endpoint, Setup.ACTPASS), ("rtcp-mux", None)]
    return []


def _answered_transport(profile: Profile, endpoint: Endpoint, remote: SessionDescription, theirs: Media) -> Attributes:
    if profile is Profile.SDES:
        found = next((k for k in _by_taste(theirs) if k.suite in endpoint.keys), None)
        if found is None:
            raise SdpError("No common SRTP suite", status=488)
        return [("crypto", str(Crypto(found.tag, found.suite, endpoint.keys[found.suite])))]
    mux: Attributes = [("rtcp-mux", None)] if theirs.has("rtcp-mux") else []
    if profile is Profile.DTLS:
        if fingerprint_of(remote, theirs) is None:
            raise SdpError("DTLS without a fingerprint", status=488)
        asked = setup_of(remote, theirs)
        role = Setup(endpoint.setup)
        if asked in {Setup.ACTIVE, Setup.PASSIVE}:
            role = Setup.PASSIVE if asked is Setup.ACTIVE else Setup.ACTIVE
        return [*_dtls(endpoint, role), *mux]
    return []


def _by_taste(media: Media) -> list[Crypto]:
    """Order keys: without MKI first, then by strength of the suite, then as offered."""
    ranks = list(SUITES)
    return sorted(cryptos_of(media), key=lambda k: (k.mki is not None, ranks.index(k.suite)))


def _dtls(endpoint: Endpoint, setup: Setup) -> Attributes:
    if endpoint.fingerprint is None or endpoint.ice is None:
        raise NotAllowed("a DTLS stream without fingerprint or ICE")
    ice = endpoint.ice
    return [
        ("ice-ufrag", ice.ufrag),
        ("ice-pwd", ice.pwd),
        *(("candidate", candidate) for candidate in ice.candidates),
        ("end-of-candidates", None),
        ("fingerprint", str(endpoint.fingerprint)),
        ("setup", setup.value),
    ]


def _answer_codecs(theirs: Media, policy: Policy) -> list[Codec]:
    """Return one audio format and its telephone-event, with the offerer's numbers (RFC 3264
    6.1)."""
    pairs = common(list(policy.codecs), codecs_of(theirs))
    audio = [pair for pair in pairs if not pair[0].is_dtmf]
    if policy.order == "ours":
        audio.sort(key=lambda pair: policy.codecs.index(pair[0]))
    if not audio:
        raise SdpError("No common codec", status=488)
    ours, number = audio[0][0], audio[0][1].payload_type
    chosen = [replace(ours, payload_type=number)]
    if (events := pick_dtmf(pairs, ours.clock)) is not None:
        chosen.append(replace(events[0], payload_type=events[1].payload_type))
    return chosen


def _refused(media: Media) -> Media:
    """Return the m-line that refuses a stream: same kind, profile and formats, port 0."""
    kept: Attributes = [(n, v) for n, v in media.attributes if n == "mid"]
    return Media(media.kind, 0, media.proto, media.formats[:1], attributes=kept)
