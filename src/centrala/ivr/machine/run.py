"""A run of a flow: events and the time in, commands out. Pure: no call, clock, sound or store is touched here.

Theory of operation. The run stands in one node and waits for the answer to at most one command (`pending`), which the
answer names; a caller who waits in a queue may be asked something beside it (`aside`). An answer to anything else is of
yesterday and changes nothing. Nodes that need no answer are gone through at once; a cap on nodes without anything from
the caller stops flows that turn in circles, and a cap on time stops callers who do. The call is answered with the first
command that needs it: a flow that hangs up before costs the caller nothing.

`now` is in seconds since 1970 of any clock that does not jump; one that goes back is taken as standing still.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from centrala.ivr.machine import asking, serving, thinking
from centrala.ivr.machine import commands as c
from centrala.ivr.machine import definition as d
from centrala.ivr.machine import events as e
from centrala.ivr.machine.mechanics import Mechanics, State, Version
from centrala.ivr.machine.values import Scalar

Enter = Callable[[Any, Any], None]
On = Callable[[Any, Any, e.Event], None]

_ENTER: Final[Mapping[str, Enter]] = {
    "say": thinking.enter_say,
    "menu": asking.enter_menu,
    "language": asking.enter_language,
    "collect": asking.enter_collect,
    "hours": thinking.enter_hours,
    "set": thinking.enter_set,
    "test": thinking.enter_test,
    "lookup": thinking.enter_lookup,
    "http": thinking.enter_http,
    "queue": serving.enter_queue,
    "transfer": serving.enter_transfer,
    "voicemail": serving.enter_voicemail,
    "callback": serving.enter_callback,
    "rate": asking.enter_rate,
    "flow": thinking.enter_flow,
    "return": thinking.enter_return,
    "goto": thinking.enter_goto,
    "hangup": thinking.enter_hang_up,
}
_ON: Final[Mapping[str, On]] = {
    "say": thinking.on_say,
    "menu": asking.on_menu,
    "language": asking.on_language,
    "collect": asking.on_collect,
    "hours": thinking.on_hours,
    "lookup": thinking.on_lookup,
    "http": thinking.on_http,
    "queue": serving.on_queue,
    "transfer": serving.on_transfer,
    "voicemail": serving.on_voicemail,
    "callback": serving.on_callback,
    "rate": asking.on_rate,
    "hangup": thinking.on_hang_up,
}


class Run(Mechanics):
    """One caller's way through a version of a flow."""

    def __init__(self, version: Version, variables: Mapping[str, Scalar] | None = None, *, language: str = "") -> None:
        """`variables` are there from the start: `caller` and `called` (E.164), and what the caller's flow gives."""
        spoken = language or (version.languages[0] if version.languages else "en")
        super().__init__(version, State(language=spoken))
        for name, value in (variables or {}).items():
            self.set(name, value)
        self.set("language", spoken)
        self.ignored = 0

    @classmethod
    def restored(cls, version: Version, data: Mapping[str, Any]) -> "Run":
        """A run that goes on where the dumped one stood, with the same version. Its `waiting` are to be sent again."""
        run = cls(version)
        run.state = State.model_validate(data)
        run.now = run.state.since
        return run

    def dump(self) -> dict[str, Any]:
        """Everything as plain data for JSON."""
        return self.state.model_dump(mode="json")

    def feed(self, event: e.Event, now: float) -> list[c.Command]:
        """What is to be done now, in this order."""
        self._pass_time(now)
        self._out = []
        if self.state.ended is None:
            self._take(event)
            self._go_on()
        else:
            self.ignored += 1
        return self._out

    @property
    def ended(self) -> str | None:
        """Why the run is over: `caller`, or the `why` of its last command."""
        return self.state.ended

    @property
    def deadline(self) -> float | None:
        """When to feed `TimePassedEvent`; None: not before something else happens."""
        if not self.counts_time:
            return None
        return self.state.since + max(0.0, self.version.flow.max_seconds - self.state.spent)

    @property
    def waiting(self) -> list[c.Command]:
        """Commands that wait for their answer."""
        return [command for command in (self.state.pending, self.state.aside) if command is not None]

    @property
    def shown(self) -> dict[str, Scalar]:
        """The variables without those that nobody is shown."""
        return {
            name: "•••" if name in self.state.secrets and value else value
            for name, value in self.state.variables.items()
        }

    def _pass_time(self, now: float) -> None:
        state = self.state
        self.now = max(now, state.since)
        if self.counts_time and state.steps:
            state.spent += self.now - state.since
        state.since = self.now

    def _take(self, event: e.Event) -> None:
        state = self.state
        match event:
            case e.CallEndedEvent():
                state.ended, state.pending, state.aside, state.behind = "caller", None, None, None
            case e.BeginEvent() if not state.steps:
                self._begin()
            case e.TimePassedEvent() if self.counts_time and state.spent >= self.version.flow.max_seconds:
                self.hang_up(why="time")
            case e.BeginEvent() | e.TimePassedEvent():
                self.ignored += 1
            case _:
                self._answered(event)

    def _begin(self) -> None:
        start = self.version.flow.start
        if start in self.ways.nodes and start is not None:
            self.go(start)
        else:
            self.hang_up(why="nowhere", cause=d.EndCause.UNAVAILABLE)

    def _answered(self, event: e.Event) -> None:
        """An answer to what is waited for."""
        state, node = self.state, self.node
        number = getattr(event, "id", -1)
        aside, pending = state.aside, state.pending
        if aside is not None and number == aside.id and node is not None and isinstance(event, FITTING[aside.kind]):
            self._hear(event)
            serving.on_beside(self, node, event)
        elif pending is not None and number == pending.id and isinstance(event, FITTING[pending.kind]):
            self._hear(event)
            self._pending_answered(pending, event, node)
        else:
            self.ignored += 1

    def _hear(self, event: e.Event) -> None:
        if _brings_keys(event):
            self.heard_caller()

    def _pending_answered(self, pending: c.Command, event: e.Event, node: d.Node | None) -> None:
        if isinstance(pending, c.AnswerCommand):
            if isinstance(event, e.StartedEvent):
                self.started()
            else:
                self.hang_up(why="failed", cause=d.EndCause.UNAVAILABLE)
        elif self.state.phase == "ending":
            self.hang_up(why=self.state.held)
        elif self.state.phase == "callback" and node is not None and node.kind == "queue":
            serving.after_callback(self, node)
        elif node is not None:
            _ON[node.kind](self, node, event)

    def _go_on(self) -> None:
        """Enter nodes until one waits for an answer; `go` counts them."""
        while self._entering and self.state.ended is None:
            self._entering = False
            node = self.node
            if node is None:
                self.end_with("goodbye", why="nowhere")
            else:
                _ENTER[node.kind](self, node)
        self._entering = False


FITTING: Final[Mapping[str, tuple[type[e.Event], ...]]] = {
    "answer": (e.StartedEvent, e.FailedEvent),
    "play": (e.PlayedEvent, e.FailedEvent),
    "collect": (e.DigitsEvent, e.NoInputEvent, e.FailedEvent),
    "queue": (e.ConnectedEvent, e.FinishedEvent, e.QueueLeftEvent, e.CallbackOfferedEvent, e.FailedEvent),
    "transfer": (e.ConnectedEvent, e.FinishedEvent, e.TransferFailedEvent, e.FailedEvent),
    "voicemail": (e.RecordedEvent, e.FailedEvent),
    "order_callback": (e.CallbackOrderedEvent, e.FailedEvent),
    "lookup": (e.FoundEvent, e.FailedEvent),
    "hours": (e.HoursAreEvent, e.FailedEvent),
    "http": (e.HttpAnsweredEvent, e.HttpFailedEvent, e.FailedEvent),
}
"""The events that answer each command; another event with its number changes nothing."""


def _brings_keys(event: e.Event) -> bool:
    if isinstance(event, e.DigitsEvent):
        return bool(event.digits)
    return isinstance(event, e.PlayedEvent) and bool(event.digit)
