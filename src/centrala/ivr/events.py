"""The facts of this room. They carry ids; who hears one and wants more, reads it."""

from uuid import UUID

from centrala.kit.outbox import Fact

FLOW_CHANGED = "flow.changed"
FLOW_PUBLISHED = "flow.published"
PROMPT_CHANGED = "prompt.changed"
NUMBER_ROUTED = "number.routed"
VOICEMAIL_LEFT = "voicemail.left"


def flow_changed(flow_id: UUID, *, project_id: UUID) -> Fact:
    """A flow was created, changed, archived or restored."""
    return Fact(kind=FLOW_CHANGED, aggregate_id=flow_id, project_id=project_id, payload={})


def flow_published(flow_id: UUID, *, project_id: UUID, number: int) -> Fact:
    """New calls run version `number`."""
    return Fact(kind=FLOW_PUBLISHED, aggregate_id=flow_id, project_id=project_id, payload={"number": number})


def prompt_changed(prompt_id: UUID, *, project_id: UUID) -> Fact:
    """A prompt was created, changed or removed; its sound too."""
    return Fact(kind=PROMPT_CHANGED, aggregate_id=prompt_id, project_id=project_id, payload={})


def number_routed(number_id: UUID, *, project_id: UUID) -> Fact:
    """Calls to a number begin with another flow now."""
    return Fact(kind=NUMBER_ROUTED, aggregate_id=number_id, project_id=project_id, payload={})


def voicemail_left(voicemail_id: UUID, *, project_id: UUID) -> Fact:
    return Fact(kind=VOICEMAIL_LEFT, aggregate_id=voicemail_id, project_id=project_id, payload={})
