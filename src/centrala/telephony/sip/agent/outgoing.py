"""Calls we make: INVITE, its challenges, its CANCEL, and how it fails (RFC 3261 13.2, 9.1)."""

from __future__ import annotations

from collections.abc import Iterable

from centrala.telephony.sip.agent.attempt import Attempt, Call, Stage, Step
from centrala.telephony.sip.agent.cancel import send_cancel
from centrala.telephony.sip.agent.context import Context
from centrala.telephony.sip.agent.events import AttemptFailed, By, Cause
from centrala.telephony.sip.agent.forks import Forks
from centrala.telephony.sip.agent.refresh import Refresh
from centrala.telephony.sip.agent.reliable import Reliable
from centrala.telephony.sip.agent.session import Session
from centrala.telephony.sip.agent.sessions import Sessions
from centrala.telephony.sip.dialog import Event, State
from centrala.telephony.sip.errors import NotAllowed, ParseError
from centrala.telephony.sip.flow import Flow
from centrala.telephony.sip.headers.address import NameAddr
from centrala.telephony.sip.headers.small import Reason, parse_reasons
from centrala.telephony.sip.limits import MAX_AUTH_ROUNDS, MAX_PLACES
from centrala.telephony.sip.message import Headers, Message, Request, Response
from centrala.telephony.sip.session_timer import request_headers, too_small
from centrala.telephony.sip.transaction.client_invite import State as InviteState
from centrala.telephony.sip.transaction.machine import TIMEOUT


