"""What the fake engine refuses, by the same rules as the real one (docs/media-protocol.md)."""

import re
from collections.abc import Mapping
from typing import Any, Final

MAX_DIGITS: Final = 64
MAX_CODECS: Final = 8
PTIMES: Final = frozenset({10, 20, 30, 40, 60})
TONES: Final = frozenset({"ringback", "busy", "congestion", "dial", "beep"})
BEEP_MS: Final = 300
TAP_RATES: Final = frozenset({8000, 16000})
PUSHED_RATES: Final = frozenset({8000, 16000, 24000, 48000})
_ID: Final = re.compile(r"[A-Za-z0-9._:-]{1,64}")

_FINGERPRINT: Final = re.compile(r"sha-256 [0-9A-Fa-f]{2}(:[0-9A-Fa-f]{2}){31}")

_LEG: Final = frozenset(
    "codecs dtmf_pt ptime remote direction nat rtcp_mux media_timeout_ms srtp tag family".split()  # noqa: SIM905 one line reads better
)
_FIELDS: Final[dict[str, frozenset[str]]] = {
    "hello": frozenset(),
    "list": frozenset(),
    "drain": frozenset({"on"}),
    "room.create": frozenset({"room", "near"}),
    "room.hear": frozenset({"room", "matrix"}),
    "room.close": frozenset({"room"}),
    "leg.create": _LEG | {"leg", "room", "kind"},
    "leg.update": _LEG | {"leg"},
    "leg.move": frozenset({"leg", "room"}),
    "leg.close": frozenset({"leg"}),
    "leg.stats": frozenset({"leg"}),
    "stats.every": frozenset({"leg", "seconds"}),
    "play.start": frozenset({"play", "leg", "room", "what", "gain_db", "duck_db", "over"}),
    "play.stop": frozenset({"play"}),
    "play.seek": frozenset({"play", "at_ms"}),
    "play.gain": frozenset({"play", "gain_db"}),
    "dtmf.send": frozenset({"leg", "digits", "method", "tone_ms", "gap_ms", "volume_dbm0"}),
    "detect.set": frozenset({"leg", "dtmf_inband", "talk", "silence_ms", "machine", "beep", "fax"}),
    "tap.start": frozenset({"tap", "leg", "side", "rate"}),
    "tap.stop": frozenset({"tap"}),
    "record.start": frozenset({"record", "room", "path", "left", "right", "format", "rate", "max_seconds"}),
    "record.update": frozenset({"record", "room", "left", "right"}),
    "record.pause": frozenset({"record"}),
    "record.resume": frozenset({"record"}),
    "record.stop": frozenset({"record"}),
}


class Refused(Exception):
    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code


def _invalid(reason: str) -> Refused:
    return Refused("invalid_argument", reason)


def check_fields(command: str, fields: Mapping[str, Any]) -> None:
    """Unknown fields and ids with other characters than the protocol allows."""
    unknown = set(fields) - _FIELDS[command]
    if unknown:
        raise _invalid(f"unknown field {min(unknown)!r}")
    for name in ("room", "near", "leg", "play", "record", "tap"):
        if name in fields and not _ID.fullmatch(fields[name]):
            raise _invalid("an id has 1 to 64 characters of A-Z a-z 0-9 . _ : -")
    for name in ("gain_db", "duck_db"):
        if not -60 <= fields.get(name, 0) <= 20:
            raise _invalid("a gain is from -60 to 20 dB")


def check_leg(fields: Mapping[str, Any]) -> None:
    codecs = fields.get("codecs") or []
    if not 1 <= len(codecs) <= MAX_CODECS:
        raise _invalid(f"codecs has 1 to {MAX_CODECS} entries")
    pts = [codec["pt"] for codec in codecs]
    if any(not 0 <= pt <= 127 for pt in pts):
        raise _invalid("a payload type is below 128")
    if fields.get("dtmf_pt") in pts:
        raise _invalid("dtmf_pt is the payload type of a codec")
    remote = fields.get("remote")
    if fields.get("family") == "ipv6" or (remote and ":" in remote.get("ip", "")):
        raise Refused("not_supported", "the engine has no address of this family")
    if fields.get("kind") == "webrtc" and remote and not _FINGERPRINT.fullmatch(remote.get("fingerprint", "")):
        raise _invalid("remote needs a sha-256 fingerprint")
    if fields.get("ptime", 20) not in PTIMES:
        raise _invalid("ptime is 10, 20, 30, 40 or 60")


def check_what(what: Mapping[str, Any], clip_ms: int) -> int | None:
    """The length in ms, None for what does not end."""
    if "files" in what:
        missing = [path for path in what["files"] if "missing" in path]
        if missing:
            raise Refused("file_unreadable", f"{missing[0]!r} cannot be played")
        return clip_ms * len(what["files"]) * what.get("repeat", 1) or None
    if "tone" in what:
        if what["tone"] not in TONES:
            raise _invalid(f"there is no tone {what['tone']!r}")
        return BEEP_MS if what["tone"] == "beep" else None
    if what.get("stream", 8000) not in PUSHED_RATES:
        raise _invalid("stream is 8000, 16000, 24000 or 48000")
    return int(what["silence_ms"]) if "silence_ms" in what else None


def check_digits(fields: Mapping[str, Any], *, has_events: bool) -> None:
    digits = fields["digits"]
    if not re.fullmatch(r"[0-9A-Da-d*#,]+", digits):
        raise _invalid("digits are of 0-9 * # A-D and ,")
    if len(digits) > MAX_DIGITS:
        raise Refused("limit_reached", "too many digits wait on this leg")
    if fields.get("method", "rfc4733") == "rfc4733" and not has_events:
        raise _invalid("the leg has no dtmf_pt")


def is_restart(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> bool:
    """ICE begins anew: the browser's fragment is another one."""
    return bool(before and after and before["ice_ufrag"] != after["ice_ufrag"])


def local_web(fields: Mapping[str, Any], port: int, *, restarts: int = 0) -> dict[str, Any]:
    """What the engine would put into its SDP for a browser leg; ICE restarts change its credentials."""
    remote = fields.get("remote")
    answered = "active" if remote and remote.get("setup") == "passive" else "passive"
    setup = answered if remote else "actpass"
    return {
        "ice_ufrag": f"fake{port}{'r' * restarts}",
        "ice_pwd": f"{restarts:032d}",
        "fingerprint": "sha-256 " + ":".join(["AB"] * 32),
        "setup": setup,
        "mid": (remote or {}).get("mid", "0"),
        "candidates": [{"ip": "127.0.0.1", "port": port}],
    }
