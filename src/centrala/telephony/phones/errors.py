"""What this room refuses."""

from centrala.kit.errors import Refusal


class AlreadyDisabled(Refusal):
    code, title = "phones.already_disabled", "The phone is disabled already."


class NotDisabled(Refusal):
    code, title = "phones.not_disabled", "The phone is not disabled."


class TooManyPhones(Refusal):
    """`extra["limit"]` tells how many one person may have."""

    code, title = "phones.too_many", "The person has as many phones as one person may have."
