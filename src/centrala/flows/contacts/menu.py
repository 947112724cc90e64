"""Carries the commands of a flow out: `ivr.machine` decides, telephony does, the answers go back.

A run is fed in the listener or at the end of a command's task, never while it is being fed; each command that takes
time is a task of its own, which `StopCommand` and the end of the call cancel.
"""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from centrala.flows.contacts.aids import Aids
from centrala.flows.contacts.endings import Endings
from centrala.flows.contacts.line import Line
from centrala.flows.contacts.mailbox import Mailbox, unasked
from centrala.flows.contacts.shared import Shared
from centrala.flows.contacts.state import MAX_MENU_PATH, Contact, Stage
from centrala.flows.contacts.voice import Voice
from centrala.ivr.machine import commands, events
from centrala.ivr.machine.run import Run
from centrala.kit.logging import get_logger
from centrala.routing.service import Close, OfferCallback, Overflow
from centrala.telephony.calls.causes import Cause
from centrala.telephony.calls.errors import CallError
from centrala.telephony.calls.hearing import Role
from centrala.telephony.calls.service.sounds import CollectEnd
from centrala.telephony.media.types import What

log = get_logger(__name__)

CAUSES: Final = {
    "normal": Cause.ANSWERED,
    "busy": Cause.BUSY,
    "unavailable": Cause.UNREACHABLE,
    "rejected": Cause.REFUSED,
}


@dataclass(slots=True, eq=False)
class FlowRun:
    """A flow that a contact is in. `queued`: the command that put it into a queue; `ended`: nothing is fed any more."""

    run: Run
    version_id: UUID | None = None  # None: a draft, which no restart brings back
    tasks: dict[int, asyncio.Task[None]] = field(default_factory=dict)
    queued: int | None = None
    timer: asyncio.TimerHandle | None = None
    ended: bool = False
    feeding: bool = False
    unheard: list[Any] = field(default_factory=list)

    def dump(self) -> dict[str, Any]:
        """For the store."""
        return {"version_id": str(self.version_id), "queued": self.queued, "data": self.run.dump()}

    def end(self) -> None:
        self.ended = True
        if self.timer is not None:
            self.timer.cancel()
        current = asyncio.current_task()
        for task in list(self.tasks.values()):
            if task is not current:
                task.cancel()
        self.tasks.clear()


