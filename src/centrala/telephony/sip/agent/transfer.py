"""Transfers by REFER, ours and the peer's, and the NOTIFYs that tell how they go (RFC 3515)."""

from __future__ import annotations

from dataclasses import dataclass

from centrala.telephony.sip.agent.context import Context
from centrala.telephony.sip.agent.events import By, Cause, TransferProgress, TransferRequested
from centrala.telephony.sip.agent.session import Session
from centrala.telephony.sip.agent.sessions import DialogRequest, Sessions
from centrala.telephony.sip.dialog import DialogId, Event
from centrala.telephony.sip.errors import NotAllowed, ParseError, SipError
from centrala.telephony.sip.headers.small import Reason, Replaces
from centrala.telephony.sip.limits import MAX_SUBSCRIPTIONS
from centrala.telephony.sip.message import Response
from centrala.telephony.sip.refer import (
    event_id,
    is_terminated,
    read_refer,
    read_sipfrag,
    refer_to,
    write_sipfrag,
)
from centrala.telephony.sip.transaction.machine import ServerTransaction
from centrala.telephony.sip.uri import Uri

LIFE = 180  # seconds of a transfer's implicit subscription
LONGEST_TELLING = 1.0  # seconds that a BYE waits for the answer to the last NOTIFY
SIPFRAG = "message/sipfrag;version=2.0"


@dataclass(slots=True)
class _Theirs:
    """A REFER of the peer. `number` is its CSeq, which names the subscription (RFC 3515 2.4.6)."""

    session: Session
    transaction: ServerTransaction
    number: int
    quiet: bool
    ends: float
    accepted: bool = False


@dataclass(slots=True)
class _Ours:
    session: Session
    request: DialogRequest | None = None

    @property
    def number(self) -> str:
        """The CSeq of the REFER as last sent; a challenge changes it."""
        sent = None if self.request is None else self.request.sent
        return "" if sent is None else str(sent.cseq.number)


@dataclass(slots=True)
class _Telling:
    """The last NOTIFY of a transfer is under way; the BYE that came after it, if any."""

    session: Session
    hangup: tuple[Reason, ...] | None = None


