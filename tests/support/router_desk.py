"""Short words for routing's facts, and a router that remembers its moment."""

from collections.abc import Mapping
from typing import Any

from centrala.routing.core.decisions import Decision, Ring
from centrala.routing.core.facts import (
    ContactLeft,
    ContactQueued,
    Fact,
    OfferAccepted,
    OperatorState,
    ProfileChanged,
    StateAsked,
    TimePassed,
)
from centrala.routing.core.router import Router
from centrala.routing.core.settings import Channel, ContactId, OperatorId, Profile, QueueId, QueueSettings, Settings

Q = QueueId("q")
VOICE = {Channel.VOICE: 1}


def queue(name: str = "q", **rules: Any) -> QueueSettings:
    """A queue without wrap-up unless it is given."""
    return QueueSettings(id=QueueId(name), **{"wrap_up": 0.0, **rules})


class Desk:
    """A router at a moment; `said` are all decisions so far."""

    def __init__(self, *queues: QueueSettings, **rest: Any) -> None:
        self.router = Router(Settings(queues=queues or (queue(),), **rest))
        self.now = 0.0
        self.said: list[Decision] = []

    def feed(self, fact: Fact) -> list[Decision]:
        decisions = self.router.feed(fact, self.now)
        self.said.extend(decisions)
        return decisions

    def at(self, now: float) -> list[Decision]:
        """Let time pass, a deadline at a time."""
        found: list[Decision] = []
        while (deadline := self.router.next_deadline()) is not None and deadline <= now:
            self.now = max(self.now, deadline)
            found.extend(self.feed(TimePassed()))
        self.now = now
        return found + self.feed(TimePassed())

    def operator(
        self,
        name: str,
        *,
        queues: Mapping[str, int] | None = None,
        skills: Mapping[str, int] | None = None,
        languages: Mapping[str, int] | None = None,
        capacity: Mapping[Channel, int] | None = None,
        ready: bool = True,
    ) -> list[Decision]:
        ranks = {QueueId(one): rank for one, rank in (queues or {"q": 0}).items()}
        profile = Profile(
            id=OperatorId(name),
            queues=ranks,
            skills=skills or {},
            languages=languages or {},
            capacity=capacity or VOICE,
        )
        self.feed(ProfileChanged(profile))
        return self.ready(name) if ready else []

    def ready(self, name: str) -> list[Decision]:
        return self.state(name, OperatorState.READY)

    def state(self, name: str, to: OperatorState, reason: str = "") -> list[Decision]:
        return self.feed(StateAsked(operator=OperatorId(name), state=to, reason=reason))

    def contact(self, name: str, to: str = "q", **rest: Any) -> list[Decision]:
        return self.feed(ContactQueued(contact=ContactId(name), queue=QueueId(to), **rest))

    def left(self, name: str) -> list[Decision]:
        return self.feed(ContactLeft(ContactId(name)))

    def accept(self, decisions: list[Decision]) -> list[Decision]:
        """Answer the first offer among the decisions."""
        return self.feed(OfferAccepted(rung(decisions)[0].offer))

    def serve(self, name: str, **rest: Any) -> None:
        """A contact that is answered at once and over."""
        self.accept(self.contact(name, **rest))
        self.left(name)


def rung(decisions: list[Decision]) -> list[Ring]:
    return [one for one in decisions if isinstance(one, Ring)]


def pairs(decisions: list[Decision]) -> list[tuple[str, str]]:
    """Who rings for whom."""
    return [(one.operator, one.contact) for one in rung(decisions)]
