"""What this room refuses."""

from centrala.kit.errors import FieldError, Refusal


class QueueNameTaken(Refusal):
    code, title = "routing.queue_name_taken", "The project has a queue of this name."

    def __init__(self) -> None:
        super().__init__(errors=[FieldError(field="name", code="taken", message=self.title)])


class BreakNameTaken(Refusal):
    code, title = "routing.break_name_taken", "Another break has this name."

    def __init__(self) -> None:
        super().__init__(errors=[FieldError(field="name", code="taken", message=self.title)])


class QueueArchived(Refusal):
    code, title = "routing.queue_archived", "The queue is archived."


class TooManyQueues(Refusal):
    code, title = "routing.too_many_queues", "The centre has as many queues as one centre may have."


class BreakFull(Refusal):
    """`extra["on_break"]` tells how many are away; `extra["queue_id"]` whose cap it is, None for the reason's own."""

    code, title = "routing.break_full", "As many people as allowed are on a break already; ask again later."


class NotAnOperator(Refusal):
    code, title = "routing.not_an_operator", "The person serves no queue and takes no contacts."


class RoutedElsewhere(Refusal):
    code, status, title = "routing.elsewhere", 503, "Another node routes right now; try again shortly."
