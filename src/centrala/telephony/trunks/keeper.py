"""Keeps the trunks' registrations and watches going, over an endpoint that it is given.

Theory of operation. Every trunk has a `Registration` (when it registers), a time of its next OPTIONS (when it is
watched) and a `Health`. One timer stands for the earliest deadline of all. The endpoint hands every event to
`on_event`; the answers to our requests are known by their tokens. Nothing here waits, so the same code runs on the
loop of the app and on the emulated network of the tests.
"""

import dataclasses
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol
from uuid import UUID

from centrala.telephony.sip.agent.core import UserAgent
from centrala.telephony.sip.agent.events import Event, Replied
from centrala.telephony.sip.agent.plain import Message
from centrala.telephony.sip.digest import Credentials, DigestClient
from centrala.telephony.sip.flow import Flow
from centrala.telephony.sip.headers.address import NameAddr
from centrala.telephony.sip.registration import Registration
from centrala.telephony.sip.tokens import TokenSource
from centrala.telephony.sip.uri import SipUri
from centrala.telephony.trunks.machine import Health

SPREAD: Final = 5.0  # seconds over which the first requests to many trunks are spread


class Endpoint(Protocol):
    """What `telephony.transport` gives: an agent with sockets and a clock."""

    @property
    def agent(self) -> UserAgent: ...

    def now(self) -> float: ...

    def flush(self) -> None: ...


class Cancellable(Protocol):
    """A planned call, such as asyncio's `TimerHandle`."""

    def cancel(self) -> None: ...


CallAt = Callable[[float, Callable[[], None]], Cancellable]
"""Plans a call at a moment of the endpoint's clock, as `loop.call_at` does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """What the keeper needs to know of a trunk. A different value is a changed trunk."""

    id: UUID
    enabled: bool = True
    registers: bool
    transport: str
    host: str
    port: int | None = None
    proxy: str = ""
    user: str = ""
    realm: str = ""
    password: str = field(default="", repr=False)
    expires: int = 300
    watch_seconds: int = 60


def carrier_uri(one: Watched, *, user: str | None = None) -> SipUri:
    """The carrier's address, with the transport when it is not UDP."""
    params: dict[str, str | None] = {} if one.transport == "udp" else {"transport": one.transport}
    return SipUri(_host(one.host), user, one.port, params=params)


def hop_of(one: Watched) -> str | None:
    """Where requests go when that is not the carrier's address."""
    if not one.proxy:
        return None
    return f"sip:{one.proxy};lr" + ("" if one.transport == "udp" else f";transport={one.transport}")


def account_of(one: Watched) -> NameAddr:
    """Our address at the carrier."""
    return NameAddr(SipUri(_host(one.host), one.user or None))


