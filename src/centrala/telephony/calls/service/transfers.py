"""Transfers: blind and attended, from the desk and by a phone's REFER; joining calls; parking.

A transfer never touches the parties who stay: their legs keep sitting in a room, or move to another one. What is ours
is done by seats and moves; what a phone asks for by REFER ends in the same.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from centrala.telephony.calls.causes import Cause, ours
from centrala.telephony.calls.errors import CannotMeet, Gone, NotNow
from centrala.telephony.calls.events import LegMoved, TransferAsked, TransferFailed, TransferKind, Transferred
from centrala.telephony.calls.hearing import Role
from centrala.telephony.calls.ports import Target
from centrala.telephony.calls.service.context import Context
from centrala.telephony.calls.service.dialing import Dialer
from centrala.telephony.calls.service.endings import Endings
from centrala.telephony.calls.service.recordings import Recordings
from centrala.telephony.calls.service.rooms import Rooms
from centrala.telephony.calls.state import UNANSWERED, Call, Dialing, Leg
from centrala.telephony.calls.streams import LegKind
from centrala.telephony.media import MediaGone, MediaRefused
from centrala.telephony.sip.agent.events import TransferProgress, TransferRequested
from centrala.telephony.sip.dialog import DialogId
from centrala.telephony.sip.errors import NotAllowed
from centrala.telephony.sip.headers.small import Replaces
from centrala.telephony.sip.uri import SipUri, Uri

MAX_IN_ROOM: Final = 16  # legs, as the engine has it


@dataclass(slots=True, eq=False)
class _Asked:
    """A REFER of a phone that waits for somebody above."""

    leg: Leg
    transfer: str


class Transfers:
    def __init__(
        self, context: Context, rooms: Rooms, endings: Endings, dialer: Dialer, recordings: Recordings
    ) -> None:
        self._context = context
        self._rooms = rooms
        self._endings = endings
        self._dialer = dialer
        self._recordings = recordings
        self._asked: dict[str, _Asked] = {}

    # Blind, ours

    async def blind(self, leg: Leg, targets: Sequence[Target], *, limit: float, report: str | None = None) -> Dialing:
        """Take `leg` out of its call and dial its successor; in the call's turn. Those who stay hear music meanwhile.

        `report` names the REFER that asked for it. When nobody answers `TransferFailed` is told, and whoever stays
        waits with music until somebody above decides; without anybody staying the call ends.
        """
        call = leg.call
        stay = [one for one in call.live_legs() if one is not leg and one.talking and not one.supervising]
        if not stay:
            raise NotNow("there is nobody to transfer")
        call.lasting += 1
        for one in stay:
            one.sit(Role.HELD)
        if report is None:
            leg.role = Role.APART
        dialing = await self._dialer.dial(call, targets, limit=limit)
        dialing.result.add_done_callback(
            lambda _: self._context.spawn(call, self._blind_over(leg, dialing, stay, report))
        )
        if report is None:
            self._endings.hang_up(leg, ours(Cause.TRANSFERRED))
        await self._rooms.rehear(call)
        return dialing

    async def _blind_over(self, leg: Leg, dialing: Dialing, stay: list[Leg], report: str | None) -> None:
        call, outcome = dialing.call, dialing.result.result()
        context = self._context
        async with call.turn:
            if outcome.leg is not None:
                for one in stay:
                    if one.call is call and one.role is Role.HELD:
                        one.sit(Role.PARTY)
                self._report(report, 200)
                if leg.live:
                    leg.role = Role.APART
                    self._endings.hang_up(leg, ours(Cause.TRANSFERRED))
                context.emit(
                    Transferred(
                        call_id=call.id,
                        leg_id=leg.id,
                        at=context.clock(),
                        kind=TransferKind.BLIND,
                        to_leg_id=outcome.leg,
                    )
                )
            else:
                status = outcome.ending.sip if outcome.ending else 480
                self._report(report, status if status >= 300 else 480)
                if leg.live and leg.talking:
                    for one in stay:
                        one.sit(Role.PARTY if one.role is Role.HELD else one.role)
                context.emit(TransferFailed(call_id=call.id, leg_id=leg.id, at=context.clock(), status=status))
            call.lasting -= 1
            await self._rooms.rehear(call)

    # Attended, ours: one leg steps out, the others stay together

    async def complete(self, leg: Leg) -> None:
        """The consulting leg leaves; who was held and who was consulted talk with each other."""
        call = leg.call
        stay = [one for one in call.live_legs() if one is not leg and one.talking and not one.supervising]
        if len(stay) < 2:
            raise NotNow("two parties must stay")
        for one in stay:
            if one.role is Role.HELD:
                one.sit(Role.PARTY)
                self._context.keep_dialog(one)
        leg.role = Role.APART
        await self._rooms.rehear(call)
        self._endings.hang_up(leg, ours(Cause.TRANSFERRED))
        self._context.emit(
            Transferred(
                call_id=call.id,
                leg_id=leg.id,
                at=self._context.clock(),
                kind=TransferKind.ATTENDED,
                to_leg_id=stay[-1].id,
            )
        )

    # Two calls become one

    async def join(
        self,
        into: Call,
        other: Call,
        *,
        without: frozenset[Leg] = frozenset(),
        joined: Callable[[], None] = lambda: None,
    ) -> Call:
        """Move the talking legs of `other` into `into`; in both turns. Those in `without` are hung up after `joined`.

        Returns the call in which everybody is. Raises `CannotMeet`, and nothing has changed.
        """
        if into is other:
            raise NotNow("it is one call already")
        moving = [leg for leg in other.live_legs() if leg.talking and leg not in without]
        staying = [leg for leg in into.live_legs() if leg.talking and leg not in without]
        if not moving or not staying:
            raise Gone("there is nobody to join")
        if len(into.live_legs()) + len(moving) > MAX_IN_ROOM:
            raise CannotMeet(f"a room holds {MAX_IN_ROOM} legs")
        if any(leg.stream.kind is LegKind.WEB for leg in moving) and not any(
            leg.stream.kind is LegKind.WEB for leg in staying
        ):
            # A browser's leg cannot change the worker; a telephone's can.
            into, other, moving = other, into, staying
        await self._move_all(moving, into, other)
        await self._recordings.move(other, into)
        joined()
        for leg in without:
            leg.role = Role.APART
            self._endings.hang_up(leg, ours(Cause.TRANSFERRED))
        for leg in into.live_legs():
            if leg.role is Role.HELD:
                leg.sit(Role.PARTY)
        into.heard = None
        await self._rooms.rehear(into)
        for leg in other.live_legs():
            self._endings.hang_up(leg, ours(Cause.TRANSFERRED if leg.talking else Cause.CANCELLED))
        await self._endings.settle(other, ours(Cause.TRANSFERRED))
        return into

    async def _move_all(self, legs: Sequence[Leg], into: Call, other: Call) -> None:
        moved: list[Leg] = []
        try:
            for leg in legs:
                await self._context.media.move_leg(leg.name, into.room)
                moved.append(leg)
        except (MediaRefused, MediaGone) as error:
            other.heard = None
            await asyncio.gather(
                *(self._context.media.move_leg(leg.name, other.room) for leg in moved), return_exceptions=True
            )
            await self._rooms.rehear(other)
            raise CannotMeet(f"the legs cannot meet: {getattr(error, 'code', 'the engine is away')}") from error
        context = self._context
        for leg in legs:
            other.legs.pop(leg.id, None)
            leg.call, leg.music = into, None
            into.add(leg)
            if leg.role in {Role.HELD, Role.PARKED}:
                leg.sit(Role.PARTY)
            context.keep_leg(leg)
            context.keep_dialog(leg)
            context.emit(LegMoved(call_id=into.id, leg_id=leg.id, at=context.clock(), came_from=other.id))
        if other.ending is None:
            other.ending = ours(Cause.TRANSFERRED)
        into.forwards = min(into.forwards, other.forwards)
        if into.project_id is None and other.project_id is not None:
            into.project_id = other.project_id
            context.keep_call(into)

    # A phone's REFER

    def requested(self, leg: Leg, event: TransferRequested) -> None:
        """A REFER names another call of ours (Replaces), or somebody to call."""
        other = self._replaced(event.replaces)
        if other is None or other is leg:
            self._ask(leg, event.transfer, str(event.target.uri))
        elif (other.phone_id, other.trunk_id) != (leg.phone_id, leg.trunk_id):
            # RFC 3891 5: who knows the tags of a dialog is not yet its owner.
            self._context.counters["phone_transfers_of_others"] += 1
            self.refuse(event.transfer, leg, 403)
        elif other.state in UNANSWERED:
            self._context.spawn(other.call, self._ring_anew(leg, other, event.transfer))
        else:
            self._context.spawn(leg.call, self._attended_by_phone(leg, other, event.transfer))

    def _ask(self, leg: Leg, transfer: str, target: str) -> None:
        if not leg.talking:
            self.refuse(transfer, leg, 603)
            return
        self._asked[transfer] = _Asked(leg, transfer)
        at = self._context.clock()
        self._context.emit(TransferAsked(call_id=leg.call.id, leg_id=leg.id, at=at, transfer=transfer, target=target))

    async def _ring_anew(self, leg: Leg, other: Leg, transfer: str) -> None:
        """The consulted party still rings: as a blind transfer to whom the phone has dialled (RFC 5589 7.6)."""
        async with other.call.turn:
            target = SipUri("transfer.invalid", other.call.callee)  # only the user is read
            self._endings.hang_up(other, ours(Cause.CANCELLED))
        async with leg.call.turn:
            self._ask(leg, transfer, str(target))

    def _replaced(self, replaces: Replaces | None) -> Leg | None:
        # RFC 3891 3: the tags are as we, who would get the INVITE, see them.
        if replaces is None:
            return None
        return self._context.by_session.get(DialogId(replaces.call_id, replaces.to_tag, replaces.from_tag))

    async def _attended_by_phone(self, leg: Leg, other: Leg, transfer: str) -> None:
        endpoint, context = self._context.endpoint, self._context
        call_id = leg.call.id
        async with context.both_turns(leg.call, other.call):
            try:
                endpoint.agent.accept_transfer(transfer, self._context.now())
                endpoint.flush()
                to = await self._join_for_phone(leg, other, transfer)
            except NotAllowed:
                context.counters["phone_transfers_crossed"] += 1
                return
            except (NotNow, Gone, CannotMeet):
                context.counters["phone_transfers_failed"] += 1
                self._report(transfer, 488)
                return
            at, kind = context.clock(), TransferKind.ATTENDED
            context.emit(Transferred(call_id=call_id, leg_id=leg.id, at=at, kind=kind, to_leg_id=to))

    async def _join_for_phone(self, leg: Leg, other: Leg, transfer: str) -> UUID | None:
        """Join the calls of a phone's two legs, and let both go."""
        to = next((one for one in other.call.live_legs() if one is not other and one.talking), None)
        # RFC 3515 2.4.5: the NOTIFY of success leaves before the BYE that ends its dialog.
        await self.join(
            leg.call, other.call, without=frozenset({leg, other}), joined=lambda: self._report(transfer, 200)
        )
        return to.id if to else None

    def take(self, transfer: str) -> Leg:
        """Accept a REFER that was told as `TransferAsked`. Raises `Gone`."""
        asked = self._asked.pop(transfer, None)
        if asked is None or not asked.leg.live:
            raise Gone("the transfer is over")
        endpoint = self._context.endpoint
        try:
            endpoint.agent.accept_transfer(transfer, self._context.now())
        except NotAllowed as error:
            raise Gone("the transfer is over") from error
        endpoint.flush()
        return asked.leg

    def refuse(self, transfer: str, leg: Leg | None = None, status: int = 603) -> None:
        """Refuse a REFER. No error when it is over."""
        asked = self._asked.pop(transfer, None)
        if asked is None and leg is None:
            return
        endpoint = self._context.endpoint
        try:
            endpoint.agent.refuse_transfer(transfer, self._context.now(), status)
        except NotAllowed:
            self._context.counters["phone_transfers_crossed"] += 1
        endpoint.flush()

    def _report(self, transfer: str | None, status: int) -> None:
        if transfer is None:
            return
        endpoint = self._context.endpoint
        try:
            endpoint.agent.report_transfer(transfer, status, self._context.now())
        except NotAllowed:
            self._context.counters["reports_too_late"] += 1
        endpoint.flush()

    def forget(self, leg: Leg) -> None:
        for name in [name for name, asked in self._asked.items() if asked.leg is leg]:
            del self._asked[name]

    # Our REFER: the peer calls somebody by itself

    def refer(self, leg: Leg, target: Uri) -> None:
        """Ask the peer to call `target` and leave us. Raises `NotNow`."""
        endpoint = self._context.endpoint
        if leg.session is None or not leg.talking:
            raise NotNow("the leg is not answered")
        try:
            endpoint.agent.refer(leg.session, target, self._context.now())
        except NotAllowed as error:
            raise NotNow(str(error)) from error
        endpoint.flush()

    def progressed(self, leg: Leg, event: TransferProgress) -> None:
        """How the peer fares with our REFER."""
        if not event.final:
            return
        context = self._context
        at, call_id = context.clock(), leg.call.id
        if event.status < 300:
            kind = TransferKind.BLIND
            context.emit(Transferred(call_id=call_id, leg_id=leg.id, at=at, kind=kind, to_leg_id=None))
            self._endings.hang_up(leg, ours(Cause.TRANSFERRED))
        else:
            context.emit(TransferFailed(call_id=call_id, leg_id=leg.id, at=at, status=event.status))