class Outgoing:
    """All attempts of the agent."""

    def __init__(self, context: Context, sessions: Sessions, reliable: Reliable, refresh: Refresh) -> None:
        self._context = context
        self._sessions = sessions
        self._forks = Forks(context, sessions, reliable, refresh)
        self.attempts: dict[str, Attempt] = {}

    def invite(self, call: Call, now: float) -> str:
        """Start a call; return the attempt's token. Raises `NotAllowed` past a cap."""
        if len(self._sessions.by_id) + len(self.attempts) >= self._context.config.most_sessions:
            raise NotAllowed("too many sessions")
        tokens = self._context.tokens
        remote = call.remote or NameAddr(call.target)
        fields = [
            ("Max-Forwards", str(call.max_forwards)),
            ("From", str(call.local.with_tag(tokens.token(64)))),
            ("To", str(remote)),
            ("Call-ID", tokens.token(128)),
            ("CSeq", f"{1 + tokens.below(10_000)} INVITE"),
            *call.headers,
        ]
        request = Request("INVITE", str(call.target), Headers(fields))
        if call.sdp is not None:
            request.set_body("application/sdp", call.sdp)
        attempt = Attempt(self, tokens.token(64), call, request)
        self.attempts[attempt.id] = attempt
        deadline = now + self._context.config.longest_attempt
        self._context.schedule.set(("attempt", attempt.id), deadline)
        self._route(attempt, now)
        return attempt.id

    def _route(self, attempt: Attempt, now: float) -> None:
        if attempt.call.flow is not None:
            self._send(attempt, attempt.call.flow, now)
            return
        uri = attempt.call.hop or str(attempt.call.target)
        self._context.route(uri, None, now, lambda flow, at: self._send(attempt, flow, at), attempt.tried)

    def _send(self, attempt: Attempt, flow: Flow | None, now: float) -> None:
        if attempt.stage is not Stage.ROUTING:
            return  # cancelled while its flow was looked for
        if flow is None:
            cause, response = attempt.setback or (Cause(By.NETWORK, 503), None)
            self.fail(attempt, cause, response, now)
            return
        config, request = self._context.config, attempt.request
        headers = request.headers
        user = attempt.call.contact_user
        secure = str(attempt.call.target).startswith("sips:")
        headers.set("Contact", self._context.contact(flow, secure=secure, user=user))
        headers.remove("Session-Expires")
        headers.remove("Min-SE")
        timers = request_headers(config.timer, minimum=attempt.min_se)
        for name, value in [*self._context.capabilities(), *timers]:
            headers.set(name, value)
        if attempt.call.digest is not None:
            attempt.call.digest.sign(request)
        attempt.flow = flow
        attempt.step(Step.SENT)
        headers.remove("Via")
        attempt.transaction = None
        try:
            attempt.transaction = self._context.send_request(request, flow, now, attempt)
        except NotAllowed:
            self.fail(attempt, Cause(By.US, 503), None, now)

    # Responses

    def on_response(self, attempt: Attempt, response: Response, now: float) -> None:
        """Take a response to the attempt's INVITE."""
        if response.status < 200:
            attempt.got_provisional = True
            attempt.step(Step.PROVISIONAL)
            if attempt.stage is Stage.CANCELLING:
                self._send_cancel(attempt, now)
            elif attempt.stage is Stage.RINGING:
                self._forks.provisional(attempt, response, now)
        elif response.status < 300:
            self._success(attempt, response, now)
        elif self._can_retry(attempt, response):
            self._retry(attempt, now)
        else:
            by = By.US if attempt.stage is Stage.CANCELLING else By.PEER
            cause = attempt.cause or Cause(by, response.status, reasons_of(response))
            if response.status != 503 or not self._try_elsewhere(attempt, cause, response, now):
                self.fail(attempt, cause, response, now)

    def lost(self, attempt: Attempt, cause: Cause, now: float) -> None:
        """Try another place when one does not answer, or end the attempt."""
        if not self._try_elsewhere(attempt, cause, None, now):
            self.fail(attempt, cause, None, now)

    def _try_elsewhere(self, attempt: Attempt, cause: Cause, response: Response | None, now: float) -> bool:
        """RFC 3263 4.3: the same request with another branch goes to the next place. False when it may not."""
        if attempt.call.flow is not None or attempt.flow is None or attempt.forks:
            return False
        if attempt.stage not in {Stage.CALLING, Stage.RINGING} or len(attempt.tried) >= MAX_PLACES:
            return False
        attempt.tried += (attempt.flow,)
        attempt.setback = (cause, response)
        attempt.step(Step.ELSEWHERE)
        attempt.flow = attempt.transaction = None
        attempt.got_provisional = False
        attempt.request = attempt.request.copy()
        self._route(attempt, now)
        return True

    def _success(self, attempt: Attempt, response: Response, now: float) -> None:
        was_open = attempt.open
        self._forks.success(attempt, response, now)
        if was_open and not attempt.open:
            # Kept until the transaction is over, for the 2xx again and for those of other forks.
            self._context.schedule.set(("attempt", attempt.id), now + TIMEOUT + 1.0)
        if was_open and attempt.stage is Stage.FAILED:
            self._end_early(attempt, Cause(By.US, 487), now)
            cause = attempt.cause or Cause(By.US, 487)
            self._context.emit(AttemptFailed(attempt.id, cause))

    def _can_retry(self, attempt: Attempt, response: Response) -> bool:
        if attempt.stage not in {Stage.CALLING, Stage.RINGING}:
            return False
        if attempt.rounds >= MAX_AUTH_ROUNDS:
            return False
        if response.status in {401, 407}:
            digest = attempt.call.digest
            return digest is not None and digest.challenged(response)
        if response.status == 422 and attempt.min_se is None:
            attempt.min_se = too_small(response)
            return True
        return False

    def _retry(self, attempt: Attempt, now: float) -> None:
        """Send the INVITE again as a new request of the same call (22.2, RFC 4028 7.3)."""
        attempt.rounds += 1
        attempt.step(Step.CHALLENGE)
        self._end_early(attempt, Cause(By.PEER, 401), now)
        attempt.forks.clear()
        attempt.got_provisional = False
        number = attempt.request.cseq.number + 1
        attempt.request = attempt.request.copy()
        attempt.request.headers.set("CSeq", f"{number} INVITE")
        self._send(attempt, attempt.flow, now)

    # Ends

    def cancel(self, attempt: Attempt, now: float, cause: Cause) -> None:
        """Give a call up. A CANCEL goes out once a provisional response has come (9.1)."""
        before = attempt.stage
        attempt.step(Step.CANCEL)
        if attempt.cause is None:
            attempt.cause = cause
        if before is Stage.ROUTING:
            self._close(attempt, cause, None, now)
        elif before in {Stage.CALLING, Stage.RINGING} and attempt.got_provisional:
            self._send_cancel(attempt, now)

    def _send_cancel(self, attempt: Attempt, now: float) -> None:
        if attempt.cancel_sent or attempt.flow is None:
            return
        attempt.cancel_sent = True
        # RFC 3261 9.1: without a final response in 64*T1 the INVITE is given up.
        self._context.schedule.set(("attempt", attempt.id), now + TIMEOUT)
        reasons = () if attempt.cause is None else attempt.cause.reasons
        send_cancel(self._context, attempt.request, attempt.flow, now, reasons)

    def on_timer(self, attempt: Attempt, now: float) -> None:
        """Cancel what rings too long, give up what does not answer a CANCEL, forget what is
        over."""
        if not attempt.open:
            self.attempts.pop(attempt.id, None)
        elif attempt.stage is Stage.CANCELLING and attempt.transaction is not None:
            waiting = attempt.transaction.state in {InviteState.CALLING, InviteState.PROCEEDING}
            if waiting:
                self._context.layer.give_up(attempt.transaction, now)
                self._context.pump(now)
        else:
            self.cancel(attempt, now, Cause(By.NETWORK, 408))
            self._context.schedule.set(("attempt", attempt.id), now + TIMEOUT)

    def fail(self, attempt: Attempt, cause: Cause, response: Response | None, now: float) -> None:
        """End an attempt without success."""
        was_open = attempt.open
        attempt.step(Step.FAILURE)
        if was_open:
            self._close(attempt, attempt.cause or cause, response, now)

    def _end_early(self, attempt: Attempt, cause: Cause, now: float) -> None:
        for session in list(attempt.forks.values()):
            if session is not None and session.dialog.state is State.EARLY:
                session.offer_refused()
                self._sessions.end(session, Event.REFUSED, cause, now)

    def _close(self, attempt: Attempt, cause: Cause, response: Response | None, now: float) -> None:
        self._end_early(attempt, cause, now)
        self.attempts.pop(attempt.id, None)
        self._context.schedule.set(("attempt", attempt.id), None)
        self._context.emit(AttemptFailed(attempt.id, cause, response))

    def confirm(self, session: Session, now: float) -> None:
        """Send the ACK of a call that was made with `hold_ack`, if it is still to be sent."""
        attempt = self.attempts.get(session.attempt or "")
        if attempt is not None and attempt.call.hold_ack:
            self._forks.confirm(attempt, session, now)

    def acknowledge(self, session: Session, sdp: bytes, now: float) -> None:
        """Answer an offer of the peer to an INVITE of ours that had none."""
        attempt = self.attempts.get(session.attempt or "")
        if attempt is None:
            raise NotAllowed("no offer to answer")
        self._forks.answer(attempt, session, sdp, now)


def reasons_of(message: Message) -> tuple[Reason, ...]:
    """Return the Reason values of a message; none when they cannot be read."""
    reasons: Iterable[Reason] = ()
    try:
        reasons = [r for value in message.headers.all("reason") for r in parse_reasons(value)]
    except ParseError:
        return ()
    return tuple(reasons)
