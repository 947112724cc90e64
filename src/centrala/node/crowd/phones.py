"""SIP of the crowd: one endpoint on loopback for all its callers and phones, on the centre's own stack."""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Protocol
from uuid import uuid4

from centrala.kit.logging import get_logger
from centrala.telephony.sip.agent.attempt import Call
from centrala.telephony.sip.agent.context import AgentConfig
from centrala.telephony.sip.agent.core import UserAgent
from centrala.telephony.sip.agent.events import (
    Answered,
    AttemptFailed,
    Event,
    IncomingCall,
    Reoffer,
    Replied,
    SessionEnded,
)
from centrala.telephony.sip.agent.plain import Message
from centrala.telephony.sip.dialog import DialogId
from centrala.telephony.sip.digest import Credentials, DigestClient
from centrala.telephony.sip.flow import Flow, Transport
from centrala.telephony.sip.headers.address import NameAddr
from centrala.telephony.sip.tokens import SeededTokens
from centrala.telephony.sip.uri import SipUri
from centrala.telephony.transport import Endpoint

HOST: Final = "127.0.0.1"
REGISTER_SECONDS: Final = 60

log = get_logger(__name__)


class Caller(Protocol):
    """Who hears of a call that was placed or taken."""

    def answered(self, session: DialogId, answer: bytes | None) -> None: ...

    def ended(self, status: int) -> None:
        """Over; 200 for a conversation that has ended, else why there was none."""

    def reoffered(self) -> bytes:
        """Our description once more: the centre changes something."""


class Phone(Protocol):
    """Whose phone rings."""

    def rings(self, session: DialogId, caller: str, offer: bytes | None) -> Caller:
        """Somebody calls; the one who hears what becomes of it."""


@dataclass(slots=True)
class Account:
    """A phone's registration, as `GET /api/phone` gives it."""

    user: str
    aor: str
    password: str
    contact: str = field(default_factory=lambda: uuid4().hex)
    call_id: str = field(default_factory=lambda: uuid4().hex)
    cseq: int = 1


class Phones:
    """All phones and callers of the crowd. `port` is the centre's for SIP over UDP."""

    def __init__(self, port: int) -> None:
        self._tokens = SeededTokens(os.urandom(32))
        agent = UserAgent(AgentConfig(most_sessions=2_000), self._tokens)
        self._endpoint = Endpoint(agent, self._hear)
        self._endpoint.guard.trust(["127.0.0.0/8"])
        self._port = port
        self._attempts: dict[str, Caller] = {}
        self._sessions: dict[DialogId, Caller] = {}
        self._phones: dict[str, Phone] = {}
        self._registering: dict[str, Callable[[int], None]] = {}

    async def start(self) -> None:
        await self._endpoint.start()

    async def stop(self) -> None:
        """Hang up what is up."""
        for session in list(self._sessions):
            self.hang_up(session)
        await self._endpoint.stop()

    # Out

    def call(self, caller: Caller, number: str, dialled: str, description: bytes) -> str:
        """Place a call; the result names it until it is answered."""
        attempt = self._endpoint.agent.invite(
            Call(
                SipUri(HOST, dialled, port=self._port),
                NameAddr(SipUri(HOST, number)),
                flow=self._flow(),
                sdp=description,
                contact_user=number,
            ),
            self._endpoint.now(),
        )
        self._attempts[attempt] = caller
        self._endpoint.flush()
        return attempt

    def give_up(self, attempt: str) -> None:
        """Cancel a call that is not answered."""
        if attempt in self._attempts:
            self._endpoint.agent.cancel(attempt, self._endpoint.now())
            self._endpoint.flush()

    def hang_up(self, session: DialogId) -> None:
        """No error when it is over."""
        if session in self._sessions:
            self._endpoint.agent.hang_up(session, self._endpoint.now())
            self._endpoint.flush()

    def answer(self, session: DialogId, description: bytes) -> None:
        """Take a call that rings; no error when it is over."""
        if session in self._sessions:
            self._endpoint.agent.answer(session, self._endpoint.now(), description)
            self._endpoint.flush()

    # Registering

    def register(self, account: Account, phone: Phone, done: Callable[[int], None]) -> None:
        """Register or refresh; `done` hears the status. `done` of an earlier try that is under way is not called."""
        self._phones[account.contact] = phone
        aor = NameAddr(SipUri(HOST, account.aor))
        _, port = self._endpoint.local_addresses[Transport.UDP]
        message = Message(
            "REGISTER",
            SipUri(HOST, port=self._port),
            aor,
            remote=aor,
            flow=self._flow(),
            headers=(
                ("Contact", f"<sip:{account.contact}@{HOST}:{port}>"),
                ("Expires", str(REGISTER_SECONDS)),
            ),
            digest=DigestClient(Credentials(account.user, account.password), self._tokens),
            call_id=account.call_id,
            cseq=account.cseq,
        )
        account.cseq += 10  # room for the answers to challenges
        self._registering[self._endpoint.agent.send(message, self._endpoint.now())] = done
        self._endpoint.flush()

    def _flow(self) -> Flow:
        return Flow(Transport.UDP, self._endpoint.local_addresses[Transport.UDP], (HOST, self._port))

    # In

    def _hear(self, event: Event) -> None:
        match event:
            case IncomingCall():
                self._rung(event)
            case Answered() if (caller := self._attempts.pop(event.attempt, None)) is not None:
                self._sessions[event.session] = caller
                caller.answered(event.session, event.answer)
            case AttemptFailed() if (caller := self._attempts.pop(event.attempt, None)) is not None:
                caller.ended(event.cause.status)
            case SessionEnded() if (caller := self._sessions.pop(event.session, None)) is not None:
                caller.ended(200)
            case Reoffer() if (caller := self._sessions.get(event.session)) is not None:
                self._endpoint.agent.accept_offer(event.exchange, caller.reoffered(), self._endpoint.now())
            case Replied() if (done := self._registering.pop(event.client, None)) is not None:
                done(event.status)
            case _:
                pass

    def _rung(self, event: IncomingCall) -> None:
        uri = event.request.uri
        phone = self._phones.get(uri.user or "") if isinstance(uri, SipUri) else None
        agent, now = self._endpoint.agent, self._endpoint.now()
        if phone is None:
            agent.reject(event.session, 404, now)
            return
        caller = event.request.from_.uri
        number = caller.user or "" if isinstance(caller, SipUri) else ""
        agent.ring(event.session, now)
        self._sessions[event.session] = phone.rings(event.session, number, event.offer)
