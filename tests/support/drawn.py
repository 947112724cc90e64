"""Flows as tests draw them, and a caller who walks through them."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from centrala.ivr.machine import commands as c
from centrala.ivr.machine import definition as d
from centrala.ivr.machine import events as e
from centrala.ivr.machine.mechanics import Version
from centrala.ivr.machine.run import Run
from centrala.ivr.machine.values import Scalar

QUEUE = UUID("01900000-0000-7000-8000-0000000000aa")
CALENDAR = UUID("01900000-0000-7000-8000-0000000000bb")
LANGUAGES = ("ro", "ru")
NUMBER = "+37322123456"


def said_flow(text: str = "Hello") -> dict[str, Any]:
    """A flow that can be published: it says something and hangs up."""
    said = {language: f"{text} {language}" for language in ("en", *LANGUAGES)}
    return {
        "start": "hello",
        "nodes": [
            {"id": "hello", "kind": "say", "prompt": [{"kind": "text", "text": said}]},
            {"id": "bye", "kind": "hangup"},
        ],
        "edges": [{"source": "hello", "exit": "next", "target": "bye"}],
    }


def at(version: int) -> dict[str, str]:
    """The header that says which version was read."""
    return {"If-Match": f'"{version}"'}


def words(text: str) -> list[dict[str, Any]]:
    """A prompt in the languages of the tests' project."""
    return [{"kind": "text", "text": {language: f"{text} {language}" for language in LANGUAGES}}]


def drawn(*nodes: dict[str, Any], edges: str = "", start: str | None = None, **more: Any) -> d.FlowDefinition:
    """A flow; `edges` as in `menu key:1 > bye, menu no_input > menu`. It begins with the first node."""
    lines = [line.split(">") for line in edges.split(",") if line.strip()]
    return d.FlowDefinition.model_validate(
        {
            "start": start or (nodes[0]["id"] if nodes else None),
            "nodes": list(nodes),
            "edges": [
                {"source": left.split()[0], "exit": left.split()[1], "target": right.strip()} for left, right in lines
            ],
            **more,
        }
    )


class Caller:
    """Feeds a run, which is dumped and restored after each event: whatever is not in its dump is lost at once."""

    def __init__(
        self,
        flow: d.FlowDefinition,
        variables: Mapping[str, Scalar] | None = None,
        *,
        subflows: Mapping[UUID, d.FlowDefinition] | None = None,
        answered: bool = True,
    ) -> None:
        self.version = Version(flow, LANGUAGES, subflows or {})
        self.run = Run(self.version, variables)
        self.now = 1_800_000_000.0
        self.heard = self.feed(e.BeginEvent())
        if answered and isinstance(self.run.state.pending, c.AnswerCommand):
            self.heard = self.answer(e.StartedEvent)

    def feed(self, event: e.Event, *, after: float = 0.0) -> list[c.Command]:
        self.now += after
        self.heard = self.run.feed(event, self.now)
        self.run = Run.restored(self.version, self.run.dump())
        return self.heard

    def answer(self, kind: Any, *, after: float = 0.0, **details: Any) -> list[c.Command]:
        """Answer what is waited for."""
        pending = self.run.state.pending
        assert pending is not None, "nothing is waited for"
        return self.feed(kind(id=pending.id, **details), after=after)

    def press(self, digits: str) -> list[c.Command]:
        return self.answer(e.DigitsEvent, digits=digits)

    def say_nothing(self) -> list[c.Command]:
        return self.answer(e.NoInputEvent)

    def last(self, kind: type[c.Command]) -> Any:
        """The one command of that kind among those of the last event."""
        [found] = [command for command in self.heard if isinstance(command, kind)]
        return found

    def said(self) -> list[str]:
        """What the last commands say: texts, and names of sentences in brackets."""
        sounds = [sound for command in self.heard for sound in getattr(command, "sounds", [])]
        return [
            sound.text if isinstance(sound, c.SpokenSound) else f"[{getattr(sound, 'name', sound.kind)}]"
            for sound in sounds
        ]

    @property
    def kinds(self) -> list[str]:
        """Kinds of the last commands, without those that are only noted."""
        return [command.kind for command in self.heard if command.kind != "noted"]
