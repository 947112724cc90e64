"""Flows over HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request, Response, status

from centrala.ivr import service
from centrala.ivr.schemas import (
    DraftIn,
    FlowChange,
    FlowChecked,
    FlowCheckIn,
    FlowCopy,
    FlowFile,
    FlowImport,
    FlowIn,
    FlowOut,
    FlowState,
    FlowVersionOut,
    FlowVersionWhole,
    FlowWhole,
    PublishIn,
    RollBackIn,
    SimulationIn,
    SimulationOut,
)
from centrala.kit.access import Permission
from centrala.kit.http import IfMatch, Routes, problems, reading, tag, working
from centrala.kit.listing import ListQuery, Page, list_query
from centrala.kit.settings import AppSettings
from centrala.kit.work import Work

router = Routes(prefix="/flows", tags=["flows"], responses=problems())

Reading = Annotated[Work, Depends(reading(Permission.FLOWS_READ), scope="function")]
Asking = Annotated[Work, Depends(working(Permission.FLOWS_READ), scope="function")]
Writing = Annotated[Work, Depends(working(Permission.FLOWS_WRITE), scope="function")]
Listing = Annotated[ListQuery, Depends(list_query)]


async def allowed_hosts(request: Request) -> tuple[str, ...]:
    """Servers that flows of this installation may ask."""
    settings: AppSettings = request.app.state.settings
    return settings.flows.http_hosts


Hosts = Annotated[tuple[str, ...], Depends(allowed_hosts)]


@router.get("", operation_id="list_flows")
async def list_flows(
    work: Reading, query: Listing, project_id: UUID | None = None, state: FlowState = FlowState.ACTIVE
) -> Page[FlowOut]:
    """Flows. Sort by `name` or `changed_at`."""
    found = await service.list_flows(work, query, project_id=project_id, state=state)
    items = await service.show_flows(work, found.rows)
    return Page(items=items, total=found.total, page=query.page, page_size=query.page_size)


@router.post("", operation_id="create_flow", status_code=status.HTTP_201_CREATED, responses=problems(409))
async def create_flow(work: Writing, form: FlowIn, response: Response) -> FlowWhole:
    flow = await service.create_flow(work, form)
    tag(response, flow.version)
    return await service.show_flow(work, flow)


@router.post("/import", operation_id="import_flow", status_code=status.HTTP_201_CREATED, responses=problems(409))
async def import_flow(work: Writing, form: FlowImport, response: Response) -> FlowWhole:
    """A new flow from a file; queues, calendars, prompts and flows are found by their names."""
    flow = await service.import_flow(work, form)
    tag(response, flow.version)
    return await service.show_flow(work, flow)


@router.get("/{flow_id}", operation_id="read_flow")
async def read_flow(work: Reading, flow_id: UUID, response: Response) -> FlowWhole:
    flow = await service.reach_flow(work, flow_id)
    tag(response, flow.version)
    return await service.show_flow(work, flow)


@router.patch("/{flow_id}", operation_id="change_flow", responses=problems(409, 412, 428))
async def change_flow(work: Writing, flow_id: UUID, form: FlowChange, read: IfMatch, response: Response) -> FlowWhole:
    flow = await service.change_flow(work, flow_id, form, read=read)
    tag(response, flow.version)
    return await service.show_flow(work, flow)


@router.put("/{flow_id}/draft", operation_id="save_flow_draft", responses=problems(409, 412, 428))
async def save_flow_draft(work: Writing, flow_id: UUID, form: DraftIn, read: IfMatch, response: Response) -> FlowWhole:
    """Replaces the draft, complete or not; calls notice nothing before it is published."""
    flow = await service.save_draft(work, flow_id, form.definition, read=read)
    tag(response, flow.version)
    return await service.show_flow(work, flow)


@router.post("/{flow_id}/check", operation_id="check_flow")
async def check_flow(work: Asking, flow_id: UUID, form: FlowCheckIn, hosts: Hosts) -> FlowChecked:
    """What is wrong with the draft, or with a definition that is not stored yet."""
    return await service.check_stored(work, flow_id, form.definition, hosts=hosts)


@router.post("/{flow_id}/publish", operation_id="publish_flow", responses=problems(409, 412, 428))
async def publish_flow(
    work: Writing, *, flow_id: UUID, form: PublishIn, read: IfMatch, hosts: Hosts, response: Response
) -> FlowWhole:
    """New calls run the draft from now on; running ones finish on their version. Refused while there are errors."""
    flow = await service.publish_flow(work, flow_id, form, read=read, hosts=hosts)
    tag(response, flow.version)
    return await service.show_flow(work, flow)


@router.get("/{flow_id}/versions", operation_id="list_flow_versions")
async def list_flow_versions(work: Reading, flow_id: UUID, query: Listing) -> Page[FlowVersionOut]:
    """The published versions, the newest first."""
    return await service.list_versions(work, flow_id, query)


@router.get("/{flow_id}/versions/{version_id}", operation_id="read_flow_version")
async def read_flow_version(work: Reading, flow_id: UUID, version_id: UUID) -> FlowVersionWhole:
    return await service.read_version(work, flow_id, version_id)


@router.post("/{flow_id}/rollback", operation_id="roll_back_flow", responses=problems(409, 412, 428))
async def roll_back_flow(
    work: Writing, *, flow_id: UUID, form: RollBackIn, read: IfMatch, hosts: Hosts, response: Response
) -> FlowWhole:
    """Publishes an earlier version anew; it replaces the draft too."""
    flow = await service.roll_back_flow(work, flow_id, form, read=read, hosts=hosts)
    tag(response, flow.version)
    return await service.show_flow(work, flow)


@router.post("/{flow_id}/copy", operation_id="copy_flow", status_code=status.HTTP_201_CREATED, responses=problems(409))
async def copy_flow(work: Writing, flow_id: UUID, form: FlowCopy, response: Response) -> FlowWhole:
    flow = await service.copy_flow(work, flow_id, form)
    tag(response, flow.version)
    return await service.show_flow(work, flow)


@router.post("/{flow_id}/archive", operation_id="archive_flow", responses=problems(409, 412, 428))
async def archive_flow(work: Writing, flow_id: UUID, read: IfMatch, response: Response) -> FlowWhole:
    flow = await service.archive_flow(work, flow_id, read=read)
    tag(response, flow.version)
    return await service.show_flow(work, flow)


@router.post("/{flow_id}/restore", operation_id="restore_flow", responses=problems(409, 412, 428))
async def restore_flow(work: Writing, flow_id: UUID, read: IfMatch, response: Response) -> FlowWhole:
    flow = await service.restore_flow(work, flow_id, read=read)
    tag(response, flow.version)
    return await service.show_flow(work, flow)


@router.get("/{flow_id}/file", operation_id="read_flow_file")
async def read_flow_file(work: Reading, flow_id: UUID) -> FlowFile:
    """The draft as a file for `import`."""
    return await service.file_of_flow(work, flow_id)


@router.post("/{flow_id}/simulate", operation_id="simulate_flow")
async def simulate_flow(work: Asking, flow_id: UUID, form: SimulationIn) -> SimulationOut:
    """What the flow does with a caller who does what the events say. Nothing is called, sent or recorded."""
    return await service.simulate(work, flow_id, form)
