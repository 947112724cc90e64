"""What can be refused to those who steer calls."""


class CallError(Exception):
    """The call could not be changed; it is as it was."""


class Gone(CallError):
    """The call or the leg is over, or never was."""


class NotNow(CallError):
    """The state does not allow it: a race that was lost, or a mistake of ours."""


class TooManyCalls(CallError):
    """A cap is reached."""


class CannotMeet(CallError):
    """Two browsers in rooms of different media workers: their rooms were not made near each other."""
