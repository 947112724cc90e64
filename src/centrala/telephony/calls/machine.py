"""The life of a leg as one table. docs/calls.md shows the picture that is made from it."""

from enum import StrEnum
from typing import Final


class LegState(StrEnum):
    NEW = "new"  # an INVITE has come and nobody has decided; or ours is not sent yet
    CALLING = "calling"
    RINGING = "ringing"
    EARLY = "early"  # audio before the answer
    ANSWERED = "answered"
    HELD = "held"  # by us, by the peer, or both
    ENDING = "ending"  # we have hung up; the peer has not confirmed
    ENDED = "ended"


class LegEvent(StrEnum):
    INVITED = "our INVITE sent"
    RANG = "180"
    AUDIO = "183 with a description"
    ANSWER = "2xx"
    HOLD = "hold"
    RESUME = "resume"
    HANG_UP = "we hang up"
    OVER = "refused, failed or ended"


class WrongMove(Exception):
    """The state has no such move; nothing was changed."""


_S, _E = LegState, LegEvent
TABLE: Final[dict[tuple[LegState, LegEvent], LegState]] = {
    (_S.NEW, _E.INVITED): _S.CALLING,
    (_S.NEW, _E.RANG): _S.RINGING,
    (_S.NEW, _E.AUDIO): _S.EARLY,
    (_S.NEW, _E.ANSWER): _S.ANSWERED,
    (_S.NEW, _E.HANG_UP): _S.ENDING,
    (_S.NEW, _E.OVER): _S.ENDED,
    (_S.CALLING, _E.RANG): _S.RINGING,
    (_S.CALLING, _E.AUDIO): _S.EARLY,
    (_S.CALLING, _E.ANSWER): _S.ANSWERED,
    (_S.CALLING, _E.HANG_UP): _S.ENDING,
    (_S.CALLING, _E.OVER): _S.ENDED,
    (_S.RINGING, _E.RANG): _S.RINGING,
    (_S.RINGING, _E.AUDIO): _S.EARLY,
    (_S.RINGING, _E.ANSWER): _S.ANSWERED,
    (_S.RINGING, _E.HANG_UP): _S.ENDING,
    (_S.RINGING, _E.OVER): _S.ENDED,
    # A 180 may follow a 183: another phone behind the same number rings; the audio goes on.
    (_S.EARLY, _E.RANG): _S.EARLY,
    (_S.EARLY, _E.AUDIO): _S.EARLY,
    (_S.EARLY, _E.ANSWER): _S.ANSWERED,
    (_S.EARLY, _E.HANG_UP): _S.ENDING,
    (_S.EARLY, _E.OVER): _S.ENDED,
    (_S.ANSWERED, _E.HOLD): _S.HELD,
    (_S.ANSWERED, _E.RESUME): _S.ANSWERED,
    (_S.ANSWERED, _E.HANG_UP): _S.ENDING,
    (_S.ANSWERED, _E.OVER): _S.ENDED,
    (_S.HELD, _E.HOLD): _S.HELD,
    (_S.HELD, _E.RESUME): _S.ANSWERED,
    (_S.HELD, _E.HANG_UP): _S.ENDING,
    (_S.HELD, _E.OVER): _S.ENDED,
    (_S.ENDING, _E.HANG_UP): _S.ENDING,
    (_S.ENDING, _E.RANG): _S.ENDING,
    (_S.ENDING, _E.AUDIO): _S.ENDING,
    # RFC 3261 9.1: a 2xx may cross our CANCEL; the SIP core ends it by BYE.
    (_S.ENDING, _E.ANSWER): _S.ENDING,
    (_S.ENDING, _E.OVER): _S.ENDED,
}

TALKING: Final = frozenset({LegState.ANSWERED, LegState.HELD})
"""The call is answered and not over: there is a dialog to keep."""

OVER: Final = frozenset({LegState.ENDING, LegState.ENDED})


def move(state: LegState, event: LegEvent) -> LegState:
    """The next state. Raises `WrongMove`."""
    to = TABLE.get((state, event))
    if to is None:
        raise WrongMove(f"leg: {event} in {state}")
    return to


def may(state: LegState, event: LegEvent) -> bool:
    return (state, event) in TABLE
