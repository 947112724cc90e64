"""Why something cannot be done with a contact."""

from centrala.kit.errors import Refusal


class ContactNotNow(Refusal):
    code, title = "work.not_now", "The contact is not in a state for this."


class MayNotHangUp(Refusal):
    code, title = "work.may_not_hang_up", "In this project the client ends the call."


class NoTelephony(Refusal):
    code, title = "work.no_telephony", "No call can be taken or placed now; the system page says why."


class NoPhone(Refusal):
    code, title = "work.no_phone", "No phone of yours can be called now."


class NobodyThere(Refusal):
    code, title = "work.nobody_there", "That colleague cannot be called now."
