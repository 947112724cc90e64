"""What the calls ask of the world: an endpoint of SIP, timers, and somebody who knows trunks and phones."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol
from uuid import UUID

from centrala.telephony.calls.causes import Cause
from centrala.telephony.calls.events import Party
from centrala.telephony.calls.streams import MediaPolicy
from centrala.telephony.sip.agent.core import UserAgent
from centrala.telephony.sip.agent.events import IncomingCall
from centrala.telephony.sip.digest import DigestClient
from centrala.telephony.sip.flow import Flow
from centrala.telephony.sip.headers.address import NameAddr
from centrala.telephony.sip.uri import Uri


class Endpoint(Protocol):
    """A user agent with its transports. Its events come to `Calls.on_event`."""

    @property
    def agent(self) -> UserAgent: ...

    def now(self) -> float:
        """Monotonic seconds, for the agent."""

    def flush(self) -> None:
        """Carry out what the agent has put out; called after each command."""


class Timer(Protocol):
    def cancel(self) -> object: ...


class Timers(Protocol):
    def after(self, seconds: float, action: Callable[[], None]) -> Timer: ...


class LoopTimers:
    """Timers of the running event loop."""

    def after(self, seconds: float, action: Callable[[], None]) -> Timer:
        return asyncio.get_running_loop().call_later(seconds, action)


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Who a call that comes is from, and by what rules it is taken. `callee` as E.164 or SIP user."""

    caller: Party
    callee: str
    trunk_id: UUID | None = None
    phone_id: UUID | None = None
    project_id: UUID | None = None
    policy: MediaPolicy = field(default_factory=MediaPolicy)
    diverted_from: str = ""


Identify = Callable[[IncomingCall], Origin | Cause]
"""Tells where a call comes from, at once and without waiting; a `Cause` refuses it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A phone, browser or number to call, with the way to it.

    `local` is the identity that is shown. `flow` or `hop` say where the INVITE goes; neither: by the target's URI.
    """

    uri: Uri
    local: NameAddr
    peer: Party
    flow: Flow | None = None
    hop: str | None = None
    digest: DigestClient | None = None
    headers: tuple[tuple[str, str], ...] = ()
    policy: MediaPolicy = field(default_factory=MediaPolicy)
    trunk_id: UUID | None = None
    phone_id: UUID | None = None
    contact_user: str | None = None
