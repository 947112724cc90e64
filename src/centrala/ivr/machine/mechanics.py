"""What all nodes do alike: send commands, say, ask, go on. The state of a run, as plain data."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, Final
from uuid import UUID

from pydantic import BaseModel, Field

from centrala.ivr.machine import commands as c
from centrala.ivr.machine import definition as d
from centrala.ivr.machine.exits import Ways
from centrala.ivr.machine.sounds import Saying
from centrala.ivr.machine.values import Scalar, kept

MAX_STEPS: Final = 2_000  # nodes that one run enters
MAX_IDLE_STEPS: Final = 100  # nodes entered without anything from the caller: a flow that turns in circles
MAX_DEPTH: Final = 10  # sub-flows inside of each other
MAX_PATH: Final = 500  # nodes of the path that is remembered
MAX_VARIABLES: Final = 200

_NEEDS_ANSWER: Final = frozenset({"play", "collect", "queue", "transfer", "voicemail"})
_OWN_TIME: Final = frozenset({"queue", "transfer", "voicemail"})
"""Commands whose time is not the menu's."""


@dataclass(frozen=True, slots=True)
class Version:
    """What a run runs: a flow with all flows that it runs, frozen. The first language is spoken by default."""

    flow: d.FlowDefinition
    languages: tuple[str, ...]
    subflows: Mapping[UUID, d.FlowDefinition] = field(default_factory=dict)

    @classmethod
    def loaded(cls, definition: Any, subflows: Mapping[str, Any], languages: Sequence[str]) -> "Version":
        """From plain data as it is stored."""
        return cls(
            flow=d.FlowDefinition.model_validate(definition),
            languages=tuple(languages),
            subflows={UUID(one): d.FlowDefinition.model_validate(plain) for one, plain in subflows.items()},
        )


class State(BaseModel):
    """Everything that a run remembers; restored from its dump it goes on as if nothing had happened."""

    language: str
    variables: dict[str, Scalar] = Field(default_factory=dict)
    secrets: list[str] = Field(default_factory=list, description="Variables that nobody is shown.")
    flow: UUID | None = None
    stack: list[tuple[UUID | None, str]] = Field(default_factory=list)
    node: str | None = None
    phase: str = ""
    tries: int = 0
    held: str = ""
    pending: c.Command | None = None
    behind: c.Command | None = None
    aside: c.Command | None = None
    aside_phase: str = ""
    answered: bool = False
    talking: bool = False
    next_id: int = 1
    steps: int = 0
    idle_steps: int = 0
    spent: float = 0.0
    since: float = 0.0
    path: list[str] = Field(default_factory=list)
    ended: str | None = None


