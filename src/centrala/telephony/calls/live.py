"""The calls that are up, read from the process that has them; the rows in the store lag behind by moments."""

from typing import Protocol
from uuid import UUID

from centrala.kit.access import Permission, Wall
from centrala.kit.errors import NotFound, Unavailable
from centrala.kit.ids import ProjectId
from centrala.kit.personal import Kind, Masked
from centrala.kit.verbs import may
from centrala.kit.work import Work
from centrala.telephony.calls.causes import Cause
from centrala.telephony.calls.records import find_call
from centrala.telephony.calls.schemas import LiveCall, LiveCalls, LiveLeg
from centrala.telephony.calls.service import Calls
from centrala.telephony.calls.state import Call, Leg


class HasCalls(Protocol):
    @property
    def calls(self) -> Calls: ...


class Telephony(Protocol):
    """What keeps telephony running in this process; `exchange` is None while it does not."""

    @property
    def exchange(self) -> HasCalls | None: ...


def calls_of(telephony: Telephony | None) -> Calls | None:
    exchange = None if telephony is None else telephony.exchange
    return None if exchange is None else exchange.calls


def live_calls(work: Work, calls: Calls | None) -> LiveCalls:
    """The calls that this person sees: those of their projects, and those without one for the centre's people."""
    revealable = may(work, Permission.CALLS_REVEAL)
    found = [] if calls is None else [call for call in calls.live() if call.ended_at is None and _seen(work, call)]
    found.sort(key=lambda call: call.started_at)
    return LiveCalls(
        running=calls is not None, now=work.now, items=[_shown(call, revealable=revealable) for call in found]
    )


async def hang_up(work: Work, calls: Calls | None, call_id: UUID) -> None:
    """End a call for all its parties; the trail says who did it. A call that is over already is left as it is."""
    call = None if calls is None else calls.find(call_id)
    if call is None:
        row = await find_call(work, call_id)
        if calls is None and row.ended_at is None:
            raise Unavailable("Telephony does not run in this process.")
        return
    if not _seen(work, call):
        raise NotFound
    work.trace("call.hung_up", "call", call_id, project_id=call.project_id)
    assert calls is not None  # noqa: S101 - it has found the call
    await calls.end(call_id, Cause.ANSWERED)


def _seen(work: Work, call: Call) -> bool:
    """The wall of the store, for what is in memory (migration 0002)."""
    wall = Wall(centre=True) if work.access is None else work.access.wall
    return wall.centre if call.project_id is None else ProjectId(call.project_id) in wall.projects


def _shown(call: Call, *, revealable: bool) -> LiveCall:
    return LiveCall(
        id=call.id,
        project_id=call.project_id,
        direction=call.direction,
        caller=Masked.of(Kind.PHONE, call.caller, revealable=revealable),
        callee=Masked.of(Kind.PHONE, call.callee, revealable=revealable),
        started_at=call.started_at,
        answered_at=call.answered_at,
        recording=any(one.ended_at is None and not one.paused for one in call.recordings.values()),
        legs=[_leg(leg, revealable=revealable) for leg in call.live_legs()],
    )


def _leg(leg: Leg, *, revealable: bool) -> LiveLeg:
    return LiveLeg(
        id=leg.id,
        direction=leg.direction,
        state=leg.state,
        role=leg.role.value,
        peer=Masked.of(Kind.PHONE, leg.peer.number, revealable=revealable),
        trunk_id=leg.trunk_id,
        phone_id=leg.phone_id,
        since=leg.answered_at or leg.ringing_at or leg.started_at,
    )
