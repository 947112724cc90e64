"""Session timers (RFC 4028): who refreshes, how often, and when the session has expired."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from centrala.telephony.sip.errors import SipError
from centrala.telephony.sip.headers.small import SessionExpires, parse_session_expires
from centrala.telephony.sip.message import Message, Request, Response

ABSOLUTE_MIN: Final = 90  # seconds; RFC 4028 4: no interval is shorter
DEFAULT_INTERVAL: Final = 1_800  # seconds; the interval that RFC 4028 4.2 recommends
_SAFETY: Final = 32  # seconds; RFC 4028 10: the BYE goes out min(32, a third) before the end


@dataclass(frozen=True, slots=True)
class TimerPolicy:
    """What we ask for. `interval` and `minimum` in seconds; `interval` None: never by ourselves."""

    interval: int | None = DEFAULT_INTERVAL
    minimum: int = ABSOLUTE_MIN


@dataclass(frozen=True, slots=True)
class SessionTimer:
    """The agreed interval in seconds, and whether we are the one who refreshes."""

    interval: int
    ours: bool

    def refresh_at(self, since: float) -> float | None:
        """Return when to refresh: half the interval after the last refresh (RFC 4028 10)."""
        return since + self.interval / 2 if self.ours else None

    def ends_at(self, since: float) -> float:
        """Return when to give the session up by BYE."""
        return since + self.interval - min(_SAFETY, self.interval / 3)

    def to_dict(self) -> dict[str, Any]:
        """Return the timer as JSON values."""
        return {"interval": self.interval, "ours": self.ours}

    @classmethod
    def from_dict(cls, kept: dict[str, Any]) -> SessionTimer:
        """Read what `to_dict` wrote."""
        return cls(int(kept["interval"]), bool(kept["ours"]))


def _asked(message: Message) -> SessionExpires | None:
    value = message.headers.get("session-expires")
    return None if value is None else parse_session_expires(value)


def _minimum(message: Message) -> int:
    value = message.headers.get("min-se")
    return ABSOLUTE_MIN if value is None else max(ABSOLUTE_MIN, parse_session_expires(value).seconds)


def request_headers(
    policy: TimerPolicy, current: SessionTimer | None = None, minimum: int | None = None
) -> list[tuple[str, str]]:
    """Return the fields for an INVITE or UPDATE that we send; `current` when it is a refresh."""
    floor = max(policy.minimum, minimum or 0)
    fields = [("Min-SE", str(floor))] if floor > ABSOLUTE_MIN else []
    if current is not None:
        # RFC 4028 7.4: a refresh keeps the role, written from the sender's point of view.
        who = "uac" if current.ours else "uas"
        fields.append(("Session-Expires", str(SessionExpires(max(current.interval, floor), who))))
    elif policy.interval is not None:
        fields.append(("Session-Expires", str(max(policy.interval, floor))))
    return fields


def answer(request: Request, policy: TimerPolicy) -> tuple[SessionTimer | None, list[tuple[str, str]]]:
    """Decide as the one who answers (RFC 4028 9); return the timer and the fields of the 2xx.

    Raises `SipError` 422 with Min-SE when the asked interval is too small.
    """
    asked = _asked(request)
    theirs = request.supports("timer")
    if asked is None:
        if policy.interval is None:
            return None, []
        timer = SessionTimer(max(policy.interval, _minimum(request)), ours=True)
        return timer, _answer_fields(timer, theirs=theirs)
    if asked.seconds < policy.minimum:
        if theirs:
            raise SipError("Interval", status=422, headers=(("Min-SE", str(policy.minimum)),))
        # RFC 4028 9: 422 would mean nothing to a caller without the extension.
        asked = SessionExpires(policy.minimum, asked.refresher)
    # Without support for timers the caller cannot refresh (RFC 4028 table 2).
    ours = not theirs or asked.refresher == "uas"
    timer = SessionTimer(asked.seconds, ours)
    return timer, _answer_fields(timer, theirs=theirs)


def _answer_fields(timer: SessionTimer, *, theirs: bool) -> list[tuple[str, str]]:
    who = "uas" if timer.ours else "uac"
    fields = [("Session-Expires", str(SessionExpires(timer.interval, who)))]
    if theirs and not timer.ours:
        fields.append(("Require", "timer"))  # RFC 4028 9: the caller must know that it refreshes
    return fields


def answered(response: Response, policy: TimerPolicy) -> SessionTimer | None:
    """Decide as the one who asked, from the 2xx (RFC 4028 7.2)."""
    agreed = _asked(response)
    if agreed is None:
        # The other side knows nothing of timers: refresh alone, if we want one at all.
        return None if policy.interval is None else SessionTimer(policy.interval, ours=True)
    return SessionTimer(max(agreed.seconds, ABSOLUTE_MIN), ours=agreed.refresher != "uas")


def too_small(response: Response) -> int:
    """Return the Min-SE of a 422 in seconds (RFC 4028 7.3)."""
    return _minimum(response)
