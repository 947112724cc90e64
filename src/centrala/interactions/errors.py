"""What this room refuses."""

from typing import Any

from centrala.kit.errors import FieldError, Refusal


class NotYours(Refusal):
    code, status = "interactions.not_yours", 403
    title = "Another operator has this contact; changing it needs the permission interactions.write."


class WrongDisposition(Refusal):
    code, status = "interactions.wrong_disposition", 422
    title = "This is not a disposition of the contact's project."

    def __init__(self, field: str) -> None:
        super().__init__(errors=[FieldError(field=field, code="unknown_reference", message=self.title)])


class FieldsMissing(Refusal):
    """Each error names a field of the disposition: `fields.<name>`."""

    code, status = "interactions.fields_missing", 422
    title = "The disposition asks for more."

    def __init__(self, errors: list[FieldError]) -> None:
        super().__init__(errors=errors)


class DispositionCodeTaken(Refusal):
    code, title = "interactions.disposition_code_taken", "Another disposition of the project has this code."

    def __init__(self) -> None:
        super().__init__(errors=[FieldError(field="code", code="taken", message=self.title)])


class DispositionCircle(Refusal):
    code, title = "interactions.disposition_circle", "A disposition cannot stand below itself."

    def __init__(self) -> None:
        super().__init__(errors=[FieldError(field="parent_id", code="circle", message=self.title)])


class DispositionInUse(Refusal):
    code, title = "interactions.disposition_in_use", "There are dispositions below this one; archive them first."


class OrderStale(Refusal):
    code, title = "interactions.order_stale", "Somebody has changed this part of the tree meanwhile; look again."


class AudioGone(Refusal):
    """`extra["why"]` says why: `deleted` by rule, or `missing`."""

    code, status, title = "interactions.audio_gone", 410, "There is no audio for this recording any more."

    def __init__(self, why: str, **more: Any) -> None:
        super().__init__(extra={"why": why, **more})


class AudioNotReady(Refusal):
    code, title = "interactions.audio_not_ready", "The recording still runs, or is not processed yet."


class StorageAway(Refusal):
    code, status, title = "interactions.storage_away", 503, "The storage of recordings does not answer; try again."


class RangeNotSatisfiable(Refusal):
    code, status = "interactions.range_not_satisfiable", 416
    title = "The recording has no such part."


class PromiseDone(Refusal):
    code, title = "interactions.promise_done", "This promise is kept already."


class CustomerOfAnotherProject(Refusal):
    code, status = "interactions.customer_of_another_project", 422
    title = "This is not a customer of the contact's project."

    def __init__(self) -> None:
        super().__init__(errors=[FieldError(field="customer_id", code="unknown_reference", message=self.title)])


class AuditUnderWay(Refusal):
    code, title = "interactions.audit_under_way", "An audit of the recordings is under way already."