class Menus:
    def __init__(self, shared: Shared, line: Line, endings: Endings, voice: Voice, aids: Aids) -> None:
        self._shared = shared
        self._line = line
        self._endings = endings
        self._voice = voice
        self._aids = aids
        self._mailbox = Mailbox(shared, voice, aids)
        self.transfer: Callable[[Contact, Any], None] = lambda _contact, _command: None
        endings.go_on_without = self.operator_left

    # Feeding

    def begin(self, contact: Contact, run: Run, version_id: UUID | None = None) -> None:
        contact.run = FlowRun(run, version_id)
        contact.language = contact.language or run.state.language
        self.feed(contact, events.BeginEvent())

    def feed(self, contact: Contact, event: Any) -> None:
        """Tell the run; do what it wants, in order."""
        flow: FlowRun | None = contact.run
        if flow is None or flow.ended:
            return
        flow.unheard.append(event)
        if flow.feeding:
            return
        flow.feeding = True
        try:
            while flow.unheard and not flow.ended:
                for command in flow.run.feed(flow.unheard.pop(0), self._now()):
                    self._do(contact, flow, command)
        finally:
            flow.feeding = False
        self._arm(contact, flow)
        self._shared.changed(contact)

    def go_on(self, contact: Contact) -> None:
        """After a restart: what waits for an answer is asked again. Who is in a queue is there already."""
        flow: FlowRun | None = contact.run
        if flow is None:
            if contact.stage is not Stage.WAITING:
                self._endings.over(contact, contact.result or "interrupted")
            return
        for command in flow.run.waiting:
            reached = isinstance(command, commands.TransferCommand) and contact.stage is not Stage.MENU
            if not reached and not isinstance(command, commands.QueueCommand):
                contact.seat = None  # a person whom a flow was ringing; they are rung anew
                self._do(contact, flow, command)
        self._arm(contact, flow)

    def _now(self) -> float:
        return self._shared.clock().timestamp()

    def _arm(self, contact: Contact, flow: FlowRun) -> None:
        if flow.timer is not None:
            flow.timer.cancel()
            flow.timer = None
        deadline = flow.run.deadline
        if deadline is not None and not flow.ended:
            delay = max(0.0, deadline - self._now())
            loop = asyncio.get_running_loop()
            flow.timer = loop.call_later(delay, lambda: self.feed(contact, events.TimePassedEvent()))

    def _do(self, contact: Contact, flow: FlowRun, command: Any) -> None:
        match command:
            case commands.StopCommand():
                self._stop(flow, command.command)
            case commands.NotedCommand():
                self._noted(contact, command)
            case commands.RatedCommand():
                self._rated(contact, command)
            case commands.QueueCommand():
                flow.queued = command.id
                self._forget(contact)
                self._line.queue(
                    contact,
                    command.queue_id,
                    priority=command.priority,
                    skills=command.skills,
                    language=command.language,
                )
            case commands.TransferCommand():
                flow.queued = command.id
                self._forget(contact)
                self.transfer(contact, command)
            case commands.HangUpCommand():
                self._hang_up(contact, command)
            case _:
                self._start(contact, flow, command, self._step(contact, command))

    def _forget(self, contact: Contact) -> None:
        """Keys that were pressed while waiting or talking answer no question that comes after it."""
        if contact.client is not None:
            self._shared.calls.forget_digits(contact.client)

    def _start(self, contact: Contact, flow: FlowRun, command: Any, step: Coroutine[Any, Any, Any]) -> None:
        async def run() -> None:
            try:
                answer = await step
            except CallError:
                answer = events.FailedEvent(id=command.id)
            except Exception:
                # The edge of one command: the flow has an exit for what fails.
                log.exception("A step of a flow failed.", kind=command.kind, interaction_id=str(contact.id))
                answer = events.FailedEvent(id=command.id)
            flow.tasks.pop(command.id, None)
            self.feed(contact, answer)

        flow.tasks[command.id] = self._shared.aside(contact, run())

    def _stop(self, flow: FlowRun, command_id: int) -> None:
        task = flow.tasks.pop(command_id, None)
        if task is not None and task is not asyncio.current_task():
            task.cancel()

    # Commands that take time; each returns the event that answers it

    def _step(self, contact: Contact, command: Any) -> Coroutine[Any, Any, Any]:
        steps: dict[str, Callable[[Contact, Any], Coroutine[Any, Any, Any]]] = {
            "answer": self._answer,
            "play": self._play,
            "collect": self._collect,
            "voicemail": self._mailbox.take,
            "order_callback": self._callback,
            "lookup": self._aids.lookup,
            "hours": self._aids.hours,
            "http": self._aids.http,
        }
        return steps[command.kind](contact, command)

    async def _answer(self, contact: Contact, command: Any) -> Any:
        if contact.client is not None:
            await self._shared.calls.answer(contact.client, role=Role.APART)
            await self._shared.calls.keep_digits(contact.client)
        return events.StartedEvent(id=command.id)

    def _leg(self, contact: Contact) -> UUID:
        if contact.client is None:
            raise CallError
        return contact.client

    async def _quiet(self, contact: Contact) -> None:
        """The flow speaks while the client waits: the music stops for it."""
        if contact.stage is Stage.WAITING:
            await self._line.silence(contact)

    async def _play(self, contact: Contact, command: Any) -> Any:
        await self._quiet(contact)
        what = await self._voice.sounds(contact, command.sounds)
        digit = "" if what is None else await self._heard(contact, what, interruptible=command.interruptible)
        await self._loud(contact)
        return events.PlayedEvent(id=command.id, digit=digit)

    async def _heard(self, contact: Contact, what: What, *, interruptible: bool) -> str:
        """Play to the end; the key that ended it, or nothing."""
        if not interruptible:
            await self._shared.told(contact, self._leg(contact), what)
            return ""
        collected = await self._shared.calls.collect(
            self._leg(contact), wanted=1, terminators="", prompt=what, first=0.01, between=0.01, peeks=True
        )
        return collected.digits

    async def _loud(self, contact: Contact) -> None:
        if contact.stage is Stage.WAITING:
            self._shared.step(contact, self._line.music(contact))

    async def _collect(self, contact: Contact, command: Any) -> Any:
        await self._quiet(contact)
        prompt = await self._voice.sounds(contact, command.sounds)
        if prompt is not None and not command.interruptible:
            await self._shared.told(contact, self._leg(contact), prompt)
            prompt = None
        collected = await self._shared.calls.collect(
            self._leg(contact),
            wanted=command.most,
            terminators=command.terminators,
            prompt=prompt,
            first=command.first_seconds,
            between=command.between_seconds,
            fresh=command.fresh or contact.stage is Stage.WAITING,  # keys pressed to the music mean nothing
        )
        await self._loud(contact)
        if not collected.digits and collected.end is not CollectEnd.TERMINATOR:
            return events.NoInputEvent(id=command.id)
        return events.DigitsEvent(id=command.id, digits=collected.digits)

    async def _callback(self, contact: Contact, command: Any) -> Any:
        if command.keep_place and self._shared.knows(contact):
            ok = self._line.choose_callback(contact, command.number)
            contact.number = command.number if ok else contact.number
            return events.CallbackOrderedEvent(id=command.id, ok=ok)
        contact.number, contact.callback = command.number, True
        contact.result = None
        contact.language = command.language or contact.language
        self._line.queue(contact, command.queue_id, language=contact.demanded, callback=True)
        ok = self._shared.knows(contact)
        contact.callback = ok
        if ok:
            self._shared.tell(contact, "callback_ordered", queue_id=command.queue_id)
        return events.CallbackOrderedEvent(id=command.id, ok=ok)

    # Commands that are not answered

    def _noted(self, contact: Contact, command: Any) -> None:
        shared = self._shared
        if command.what == "language":
            contact.language = str(command.details.get("language") or "") or contact.language
            shared.note(contact, language=contact.language)
        elif command.what == "menu" and len(contact.menu_path) < MAX_MENU_PATH:
            contact.menu_path.append(str(command.details.get("label") or command.details.get("key") or ""))
        if command.what != "node":
            shared.tell(contact, command.what, node_id=command.node_id, **command.details)

    def _rated(self, contact: Contact, command: Any) -> None:
        top = 10 if "10" in str(command.scale) else 5
        self._shared.tell(contact, "rated", score=command.mark, scale=top, question=command.question)

    def _hang_up(self, contact: Contact, command: Any) -> None:
        """Nothing follows. A call-back that keeps its place outlives the call."""
        shared = self._shared
        if contact.callback and shared.knows(contact):
            self._endings.wait_absent(contact)
            return
        result = contact.result or ("answered" if contact.answered_at else RESULTS.get(command.why, "self_service"))
        if contact.client is not None and contact.answered_at is None and command.cause != "normal":
            shared.aside(contact, shared.calls.hang_up(contact.client, CAUSES[command.cause]))
        self._endings.over(contact, result, why=command.why)

    # What happens to who waits

    def connected(self, contact: Contact) -> None:
        flow: FlowRun | None = contact.run
        if flow is not None and flow.queued is not None:
            self.feed(contact, events.ConnectedEvent(id=flow.queued))

    def operator_left(self, contact: Contact) -> bool:
        """The operator has left and the client is there: whether the flow goes on with them."""
        flow: FlowRun | None = contact.run
        if flow is None or flow.ended or flow.queued is None or contact.client is None:
            return False
        command, flow.queued = flow.queued, None
        self._forget(contact)
        self._shared.step(contact, self._apart(contact))
        self.feed(contact, events.FinishedEvent(id=command))
        return True

    async def _apart(self, contact: Contact) -> None:
        if contact.client is not None and contact.stage is Stage.AFTER:
            await self._shared.calls.seat(contact.client, Role.APART)

    def offer_callback(self, contact: Contact, offered: OfferCallback) -> None:
        flow: FlowRun | None = contact.run
        if flow is not None and flow.queued is not None:
            wait = offered.expected_wait
            self.feed(contact, events.CallbackOfferedEvent(id=flow.queued, expected_seconds=wait))

    def overflowed(self, contact: Contact, decision: Overflow) -> None:
        """The router has moved the contact to another queue, or has let it go."""
        shared = self._shared
        kind, value = decision.to.kind.value, decision.to.value
        if kind == "queue":
            contact.queue_id = UUID(value)
            contact.queue = self._voice.queue_name(contact.queue_id)
            shared.tell(contact, "queued", queue_id=contact.queue_id, why=decision.reason.value)
            shared.changed(contact)
            return
        contact.result = "overflowed"
        how = HOW.get(kind, "overflow")
        if how == "hang_up" and decision.reason.value in {"closed", "no_operator"}:
            how = decision.reason.value
        self._left(contact, how, value)

    def closed(self, contact: Contact, decision: Close) -> None:
        """The contact has left the router and goes nowhere else."""
        reason = decision.reason.value
        if contact.stage is Stage.ABSENT:
            self._endings.over(contact, "callback", why=reason)
            return
        if reason in {"callback_exists", "called_again"}:
            return
        contact.result = "closed" if reason in {"closed", "no_operator"} else "overflowed"
        self._left(contact, reason if reason in {"closed", "no_operator"} else "hang_up", "")

    def _left(self, contact: Contact, how: str, target: str) -> None:
        shared = self._shared
        contact.offer = None
        contact.enter(Stage.MENU, shared.clock())
        shared.step(contact, self._line.silence(contact))
        self._forget(contact)
        flow: FlowRun | None = contact.run
        if flow is not None and not flow.ended and flow.queued is not None:
            command, flow.queued = flow.queued, None
            self.feed(contact, events.QueueLeftEvent(id=command, how=how, target=target))
            return
        alone = self._message(contact, target) if how == "voicemail" else self._farewell(contact, how)
        shared.aside(contact, alone)

    async def _message(self, contact: Contact, box: str) -> None:
        """Without a flow: take a message."""
        await self._mailbox.take(contact, unasked(contact, box))
        self._endings.over(contact, contact.result or "voicemail")

    async def _farewell(self, contact: Contact, how: str) -> None:
        """Without a flow: say why, and hang up."""
        what = await self._voice.sentence(contact, "closed" if how == "closed" else "no_operator")
        if what is not None and contact.client is not None:
            await self._shared.heard(contact, contact.client, what)
        self._endings.over(contact, contact.result or "closed", why=how)


HOW: Final = {"voicemail": "voicemail", "menu": "node", "number": "number", "hang_up": "hang_up"}
RESULTS: Final = {"closed": "closed", "callback": "callback", "voicemail": "voicemail"}