def _host(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def digest_of(one: Watched, tokens: TokenSource) -> DigestClient | None:
    """How to answer the carrier's challenges; None without a password."""
    if not one.user or not one.password:
        return None
    return DigestClient(Credentials(one.user, one.password, one.realm or None), tokens)


def registration_of(one: Watched, tokens: TokenSource, *, flow: Flow | None = None) -> Registration:
    """The registration of a trunk, not begun yet."""
    digest = DigestClient(Credentials(one.user, one.password, one.realm or None), tokens)
    return Registration(
        carrier_uri(one), account_of(one), tokens, digest=digest, flow=flow, hop=hop_of(one), expires=one.expires
    )


def options_message(one: Watched, *, digest: DigestClient | None = None, flow: Flow | None = None) -> Message:
    """The question whether somebody is there."""
    return Message(
        "OPTIONS",
        carrier_uri(one),
        account_of(one),
        flow=flow,
        hop=hop_of(one),
        headers=(("Accept", "application/sdp"),),
        digest=digest,
        contact=True,
    )


@dataclass(slots=True)
class _Kept:
    """One trunk under the keeper."""

    trunk: Watched
    health: Health
    registration: Registration | None
    next_options: float | None = None

    @property
    def deadline(self) -> float | None:
        times = [self.next_options, None if self.registration is None else self.registration.deadline]
        known = [time for time in times if time is not None]
        return min(known) if known else None


OnHealth = Callable[[UUID, Health, float | None], None]
"""Hears the health of a trunk whenever it changes, and when it is tried again (None: not planned)."""


class TrunkKeeper:
    """Registrations and watches of all trunks of a node."""

    def __init__(self, endpoint: Endpoint, tokens: TokenSource, *, call_at: CallAt, on_health: OnHealth) -> None:
        self._endpoint = endpoint
        self._tokens = tokens
        self._call_at = call_at
        self._on_health = on_health
        self._kept: dict[UUID, _Kept] = {}
        self._asked: dict[str, tuple[UUID, str]] = {}
        self._timer: Cancellable | None = None

    @property
    def health(self) -> dict[UUID, Health]:
        """The health of each trunk, for the choice."""
        return {trunk_id: kept.health for trunk_id, kept in self._kept.items()}

    def set(self, trunks: Sequence[Watched]) -> None:
        """Keep these trunks and no others. An unchanged one goes on undisturbed, a changed one begins anew."""
        wanted = {one.id: one for one in trunks}
        gone = [trunk_id for trunk_id, kept in self._kept.items() if wanted.get(trunk_id) != kept.trunk]
        for trunk_id in gone:
            self._drop(trunk_id)
        for one in trunks:
            if one.id not in self._kept:
                self._take(one)
        self._run()

    def stop(self) -> None:
        """End all registrations; what is sent here is the last."""
        for trunk_id in list(self._kept):
            self._drop(trunk_id)
        self._plan()
        self._endpoint.flush()

    def suspect(self, trunk_id: UUID) -> None:
        """A call over the trunk failed as if nobody were there: ask at once."""
        kept = self._kept.get(trunk_id)
        if kept is not None and kept.next_options is not None:
            kept.next_options = self._endpoint.now()
            self._run()

    def on_event(self, event: Event) -> bool:
        """Take an event of the endpoint; False when it is not ours."""
        if not isinstance(event, Replied):
            return False
        asked = self._asked.pop(event.client, None)
        if asked is None:
            return False
        trunk_id, method = asked
        kept = self._kept.get(trunk_id)
        if kept is not None:
            self._reply(kept, method, event)
        return True

    def _reply(self, kept: _Kept, method: str, event: Replied) -> None:
        now = self._endpoint.now()
        # The agent reports what it made up itself (time-out, no way) with a status too; only 408 means that we waited.
        status = event.status if event.response is not None or event.status == 408 else 0
        before = kept.health
        if method == "REGISTER" and kept.registration is not None:
            kept.registration.on_reply(event.response, event.status, now)
            asks_again = status == 423 and kept.registration.deadline == now  # a longer time was asked for
            if not asks_again:
                kept.health = before.on_registration(status, now)
        elif method == "OPTIONS":
            kept.health = before.on_options(status, now)
            kept.next_options = now + kept.health.recheck(kept.trunk.watch_seconds)
        if kept.health is not before:
            self._tell(kept)
        self._run()

    def _take(self, one: Watched) -> None:
        now = self._endpoint.now()
        health = Health(registers=one.registers, watched=bool(one.watch_seconds))
        kept = self._kept[one.id] = _Kept(one, health, None)
        if one.enabled:
            # Not all at once after a restart: carriers count that as an attack.
            first = now if len(self._kept) == 1 else now + SPREAD * self._tokens.below(1000) / 1000
            if one.registers:
                kept.registration = registration_of(one, self._tokens)
                kept.registration.start(first)
            if one.watch_seconds:
                kept.next_options = first
            kept.health = health.started(now)
        self._tell(kept)

    def _drop(self, trunk_id: UUID) -> None:
        kept = self._kept.pop(trunk_id)
        if kept.registration is not None:
            farewell = kept.registration.stop()
            if farewell is not None:
                self._endpoint.agent.send(farewell, self._endpoint.now())
        self._forget([token for token, (asked, _) in self._asked.items() if asked == trunk_id])

    def _forget(self, tokens: Collection[str]) -> None:
        for token in tokens:
            del self._asked[token]

    def _run(self) -> None:
        """Send what is due, and plan the next time."""
        now = self._endpoint.now()
        for kept in list(self._kept.values()):
            message = None if kept.registration is None else kept.registration.due(now)
            if message is not None:
                self._send(kept, message, now)
            if kept.next_options is not None and kept.next_options <= now:
                kept.next_options = None  # set again by the answer
                digest = None if kept.registration is None else kept.registration.digest
                self._send(kept, options_message(kept.trunk, digest=digest), now)
        self._endpoint.flush()
        self._plan()

    def _send(self, kept: _Kept, message: Message, now: float) -> None:
        token = self._endpoint.agent.send(message, now)
        self._asked[token] = (kept.trunk.id, message.method)

    def _plan(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        deadlines = [kept.deadline for kept in self._kept.values()]
        known = [deadline for deadline in deadlines if deadline is not None]
        if known:
            self._timer = self._call_at(min(known), self._run)

    def _tell(self, kept: _Kept) -> None:
        self._on_health(kept.trunk.id, kept.health, kept.deadline)


def same_for_the_screen(one: Health, other: Health) -> bool:
    """Whether two healths differ in nothing that is worth a row: the time of the last check alone is not."""
    return dataclasses.replace(one, checked_at=None) == dataclasses.replace(other, checked_at=None)
