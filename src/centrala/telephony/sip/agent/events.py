"""What the agent puts out. `session` names a dialog; `attempt`, `exchange` and the like are
tokens."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from centrala.telephony.sip.dialog import DialogId
from centrala.telephony.sip.flow import Flow
from centrala.telephony.sip.headers.address import NameAddr
from centrala.telephony.sip.headers.small import Reason, Replaces
from centrala.telephony.sip.message import Request, Response


@dataclass(frozen=True, slots=True)
class Send:
    """Bytes to put on a flow now."""

    flow: Flow
    data: bytes


@dataclass(frozen=True, slots=True)
class Resolve:
    """A request waits for a flow to this URI (RFC 3263): answer with `UserAgent.resolved`.

    `tried` are flows that have failed it already: another place is wanted, None when there is none left.
    """

    query: str
    uri: str
    tried: tuple[Flow, ...] = ()


class By(StrEnum):
    """Who ended something."""

    US = "us"
    PEER = "peer"
    NETWORK = "network"  # timeout, lost flow, lost ACK


@dataclass(frozen=True, slots=True)
class Cause:
    """Why a call or an attempt ended: who, the SIP status that fits, and the peer's reasons."""

    by: By
    status: int
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class IncomingCall:
    """An INVITE has come; 100 is sent. Answer it with `ring`, `answer` or `reject`.

    `offer` is None when the answer must carry one. `replaces` is the live session that it takes
    over.
    """

    session: DialogId
    request: Request
    flow: Flow
    offer: bytes | None
    replaces: DialogId | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """A provisional response to our INVITE. `answer` is its session description, if any.

    `offer` is set instead when our INVITE had none: answer it by `acknowledge`.
    """

    attempt: str
    status: int
    response: Response
    session: DialogId | None = None
    answer: bytes | None = None
    offer: bytes | None = None


@dataclass(frozen=True, slots=True)
class Answered:
    """Our INVITE was accepted. With `offer` set, nothing is acknowledged before `acknowledge`."""

    attempt: str
    session: DialogId
    response: Response
    answer: bytes | None = None
    offer: bytes | None = None


@dataclass(frozen=True, slots=True)
class AttemptFailed:
    """Our INVITE came to nothing. `response` is None when the failure is ours or the network's."""

    attempt: str
    cause: Cause
    response: Response | None = None


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """The ACK to our 2xx has come. `answer` is set when our 2xx carried the offer."""

    session: DialogId
    answer: bytes | None = None


@dataclass(frozen=True, slots=True)
class SessionEnded:
    """A call, established or not, is over; its id means nothing any more."""

    session: DialogId
    cause: Cause


@dataclass(frozen=True, slots=True)
class Reoffer:
    """The peer wants to change the session: `accept_offer` or `refuse_offer` the exchange.

    `offer` is None when the acceptance must carry an offer of ours.
    """

    session: DialogId
    exchange: str
    request: Request
    offer: bytes | None


@dataclass(frozen=True, slots=True)
class ReofferAnswered:
    """Our offer within the call was accepted."""

    session: DialogId
    answer: bytes | None


@dataclass(frozen=True, slots=True)
class ReofferRefused:
    """Our offer within the call was refused; what was in force stays."""

    session: DialogId
    status: int


@dataclass(frozen=True, slots=True)
class TransferRequested:
    """The peer sent a REFER: `accept_transfer` or `refuse_transfer`."""

    session: DialogId
    transfer: str
    target: NameAddr
    replaces: Replaces | None
    referred_by: str | None


@dataclass(frozen=True, slots=True)
class TransferProgress:
    """What our REFER has led to. Status 202 is its acceptance; `final` ends it."""

    session: DialogId
    transfer: str
    status: int
    final: bool


@dataclass(frozen=True, slots=True)
class DtmfReceived:
    """A digit by INFO. `duration` in milliseconds."""

    session: DialogId
    digit: str
    duration: int


@dataclass(frozen=True, slots=True)
class RequestReceived:
    """A request that the agent does not serve itself: `respond` to it."""

    server: str
    request: Request
    flow: Flow
    session: DialogId | None = None


@dataclass(frozen=True, slots=True)
class Replied:
    """The final response to a request of ours outside of INVITE; None after timeout or failure."""

    client: str
    response: Response | None
    status: int


@dataclass(frozen=True, slots=True)
class FlowLost:
    """A flow has gone; these sessions went over it and can be rebound to another."""

    flow: Flow
    sessions: tuple[DialogId, ...] = field(default_factory=tuple)


Event = (
    IncomingCall
    | Progress
    | Answered
    | AttemptFailed
    | Acknowledged
    | SessionEnded
    | Reoffer
    | ReofferAnswered
    | ReofferRefused
    | TransferRequested
    | TransferProgress
    | DtmfReceived
    | RequestReceived
    | Replied
    | FlowLost
)
Output = Send | Resolve | Event
