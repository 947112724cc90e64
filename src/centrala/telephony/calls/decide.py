"""Decisions about a whole call: who is hung up when somebody goes."""

from collections.abc import Sequence
from dataclasses import dataclass

from centrala.telephony.calls.hearing import SUPERVISING, Role


@dataclass(frozen=True, slots=True)
class Standing:
    """A leg as these decisions see it. `talking`: answered and not over. `origin`: the call exists because of it."""

    leg: str
    role: Role
    talking: bool
    origin: bool = False


def leftovers(gone: Standing, rest: Sequence[Standing], *, lasting: bool) -> tuple[str, ...]:
    """The legs that have nobody left to talk with after `gone`.

    `lasting`: somebody above goes on with a single party (a survey after the call, a transfer under way).
    """
    everybody = tuple(one.leg for one in rest)
    if gone.role in SUPERVISING:
        return ()
    if not gone.talking and not gone.origin:
        return ()  # one of several phones did not answer: whoever dials decides
    talking = [one for one in rest if one.talking and one.role not in SUPERVISING]
    if not talking:
        return () if lasting and any(one.origin for one in rest) else everybody
    if lasting or len(talking) > 1 or talking[0].role is Role.PARKED:
        return ()
    return everybody
