"""After a restart: who waited waits on, who talked still talks, what the flow asked is asked again.

Calls and phones were taken up before, the router knows the places. What died with the process are calls of ours that
nobody had answered (docs/calls.md): they are made again where an operator is still to be rung for, else they count as
not answered.
"""

from typing import Any
from uuid import UUID

from centrala.flows.contacts.centre import Centre
from centrala.flows.contacts.keep import Keeper
from centrala.flows.contacts.menu import FlowRun
from centrala.flows.contacts.plain import load
from centrala.flows.contacts.state import Contact, Stage
from centrala.ivr.machine.run import Run
from centrala.ivr.service import open_version
from centrala.kit.access import Wall
from centrala.kit.errors import NotFound
from centrala.kit.ids import ProjectId
from centrala.kit.logging import get_logger
from centrala.kit.work import work
from centrala.routing.service import OperatorId, Ring, WorkState
from centrala.telephony.calls.causes import Cause, ours
from centrala.telephony.calls.errors import CallError
from centrala.telephony.calls.hearing import Role

log = get_logger(__name__)


class Resume:
    def __init__(self, centre: Centre, keeper: Keeper) -> None:
        self._centre = centre
        self._shared = centre.shared
        self._keeper = keeper

    async def run(self) -> int:
        """Take everything up; the number of contacts that live on."""
        for state in await self._keeper.kept():
            try:
                contact = load(state)
            except (ValueError, KeyError, TypeError):
                log.exception("A contact could not be taken up.")
                continue
            await self._run_of(contact, state.get("run"))
            self._shared.contacts[contact.id] = contact
            if contact.call_id is not None:
                self._shared.by_call[contact.call_id] = contact
        taken = list(self._shared.contacts.values())
        for contact in taken:
            await self._go_on(contact)
            self._shared.changed(contact)
        strays = await self._shared.journal.close_strays([call.id for call in self._shared.calls.live()])
        log.info("Contacts were taken up.", contacts=len(self._shared.contacts), interrupted=len(strays))
        return len(self._shared.contacts)

    async def _run_of(self, contact: Contact, kept: dict[str, Any] | None) -> None:
        """The flow that the contact was in, on the version that it began with."""
        if kept is None:
            return
        wall = Wall(projects=frozenset({ProjectId(contact.project_id)}))
        version_id = UUID(kept["version_id"])
        try:
            async with work(self._shared.database, wall, clock=self._shared.clock) as unit:
                opened = await open_version(unit, version_id)
        except NotFound:
            return
        run = Run.restored(opened.version, kept["data"])
        contact.run = FlowRun(run, version_id=version_id, queued=kept["queued"])

    async def _go_on(self, contact: Contact) -> None:
        """What the contact does now, by who is still on the line."""
        if contact.stage is Stage.OVER:
            self._finish_wrap_ups(contact)
            return
        if contact.stage is Stage.ABSENT:
            self._ring_again(contact)
            return
        self._forget_lost(contact)
        if contact.client is None and contact.stage is not Stage.CALLING:
            self._lost(contact)
            return
        try:
            if contact.call_id is not None:
                await self._shared.calls.outlast(contact.call_id, on=True)
        except CallError:
            self._lost(contact)
            return
        self._stage(contact)

    def _stage(self, contact: Contact) -> None:
        endings = self._centre.endings
        match contact.stage:
            case Stage.MENU | Stage.AFTER:
                self._centre.menus.go_on(contact)
            case Stage.WAITING:
                self._shared.step(contact, self._centre.line.music(contact))
                self._centre.menus.go_on(contact)
                self._ring_again(contact)
            case Stage.TALKING if contact.seat is not None and contact.seat.leg_id is None:
                endings.operator_left(contact, contact.seat, ours(Cause.INTERRUPTED))
            case Stage.TALKING if contact.asking and contact.held:
                self._shared.step(contact, self._nobody_came(contact))
            case Stage.TALKING if not contact.held and contact.outside is None:
                self._shared.step(contact, self._together(contact))
            case Stage.CALLING:
                self._calling(contact)
            case _:
                return

    def _calling(self, contact: Contact) -> None:
        """Somebody was being called: that INVITE is lost."""
        endings, seat = self._centre.endings, contact.seat
        if contact.client is not None and seat is not None:
            self._centre.talk.ring_again(contact, seat)
        elif contact.client is not None and contact.queue_id is not None:
            self._centre.line.again(contact, contact.queue_id, why="restart", ahead=True)
        elif contact.callback and seat is not None:
            endings.callback_unanswered(contact, ours(Cause.INTERRUPTED))
        else:
            endings.over(contact, "interrupted")

    async def _together(self, contact: Contact) -> None:
        """The operator's phone was transferring the client (REFER): that is off, they talk on."""
        shared = self._shared
        call = None if contact.call_id is None else shared.calls.find(contact.call_id)
        leg = None if call is None or contact.client is None else call.legs.get(contact.client)
        if leg is not None and leg.role is Role.HELD:
            await shared.calls.seat(leg.id, Role.PARTY)

    async def _nobody_came(self, contact: Contact) -> None:
        """Who was being asked, or handed the client, was not reached: operator and client talk on."""
        shared = self._shared
        contact.asking = False
        shared.tell(contact, "not_answered", why="restart")
        if contact.client is not None:
            await shared.calls.seat(contact.client, Role.PARTY)
            contact.held = False
        shared.changed(contact)

    def _forget_lost(self, contact: Contact) -> None:
        """Legs that did not outlive the process."""
        call = None if contact.call_id is None else self._shared.calls.find(contact.call_id)
        alive = set() if call is None else {leg.id for leg in call.live_legs() if leg.talking}
        if contact.client not in alive:
            contact.client = None
        if contact.outside not in alive:
            contact.outside = None
        for seat in (contact.seat, contact.consult.seat if contact.consult else None):
            if seat is not None and seat.leg_id not in alive:
                seat.leg_id = None
        if contact.consult is not None and contact.consult.leg_id not in alive:
            contact.consult = None
        elif contact.consult is not None and contact.consult.seat is not None:
            self._shared.questions[contact.consult.contact] = contact
        for watcher in list(contact.watchers.values()):
            if watcher.leg_id not in alive:
                del contact.watchers[watcher.person_id]
        self._shared.own_legs(contact, alive - {contact.client})

    def _lost(self, contact: Contact) -> None:
        """The client is gone."""
        result = "answered" if contact.answered_at is not None else "interrupted"
        self._centre.endings.over(contact, contact.result or result, why="restart")

    def _finish_wrap_ups(self, contact: Contact) -> None:
        for person in list(contact.wrapping):
            until = self._shared.wrap_up_of(contact.id, person)
            if until is None:
                self._centre.endings.wrapped_up(contact, person)
            else:
                contact.wrapping[person] = until
        self._shared.release(contact)

    def _ring_again(self, contact: Contact) -> None:
        """An offer stood: its phone is rung anew for what is left of it."""
        state = self._shared.dispatcher.router.state
        known = state.contacts.get(self._shared.routed(contact))
        work_now = None if known is None else state.works.get(known.work)
        if work_now is None or work_now.state is not WorkState.RINGING or work_now.until is None:
            return
        name = OperatorId(work_now.operator.id)
        self._centre.offers.ring(Ring(name, work_now.contact, work_now.until, work_now.number))
