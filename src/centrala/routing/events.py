"""The facts of this room. They carry ids; who hears one and wants more, reads it."""

from uuid import UUID

from centrala.kit.outbox import Fact

QUEUE_CHANGED = "queue.changed"
BREAK_CHANGED = "break.changed"
BREAK_REMOVED = "break.removed"
BREAK_CAP_CHANGED = "break_cap.changed"
CAPACITY_CHANGED = "capacity.changed"
NOTICE_POSTED = "notice.posted"
CENTRE = UUID(int=0)
"""What facts about the centre as a whole are about."""


def queue_changed(queue_id: UUID, *, project_id: UUID) -> Fact:
    """A queue was made, changed or archived, or other people serve it now."""
    return Fact(kind=QUEUE_CHANGED, aggregate_id=queue_id, project_id=project_id, payload={})


def break_changed(break_id: UUID) -> Fact:
    return Fact(kind=BREAK_CHANGED, aggregate_id=break_id, payload={})


def break_removed(break_id: UUID) -> Fact:
    return Fact(kind=BREAK_REMOVED, aggregate_id=break_id, payload={})


def break_cap_changed() -> Fact:
    """Of the whole centre."""
    return Fact(kind=BREAK_CAP_CHANGED, aggregate_id=CENTRE, payload={})


def capacity_changed(person_id: UUID) -> Fact:
    return Fact(kind=CAPACITY_CHANGED, aggregate_id=person_id, payload={})


def notice_posted(notice_id: UUID, *, project_id: UUID | None) -> Fact:
    """A notice was sent, or an alert is over."""
    return Fact(kind=NOTICE_POSTED, aggregate_id=notice_id, project_id=project_id, payload={})
