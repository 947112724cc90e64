"""Runs a flow without a telephone: a whole call anew for each answer."""

from uuid import UUID

from centrala.ivr.schemas import SimulationIn, SimulationOut
from centrala.ivr.service.reach import reach_flow
from centrala.kit.work import Work


async def simulate(work: Work, flow_id: UUID, form: SimulationIn) -> SimulationOut:
    """What a flow does with a caller who does what the events say."""
    await reach_flow(work, flow_id)
    return SimulationOut(steps=[], waiting=[], variables={}, language="", path=[], flow_id=None, ended=None)
