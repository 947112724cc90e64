"""What the parts of the service share: the live calls, the way to SIP, media and store, and the turns."""

import asyncio
import contextlib
import os
from collections import Counter
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from centrala.kit.clock import Clock, utc_now
from centrala.kit.ids import new_id
from centrala.kit.logging import get_logger
from centrala.telephony.calls import rows
from centrala.telephony.calls.errors import Gone
from centrala.telephony.calls.events import CallEvent
from centrala.telephony.calls.machine import LegState
from centrala.telephony.calls.ports import Endpoint, LoopTimers, Timers
from centrala.telephony.calls.state import Call, Leg, Recording
from centrala.telephony.calls.store import CallStore, Kind
from centrala.telephony.calls.streams import MediaPolicy
from centrala.telephony.media import MediaCommands
from centrala.telephony.media.types import PlayName
from centrala.telephony.sip.dialog import DialogId
from centrala.telephony.sip.digest import DigestClient
from centrala.telephony.sip.errors import NotAllowed

log = get_logger(__name__)

MAX_CALLS: Final = 4_000  # calls at once; the media engine takes 4,096 rooms


@dataclass(frozen=True, slots=True, kw_only=True)
class CallSettings:
    """How this node's calls behave. Times in seconds."""

    node: str = "main"
    recordings: Path = Path("recordings")
    music: str | None = None  # sound file for who is on hold; None: silence
    ring_limit: float = 60.0  # for a dialled phone that says nothing of its own
    headers: tuple[str, ...] = ()  # of an INVITE that are handed up
    silence: float = 0.0  # without a packet from somebody who talks, and the leg is given up; 0: never

    def heard(self, policy: MediaPolicy) -> MediaPolicy:
        """A leg's policy with this node's limit, where it has none of its own."""
        return policy if policy.timeout_ms else replace(policy, timeout_ms=int(self.silence * 1000))


Listener = Callable[[CallEvent], None]


@dataclass(slots=True, eq=False)
class Context:
    endpoint: Endpoint
    media: MediaCommands
    store: CallStore
    settings: CallSettings = field(default_factory=CallSettings)
    timers: Timers = field(default_factory=LoopTimers)
    clock: Clock = utc_now
    credentials: Callable[[UUID], DigestClient | None] = lambda _trunk: None  # of a trunk, for calls taken up
    random_bytes: Callable[[int], bytes] = os.urandom
    calls: dict[UUID, Call] = field(default_factory=dict)
    legs: dict[UUID, Leg] = field(default_factory=dict)
    by_session: dict[DialogId, Leg] = field(default_factory=dict)
    by_attempt: dict[str, Leg] = field(default_factory=dict)
    plays: dict[PlayName, tuple[Call, Callable[[str], None] | None]] = field(default_factory=dict)
    recordings: dict[str, tuple[Call, Recording]] = field(default_factory=dict)  # by the engine's name
    listeners: list[Listener] = field(default_factory=list)
    counters: Counter[str] = field(default_factory=Counter)
    tasks: set[asyncio.Task[None]] = field(default_factory=set)
    on_fault: Callable[[Call], None] | None = None

    def now(self) -> float:
        """Monotonic seconds for the agent, also before its endpoint has started: calls are taken up first."""
        try:
            return self.endpoint.now()
        except RuntimeError:
            return asyncio.get_running_loop().time()

    # Telling

    def emit(self, event: CallEvent) -> None:
        for listener in list(self.listeners):
            try:
                listener(event)
            except Exception:
                # The edge of somebody else's code: their fault must not stop the call.
                self.counters["listener_faults"] += 1
                log.exception("A listener of the calls failed.", event=type(event).__name__)

    # Turns

    def spawn(self, call: Call | None, step: Coroutine[Any, Any, None]) -> None:
        """Do a step of a call in the background; steps of one call wait for each other by its turn."""
        task = asyncio.get_running_loop().create_task(self._edge(call, step))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def _edge(self, call: Call | None, step: Coroutine[Any, Any, None]) -> None:
        try:
            await step
        except Gone:
            self.counters["steps_too_late"] += 1
        except Exception:
            # The edge of a call: a fault ends this call and no other.
            self.counters["step_faults"] += 1
            log.exception("A step of a call failed.", call_id=str(call.id) if call else "")
            if self.on_fault is not None and call is not None:
                self.on_fault(call)

    @asynccontextmanager
    async def turn(self, leg: Leg) -> AsyncIterator[Call]:
        """The turn of the call that the leg is in now."""
        while True:
            call = leg.call
            async with call.turn:
                if leg.call is call:
                    yield call
                    return

    @asynccontextmanager
    async def both_turns(self, one: Call, other: Call) -> AsyncIterator[None]:
        """The turns of two calls, always in the same order."""
        first, second = sorted((one, other), key=lambda call: call.id)
        async with first.turn:
            if first is second:
                yield
                return
            async with second.turn:
                yield

    # Finding

    def leg(self, leg_id: UUID) -> Leg:
        found = self.legs.get(leg_id)
        if found is None or not found.live:
            raise Gone("the leg is over")
        return found

    def call(self, call_id: UUID) -> Call:
        found = self.calls.get(call_id)
        if found is None:
            raise Gone("the call is over")
        return found

    # Keeping

    def keep_call(self, call: Call) -> None:
        self.store.put(
            Kind.CALL, call.id, call.id, lambda: rows.call_row(call, self.settings.node), project=call.project_id
        )

    def keep_leg(self, leg: Leg) -> None:
        self.store.put(Kind.LEG, leg.id, leg.call.id, lambda: rows.leg_row(leg), project=leg.call.project_id)

    def keep_recording(self, recording: Recording, call: Call) -> None:
        self.store.put(
            Kind.RECORDING,
            recording.id,
            call.id,
            lambda: rows.recording_row(recording, call),
            project=call.project_id,
        )

    def keep_dialog(self, leg: Leg, foreseen: dict[str, Any] | None = None) -> None:
        """The leg's dialog and stream as they are when the row is written; `foreseen` while it is not answered yet."""
        self.store.put(Kind.DIALOG, leg.id, leg.call.id, lambda: self._dialog_row(leg, foreseen))

    def _dialog_row(self, leg: Leg, foreseen: dict[str, Any] | None) -> dict[str, Any] | None:
        session = foreseen
        if leg.session is not None:
            with contextlib.suppress(NotAllowed):  # not answered yet, or over
                session = self.endpoint.agent.store(leg.session, self.now())
        if session is None or leg.state is LegState.ENDED:
            return None
        return {
            "leg_id": leg.id,
            "call_id": leg.call.id,
            "node": self.settings.node,
            "stored_at": self.clock(),
            "state": {
                "session": session,
                "stream": leg.stream.to_dict(),
                "role": leg.role,
                "whispers_to": str(leg.whispers_to) if leg.whispers_to else None,
                "held": leg.held,
                "away": leg.away,
                "origin": leg.origin,
                "music": leg.music,
            },
        }

    def fresh_id(self) -> UUID:
        return new_id()
