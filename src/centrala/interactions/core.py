"""What a contact's timeline comes to: the moments and sums of its row, from the events and from nothing else.

Theory of operation. A contact is at any moment in one state for the customer: nowhere (a menu, an announcement),
waiting in a queue, talking, on hold, or over. Events move it; the time between two events belongs to the state that
the first one led to. Whoever folds the same events gets the same row, live, after a restart and in a test.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

MAX_MENU_STEPS: Final = 50  # choices kept of one contact; a longer path is somebody who plays with the keys


class TimelineKind(StrEnum):
    """What happens to a contact. Which details an event carries: docs of `Journal.tell`."""

    CAME = "came"
    MENU = "menu"
    INPUT = "input"
    LANGUAGE = "language"
    QUEUED = "queued"
    ANNOUNCED = "announced"
    OFFERED = "offered"
    DECLINED = "declined"
    NOT_ANSWERED = "not_answered"
    ANSWERED = "answered"
    HELD = "held"
    RESUMED = "resumed"
    CONSULTED = "consulted"
    TRANSFERRED = "transferred"
    JOINED = "joined"
    LEFT = "left"
    RECORDING_STARTED = "recording_started"
    RECORDING_PAUSED = "recording_paused"
    RECORDING_RESUMED = "recording_resumed"
    RECORDING_ENDED = "recording_ended"
    CALLBACK_ORDERED = "callback_ordered"
    VOICEMAIL = "voicemail"
    RATED = "rated"
    HELP_ASKED = "help_asked"
    SUPERVISED = "supervised"
    ESCALATED = "escalated"
    NOTED = "noted"
    DISPOSED = "disposed"
    WRAP_UP_STARTED = "wrap_up_started"
    WRAP_UP_ENDED = "wrap_up_ended"
    ENDED = "ended"


class Result(StrEnum):
    """What became of a contact; the disposition says what it was about."""

    ANSWERED = "answered"
    ABANDONED = "abandoned"
    ABANDONED_SHORT = "abandoned_short"
    OVERFLOWED = "overflowed"
    TRANSFERRED_OUT = "transferred_out"
    VOICEMAIL = "voicemail"
    CALLBACK = "callback"
    CLOSED = "closed"
    SELF_SERVICE = "self_service"
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    FAILED = "failed"
    BLOCKED = "blocked"
    INTERRUPTED = "interrupted"


class Phase(StrEnum):
    """Where the customer is."""

    NOWHERE = "nowhere"
    WAITING = "waiting"
    TALKING = "talking"
    HELD = "held"
    OVER = "over"


_LEADS_TO: Final[Mapping[TimelineKind, Phase]] = {
    TimelineKind.QUEUED: Phase.WAITING,
    TimelineKind.ANSWERED: Phase.TALKING,
    TimelineKind.HELD: Phase.HELD,
    TimelineKind.RESUMED: Phase.TALKING,
    TimelineKind.VOICEMAIL: Phase.NOWHERE,
    TimelineKind.CALLBACK_ORDERED: Phase.NOWHERE,
    TimelineKind.ENDED: Phase.OVER,
}
_ONLY_FROM: Final[Mapping[TimelineKind, Phase]] = {
    TimelineKind.HELD: Phase.TALKING,
    TimelineKind.RESUMED: Phase.HELD,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One line of a timeline. `details` are plain JSON."""

    kind: TimelineKind
    at: datetime
    person_id: UUID | None = None
    queue_id: UUID | None = None
    details: Mapping[str, Any] = field(default_factory=dict)


