"""The sample centre's lines, and only the sample centre's."""

import asyncio

import pytest
from sqlalchemy import text

from centrala.flows.demo_lines import LINES
from centrala.kit.access import CENTRE
from interop.centre.conftest import Floor
from interop.exchange.conftest import until
from support.softphone import Softphone


@pytest.mark.parametrize("sample", [True, False], ids=["sample centre", "real centre"])
async def test_a_line_reaches_its_project_in_the_sample_centre_only(floor: Floor, *, sample: bool) -> None:
    number = "+37322000501" if sample else "+37322000502"
    project = await floor.project(number)
    await floor.queue(project)
    async with floor.database.begin(CENTRE) as session:
        await session.execute(text("UPDATE projects SET code = id::text WHERE code = :code"), {"code": LINES["1001"]})
        await session.execute(
            text("UPDATE projects SET code = :code WHERE id = :id"), {"code": LINES["1001"], "id": project}
        )
    await floor.kill()
    floor.settings = floor.settings.model_copy(update={"demo": sample})
    await floor.start()
    caller = Softphone(floor.port, user="visitor")
    floor.softphones.append(caller)
    await caller.start()
    line = await caller.dial("1001")
    if sample:
        await asyncio.wait_for(line.answered.wait(), 10)
        await until(lambda: any(one.project_id == project for one in floor.live.contacts.values()))
    else:
        await asyncio.wait_for(line.ended.wait(), 10)
        assert line.statuses[-1] == 401
