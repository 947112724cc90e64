"""The register of sessions, and requests within them: routes, credentials, ACK, BYE, the end."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final

from centrala.telephony.sip.agent.cancel import send_cancel
from centrala.telephony.sip.agent.context import Context, Failure
from centrala.telephony.sip.agent.events import By, Cause, Send, SessionEnded
from centrala.telephony.sip.agent.session import Session
from centrala.telephony.sip.dialog import DialogId, Event, State, id_of_request
from centrala.telephony.sip.errors import NotAllowed
from centrala.telephony.sip.flow import Flow
from centrala.telephony.sip.headers.small import Reason
from centrala.telephony.sip.limits import MAX_AUTH_ROUNDS
from centrala.telephony.sip.message import Request, Response
from centrala.telephony.sip.transaction.machine import TIMEOUT, ClientTransaction, Transaction

Fields = Iterable[tuple[str, str]]
Done = Callable[[Response | None, int, float], None]
Ended = Callable[[Session, float], None]

LONGEST_CHANGE: Final = 60.0  # seconds; a re-INVITE that got a provisional response and no final one is cancelled
_DEADLINES = ("refresh", "expire", "retry", "ringing", "reliable")


def nothing(_response: Response | None, _status: int, _now: float) -> None:
    """Be done with a request whose outcome changes nothing."""


@dataclass(slots=True)
class DialogRequest:
    """A request within a dialog: answers challenges, then tells `done` the final response.

    Without one `done` gets None and 408 or 503. `provisional` hears of what comes before.
    """

    sessions: Sessions
    session: Session
    method: str
    headers: list[tuple[str, str]]
    body: tuple[str, bytes] | None
    done: Done
    rounds: int = 0
    sent: Request | None = None
    transaction: ClientTransaction | None = None
    finished: bool = False
    rerouted: bool = False
    cancelled: bool = False

    def start(self, now: float) -> None:
        """Send the request, for the first time or with new credentials."""
        uri = self.session.dialog.next_hop()
        self.sessions.context.route(uri, self.session.dialog.flow, now, self._send)

    def _send(self, flow: Flow | None, now: float) -> None:
        if flow is None:
            self._finish(None, 503, now)
            return
        request = self.session.dialog.request(self.method, headers=self.headers)
        if self.body is not None:
            request.set_body(*self.body)
        if self.session.digest is not None:
            self.session.digest.sign(request)
        self.sent = request
        try:
            self.transaction = self.sessions.context.send_request(request, flow, now, self)
        except NotAllowed:
            self._finish(None, 503, now)
            return
        if self.method == "INVITE":
            self.sessions.watch(self, now)

    def _finish(self, response: Response | None, status: int, now: float) -> None:
        if not self.finished:
            self.finished = True
            self.sessions.unwatch(self)
            self.done(response, status, now)

    def on_timer(self, now: float) -> None:
        """Cancel an INVITE that has no final response for long; give up what answers no CANCEL either (9.1)."""
        context, transaction = self.sessions.context, self.transaction
        if self.finished or transaction is None:
            return
        if self.cancelled or self.session.id not in self.sessions.by_id:
            context.counters["changes_given_up"] += 1
            context.layer.give_up(transaction, now)
            context.pump(now)
            return
        self.cancelled = True
        self.sessions.watch(self, now, TIMEOUT)
        send_cancel(context, transaction.request, transaction.flow, now)

    def on_response(self, _transaction: ClientTransaction, response: Response, now: float) -> None:
        """Take a response."""
        if not response.final:
            return
        if self.finished:
            self._again(response)
            return
        digest = self.session.digest
        challenged = response.status in {401, 407} and digest is not None
        if challenged and self.rounds < MAX_AUTH_ROUNDS and digest and digest.challenged(response):
            self.rounds += 1
            self.start(now)
            return
        self._finish(response, response.status, now)

    def _again(self, response: Response) -> None:
        """A 2xx to a re-INVITE again: its ACK was lost (RFC 3261 13.2.2.4)."""
        kept = self.session.last_ack
        same = kept is not None and kept[0] == response.cseq.number
        if kept is not None and same and self.method == "INVITE" and response.status < 300:
            self.sessions.context.emit(Send(kept[1], kept[2]))

    def on_failure(self, transaction: Transaction, failure: Failure, now: float) -> None:
        """Take the end without a response."""
        if failure is Failure.TRANSPORT and transaction.flow.connection and not self.rerouted and not self.finished:
            # RFC 5923 9: a connection that broke under a request says nothing of the peer; another one may reach it.
            self.rerouted = True
            self.sessions.context.route(self.session.dialog.next_hop(), None, now, self._send)
            return
        self._finish(None, 408 if failure is Failure.TIMEOUT else 503, now)


@dataclass(slots=True)
class Sessions:
    """All sessions of the agent by their dialog."""

    context: Context
    by_id: dict[DialogId, Session] = field(default_factory=dict)
    on_end: list[Ended] = field(default_factory=list)  # parts that keep something for a session
    changes: dict[DialogId, DialogRequest] = field(default_factory=dict)  # our open re-INVITEs, one for each session

    def get(self, session: DialogId) -> Session:
        """Return a live session. Raises `NotAllowed` when it is over."""
        found = self.by_id.get(session)
        if found is None:
            raise NotAllowed("the session is over")
        return found

    def find(self, request: Request) -> Session | None:
        """Return the session that a request of the peer belongs to, or None."""
        return self.by_id.get(id_of_request(request))

    def add(self, session: Session) -> None:
        """Take a new session."""
        self.by_id[session.id] = session

    def send(
        self,
        session: Session,
        method: str,
        now: float,
        *,
        headers: Fields = (),
        body: tuple[str, bytes] | None = None,
        done: Done = nothing,
    ) -> DialogRequest:
        """Send a request within the session's dialog."""
        request = DialogRequest(self, session, method, list(headers), body, done)
        request.start(now)
        return request

    def watch(self, request: DialogRequest, now: float, longest: float = LONGEST_CHANGE) -> None:
        """Bound an INVITE of ours: RFC 3261 has no timer for a client transaction that got a provisional response."""
        self.changes[request.session.id] = request
        self.context.schedule.set(("change", request.session.id), now + longest)

    def unwatch(self, request: DialogRequest) -> None:
        """An INVITE is over, or its session."""
        if self.changes.get(request.session.id) is request:
            del self.changes[request.session.id]
            self.context.schedule.set(("change", request.session.id), None)

    def on_change_timer(self, session: DialogId, now: float) -> None:
        """Look at an INVITE of ours that is open for long."""
        request = self.changes.get(session)
        if request is not None:
            request.on_timer(now)

    def acknowledge(self, session: Session, seq: int, now: float, sdp: bytes | None = None) -> None:
        """Send the ACK to a 2xx, and keep it for when the 2xx comes again (13.2.2.4)."""
        ack = session.dialog.request("ACK", seq=seq)
        if sdp is not None:
            ack.set_body("application/sdp", sdp)
        if session.digest is not None:
            session.digest.sign(ack)

        def send(flow: Flow | None, _now: float) -> None:
            if flow is None:
                self.context.counters["ack_without_route"] += 1
                return
            self.context.add_via(ack, flow)
            data = ack.to_bytes()
            session.last_ack = (seq, flow, data)
            self.context.emit(Send(flow, data))

        self.context.route(session.dialog.next_hop(), session.dialog.flow, now, send)

    def bye(self, session: Session, now: float, reasons: Iterable[Reason] = ()) -> None:
        """Send a BYE; whatever answers it, the session is over for us (15.1.1)."""
        fields = [("Reason", str(reason)) for reason in reasons]
        self.send(session, "BYE", now, headers=fields)

    def end(self, session: Session, event: Event, cause: Cause, now: float, *, told: bool = True) -> None:
        """Close a session for good, once; everything that was kept for it goes.

        `told` False: nobody above has heard of it, or has heard of its end already.
        """
        if self.by_id.pop(session.id, None) is None:
            return
        session.dialog.move(event)
        for name in _DEADLINES:
            self.context.schedule.set((name, session.id), None)
        if session.id in self.changes:
            # Whoever ended the call may forget to answer what was open in it.
            self.context.schedule.set(("change", session.id), now + TIMEOUT)
        for part in self.on_end:
            part(session, now)
        session.invite = None
        self.context.counters[f"sessions_ended_by_{cause.by}"] += 1
        if told:
            self.context.emit(SessionEnded(session.id, cause))

    def gone(self, session: Session, status: int, now: float) -> None:
        """Close a session whose peer has forgotten it or answers no more (RFC 5057 5.1)."""
        if session.id in self.by_id:
            if session.dialog.state is State.CONFIRMED and status != 481:
                self.bye(session, now, [Reason("SIP", status)])
            self.end(session, Event.GONE, Cause(By.NETWORK, status), now)

    def flow_lost(self, flow: Flow) -> tuple[DialogId, ...]:
        """Unbind the sessions of a lost connection; their next request asks for another flow."""
        lost = [s for s in self.by_id.values() if s.dialog.flow == flow]
        for session in lost:
            session.dialog.flow = None
        return tuple(session.id for session in lost)