class Mechanics:
    """A run as its nodes see it."""

    def __init__(self, version: Version, state: State) -> None:
        self.version = version
        self.state = state
        self.now = state.since
        self._ways: dict[UUID | None, Ways] = {}
        self._out: list[c.Command] = []
        self._entering = False

    # Where it stands

    @property
    def ways(self) -> Ways:
        """The nodes and edges of the flow in which the run stands."""
        flow = self.state.flow
        if flow not in self._ways:
            self._ways[flow] = Ways(self.version.flow if flow is None else self.version.subflows[flow])
        return self._ways[flow]

    @property
    def node(self) -> d.Node | None:
        return self.ways.nodes.get(self.state.node) if self.state.node is not None else None

    @property
    def today(self) -> date:
        return datetime.fromtimestamp(self.now, UTC).date()

    @property
    def saying(self) -> Saying:
        return Saying(self.state.language, self.version.languages, self.state.variables)

    # Going on

    def leave(self, node: d.Node, exit_name: str) -> None:
        """Take an exit; where it leads nowhere, the call ends with a goodbye."""
        target = self.ways.leads(node, exit_name)
        if target is None:
            self.end_with("goodbye", why="nowhere")
        else:
            self.go(target)

    def go(self, node_id: str) -> None:
        state = self.state
        state.node, state.phase, state.tries, state.held = node_id, "", 0, ""
        state.pending = state.aside = None
        state.aside_phase = ""
        state.steps += 1
        state.idle_steps += 1
        if state.steps > MAX_STEPS or state.idle_steps > MAX_IDLE_STEPS:
            self.hang_up(why="steps")
            return
        if len(state.path) < MAX_PATH:
            state.path.append(node_id)
        self._entering = True

    def heard_caller(self) -> None:
        """The caller did something: the flow does not turn in circles by itself."""
        self.state.idle_steps = 0

    # Commands

    def fresh(self) -> int:
        number = self.state.next_id
        self.state.next_id += 1
        return number

    def tell(self, command: c.Command) -> None:
        """A command that is not answered."""
        self._out.append(command)

    def send(self, command: c.Command) -> None:
        """A command whose answer the node waits for; the call is answered first where it must be."""
        if self.state.answered or command.kind not in _NEEDS_ANSWER:
            self.state.pending = command
            self._out.append(command)
            return
        self.state.behind = command
        self.state.pending = c.AnswerCommand(id=self.fresh())
        self._out.append(self.state.pending)

    def started(self) -> None:
        """The call is answered: on with what had to wait for it."""
        behind = self.state.behind
        self.state.answered, self.state.behind, self.state.pending = True, None, None
        if behind is not None:
            self.send(behind)

    def play(self, sounds: list[c.Sound], *, phase: str = "", interruptible: bool = True) -> None:
        self.state.phase = phase
        self.send(c.PlayCommand(id=self.fresh(), sounds=sounds, interruptible=interruptible))

    def collect(
        self,
        sounds: list[c.Sound],
        *,
        phase: str = "",
        most: int = 1,
        terminators: str = "",
        wait: float = 5.0,
        between: float = 3.0,
        interruptible: bool = True,
        fresh: bool = False,
        secret: bool = False,
    ) -> None:
        """Keys typed ahead answer only a first try, never a secret one, and nothing that has to be heard first."""
        self.state.phase = phase
        self.send(
            c.CollectCommand(
                id=self.fresh(),
                sounds=sounds,
                most=most,
                terminators=terminators,
                first_seconds=wait,
                between_seconds=between,
                interruptible=interruptible,
                fresh=fresh or secret or not interruptible or self.state.tries > 0,
                secret=secret,
            )
        )

    def note(self, what: str, node: d.Node, **details: Any) -> None:
        """For the contact's timeline."""
        noted = {"what": what, "node_id": node.id, "details": {"node": node.label, **details}}
        self.tell(c.NotedCommand.model_validate({"id": self.fresh(), **noted}))

    def end_with(self, sentence: str, *, why: str) -> None:
        """Say a sentence, then hang up; at once when nobody has been answered."""
        if not self.state.answered:
            self.hang_up(why=why, cause=d.EndCause.UNAVAILABLE)
            return
        self.state.held = why
        self.play([self.saying.sentence(sentence)], phase="ending", interruptible=False)

    def hang_up(self, *, why: str, cause: d.EndCause = d.EndCause.NORMAL) -> None:
        self.state.ended, self.state.pending, self.state.aside, self.state.behind = why, None, None, None
        self.tell(c.HangUpCommand(id=self.fresh(), cause=cause.value, why=why))

    # Variables

    def set(self, name: str, value: Scalar, *, secret: bool = False) -> None:
        """Past the cap on how many there are, new ones are dropped."""
        variables = self.state.variables
        if name not in variables and len(variables) >= MAX_VARIABLES:
            return
        variables[name] = kept(value)
        if secret and name not in self.state.secrets:
            self.state.secrets.append(name)

    def speak_language(self, language: str) -> None:
        self.state.language = language
        self.set("language", language)

    # Time

    @property
    def counts_time(self) -> bool:
        """Whether the time that passes is the menu's."""
        state = self.state
        return state.ended is None and not state.talking and getattr(state.pending, "kind", "") not in _OWN_TIME
