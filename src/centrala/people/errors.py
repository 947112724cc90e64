"""What this room refuses."""

from centrala.kit.errors import FieldError, Refusal


class NumberTaken(Refusal):
    code, title = "people.number_taken", "Somebody else has this personnel number."

    def __init__(self) -> None:
        super().__init__(errors=[FieldError(field="number", code="taken", message=self.title)])


class TeamNameTaken(Refusal):
    code, title = "people.team_name_taken", "Another team has this name."

    def __init__(self) -> None:
        super().__init__(errors=[FieldError(field="name", code="taken", message=self.title)])


class SkillNameTaken(Refusal):
    code, title = "people.skill_name_taken", "Another skill has this name."

    def __init__(self) -> None:
        super().__init__(errors=[FieldError(field="name", code="taken", message=self.title)])


class TeamInUse(Refusal):
    """`extra["people"]` tells how many are in the team."""

    code, title = "people.team_in_use", "There are people in this team; move them first."


class SkillInUse(Refusal):
    """`extra["people"]` tells how many have the skill."""

    code, title = "people.skill_in_use", "There are people with this skill; take it from them first."


class NotYourself(Refusal):
    code, title = "people.not_yourself", "You cannot do this to yourself; ask a colleague."


class Outranked(Refusal):
    code, status = "people.outranked", 403
    title = "This person may do more than you: somebody who may as much must set the password."


class AlreadyDismissed(Refusal):
    code, title = "people.already_dismissed", "The person is dismissed already."


class NotDismissed(Refusal):
    code, title = "people.not_dismissed", "The person is not dismissed."


class Erased(Refusal):
    code, title = (
        "people.erased",
        "The personal data of this person was erased; nothing can be changed or brought back.",
    )
