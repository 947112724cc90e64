"""May this person call this number, and by which trunk? And what was used of the caps.

A call that counts is entered when it begins, under one lock for the whole centre: otherwise many calls that begin in
the same moment would all find the cap untouched, which is what thieves of telephone time do.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, case, func, literal, select, text, update
from sqlalchemy.dialects.postgresql import insert

from centrala.kit.ids import new_id
from centrala.kit.work import Work
from centrala.telephony.trunks.core import Choice, Load, Usable, choose
from centrala.telephony.trunks.events import cap_hit
from centrala.telephony.trunks.models import DialledCall, DiallingAlarm, Trunk
from centrala.telephony.trunks.numbers import Style, outward
from centrala.telephony.trunks.rights import CAPS, Dialled, Kind, Used, Verdict, Why, judge, price, read
from centrala.telephony.trunks.schemas import RuleForm
from centrala.telephony.trunks.schemas_dialling import CheckedTrunk, CheckIn, CheckOut, PassedTrunk, UsedOut
from centrala.telephony.trunks.service.caller_ids import shown_by, shown_numbers
from centrala.telephony.trunks.service.examples import rules_of
from centrala.telephony.trunks.service.prices import price_of
from centrala.telephony.trunks.service.rules import Standing, rights_out, standing
from centrala.telephony.trunks.service.watched import all_trunks, candidate, stored_usable

HOUR: Final = timedelta(hours=1)
DAY: Final = timedelta(hours=24)
MAX_ALARMS: Final = 100  # shown at once
_OF_PERSON: Final = "dialling.person"
_LOCK: Final = 0x43454E54_4449414C  # "CENTDIAL"


@dataclass(frozen=True, slots=True)
class Assessed:
    """Everything that a number, a person and a project come to."""

    dialled: Dialled
    verdict: Verdict
    standing: Standing
    per_minute: int
    used: Used
    used_by_all: Used


@dataclass(frozen=True, slots=True)
class Route:
    """A trunk for a call, with what this carrier gets."""

    trunk: Trunk
    sent: str
    shown: str


async def assess(work: Work, number: str, *, person_id: UUID | None, project_id: UUID | None) -> Assessed:
    """Whether a person may dial a number now. Changes nothing."""
    found = await standing(work, person_id=person_id, project_id=project_id)
    dialled = read(number, country=found.country)
    per_minute = await price_of(work, dialled.number)
    mine = await used(work, person_id) if person_id is not None else Used()
    everybody = await used(work, None)
    verdict = judge(dialled, found.rights, mine, (everybody, found.all_caps), per_minute=per_minute)
    return Assessed(dialled, verdict, found, per_minute, mine, everybody)


async def begin_call(
    work: Work, call_id: UUID, number: str, *, person_id: UUID | None, project_id: UUID | None
) -> Assessed:
    """Ask the same for a call that begins now, and count it if it may; a cap that refuses it raises an alarm.

    The caller has to look at `verdict`: a refusal is an answer here, so that its alarm is stored.
    """
    await work.session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    found = await assess(work, number, person_id=person_id, project_id=project_id)
    why = found.verdict.why
    if why in CAPS:
        await _alarm(work, why, found.verdict.allowed or 0, person_id if why.value.startswith(_OF_PERSON) else None)
    elif why is None and found.dialled.kind is not Kind.EMERGENCY and (found.dialled.counts or found.per_minute):
        work.session.add(
            DialledCall(
                id=new_id(),
                call_id=call_id,
                person_id=person_id,
                at=work.now,
                abroad=found.dialled.counts,
                per_minute=found.per_minute,
            )
        )
    return found


async def end_call(work: Work, call_id: UUID, *, seconds: int) -> None:
    """The call has ended after `seconds` of speech; one that did not count is no matter."""
    row = await work.session.scalar(
        select(DialledCall).where(DialledCall.call_id == call_id, DialledCall.ended_at.is_(None)).with_for_update()
    )
    if row is not None:
        row.ended_at, row.seconds, row.spent = work.now, seconds, price(row.per_minute, seconds)


def _elapsed(work: Work) -> ColumnElement[Any]:
    """Seconds since a call began."""
    return func.extract("epoch", literal(work.now) - DialledCall.at)


async def end_lost_calls(work: Work, alive: Collection[UUID]) -> int:
    """End the calls that are not among those alive, such as those of a crash; returns how many.

    Nobody knows how long they lasted, so the time up to now counts: too much rather than too little.
    """
    elapsed = _elapsed(work)
    lost = (
        update(DialledCall)
        .where(DialledCall.ended_at.is_(None), DialledCall.call_id.not_in(list(alive)))
        .values(ended_at=work.now, seconds=elapsed, spent=DialledCall.per_minute * func.ceil(elapsed / 60))
        .returning(DialledCall.id)
    )
    return len((await work.session.execute(lost)).all())


async def used(work: Work, person_id: UUID | None) -> Used:
    """What a person (None: the whole centre) has used. Calls that go on count up to now."""
    elapsed, going = _elapsed(work), DialledCall.ended_at.is_(None)
    seconds = case((going, elapsed), else_=DialledCall.seconds)
    spent = case((going, DialledCall.per_minute * func.ceil(elapsed / 60)), else_=DialledCall.spent)
    query = select(
        func.count().filter(DialledCall.abroad, DialledCall.at > work.now - HOUR),
        func.coalesce(func.sum(seconds).filter(DialledCall.abroad), 0),
        func.coalesce(func.sum(spent), 0),
    ).where(DialledCall.at > work.now - DAY)
    if person_id is not None:
        query = query.where(DialledCall.person_id == person_id)
    calls, total, cost = (await work.session.execute(query)).one()
    return Used(calls=calls, seconds=int(total), spent=int(cost))


async def _alarm(work: Work, why: Why, allowed: int, person_id: UUID | None) -> None:
    """One alarm for a cap, a subject and a day; the calls that it refuses further are counted in it."""
    statement = insert(DiallingAlarm).values(
        id=new_id(), cap=why.value, person_id=person_id, day=work.now.date(), at=work.now, allowed=allowed, refused=1
    )
    counted = statement.on_conflict_do_update(
        index_elements=["cap", "person_id", "day"], set_={"refused": DiallingAlarm.refused + 1}
    ).returning(DiallingAlarm.id, DiallingAlarm.refused)
    alarm_id, refused = (await work.session.execute(counted)).one()
    if refused == 1:
        work.trace("dialling.cap_hit", "dialling_alarm", alarm_id, cap=why.value, allowed=allowed)
        work.tell(cap_hit(alarm_id, cap=why.value, person_id=person_id))


async def list_alarms(work: Work) -> Sequence[DiallingAlarm]:
    """The newest alarms."""
    return (await work.session.scalars(select(DiallingAlarm).order_by(DiallingAlarm.at.desc()).limit(MAX_ALARMS))).all()


async def routes_for(
    work: Work,
    dialled: Dialled,
    project_id: UUID | None,
    *,
    loads: Mapping[UUID, Load],
    now: float,
    draw: Callable[[int], int],
    usable: Mapping[UUID, Usable] | None = None,
) -> tuple[list[Route], Choice]:
    """The trunks for a call in their order, each with what its carrier gets; and the whole choice with its reasons.

    `loads` and `usable` are what this node knows itself; without `usable` the health that was written last is taken.
    """
    trunks = {trunk.id: (trunk, health) for trunk, health in await all_trunks(work)}
    known = usable or {key: stored_usable(trunk, health) for key, (trunk, health) in trunks.items()}
    candidates = [candidate(trunk, known.get(key, Usable.UNKNOWN)) for key, (trunk, _) in trunks.items()]
    choice = choose(candidates, loads, now, draw=draw, emergency=dialled.kind is Kind.EMERGENCY)
    shown = await shown_numbers(work, project_id)
    return [_route(trunks[one.id][0], dialled, shown) for one in choice.order], choice


def _route(trunk: Trunk, dialled: Dialled, shown: dict[UUID | None, str]) -> Route:
    rules = rules_of([RuleForm.model_validate(rule) for rule in trunk.rules_out])
    sent = outward(dialled.number, style=Style(trunk.number_out), country=trunk.country, rules=rules)
    return Route(trunk, sent, shown_by(trunk, shown))


async def check(work: Work, form: CheckIn) -> CheckOut:
    """The same as for a call, with all its reasons, and without one."""
    found = await assess(work, form.number, person_id=form.person_id, project_id=form.project_id)
    loads = {trunk.id: Load(calls=health.calls) for trunk, health in await all_trunks(work) if health is not None}
    # The order within a priority is drawn anew for each call; here the heaviest trunk stands first.
    routes, choice = await routes_for(work, found.dialled, form.project_id, loads=loads, now=0.0, draw=lambda _: 0)
    why = found.verdict.why or (None if routes else Why.NO_TRUNK)
    return CheckOut(
        number=found.dialled.number,
        kind=found.dialled.kind,
        country=found.dialled.country,
        allowed=why is None,
        why=why,
        cap=found.verdict.allowed,
        longest_seconds=found.verdict.longest,
        per_minute=found.per_minute,
        rights=rights_out(found.standing.rights),
        rules=list(found.standing.scopes),
        used=UsedOut.model_validate(found.used, from_attributes=True),
        used_by_all=UsedOut.model_validate(found.used_by_all, from_attributes=True),
        trunks=[
            CheckedTrunk(id=route.trunk.id, name=route.trunk.name, sent=route.sent, shown=route.shown)
            for route in routes
        ],
        passed_over=[PassedTrunk(id=one.id, name=one.name, why=one.why) for one in choice.passed_over],
    )
