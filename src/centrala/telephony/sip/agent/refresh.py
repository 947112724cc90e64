"""Session timers at work (RFC 4028): refreshes we send, and sessions that nobody refreshed."""

from __future__ import annotations

from centrala.telephony.sip.agent.context import Context
from centrala.telephony.sip.agent.events import By, Cause
from centrala.telephony.sip.agent.session import Session
from centrala.telephony.sip.agent.sessions import Sessions
from centrala.telephony.sip.dialog import Event
from centrala.telephony.sip.headers.small import Reason
from centrala.telephony.sip.message import Response
from centrala.telephony.sip.session_timer import (
    SessionTimer,
    answered,
    request_headers,
    too_small,
)
from centrala.telephony.sip.transaction.machine import T2

_MIN_WAIT = T2  # seconds; between a refresh that met another exchange and the next try


class Refresh:
    """Watches the interval of every session that has one."""

    def __init__(self, context: Context, sessions: Sessions) -> None:
        self._context = context
        self._sessions = sessions

    def start(self, session: Session, timer: SessionTimer | None, now: float) -> None:
        """Take the outcome of an INVITE or UPDATE: the interval begins anew, or there is none."""
        session.timer = timer
        session.refreshed = now
        self.resume(session)

    def resume(self, session: Session) -> None:
        """Set the deadlines of a session from its state, as after a restart."""
        timer, since = session.timer, session.refreshed
        schedule = self._context.schedule
        schedule.set(("refresh", session.id), None if timer is None else timer.refresh_at(since))
        schedule.set(("expire", session.id), None if timer is None else timer.ends_at(since))

    def on_refresh(self, session: Session, now: float) -> None:
        """Refresh by UPDATE without a body when the peer takes it, else by re-INVITE (RFC 4028
        7.4)."""
        if session.timer is None:
            return
        if session.inviting or session.offered:
            self._context.schedule.set(("refresh", session.id), now + _MIN_WAIT)
            return
        fields = request_headers(self._context.config.timer, session.timer)
        fields += self._context.capabilities()
        if "UPDATE" in session.peer_allows:

            def done(response: Response | None, status: int, at: float) -> None:
                self.outcome(session, response, status, at)

            self._sessions.send(session, "UPDATE", now, headers=fields, done=done)
            return
        self._reinvite(session, fields, now)

    def _reinvite(self, session: Session, fields: list[tuple[str, str]], now: float) -> None:
        session.inviting = True
        body = ("application/sdp", session.local_sdp) if session.local_sdp else None

        def done(response: Response | None, status: int, at: float) -> None:
            session.inviting = False
            if response is not None and status < 300:
                session.dialog.refresh_target(response)
                self._sessions.acknowledge(session, response.cseq.number, at)
                answer = response.body_of("application/sdp")
                if answer is not None:
                    session.remote_sdp = answer
            self.outcome(session, response, status, at)

        self._sessions.send(session, "INVITE", now, headers=fields, body=body, done=done)

    def outcome(self, session: Session, response: Response | None, status: int, now: float) -> None:
        """Take what a refresh, or an offer that served as one, has come to."""
        if session.id not in self._sessions.by_id:
            return
        if response is not None and status < 300:
            session.learn(response)
            timer = answered(response, self._context.config.timer)
            if timer is not None and session.timer is not None and not response.headers.get("session-expires"):
                timer = SessionTimer(session.timer.interval, ours=True)
            self.start(session, timer, now)
        elif status == 422 and response is not None and session.timer is not None:
            interval = max(session.timer.interval, too_small(response))
            # A peer that refuses its own minimum must not make us try at once for ever.
            wait = 0.0 if interval > session.timer.interval else _MIN_WAIT
            session.timer = SessionTimer(interval, ours=True)
            self._context.schedule.set(("refresh", session.id), now + wait)
        elif status in {408, 481}:
            self._sessions.gone(session, status, now)
        else:
            # 491 and the like: the session lives on; try again while the interval lasts.
            self._context.schedule.set(("refresh", session.id), now + _MIN_WAIT)

    def on_expire(self, session: Session, now: float) -> None:
        """End a session that was not refreshed in time (RFC 4028 10)."""
        self._context.counters["sessions_expired"] += 1
        self._sessions.bye(session, now, [Reason("SIP", 408, "Session expired")])
        self._sessions.end(session, Event.EXPIRED, Cause(By.NETWORK, 408), now)
