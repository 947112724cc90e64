"""The health of a trunk as a machine: what registration and OPTIONS say becomes a state with a reason. Pure.

A trunk is up when everything that is asked of it is well: its registration where it registers, its answers to OPTIONS
where it is watched. Any final answer to OPTIONS means that somebody is there (RFC 3261 section 11), except those that
say that nothing can be done now. One silence is enough: over UDP it is eleven datagrams in 32 seconds.
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from centrala.telephony.trunks.core import Usable

FIRST_RECHECK: Final = 10.0  # seconds after OPTIONS was not answered; doubles
LONGEST_RECHECK: Final = 300.0  # seconds


class State(StrEnum):
    """What the page says first."""

    OFF = "off"
    STARTING = "starting"
    UP = "up"
    FAILING = "failing"


class Event(StrEnum):
    """What moves it."""

    START = "enabled"
    WELL = "all that is asked is well"
    BAD = "refused, or not answered"
    STOP = "disabled"


_S, _E = State, Event
TABLE: Final[dict[tuple[State, Event], State]] = {
    (_S.OFF, _E.START): _S.STARTING,
    (_S.OFF, _E.WELL): _S.OFF,  # an answer that came after we stopped asking
    (_S.OFF, _E.BAD): _S.OFF,
    (_S.OFF, _E.STOP): _S.OFF,
    (_S.STARTING, _E.START): _S.STARTING,
    (_S.STARTING, _E.WELL): _S.UP,
    (_S.STARTING, _E.BAD): _S.FAILING,
    (_S.STARTING, _E.STOP): _S.OFF,
    (_S.UP, _E.START): _S.UP,
    (_S.UP, _E.WELL): _S.UP,
    (_S.UP, _E.BAD): _S.FAILING,
    (_S.UP, _E.STOP): _S.OFF,
    (_S.FAILING, _E.START): _S.FAILING,
    (_S.FAILING, _E.WELL): _S.UP,
    (_S.FAILING, _E.BAD): _S.FAILING,
    (_S.FAILING, _E.STOP): _S.OFF,
}


class Reason(StrEnum):
    """Why the state is what it is; the desk has a sentence for each."""

    DISABLED = "disabled"
    NOT_STARTED = "not_started"
    NOT_WATCHED = "not_watched"
    REGISTERED = "registered"
    REACHABLE = "reachable"
    WRONG_PASSWORD = "wrong_password"  # noqa: S105 - a reason
    REFUSED = "refused"
    NO_ANSWER = "no_answer"
    UNREACHABLE = "unreachable"
    OVERLOADED = "overloaded"
    FAULT = "fault"


def reason_of(status: int) -> Reason:
    """What a failed attempt says, by its SIP status (0: the agent could not even send)."""
    if status in {401, 407}:
        return Reason.WRONG_PASSWORD
    if status == 408:
        return Reason.NO_ANSWER
    if status == 0:
        return Reason.UNREACHABLE
    if status == 503:
        return Reason.OVERLOADED
    return Reason.FAULT if status >= 500 and status < 600 else Reason.REFUSED


_NOBODY: Final = frozenset({0, 408, 503})


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """What is known of one trunk. Times are seconds of the keeper's clock."""

    registers: bool
    watched: bool
    state: State = State.OFF
    registered: bool | None = None
    reachable: bool | None = None
    reason: Reason = Reason.DISABLED
    status: int = 0
    failures: int = 0
    since: float = 0.0
    checked_at: float | None = None

    def started(self, now: float) -> "Health":
        """Somebody enabled the trunk."""
        begun = _moved(replace(self, reason=Reason.NOT_STARTED), Event.START, now)
        if self.registers or self.watched:
            return begun
        return _moved(replace(begun, reason=Reason.NOT_WATCHED), Event.WELL, now)

    def stopped(self, now: float) -> "Health":
        """Somebody disabled the trunk."""
        fresh = Health(registers=self.registers, watched=self.watched, state=self.state, since=self.since)
        return _moved(fresh, Event.STOP, now)

    def on_registration(self, status: int, now: float) -> "Health":
        """The outcome of a REGISTER."""
        well = 200 <= status < 300
        return self._judged(replace(self, registered=well, status=status, checked_at=now), status, now, well=well)

    def on_options(self, status: int, now: float) -> "Health":
        """The outcome of an OPTIONS: whoever answers is there."""
        well = status not in _NOBODY
        return self._judged(replace(self, reachable=well, status=status, checked_at=now), status, now, well=well)

    def _judged(self, seen: "Health", status: int, now: float, *, well: bool) -> "Health":
        if self.state is State.OFF:
            return self
        if not well:
            bad = replace(seen, reason=reason_of(status), failures=self.failures + 1)
            return _moved(bad, Event.BAD, now)
        if seen.registered is False or seen.reachable is False:
            return seen  # the other half still fails, and keeps its reason
        if seen.registers and not seen.registered:
            return seen  # reachable, but not registered yet
        reason = Reason.REGISTERED if seen.registers else Reason.REACHABLE
        return _moved(replace(seen, reason=reason, failures=0), Event.WELL, now)

    @property
    def usable(self) -> Usable:
        """What the choice of trunks makes of it."""
        if self.state is State.UP:
            return Usable.YES
        return Usable.NO if self.state in {State.FAILING, State.OFF} else Usable.UNKNOWN

    def recheck(self, interval: float) -> float:
        """Seconds until the next OPTIONS: the interval, or sooner while nobody answers, with growing waits."""
        if self.reachable is not False:
            return interval
        wait = FIRST_RECHECK * 2.0 ** min(max(self.failures - 1, 0), 10)
        return float(min(wait, max(interval, LONGEST_RECHECK)))


def _moved(health: Health, event: Event, now: float) -> Health:
    state = TABLE[health.state, event]
    return replace(health, state=state, since=now if state is not health.state else health.since)
