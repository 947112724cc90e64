"""Runs a flow without a telephone: a whole call anew for each answer, so that nothing has to be remembered between."""

from datetime import datetime
from typing import Final
from uuid import UUID

from centrala.ivr.machine import commands as c
from centrala.ivr.machine import events as e
from centrala.ivr.machine.run import Run
from centrala.ivr.schemas import SimulationIn, SimulationOut, SimulationStep, TimedEvent
from centrala.ivr.service.opening import Opened, open_draft, open_version
from centrala.ivr.service.reach import reach_flow, reach_version
from centrala.kit.errors import NotFound
from centrala.kit.work import Work
from centrala.projects.service import hours_state

MAX_OWN_STEPS: Final = 100  # calendars that one simulation asks


async def simulate(work: Work, flow_id: UUID, form: SimulationIn) -> SimulationOut:
    """What a flow does with a caller who does what the events say. Calendars answer as they are at the moment given."""
    opened = await _opened(work, flow_id, form)
    run = opened.run({"caller": form.caller, "called": form.called, **form.variables})
    at = form.at or work.now
    begins = [one for one in form.events[:1] if isinstance(one.event, e.BeginEvent)]
    events = form.events if begins else [TimedEvent(event=e.BeginEvent()), *form.events]
    steps: list[SimulationStep] = []
    for timed in events:
        steps += await _step(work, run, timed, at, real_hours=form.real_hours)
    return SimulationOut(
        steps=steps,
        waiting=run.waiting,
        variables=run.shown,
        language=run.state.language,
        path=run.state.path,
        flow_id=run.state.flow,
        ended=run.ended,
    )


async def _opened(work: Work, flow_id: UUID, form: SimulationIn) -> Opened:
    if form.version_id is None:
        return await open_draft(work, flow_id, form.definition)
    version = await reach_version(work, await reach_flow(work, flow_id), form.version_id)
    return await open_version(work, version.id)


async def _step(work: Work, run: Run, timed: TimedEvent, start: datetime, *, real_hours: bool) -> list[SimulationStep]:
    """What the event causes; calendars that the flow asks then are answered at once."""
    steps: list[SimulationStep] = []
    following: e.Event | None = timed.event
    while following is not None and len(steps) < MAX_OWN_STEPS:
        ignored = run.ignored
        commands = run.feed(following, start.timestamp() + timed.at)
        steps.append(
            SimulationStep(event=following, commands=commands, node_id=run.state.node, ignored=run.ignored > ignored)
        )
        following = await _own_answer(work, run, start) if real_hours else None
    return steps


async def _own_answer(work: Work, run: Run, at: datetime) -> e.Event | None:
    """What the simulator knows by itself; everything else comes from whoever plays the caller."""
    pending = run.state.pending
    if not isinstance(pending, c.HoursCommand):
        return None
    try:
        state = await hours_state(work, pending.calendar_id, at)
    except NotFound:
        return e.FailedEvent(id=pending.id)
    return e.HoursAreEvent(id=pending.id, state=state)
