"""Callers of the sample centre come to a queue by the keys that the simulated customers press."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import select

from centrala.ivr.machine import commands as c
from centrala.ivr.machine import events as e
from centrala.ivr.machine.run import Run
from centrala.ivr.models import Flow
from centrala.ivr.service import Opened, open_number
from centrala.ivr.service.checking import check_flow
from centrala.ivr.service.reach import draft_of
from centrala.kit.access import CENTRE
from centrala.kit.clock import Clock
from centrala.kit.database import Database
from centrala.kit.work import Work, work
from centrala.node.crowd.customers import ERRANDS
from centrala.node.demo_data import fill

NUMBERS = {"ORB": "+441632960011", "TAXI": "+441632960021", "CARD": "+441632960031"}


@pytest.fixture
async def centre(database: Database, clock: Clock) -> AsyncIterator[Work]:
    async with work(database, CENTRE, clock=clock, way="demo") as unit:
        await fill(unit)
        yield unit


async def opened(unit: Work, code: str) -> Opened:
    found = await open_number(unit, NUMBERS[code])
    assert found is not None, "the number leads to a published flow"
    return found


def queue_after(run: Run, keys: list[str]) -> c.QueueCommand | None:
    """Where the caller comes to; everything is played to its end, and offices are open."""
    run.feed(e.BeginEvent(), 0.0)
    for _ in range(40):
        pending = run.state.pending
        assert pending is not None, run.ended
        number = getattr(pending, "id", 0)
        match pending:
            case c.QueueCommand():
                return pending
            case c.AnswerCommand():
                run.feed(e.StartedEvent(id=number), 0.0)
            case c.PlayCommand():
                run.feed(e.PlayedEvent(id=number), 0.0)
            case c.HoursCommand():
                run.feed(e.HoursAreEvent(id=number, state="open"), 0.0)
            case c.CollectCommand() if keys:
                run.feed(e.DigitsEvent(id=number, digits=keys.pop(0).rstrip("#")), 0.0)
            case _:
                run.feed(e.NoInputEvent(id=number), 0.0)
    return None


async def test_nothing_is_wrong_with_the_flows(centre: Work) -> None:
    flows = (await centre.session.scalars(select(Flow))).all()
    assert len(flows) == 3
    for flow in flows:
        checked, _ = await check_flow(centre, flow, draft_of(flow), ())
        assert checked.findings == [], flow.name


@pytest.mark.parametrize("code", sorted(NUMBERS))
async def test_every_simulated_customer_comes_to_a_queue_in_their_language(centre: Work, code: str) -> None:
    begun = await opened(centre, code)
    reached = set()
    for language, language_key in ERRANDS[code].languages:
        for keys in ERRANDS[code].keys:
            run = begun.run({"caller": "+447700900123"})
            queue = queue_after(run, [key for key in (language_key, keys) if key])
            assert queue is not None, (language, keys)
            assert run.state.language == language
            reached.add(queue.queue_id)
    assert len(reached) == len(set(ERRANDS[code].keys))


async def test_the_digits_of_a_card_are_shown_nowhere(centre: Work) -> None:
    run = (await opened(centre, "CARD")).run({})
    queue_after(run, ["1", "1234"])
    assert run.state.variables["identified"] is True
    assert run.shown["card_digits"] == "•••"
