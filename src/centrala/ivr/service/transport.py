"""A flow as a file: out of one centre, into another."""

from uuid import UUID

from centrala.ivr.models import Flow
from centrala.ivr.schemas import FlowFile, FlowImport, FlowIn
from centrala.ivr.service.flows import create_flow
from centrala.ivr.service.reach import draft_of, reach_flow
from centrala.kit.work import Work


async def file_of_flow(work: Work, flow_id: UUID) -> FlowFile:
    flow = await reach_flow(work, flow_id)
    return FlowFile(name=flow.name, note=flow.note, definition=draft_of(flow), names={})


async def import_flow(work: Work, form: FlowImport) -> Flow:
    """A new flow from a file, as a draft."""
    return await create_flow(
        work,
        FlowIn(
            project_id=form.project_id,
            name=form.name or form.file.name,
            note=form.file.note,
            definition=form.file.definition,
        ),
    )
