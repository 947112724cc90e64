"""One call that we make: its stages as a table, and what is remembered of its forks."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Protocol

from centrala.telephony.sip.agent.context import Failure
from centrala.telephony.sip.agent.events import By, Cause
from centrala.telephony.sip.agent.session import Session
from centrala.telephony.sip.dialog import DialogId
from centrala.telephony.sip.digest import DigestClient
from centrala.telephony.sip.flow import Flow
from centrala.telephony.sip.headers.address import NameAddr
from centrala.telephony.sip.limits import DEFAULT_MAX_FORWARDS
from centrala.telephony.sip.message import Request, Response
from centrala.telephony.sip.transaction.machine import (
    ClientTransaction,
    IllegalMove,
    Transaction,
)
from centrala.telephony.sip.uri import Uri


class Stage(StrEnum):
    """The life of one outgoing INVITE."""

    ROUTING = "Routing"
    CALLING = "Calling"
    RINGING = "Ringing"
    CANCELLING = "Cancelling"
    ANSWERED = "Answered"
    FAILED = "Failed"


class Step(StrEnum):
    """What moves it on."""

    SENT = "INVITE sent"
    PROVISIONAL = "1xx"
    SUCCESS = "2xx"
    FAILURE = "300-699, timeout or lost flow"
    CHALLENGE = "401, 407 or 422 that we can meet"
    ELSEWHERE = "503, timeout or lost flow, and another place to try"
    CANCEL = "cancelled by us"


_S, _E = Stage, Step
TABLE: Final[dict[tuple[Stage, Step], Stage]] = {
    (_S.ROUTING, _E.SENT): _S.CALLING,
    (_S.ROUTING, _E.CANCEL): _S.FAILED,
    (_S.ROUTING, _E.FAILURE): _S.FAILED,
    (_S.CALLING, _E.PROVISIONAL): _S.RINGING,
    (_S.CALLING, _E.SUCCESS): _S.ANSWERED,
    (_S.CALLING, _E.FAILURE): _S.FAILED,
    (_S.CALLING, _E.CHALLENGE): _S.ROUTING,
    (_S.CALLING, _E.ELSEWHERE): _S.ROUTING,
    (_S.CALLING, _E.CANCEL): _S.CANCELLING,
    (_S.RINGING, _E.PROVISIONAL): _S.RINGING,
    (_S.RINGING, _E.SUCCESS): _S.ANSWERED,
    (_S.RINGING, _E.FAILURE): _S.FAILED,
    (_S.RINGING, _E.CHALLENGE): _S.ROUTING,
    (_S.RINGING, _E.ELSEWHERE): _S.ROUTING,
    (_S.RINGING, _E.CANCEL): _S.CANCELLING,
    (_S.CANCELLING, _E.PROVISIONAL): _S.CANCELLING,
    (_S.CANCELLING, _E.CANCEL): _S.CANCELLING,
    # RFC 3261 9.1: a 2xx that crossed the CANCEL is acknowledged and ended by BYE.
    (_S.CANCELLING, _E.SUCCESS): _S.FAILED,
    (_S.CANCELLING, _E.FAILURE): _S.FAILED,
    # A 2xx of another fork is ended by BYE; what was decided stays.
    (_S.ANSWERED, _E.SUCCESS): _S.ANSWERED,
    (_S.ANSWERED, _E.CANCEL): _S.ANSWERED,
    (_S.ANSWERED, _E.PROVISIONAL): _S.ANSWERED,
    (_S.ANSWERED, _E.FAILURE): _S.ANSWERED,
    (_S.FAILED, _E.SUCCESS): _S.FAILED,
    (_S.FAILED, _E.PROVISIONAL): _S.FAILED,
    (_S.FAILED, _E.FAILURE): _S.FAILED,
    (_S.FAILED, _E.CANCEL): _S.FAILED,
}


@dataclass(frozen=True, slots=True)
class Call:
    """A call to make. `hop` is the URI to send to when it is not the target (an outbound proxy).

    `flow` is where to send; None asks for a `Resolve`. `sdp` None leaves the offer to the peer.
    """

    target: Uri
    local: NameAddr
    remote: NameAddr | None = None
    flow: Flow | None = None
    hop: str | None = None
    sdp: bytes | None = None
    headers: tuple[tuple[str, str], ...] = ()
    digest: DigestClient | None = None
    contact_user: str | None = None
    max_forwards: int = DEFAULT_MAX_FORWARDS  # less when it bridges a call that came
    hold_ack: bool = False  # the ACK to the 2xx waits for `UserAgent.confirm`


class Handler(Protocol):
    """Who decides about an attempt."""

    def on_response(self, attempt: Attempt, response: Response, now: float) -> None:
        """Take a response to the attempt's INVITE."""

    def lost(self, attempt: Attempt, cause: Cause, now: float) -> None:
        """Take a timeout or a lost flow."""


@dataclass(slots=True)
class Attempt:
    """One outgoing INVITE under way."""

    handler: Handler
    id: str
    call: Call
    request: Request
    stage: Stage = Stage.ROUTING
    flow: Flow | None = None
    transaction: ClientTransaction | None = None
    forks: dict[DialogId, Session | None] = field(default_factory=dict)  # None: was let go
    acks: dict[DialogId, tuple[Flow, bytes]] = field(default_factory=dict)
    unanswered: dict[DialogId, Response] = field(default_factory=dict)  # reliable, with an offer
    rounds: int = 0
    min_se: int | None = None
    cancel_sent: bool = False
    got_provisional: bool = False
    cause: Cause | None = None  # why we cancelled
    tried: tuple[Flow, ...] = ()  # places that have failed (RFC 3263 4.3)
    setback: tuple[Cause, Response | None] | None = None  # how the last one failed

    def step(self, step: Step) -> None:
        """Change stage by the table. Raises `IllegalMove` and changes nothing without such a
        move."""
        to = TABLE.get((self.stage, step))
        if to is None:
            raise IllegalMove(f"attempt: {step} in {self.stage}")
        self.stage = to

    @property
    def open(self) -> bool:
        """Whether neither outcome is known yet."""
        return self.stage not in {Stage.ANSWERED, Stage.FAILED}

    def on_response(self, transaction: ClientTransaction, response: Response, now: float) -> None:
        """Take a response of the INVITE."""
        if transaction is self.transaction:
            self.handler.on_response(self, response, now)

    def on_failure(self, transaction: Transaction, failure: Failure, now: float) -> None:
        """Take a timeout or a lost flow."""
        if transaction is self.transaction:
            status = 408 if failure is Failure.TIMEOUT else 503
            self.handler.lost(self, Cause(By.NETWORK, status), now)
