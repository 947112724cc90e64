"""What this room refuses."""

from uuid import UUID

from centrala.kit.errors import FieldError, Refusal


class PhoneTaken(Refusal):
    """`extra["customer_id"]` tells whose number it is, when that is known."""

    code, title = "customers.phone_taken", "Another customer of the project has this number."

    def __init__(self, field: str = "number", *, customer_id: UUID | None = None) -> None:
        extra = {"customer_id": str(customer_id)} if customer_id is not None else None
        super().__init__(errors=[FieldError(field=field, code="taken", message=self.title)], extra=extra)


class Erased(Refusal):
    code, title = "customers.erased", "The personal data of this customer was erased; nothing can be changed."


class Merged(Refusal):
    """`extra["merged_into"]` tells into whom."""

    code, title = "customers.merged", "This card was joined with another; change that one."

    def __init__(self, into: UUID) -> None:
        super().__init__(extra={"merged_into": str(into)})


class CannotMerge(Refusal):
    code, title = "customers.cannot_merge", "Only two different cards of one project can be joined."


class TooManyPhones(Refusal):
    code, title = "customers.too_many_phones", "This customer has as many numbers as fit on a card."
