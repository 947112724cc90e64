"""What this room refuses."""

from centrala.kit.errors import FieldError, Refusal


class TrunkNameTaken(Refusal):
    code, title = "trunks.name_taken", "Another trunk has this name."

    def __init__(self) -> None:
        super().__init__(errors=[FieldError(field="name", code="taken", message=self.title)])


class TrunkBusy(Refusal):
    """`extra["calls"]` tells how many."""

    code, title = "trunks.busy", "Calls go over this trunk; disable it and wait until they have ended."


class CallerIdTaken(Refusal):
    code, title = "trunks.caller_id_taken", "The project has a number for this trunk already."

    def __init__(self) -> None:
        super().__init__(errors=[FieldError(field="trunk_id", code="taken", message=self.title)])


class RuleExists(Refusal):
    code, title = "dialling.rule_exists", "There is a rule for this already; change that one."


class PricesUnreadable(Refusal):
    """`extra["line"]` is the first line that is wrong, counted from one."""

    code, status, title = "dialling.prices_unreadable", 422, "The price table cannot be read."
