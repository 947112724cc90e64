"""The facts of this room. They carry ids; who hears one and wants more, reads it."""

from uuid import UUID

from centrala.kit.outbox import Fact

INTERACTION_BEGAN = "interaction.began"
INTERACTION_CHANGED = "interaction.changed"
INTERACTION_FINISHED = "interaction.finished"
DISPOSITION_CHANGED = "disposition.changed"
SCRIPT_CHANGED = "script.changed"
SCRIPT_REMOVED = "script.removed"
PROMISE_CHANGED = "promise.changed"
PROMISE_DUE = "promise.due"
RECORDING_STORED = "recording.stored"
RECORDING_DELETED = "recording.deleted"
QUOTA_REACHED = "recordings.quota_reached"


def interaction_began(interaction_id: UUID, *, project_id: UUID) -> Fact:
    return Fact(kind=INTERACTION_BEGAN, aggregate_id=interaction_id, project_id=project_id, payload={})


def interaction_changed(interaction_id: UUID, *, project_id: UUID) -> Fact:
    """Its row or timeline changed, or somebody wrote a note or a disposition."""
    return Fact(kind=INTERACTION_CHANGED, aggregate_id=interaction_id, project_id=project_id, payload={})


def interaction_finished(interaction_id: UUID, *, project_id: UUID, result: str) -> Fact:
    payload = {"result": result}
    return Fact(kind=INTERACTION_FINISHED, aggregate_id=interaction_id, project_id=project_id, payload=payload)


def disposition_changed(disposition_id: UUID, *, project_id: UUID) -> Fact:
    """A node of a disposition tree was made, changed, archived or restored."""
    return Fact(kind=DISPOSITION_CHANGED, aggregate_id=disposition_id, project_id=project_id, payload={})


def script_changed(script_id: UUID, *, project_id: UUID) -> Fact:
    return Fact(kind=SCRIPT_CHANGED, aggregate_id=script_id, project_id=project_id, payload={})


def script_removed(script_id: UUID, *, project_id: UUID) -> Fact:
    return Fact(kind=SCRIPT_REMOVED, aggregate_id=script_id, project_id=project_id, payload={})


def promise_changed(promise_id: UUID, *, project_id: UUID) -> Fact:
    """A call-back was promised, given to somebody else, moved or kept."""
    return Fact(kind=PROMISE_CHANGED, aggregate_id=promise_id, project_id=project_id, payload={})


def promise_due(promise_id: UUID, *, project_id: UUID, owner_id: UUID) -> Fact:
    """It is time to call back; the owner's desk reminds them."""
    return Fact(kind=PROMISE_DUE, aggregate_id=promise_id, project_id=project_id, payload={"owner_id": str(owner_id)})


def recording_stored(recording_id: UUID, *, project_id: UUID, interaction_id: UUID) -> Fact:
    """The audio is sealed in the store, with its waveform."""
    payload = {"interaction_id": str(interaction_id)}
    return Fact(kind=RECORDING_STORED, aggregate_id=recording_id, project_id=project_id, payload=payload)


def recording_deleted(recording_id: UUID, *, project_id: UUID, interaction_id: UUID, why: str) -> Fact:
    """The audio is gone: `why` is `retention`, `quota` or `erasure`."""
    payload = {"interaction_id": str(interaction_id), "why": why}
    return Fact(kind=RECORDING_DELETED, aggregate_id=recording_id, project_id=project_id, payload=payload)


def quota_reached(project_id: UUID, *, used: int, quota: int) -> Fact:
    """A project's recordings take more than was agreed (bytes)."""
    payload = {"used": used, "quota": quota}
    return Fact(kind=QUOTA_REACHED, aggregate_id=project_id, project_id=project_id, payload=payload)