class Transfers:
    """All transfers under way, by token."""

    def __init__(self, context: Context, sessions: Sessions) -> None:
        self._context = context
        self._sessions = sessions
        self._theirs: dict[str, _Theirs] = {}
        self._ours: dict[str, _Ours] = {}
        self._telling: dict[DialogId, _Telling] = {}
        sessions.on_end.append(self._forget)

    def __len__(self) -> int:
        return len(self._theirs) + len(self._ours) + len(self._telling)

    def _forget(self, session: Session, now: float) -> None:
        self._close(session.id)
        for token in [t for t, kept in self._theirs.items() if kept.session is session]:
            kept = self._theirs[token]
            if not kept.transaction.answered:
                self._context.reply(kept.transaction, 481, now)
            self._drop(token)
        for token in [t for t, kept in self._ours.items() if kept.session is session]:
            self._finish(token, 408)

    def _drop(self, token: str) -> None:
        self._context.schedule.set(("transfer", token), None)
        self._theirs.pop(token, None)
        self._ours.pop(token, None)

    # The peer transfers

    def receive(self, transaction: ServerTransaction, session: Session, now: float) -> None:
        """Take a REFER. Raises `SipError`."""
        referral = read_refer(transaction.request)
        live = [k for k in self._theirs.values() if k.session is session]
        if len(live) >= MAX_SUBSCRIPTIONS:
            raise SipError("Too many transfers", status=486)
        token = self._context.tokens.token(64)
        number = transaction.request.cseq.number
        self._theirs[token] = _Theirs(session, transaction, number, referral.quiet, now + LIFE)
        self._context.schedule.set(("transfer", token), now + LIFE)
        self._context.emit(
            TransferRequested(session.id, token, referral.target, referral.replaces, referral.referred_by)
        )

    def accept(self, token: str, now: float) -> None:
        """Answer 202 and report 100 Trying."""
        kept = self._live(token)
        headers = [("Refer-Sub", "false")] if kept.quiet else []
        contact = ("Contact", kept.session.dialog.contact)
        self._context.reply(kept.transaction, 202, now, headers=[contact, *headers])
        kept.accepted = True
        self._notify(kept, 100, now, final=False)

    def refuse(self, token: str, status: int, now: float) -> None:
        """Refuse a REFER."""
        kept = self._live(token)
        self._drop(token)
        self._context.reply(kept.transaction, status, now)

    def _live(self, token: str) -> _Theirs:
        kept = self._theirs.get(token)
        if kept is None or kept.transaction.answered:
            raise NotAllowed("the transfer is over")
        return kept

    def report(self, token: str, status: int, now: float) -> None:
        """Tell the peer how its transfer goes; a final status ends the subscription."""
        kept = self._theirs.get(token)
        if kept is None or not kept.accepted:
            raise NotAllowed("the transfer is over or not accepted")
        final = status >= 200
        if final:
            self._drop(token)
        self._notify(kept, status, now, final=final)

    def _notify(self, kept: _Theirs, status: int, now: float, *, final: bool) -> None:
        if kept.quiet or kept.session.id not in self._sessions.by_id:
            return
        left = max(0, int(kept.ends - now))
        state = "terminated;reason=noresource" if final else f"active;expires={left}"
        fields = [("Event", f"refer;id={kept.number}"), ("Subscription-State", state)]
        body = (SIPFRAG, write_sipfrag(status))

        def done(_response: Response | None, _status: int, at: float) -> None:
            if final:
                self._told(kept.session.id, at)

        if final:
            self._telling[kept.session.id] = _Telling(kept.session)
        self._sessions.send(kept.session, "NOTIFY", now, headers=fields, body=body, done=done)

    # A BYE does not overtake the NOTIFY before it: a phone that gets it first never learns how its transfer went

    def telling(self, session: Session) -> bool:
        """Whether the outcome of a transfer is on its way to the peer."""
        return session.id in self._telling

    def hang_up(self, session: Session, reasons: tuple[Reason, ...], now: float) -> None:
        """Send the BYE once the peer has the outcome, or says nothing to it."""
        self._telling[session.id].hangup = reasons
        self._context.schedule.set(("telling", session.id), now + LONGEST_TELLING)

    def _close(self, session: DialogId) -> _Telling | None:
        self._context.schedule.set(("telling", session), None)
        return self._telling.pop(session, None)

    def _told(self, session: DialogId, now: float) -> None:
        kept = self._close(session)
        if kept is not None and kept.hangup is not None and session in self._sessions.by_id:
            self._sessions.bye(kept.session, now, kept.hangup)
            self._sessions.end(kept.session, Event.BYE, Cause(By.US, 200, kept.hangup), now)

    def on_telling_timer(self, session: Session, now: float) -> None:
        """The peer does not answer the NOTIFY."""
        self._told(session.id, now)

    def on_timer(self, token: str, now: float) -> None:
        """End what has taken too long."""
        kept = self._theirs.get(token)
        if kept is not None and not kept.transaction.answered:
            self.refuse(token, 480, now)
        elif kept is not None:
            self._drop(token)
            self._notify(kept, 408, now, final=True)
        elif token in self._ours:
            self._finish(token, 408)

    # We transfer

    def refer(self, session: Session, target: Uri, now: float, replaces: Replaces | None = None) -> str:
        """Ask the peer to call `target`; return the transfer's token."""
        token = self._context.tokens.token(64)
        self._ours[token] = _Ours(session)
        self._context.schedule.set(("transfer", token), now + LIFE)
        fields = [
            ("Refer-To", refer_to(target, replaces)),
            ("Referred-By", session.dialog.local),
            *self._context.capabilities(),
        ]

        def done(response: Response | None, status: int, _now: float) -> None:
            if token not in self._ours:
                return
            if response is None or status >= 300:
                self._finish(token, status)
                return
            self._context.emit(TransferProgress(session.id, token, 202, final=False))
            if (response.headers.get("refer-sub") or "").lower().startswith("false"):
                self._finish(token, 202)

        request = self._sessions.send(session, "REFER", now, headers=fields, done=done)
        if token in self._ours:
            self._ours[token].request = request
        return token

    def _finish(self, token: str, status: int) -> None:
        kept = self._ours.get(token)
        self._drop(token)
        if kept is not None:
            self._context.emit(TransferProgress(kept.session.id, token, status, final=True))

    def on_notify(self, transaction: ServerTransaction, session: Session, now: float) -> None:
        """Take a NOTIFY. Raises `SipError`: 489 another event, 481 no such transfer."""
        request = transaction.request
        package, number = event_id(request)
        if package != "refer":
            raise SipError("Event", status=489, headers=(("Allow-Events", "refer"),))
        token = self._find(session.id, number)
        if token is None:
            raise SipError("No such transfer", status=481)
        ended = is_terminated(request)
        try:
            status = read_sipfrag(request.body)
        except ParseError:
            if not ended:
                raise
            status = 408
        self._context.reply(transaction, 200, now)
        if ended or status >= 200:
            self._finish(token, status)
        else:
            self._context.emit(TransferProgress(session.id, token, status, final=False))

    def _find(self, session: DialogId, number: str) -> str | None:
        """Return our REFER that a NOTIFY is about; without an id it is the only or first one."""
        for token, kept in self._ours.items():
            if kept.session.id == session and number in {"", kept.number}:
                return token
        return None
