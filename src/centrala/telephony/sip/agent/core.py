"""The user agent: what the transports and the call machine drive.

Feed it bytes or messages with the flow they came by, commands, and the time; after each of these
take
`outputs` and call `advance` again at `next_deadline`. It never waits and never looks at a clock.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, Literal

from centrala.telephony.sip.agent.accepts import Accepts
from centrala.telephony.sip.agent.attempt import Call
from centrala.telephony.sip.agent.context import AgentConfig, Context
from centrala.telephony.sip.agent.dispatch import Dispatch
from centrala.telephony.sip.agent.events import By, Cause, FlowLost, Output
from centrala.telephony.sip.agent.incoming import Incoming
from centrala.telephony.sip.agent.outgoing import Outgoing
from centrala.telephony.sip.agent.plain import Message, Plain
from centrala.telephony.sip.agent.refresh import Refresh
from centrala.telephony.sip.agent.reliable import Reliable
from centrala.telephony.sip.agent.reoffer import Reoffers
from centrala.telephony.sip.agent.session import Session
from centrala.telephony.sip.agent.sessions import Sessions
from centrala.telephony.sip.agent.transfer import Transfers
from centrala.telephony.sip.dialog import DialogId, Event, State
from centrala.telephony.sip.digest import DigestClient
from centrala.telephony.sip.dtmf import RELAY, Digit, write_digit
from centrala.telephony.sip.errors import NotAllowed, ParseError
from centrala.telephony.sip.flow import Flow
from centrala.telephony.sip.headers.small import Reason, Replaces
from centrala.telephony.sip.message import Request, Response
from centrala.telephony.sip.tokens import TokenSource
from centrala.telephony.sip.uri import Uri

Fields = Iterable[tuple[str, str]]


class UserAgent:
    """One agent on any number of flows. All times are monotonic seconds."""

    def __init__(self, config: AgentConfig, tokens: TokenSource) -> None:
        self._context = context = Context(config, tokens)
        self._sessions = sessions = Sessions(context)
        self._reliable = Reliable(context, sessions)
        self._refresh = Refresh(context, sessions)
        self._accepts = Accepts(context, sessions)
        self._plain = Plain(context)
        self._transfers = Transfers(context, sessions)
        self._outgoing = Outgoing(context, sessions, self._reliable, self._refresh)
        self._incoming = Incoming(context, sessions, self._reliable, self._refresh, self._accepts)
        self._reoffers = Reoffers(context, sessions, self._refresh, self._accepts, self._reliable.pending)
        self._dispatch = Dispatch(
            context,
            sessions,
            accepts=self._accepts,
            incoming=self._incoming,
            plain=self._plain,
            reliable=self._reliable,
            reoffers=self._reoffers,
            transfers=self._transfers,
        )

    def sent_by(self, flow: Flow) -> str:
        """Host and port by which our requests on such a flow name us in Via."""
        host, port = self._context.local_address(flow)
        return f"{host.lower()}:{port}"

    # Input

    def receive(self, data: bytes, flow: Flow, now: float) -> None:
        """Take a datagram or a WebSocket message."""
        self._dispatch.datagram(data, flow, now)

    def receive_message(self, message: Request | Response | ParseError, flow: Flow, now: float) -> None:
        """Take what a `StreamFramer` has cut, its errors included."""
        self._dispatch.message(message, flow, now)

    def flow_failed(self, flow: Flow, now: float) -> None:
        """Learn that a connection is closed or that a datagram could not be sent.

        Transactions on it end. A connection is gone for good and its sessions lose it; an address is only unreachable
        for now, and anybody can forge the ICMP message that says so.
        """
        self._context.layer.flow_failed(flow, now)
        self._context.pump(now)
        if flow.connection:
            self._context.emit(FlowLost(flow, self._sessions.flow_lost(flow)))

    def resolved(self, query: str, flow: Flow | None, now: float) -> None:
        """Answer a `Resolve`; None when there is no way to that URI."""
        then = self._context.waiting.pop(query, None)
        if then is not None:
            then(flow, now)

    def advance(self, now: float) -> None:
        """Do what is due."""
        self._context.layer.advance(now)
        self._context.pump(now)
        while (due := self._context.schedule.pop_due(now)) is not None:
            kind, key = due
            if kind == "attempt":
                attempt = self._outgoing.attempts.get(str(key))
                if attempt is not None:
                    self._outgoing.on_timer(attempt, now)
            elif kind == "transfer":
                self._transfers.on_timer(str(key), now)
            elif kind == "exchange":
                self._reoffers.on_timer(str(key), now)
            elif not isinstance(key, DialogId):
                continue
            elif kind == "change":
                self._sessions.on_change_timer(key, now)
            elif kind == "accepted":
                self._accepts.on_timer(key, now)
            elif session := self._sessions.by_id.get(key):
                self._session_timer(kind, session, now)

    def _session_timer(self, kind: str, session: Session, now: float) -> None:
        handlers = {
            "refresh": self._refresh.on_refresh,
            "expire": self._refresh.on_expire,
            "retry": self._reoffers.on_retry,
            "ringing": self._incoming.on_timer,
            "reliable": self._reliable.on_timer,
            "telling": self._transfers.on_telling_timer,
        }
        handlers[kind](session, now)

    # Output

    def next_deadline(self) -> float | None:
        """Return when `advance` is wanted, or None."""
        times = (self._context.layer.next_deadline(), self._context.schedule.next())
        known = [time for time in times if time is not None]
        return min(known) if known else None

    def outputs(self) -> list[Output]:
        """Return bytes and events since the last call, in order."""
        out, self._context.out = self._context.out, []
        return out

    @property
    def counters(self) -> dict[str, int]:
        """What was dropped, refused or went wrong, by name, since the start."""
        return dict(self._context.counters)

    @property
    def live(self) -> dict[str, int]:
        """How much of everything is kept at this moment; all zero when nothing goes on."""
        clients, servers = self._context.layer.counts
        return {
            "client_transactions": clients,
            "server_transactions": servers,
            "sessions": len(self._sessions.by_id),
            "attempts": len(self._outgoing.attempts),
            "unacknowledged": len(self._accepts),
            "reliable": len(self._reliable),
            "exchanges": len(self._reliable.pending),
            "changes": len(self._sessions.changes),
            "transfers": len(self._transfers),
            "requests": len(self._plain.asked) + len(self._plain.servers),
            "owners": len(self._context.owners) + len(self._context.server_owners),
            "resolving": len(self._context.waiting),
            "deadlines": len(self._context.schedule),
        }

    # Calls

    def invite(self, call: Call, now: float) -> str:
        """Start a call; events name the returned attempt. Raises `NotAllowed` past a cap."""
        return self._outgoing.invite(call, now)

    def cancel(self, attempt: str, now: float, reasons: Sequence[Reason] = ()) -> None:
        """Give an unanswered call up; a 2xx that crosses is ended by BYE. No error when too
        late."""
        found = self._outgoing.attempts.get(attempt)
        if found is not None and found.open:
            self._outgoing.cancel(found, now, Cause(By.US, 487, tuple(reasons)))

    def confirm(self, session: DialogId, now: float) -> None:
        """Send the ACK that `Call.hold_ack` held back. No error when it is sent, or the call over."""
        found = self._sessions.by_id.get(session)
        if found is not None:
            self._outgoing.confirm(found, now)

    def acknowledge(self, session: DialogId, sdp: bytes, now: float) -> None:
        """Answer the offer of `Answered` or `Progress`."""
        self._outgoing.acknowledge(self._sessions.get(session), sdp, now)

    def ring(
        self,
        session: DialogId,
        now: float,
        *,
        status: int = 180,
        sdp: bytes | None = None,
        headers: Fields = (),
    ) -> None:
        """Send a provisional response, with early media when `sdp` is given."""
        self._incoming.ring(self._sessions.get(session), status, now, sdp, headers)

    def answer(self, session: DialogId, now: float, sdp: bytes | None, headers: Fields = ()) -> None:
        """Accept a call; `sdp` is the answer, or the offer when the INVITE had none."""
        self._incoming.answer(self._sessions.get(session), now, sdp, headers)

    def reject(self, session: DialogId, status: int, now: float, headers: Fields = ()) -> None:
        """Refuse a call; headers may carry Contact (302), Reason, Retry-After."""
        self._incoming.reject(self._sessions.get(session), status, now, headers)

    def hang_up(self, session: DialogId, now: float, reasons: Sequence[Reason] = ()) -> None:
        """End a call at any point of its life. No error when it is over."""
        found = self._sessions.by_id.get(session)
        if found is None:
            return
        if found.dialog.state is State.EARLY:
            if found.dialog.caller:
                self.cancel(found.attempt or "", now, reasons)
            else:
                cause = Cause(By.US, 603, tuple(reasons))
                self._incoming.refuse(found, 603, now, cause)
        elif self._accepts.waiting(found):
            self._accepts.hang_up(found, tuple(reasons))
        elif self._transfers.telling(found):
            self._transfers.hang_up(found, tuple(reasons), now)
        else:
            self._outgoing.confirm(found, now)
            self._sessions.bye(found, now, reasons)
            self._sessions.end(found, Event.BYE, Cause(By.US, 200, tuple(reasons)), now)

    # Within a call

    def reoffer(
        self,
        session: DialogId,
        sdp: bytes,
        now: float,
        method: Literal["INVITE", "UPDATE"] | None = None,
    ) -> None:
        """Offer a change (hold, codec, address). Raises `NotAllowed` while another is open."""
        self._reoffers.offer(self._sessions.get(session), sdp, now, method)

    def accept_offer(self, exchange: str, sdp: bytes, now: float) -> None:
        """Accept a `Reoffer`. Raises `NotAllowed` when it is over."""
        self._reoffers.accept(exchange, sdp, now)

    def refuse_offer(self, exchange: str, now: float, status: int = 488) -> None:
        """Refuse a `Reoffer`. Raises `NotAllowed` when it is over."""
        self._reoffers.refuse(exchange, status, now)

    def refer(self, session: DialogId, target: Uri, now: float, replaces: Replaces | None = None) -> str:
        """Ask the peer to call `target`; `TransferProgress` names the returned transfer."""
        return self._transfers.refer(self._sessions.get(session), target, now, replaces)

    def accept_transfer(self, transfer: str, now: float) -> None:
        """Accept a `TransferRequested`; then `report_transfer` how it goes."""
        self._transfers.accept(transfer, now)

    def refuse_transfer(self, transfer: str, now: float, status: int = 603) -> None:
        """Refuse a `TransferRequested`."""
        self._transfers.refuse(transfer, status, now)

    def report_transfer(self, transfer: str, status: int, now: float) -> None:
        """Tell the peer the status that its transfer has reached; a final one is the last."""
        self._transfers.report(transfer, status, now)

    def send_digit(self, session: DialogId, digit: Digit, now: float) -> None:
        """Send a digit by INFO, to peers without telephone-event."""
        body = (RELAY, write_digit(digit))
        self._sessions.send(self._sessions.get(session), "INFO", now, body=body)

    # Everything else

    def send(self, message: Message, now: float) -> str:
        """Send a request outside of calls; `Replied` names the returned client."""
        return self._plain.send(message, now)

    def respond(
        self,
        server: str,
        status: int,
        now: float,
        *,
        headers: Fields = (),
        body: tuple[str, bytes] | None = None,
    ) -> None:
        """Answer a `RequestReceived`. Raises `NotAllowed` when it is too late."""
        self._plain.respond(server, status, now, headers, body)

    # Restart

    def sessions(self) -> list[DialogId]:
        """Return the sessions that live."""
        return list(self._sessions.by_id)

    def store(self, session: DialogId, now: float) -> dict[str, Any]:
        """Return an established session as JSON values. Raises `NotAllowed` for an early one."""
        found = self._sessions.get(session)
        if found.dialog.state is not State.CONFIRMED:
            raise NotAllowed("an early session cannot be stored")
        return found.to_dict(now)

    def foresee(self, session: DialogId, sdp: bytes, now: float) -> dict[str, Any]:
        """Return what `store` will give once `answer` has accepted the call with `sdp`.

        For a store that must know of an answered call before the 200 leaves. Raises `NotAllowed`
        when the call is answered or over.
        """
        return self._incoming.foresee(self._sessions.get(session), sdp, now)

    def restore(
        self, kept: dict[str, Any], now: float, *, elapsed: float = 0.0, digest: DigestClient | None = None
    ) -> DialogId:
        """Take up a stored session; `elapsed` wall-clock seconds have passed since.

        `digest` answers challenges to its requests: secrets are not stored.

        The next request of ours counts from a CSeq well past the stored one, since requests may
        have
        gone out after the storing (12.2.1.1 asks only that it grows).
        """
        session = Session.from_dict(kept, now, elapsed=elapsed)
        session.dialog.local_seq += 100
        session.digest = digest
        self._sessions.add(session)
        self._refresh.resume(session)
        return session.id

    def rebind(self, session: DialogId, flow: Flow) -> None:
        """Send the session's further requests on another flow, as after a browser's reconnect."""
        found = self._sessions.get(session)
        found.dialog = replace(found.dialog, flow=flow)