class Tally:
    """Folds a timeline into the columns of `interactions` that come from it."""

    def __init__(self) -> None:
        self.row: dict[str, Any] = {
            "queued_at": None,
            "offered_at": None,
            "answered_at": None,
            "ended_at": None,
            "wrap_up_ended_at": None,
            "queue_id": None,
            "operator_id": None,
            "language": None,
            "result": None,
            "wait_seconds": 0.0,
            "talk_seconds": 0.0,
            "hold_seconds": 0.0,
            "wrap_up_seconds": 0.0,
            "holds": 0,
            "transfers": 0,
            "rating": None,
            "rating_scale": None,
            "menu_path": [],
            "escalated": False,
        }
        self.phase = Phase.NOWHERE
        self.last: datetime | None = None
        self._since: datetime | None = None
        self.wrap_up_since: datetime | None = None

    def feed(self, event: Event) -> dict[str, Any]:
        """The columns that the event changes, with their new values."""
        before = dict(self.row)
        self.last = event.at if self.last is None else max(self.last, event.at)
        self._pass_time(event)
        self._note(event)
        return {name: value for name, value in self.row.items() if before[name] != value}

    def _pass_time(self, event: Event) -> None:
        to = _LEADS_TO.get(event.kind)
        if to is None or self.phase is Phase.OVER or _ONLY_FROM.get(event.kind, self.phase) is not self.phase:
            return
        if self._since is not None:
            self._spend(max(0.0, (event.at - self._since).total_seconds()))
        self.phase, self._since = to, event.at

    def _spend(self, seconds: float) -> None:
        # Only the wait before the first answer is the wait that is promised; later ones are in the timeline.
        if self.phase is Phase.WAITING and self.row["answered_at"] is None:
            self.row["wait_seconds"] += seconds
        elif self.phase is Phase.TALKING:
            self.row["talk_seconds"] += seconds
        elif self.phase is Phase.HELD:
            self.row["hold_seconds"] += seconds

    def first(self, name: str, at: datetime) -> None:
        """Set a moment that only its first time counts of."""
        if self.row[name] is None:
            self.row[name] = at

    def _note(self, event: Event) -> None:
        handler = _NOTES.get(event.kind)
        if handler is not None:
            handler(self, event)


def _queued(tally: Tally, event: Event) -> None:
    tally.first("queued_at", event.at)
    tally.row["queue_id"] = event.queue_id or tally.row["queue_id"]


def _offered(tally: Tally, event: Event) -> None:
    tally.first("offered_at", event.at)


def _answered(tally: Tally, event: Event) -> None:
    tally.first("answered_at", event.at)
    tally.row["operator_id"] = event.person_id or tally.row["operator_id"]


def _held(tally: Tally, _: Event) -> None:
    tally.row["holds"] += 1


def _transferred(tally: Tally, _: Event) -> None:
    tally.row["transfers"] += 1


def _chose(tally: Tally, event: Event) -> None:
    step = event.details.get("label") or event.details.get("choice")
    if isinstance(step, str) and step and len(tally.row["menu_path"]) < MAX_MENU_STEPS:
        tally.row["menu_path"] = [*tally.row["menu_path"], step]


def _spoke(tally: Tally, event: Event) -> None:
    language = event.details.get("language")
    if isinstance(language, str):
        tally.row["language"] = language


def _rated(tally: Tally, event: Event) -> None:
    score, scale = event.details.get("score"), event.details.get("scale")
    if isinstance(score, int):
        tally.row["rating"], tally.row["rating_scale"] = score, scale if isinstance(scale, int) else None


def _escalated(tally: Tally, _: Event) -> None:
    tally.row["escalated"] = True


def _wrap_up_started(tally: Tally, event: Event) -> None:
    tally.wrap_up_since = event.at


def _wrap_up_ended(tally: Tally, event: Event) -> None:
    if tally.wrap_up_since is not None:
        tally.row["wrap_up_seconds"] += max(0.0, (event.at - tally.wrap_up_since).total_seconds())
    tally.wrap_up_since = None
    tally.row["wrap_up_ended_at"] = event.at


def _ended(tally: Tally, event: Event) -> None:
    if tally.row["ended_at"] is None:
        tally.row["ended_at"] = event.at
        tally.row["result"] = event.details.get("result")


_NOTES: Final[Mapping[TimelineKind, Callable[[Tally, Event], None]]] = {
    TimelineKind.QUEUED: _queued,
    TimelineKind.OFFERED: _offered,
    TimelineKind.ANSWERED: _answered,
    TimelineKind.HELD: _held,
    TimelineKind.TRANSFERRED: _transferred,
    TimelineKind.MENU: _chose,
    TimelineKind.LANGUAGE: _spoke,
    TimelineKind.RATED: _rated,
    TimelineKind.ESCALATED: _escalated,
    TimelineKind.WRAP_UP_STARTED: _wrap_up_started,
    TimelineKind.WRAP_UP_ENDED: _wrap_up_ended,
    TimelineKind.ENDED: _ended,
}
