"""What an offer and its answer agree on. A pure function of the two texts, so it survives a
restart."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from centrala.telephony.sip.errors import SdpError
from centrala.telephony.sip.sdp.attributes import (
    Codec,
    Crypto,
    Direction,
    Fingerprint,
    Ice,
    Setup,
    codecs_of,
    cryptos_of,
    direction,
    direction_of,
    fingerprint_of,
    ice_of,
    ptime_of,
    setup_of,
)
from centrala.telephony.sip.sdp.model import Media, SessionDescription

UNSPECIFIED = frozenset({"0.0.0.0", "::"})  # noqa: S104 - RFC 2543's way to say hold


class Profile(StrEnum):
    """How media travels."""

    PLAIN = "RTP/AVP"
    SDES = "RTP/SAVP"
    DTLS = "UDP/TLS/RTP/SAVPF"


_PROTOS = {
    "RTP/AVP": Profile.PLAIN,
    "RTP/AVPF": Profile.PLAIN,
    "RTP/SAVP": Profile.SDES,
    "RTP/SAVPF": Profile.SDES,
    "UDP/TLS/RTP/SAVP": Profile.DTLS,
    "UDP/TLS/RTP/SAVPF": Profile.DTLS,
}


def profile_of(session: SessionDescription, media: Media) -> Profile | None:
    """Return the profile of an m-line; old WebRTC writes RTP/SAVPF with a fingerprint for DTLS."""
    profile = _PROTOS.get(media.proto)
    if profile is Profile.SDES and not cryptos_of(media) and fingerprint_of(session, media):
        return Profile.DTLS
    return profile


@dataclass(frozen=True, slots=True)
class Agreed:
    """One audio stream as both sides see it after an answer.

    `codec.payload_type` is what we send with, `receive_type` what we are sent; the same for `dtmf`.
    `direction` is ours. `setup` is our DTLS role. Addresses are IP texts or names.
    """

    profile: Profile
    codec: Codec
    receive_type: int
    direction: Direction
    remote_address: str
    remote_port: int
    remote_rtcp_port: int
    rtcp_mux: bool
    dtmf: Codec | None = None
    dtmf_receive_type: int | None = None
    ptime: int | None = None  # milliseconds that the peer asks for
    mid: str | None = None
    remote_ice: Ice | None = None
    remote_fingerprint: Fingerprint | None = None
    setup: Setup | None = None
    local_crypto: Crypto | None = None
    remote_crypto: Crypto | None = None


def address_of(session: SessionDescription, media: Media) -> str:
    """Return the media address of a section. Raises `SdpError` without any c=."""
    connection = media.connection or session.connection
    if connection is None:
        raise SdpError("Media without a connection address")
    return connection.address


def common(ours: list[Codec], theirs: list[Codec]) -> list[tuple[Codec, Codec]]:
    """Return pairs (ours, theirs) of equal formats in the order of `theirs`."""
    by_key = {codec.key: codec for codec in reversed(ours)}
    return [(by_key[codec.key], codec) for codec in theirs if codec.key in by_key]


def pick_dtmf(pairs: list[tuple[Codec, Codec]], clock: int) -> tuple[Codec, Codec] | None:
    """Return the telephone-event at the codec's clock, else the one at 8000 Hz (RFC 4733 2.1)."""
    events = [pair for pair in pairs if pair[0].is_dtmf]
    exact = [pair for pair in events if pair[0].clock == clock]
    basic = [pair for pair in events if pair[0].clock == 8000]
    return next(iter(exact or basic), None)


def remote_direction(session: SessionDescription, media: Media) -> Direction:
    """Return what the peer does, an address of zeros counted as not receiving (RFC 3264 8.4)."""
    said = direction_of(session, media)
    if address_of(session, media) in UNSPECIFIED and ice_of(session, media) is None:
        return direction(sends=said.sends, receives=False)
    return said


def agree(local: SessionDescription, remote: SessionDescription, index: int, *, we_offered: bool) -> Agreed:
    """Read the agreement on m-line `index`. Raises `SdpError` 488 when there is none."""
    if index >= len(remote.media) or index >= len(local.media):
        raise SdpError("Answer without our media", status=488)
    mine, theirs = local.media[index], remote.media[index]
    profile = profile_of(remote, theirs)
    if theirs.port == 0 or theirs.kind != mine.kind or profile is None:
        raise SdpError("Media refused", status=488)
    if profile is not profile_of(local, mine):
        raise SdpError("Answer with another transport profile", status=488)
    answered, offered = (theirs, mine) if we_offered else (mine, theirs)
    pairs = common(codecs_of(offered), codecs_of(answered))
    if not we_offered:
        pairs = [(answer, offer) for offer, answer in pairs]
    audio = [pair for pair in pairs if not pair[0].is_dtmf and pair[0].name.upper() != "CN"]
    if not audio:
        raise SdpError("No common codec", status=488)
    codec = audio[0]
    dtmf = pick_dtmf(pairs, codec[0].clock)
    wanted = direction_of(local, mine)
    return Agreed(
        profile=profile,
        codec=codec[1],
        receive_type=codec[0].payload_type,
        direction=wanted.within(remote_direction(remote, theirs).mirrored),
        dtmf=dtmf[1] if dtmf else None,
        dtmf_receive_type=dtmf[0].payload_type if dtmf else None,
        ptime=ptime_of(theirs),
        mid=theirs.attribute("mid"),
        **_transport(local, remote, mine, theirs, profile),  # type: ignore[arg-type]  # by field
    )


def _transport(
    local: SessionDescription,
    remote: SessionDescription,
    mine: Media,
    theirs: Media,
    profile: Profile,
) -> dict[str, object]:
    mux = mine.has("rtcp-mux") and theirs.has("rtcp-mux")
    fields: dict[str, object] = {
        "remote_address": address_of(remote, theirs),
        "remote_port": theirs.port,
        "remote_rtcp_port": theirs.port if mux else _rtcp_port(theirs),
        "rtcp_mux": mux,
        "remote_ice": ice_of(remote, theirs),
    }
    if profile is Profile.DTLS:
        fields["remote_fingerprint"] = fingerprint = fingerprint_of(remote, theirs)
        if fingerprint is None:
            raise SdpError("DTLS without a fingerprint", status=488)
        fields["setup"] = _role(setup_of(local, mine), setup_of(remote, theirs))
    elif profile is Profile.SDES:
        pairs = [(a, b) for b in cryptos_of(theirs) for a in cryptos_of(mine)]
        found = next((p for p in pairs if (p[0].tag, p[0].suite) == (p[1].tag, p[1].suite)), None)
        if found is None:
            raise SdpError("No common SRTP suite", status=488)
        fields["local_crypto"], fields["remote_crypto"] = found
    return fields


def _role(mine: Setup | None, theirs: Setup | None) -> Setup:
    """Return our DTLS role (RFC 5763 5): the answerer has said it, actpass has left it open."""
    if mine in {Setup.ACTIVE, Setup.PASSIVE}:
        return Setup(mine)
    return Setup.ACTIVE if theirs is Setup.PASSIVE else Setup.PASSIVE


def _rtcp_port(media: Media) -> int:
    text = (media.attribute("rtcp") or "").partition(" ")[0]  # RFC 3605
    if text.isascii() and text.isdigit() and len(text) < 6 and 0 < int(text) <= 65_535:
        return int(text)
    return media.port + 1 if media.port < 65_535 else media.port
