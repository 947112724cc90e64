"""Responses to our INVITE, fork by fork: early dialogs, answers, and answers nobody wants any
more."""

from __future__ import annotations

from centrala.telephony.sip.agent.attempt import Attempt, Stage, Step
from centrala.telephony.sip.agent.context import Context
from centrala.telephony.sip.agent.events import Answered, By, Cause, Progress, Send
from centrala.telephony.sip.agent.refresh import Refresh
from centrala.telephony.sip.agent.reliable import Reliable, is_reliable
from centrala.telephony.sip.agent.session import Offer, Session
from centrala.telephony.sip.agent.sessions import Sessions
from centrala.telephony.sip.dialog import Event, State, as_caller, id_of_response
from centrala.telephony.sip.errors import NotAllowed, ParseError
from centrala.telephony.sip.limits import MAX_FORKS
from centrala.telephony.sip.message import Response
from centrala.telephony.sip.sdp.refuse import refusal_of
from centrala.telephony.sip.session_timer import answered


class Forks:
    """What provisional and successful responses do to an attempt and its sessions."""

    def __init__(self, context: Context, sessions: Sessions, reliable: Reliable, refresh: Refresh) -> None:
        self._context = context
        self._sessions = sessions
        self._reliable = reliable
        self._refresh = refresh

    def provisional(self, attempt: Attempt, response: Response, now: float) -> None:
        """Take a 1xx of an attempt that rings."""
        session = self._fork(attempt, response) if response.status > 100 else None
        answer = offer = None
        if session is not None:
            session.learn(response)
            if is_reliable(response):
                if not self._reliable.is_new(session, response):
                    return
                session.dialog.refresh_target(response)
            answer, offer = _take_sdp(session, response)
            if offer is not None:
                attempt.unanswered[session.id] = response
            elif is_reliable(response):
                self._reliable.acknowledge(session, response, now)
        fork = None if session is None else session.id
        self._context.emit(Progress(attempt.id, response.status, response, fork, answer, offer))

    def _fork(self, attempt: Attempt, response: Response) -> Session | None:
        """Return the session of a response, made now if need be; None for one that is let go."""
        key = id_of_response(response)
        if key in attempt.forks:
            return attempt.forks[key]
        if attempt.flow is None:
            return None
        if len(attempt.forks) >= MAX_FORKS:
            self._context.counters["forks_ignored"] += 1
            return None
        try:
            dialog = as_caller(attempt.request, response, attempt.flow)
        except ParseError:
            self._context.counters["responses_malformed"] += 1
            return None
        session = Session(dialog, digest=attempt.call.digest, attempt=attempt.id)
        if attempt.call.sdp is not None:
            session.we_offer(attempt.call.sdp)
        attempt.forks[key] = session
        self._sessions.add(session)
        return session

    def success(self, attempt: Attempt, response: Response, now: float) -> None:
        """Take a 2xx: the first wins, the same again is acknowledged again, others are ended."""
        key = id_of_response(response)
        if key in attempt.acks:
            self._context.emit(Send(*attempt.acks[key]))  # its ACK was lost
            return
        ended = attempt.forks.get(key)
        if ended is not None and ended.dialog.state is State.ENDED:
            del attempt.forks[key]  # let go as an early fork; its 2xx makes the dialog anew
        first = attempt.open and attempt.stage is not Stage.CANCELLING
        session = self._fork(attempt, response)
        if session is None or session.dialog.state is not State.EARLY or attempt.flow is None:
            return
        attempt.step(Step.SUCCESS)
        session.dialog.move(Event.ANSWERED)
        # RFC 3261 13.2.2.4: the route set and target of the 2xx replace those of the early dialog.
        fresh = as_caller(attempt.request, response, attempt.flow)
        session.dialog.route_set = fresh.route_set
        session.dialog.remote_target = fresh.remote_target
        session.learn(response)
        if first:
            self._winner(attempt, session, response, now)
        else:
            self._too_late(attempt, session, response, now)

    def _winner(self, attempt: Attempt, session: Session, response: Response, now: float) -> None:
        answer, offer = _take_sdp(session, response)
        self._refresh.start(session, answered(response, self._context.config.timer), now)
        if offer is None and not attempt.call.hold_ack:
            self._acknowledge(attempt, session, None, now)
        for other in list(attempt.forks.values()):
            if other is not None and other is not session and other.dialog.state is State.EARLY:
                self._sessions.end(other, Event.OTHER_FORK, Cause(By.PEER, 487), now)
        # The answer may have come in a reliable provisional response, and the 2xx be bare.
        known = answer or (session.remote_sdp or None if offer is None else None)
        self._context.emit(Answered(attempt.id, session.id, response, known, offer))

    def confirm(self, attempt: Attempt, session: Session, now: float) -> None:
        """Send the ACK that was held back; once, and not where the peer's offer waits for an answer."""
        established = session.dialog.state is State.CONFIRMED and session.offer is not Offer.THEIRS
        if established and session.id not in attempt.acks:
            self._acknowledge(attempt, session, None, now)

    def _acknowledge(self, attempt: Attempt, session: Session, sdp: bytes | None, now: float) -> None:
        session.last_ack = None
        self._sessions.acknowledge(session, attempt.request.cseq.number, now, sdp)
        if session.last_ack is not None:
            _, flow, data = session.last_ack
            attempt.acks[session.id] = (flow, data)

    def _too_late(self, attempt: Attempt, session: Session, response: Response, now: float) -> None:
        """End a 2xx that nobody wants any more: another fork's, or one that crossed our CANCEL."""
        self._context.counters["late_answers"] += 1
        offer = response.body_of("application/sdp") if attempt.call.sdp is None else None
        session.offer_refused()
        # RFC 3261 13.2.1: an offer in the 2xx needs an answer even if only to be hung up.
        self._acknowledge(attempt, session, None if offer is None else refusal_of(offer), now)
        self._sessions.bye(session, now)
        self._sessions.end(session, Event.OTHER_FORK, Cause(By.US, 487), now, told=False)

    def answer(self, attempt: Attempt, session: Session, sdp: bytes, now: float) -> None:
        """Answer an offer that came in a 2xx (by ACK) or in a reliable 1xx (by PRACK)."""
        if session.offer is not Offer.THEIRS:
            raise NotAllowed("no offer to answer")
        session.answered(sdp)
        provisional = attempt.unanswered.pop(session.id, None)
        if provisional is not None and session.dialog.state is State.EARLY:
            self._reliable.acknowledge(session, provisional, now, sdp)
        else:
            self._acknowledge(attempt, session, sdp, now)


def _take_sdp(session: Session, response: Response) -> tuple[bytes | None, bytes | None]:
    """Return (answer, offer) of a response, at most one of them."""
    sdp = response.body_of("application/sdp")
    if sdp is None:
        return None, None
    binding = response.status >= 200 or is_reliable(response)
    if session.offer is Offer.OURS:
        # RFC 3261 13.2.1: in an unreliable 1xx it is only a preview of the answer.
        if binding:
            session.answered(sdp)
        return sdp, None
    if binding and session.offer is Offer.NONE and not session.local_sdp:
        session.they_offer(sdp)
        return None, sdp
    # RFC 6337 3.1.1: the same answer again in a later response says nothing new.
    return None, None
