"""Records of calls to look at."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import pytest

from centrala.kit.access import Wall
from centrala.kit.database import Database
from centrala.kit.ids import ProjectId, new_id
from centrala.kit.work import work
from centrala.telephony.calls.models import CallRow, LegRow
from conftest import TurnedClock

MakeCall = Callable[..., Awaitable[UUID]]


@pytest.fixture
def make_call(database: Database, clock: TurnedClock) -> MakeCall:
    """A call with one leg; `leg` and the other names set columns."""

    async def make(project: UUID | None, *, leg: dict[str, Any] | None = None, **columns: Any) -> UUID:
        call = new_id()
        projects = frozenset({ProjectId(project)}) if project else frozenset[ProjectId]()
        values: dict[str, Any] = {
            "direction": "in", "caller": "+37369123456", "callee": "+37322000001", "started_at": clock(), **columns,
        }  # fmt: skip
        peer: dict[str, Any] = {
            "direction": "in", "kind": "rtp", "peer": values["caller"], "display": "Ana Rusu",
            "local": values["callee"],
            "sip_call_id": "x@carrier", "started_at": values["started_at"], **(leg or {}),
        }  # fmt: skip
        async with work(database, Wall(centre=True, projects=projects), clock=clock) as unit:
            unit.session.add(CallRow(id=call, project_id=project, node="main", **values))
            await unit.session.flush()
            unit.session.add(LegRow(id=new_id(), call_id=call, project_id=project, **peer))
        return call

    return make
