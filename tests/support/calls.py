"""Sample rows of calls."""

from uuid import UUID

from centrala.kit.ids import new_id
from centrala.kit.work import Work
from centrala.telephony.calls.models import CallRow, LegRow, RecordingRow


async def a_call(unit: Work, project: UUID | None) -> UUID:
    """A call with a leg and a recording."""
    call = new_id()
    unit.session.add(
        CallRow(
            id=call,
            project_id=project,
            node="main",
            direction="in",
            caller="+37369123456",
            callee="+37322000001",
            started_at=unit.now,
        )
    )
    await unit.session.flush()
    common = {"call_id": call, "project_id": project, "started_at": unit.now}
    leg = {"direction": "in", "kind": "rtp", "peer": "+37369123456", "display": "", "local": "+37322000001"}
    unit.session.add_all(
        [
            LegRow(id=new_id(), sip_call_id="a@b", **leg, **common),
            RecordingRow(id=new_id(), path=f"{call}.wav", marks=[], **common),
        ]
    )
    return call
