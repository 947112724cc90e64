"""Why a call or a leg ended, in words that a person understands, and what SIP and Q.850 call it.

Q.850 numbers: ITU-T Q.850 (05/98) table 1. Their mapping to SIP statuses and back: RFC 3398 7.2.4.1 and 8.2.6.1.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from centrala.telephony.sip.agent.events import By
from centrala.telephony.sip.agent.events import Cause as SipCause
from centrala.telephony.sip.headers.small import Reason


class Cause(StrEnum):
    """How something ended. What it achieved is told elsewhere."""

    ANSWERED = "answered"  # it was answered, and somebody hung up
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    UNREACHABLE = "unreachable"  # the phone is off or not registered
    NUMBER_DOES_NOT_EXIST = "number_does_not_exist"
    NUMBER_CHANGED = "number_changed"
    NUMBER_INCOMPLETE = "number_incomplete"
    REFUSED = "refused"  # the called person pressed "no"
    FORBIDDEN = "forbidden"  # the carrier or a rule does not allow it
    NO_ROUTE = "no_route"  # no way to the carrier or the phone
    CONGESTION = "congestion"  # all lines are taken
    NETWORK_FAILURE = "network_failure"
    MEDIA_TIMEOUT = "media_timeout"  # no audio came any more
    INCOMPATIBLE = "incompatible"  # no common codec or encryption
    CANCELLED = "cancelled"  # the caller gave up
    ANSWERED_ELSEWHERE = "answered_elsewhere"
    TRANSFERRED = "transferred"
    REDIRECTED = "redirected"
    INTERRUPTED = "interrupted"  # lost over a restart or a fault of ours
    TIME_LIMIT = "time_limit"


class HungUpBy(StrEnum):
    PEER = "peer"
    US = "us"
    NETWORK = "network"


@dataclass(frozen=True, slots=True)
class Ending:
    """How a leg or call ended: our word, the SIP status, the Q.850 number, and who ended it."""

    cause: Cause
    sip: int
    q850: int
    by: HungUpBy


_Q850_OF: Final = {
    Cause.ANSWERED: 16,
    Cause.BUSY: 17,
    Cause.NO_ANSWER: 19,
    Cause.UNREACHABLE: 20,
    Cause.NUMBER_DOES_NOT_EXIST: 1,
    Cause.NUMBER_CHANGED: 22,
    Cause.NUMBER_INCOMPLETE: 28,
    Cause.REFUSED: 21,
    Cause.FORBIDDEN: 57,
    Cause.NO_ROUTE: 3,
    Cause.CONGESTION: 34,
    Cause.NETWORK_FAILURE: 41,
    Cause.MEDIA_TIMEOUT: 41,
    Cause.INCOMPATIBLE: 88,
    Cause.CANCELLED: 16,
    Cause.ANSWERED_ELSEWHERE: 26,
    Cause.TRANSFERRED: 16,
    Cause.REDIRECTED: 23,
    Cause.INTERRUPTED: 41,
    Cause.TIME_LIMIT: 102,
}
_SIP_OF: Final = {
    Cause.ANSWERED: 200,
    Cause.BUSY: 486,
    Cause.NO_ANSWER: 480,
    Cause.UNREACHABLE: 480,
    Cause.NUMBER_DOES_NOT_EXIST: 404,
    Cause.NUMBER_CHANGED: 410,
    Cause.NUMBER_INCOMPLETE: 484,
    Cause.REFUSED: 603,
    Cause.FORBIDDEN: 403,
    Cause.NO_ROUTE: 503,
    Cause.CONGESTION: 503,
    Cause.NETWORK_FAILURE: 500,
    Cause.MEDIA_TIMEOUT: 408,
    Cause.INCOMPATIBLE: 488,
    Cause.CANCELLED: 487,
    Cause.ANSWERED_ELSEWHERE: 487,
    Cause.TRANSFERRED: 200,
    Cause.REDIRECTED: 302,
    Cause.INTERRUPTED: 500,
    Cause.TIME_LIMIT: 408,
}
_OF_SIP: Final = {
    400: Cause.NETWORK_FAILURE,
    401: Cause.FORBIDDEN,
    402: Cause.FORBIDDEN,
    403: Cause.FORBIDDEN,
    404: Cause.NUMBER_DOES_NOT_EXIST,
    407: Cause.FORBIDDEN,
    408: Cause.NO_ANSWER,
    410: Cause.NUMBER_CHANGED,
    415: Cause.INCOMPATIBLE,
    430: Cause.UNREACHABLE,
    480: Cause.UNREACHABLE,
    481: Cause.NETWORK_FAILURE,
    484: Cause.NUMBER_INCOMPLETE,
    486: Cause.BUSY,
    487: Cause.CANCELLED,
    488: Cause.INCOMPATIBLE,
    503: Cause.CONGESTION,
    504: Cause.NETWORK_FAILURE,
    600: Cause.BUSY,
    603: Cause.REFUSED,
    604: Cause.NUMBER_DOES_NOT_EXIST,
    606: Cause.INCOMPATIBLE,
    607: Cause.REFUSED,  # RFC 8197: unwanted
    608: Cause.FORBIDDEN,  # RFC 8688: rejected by an analysis of the network
}
_OF_Q850: Final = {
    1: Cause.NUMBER_DOES_NOT_EXIST,
    2: Cause.NO_ROUTE,
    3: Cause.NO_ROUTE,
    17: Cause.BUSY,
    18: Cause.NO_ANSWER,
    19: Cause.NO_ANSWER,
    20: Cause.UNREACHABLE,
    21: Cause.REFUSED,
    22: Cause.NUMBER_CHANGED,
    26: Cause.ANSWERED_ELSEWHERE,
    27: Cause.UNREACHABLE,
    28: Cause.NUMBER_INCOMPLETE,
    34: Cause.CONGESTION,
    38: Cause.NETWORK_FAILURE,
    41: Cause.NETWORK_FAILURE,
    42: Cause.CONGESTION,
    44: Cause.CONGESTION,
    57: Cause.FORBIDDEN,
    88: Cause.INCOMPATIBLE,
    102: Cause.NO_ANSWER,
}


def q850_of(reasons: Sequence[Reason]) -> int | None:
    """The Q.850 number among the reasons of a message, if any."""
    return next((one.cause for one in reasons if one.protocol.upper() == "Q.850" and one.cause), None)


def of_failure(cause: SipCause, *, sent: bool = True) -> Ending:
    """How an unanswered call of ours failed. `sent` False: the INVITE found no way at all.

    The carrier's Q.850 number says more than its SIP status, when it says more than "normal" (16, 31).
    """
    number = q850_of(cause.reasons)
    known = _OF_Q850.get(number or 0)
    if known is None:
        if cause.by is By.NETWORK and cause.status in {408, 503}:
            known = Cause.NO_ROUTE if cause.status == 503 or not sent else Cause.UNREACHABLE
        else:
            known = _OF_SIP.get(cause.status) or (Cause.REDIRECTED if cause.status < 400 else Cause.NETWORK_FAILURE)
    return Ending(known, cause.status, number or _Q850_OF[known], _by(cause.by))


def of_end(cause: SipCause, *, answered: bool) -> Ending:
    """How a session ended: an established one, or a call that came and was not answered."""
    number = q850_of(cause.reasons)
    if answered:
        lost = cause.by is By.NETWORK
        known = Cause.NETWORK_FAILURE if lost else Cause.ANSWERED
        return Ending(known, 200 if not lost else cause.status, number or _Q850_OF[known], _by(cause.by))
    if cause.by is By.PEER:
        known = Cause.ANSWERED_ELSEWHERE if _elsewhere(cause.reasons) else Cause.CANCELLED
        return Ending(known, 487, number or _Q850_OF[known], HungUpBy.PEER)
    known = _OF_SIP.get(cause.status, Cause.NETWORK_FAILURE)
    if cause.by is By.NETWORK and cause.status == 480:
        known = Cause.NO_ANSWER
    return Ending(known, cause.status, number or _Q850_OF[known], _by(cause.by))


def ours(cause: Cause) -> Ending:
    """An end that we decided."""
    return Ending(cause, _SIP_OF[cause], _Q850_OF[cause], HungUpBy.US)


def _elsewhere(reasons: Sequence[Reason]) -> bool:
    # RFC 3326 2: CANCEL with Reason SIP;cause=200 says that another phone has answered.
    return any(one.protocol.upper() == "SIP" and one.cause == 200 for one in reasons)


def _by(by: By) -> HungUpBy:
    return {By.PEER: HungUpBy.PEER, By.US: HungUpBy.US, By.NETWORK: HungUpBy.NETWORK}[by]


def status_for(ending: Ending) -> int:
    """The SIP status by which a caller is refused when the call onward has ended so (a B2BUA answers for itself)."""
    if 400 <= ending.sip <= 699 and ending.sip not in {401, 407, 408, 481, 487, 500}:
        return ending.sip
    status = _SIP_OF[ending.cause]
    return status if status >= 400 else 480


def reasons_for(ending: Ending) -> tuple[Reason, ...]:
    """The Reason of our BYE, CANCEL or refusal."""
    if ending.cause is Cause.ANSWERED_ELSEWHERE:
        return (Reason("SIP", 200, "Call completed elsewhere"), Reason("Q.850", 26))
    return (Reason("Q.850", ending.q850),)
