"""Versions: published, listed, rolled back. A version never changes; rolling back publishes an old one anew."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from centrala.ivr.check import FlowFrame
from centrala.ivr.difference import difference, same
from centrala.ivr.errors import FlowHasErrors, NothingToPublish
from centrala.ivr.events import flow_published
from centrala.ivr.machine.definition import FlowDefinition, SubFlowNode
from centrala.ivr.models import Flow, FlowVersion
from centrala.ivr.schemas import (
    FlowChecked,
    FlowVersionOut,
    FlowVersionWhole,
    PublishIn,
    RollBackIn,
    Severity,
)
from centrala.ivr.service.checking import check_flow
from centrala.ivr.service.flows import require_version, touch
from centrala.ivr.service.reach import (
    definition_of,
    draft_of,
    hold_active_flow,
    published_versions,
    reach_flow,
    reach_version,
)
from centrala.kit.ids import new_id
from centrala.kit.listing import ListQuery, Page
from centrala.kit.work import Work
from centrala.projects.service import read_project
from centrala.security.service import Account


async def publish_flow(work: Work, flow_id: UUID, form: PublishIn, *, read: int, hosts: Collection[str] = ()) -> Flow:
    """Let new calls run the draft. Refused while it has errors."""
    flow = await hold_active_flow(work, flow_id)
    await require_version(work, flow, read)
    draft = draft_of(flow)
    current = (await published_versions(work, [flow])).get(flow.id)
    if current is not None and same(definition_of(current), draft):
        raise NothingToPublish
    await _publish(work, flow, draft, hosts, note=form.note, traced="published")
    return flow


async def roll_back_flow(
    work: Work, flow_id: UUID, form: RollBackIn, *, read: int, hosts: Collection[str] = ()
) -> Flow:
    """Let new calls run an earlier version; the draft becomes that version too, and versions are only added."""
    flow = await hold_active_flow(work, flow_id)
    await require_version(work, flow, read)
    version = await reach_version(work, flow, form.version_id)
    if version.number == flow.published:
        raise NothingToPublish
    flow.draft = version.definition
    note = form.note or f"= {version.number}"
    await _publish(work, flow, definition_of(version), hosts, note=note, traced="rolled_back", to=version.number)
    return flow


async def _publish(
    work: Work,
    flow: Flow,
    definition: FlowDefinition,
    hosts: Collection[str],
    *,
    note: str,
    traced: str,
    **details: Any,
) -> None:
    checked, frame = await check_flow(work, flow, definition, hosts)
    refuse_errors(checked)
    subflows = frozen(definition, frame)
    latest = await work.session.scalar(select(func.max(FlowVersion.number)).where(FlowVersion.flow_id == flow.id))
    number = (latest or 0) + 1
    project = await read_project(work, flow.project_id)
    work.session.add(
        FlowVersion(
            id=new_id(),
            project_id=flow.project_id,
            flow_id=flow.id,
            number=number,
            definition=definition.model_dump(mode="json"),
            subflows={str(one): sub.model_dump(mode="json") for one, sub in subflows.items()},
            languages=list(project.languages),
            note=note,
            published_at=work.now,
            published_by=work.access.account_id if work.access else None,
        )
    )
    flow.published = number
    touch(work, flow, traced, number=number, **details)
    work.tell(flow_published(flow.id, project_id=flow.project_id, number=number))
    work.later("ivr.render_flow", flow_id=str(flow.id), project_id=str(flow.project_id))


def refuse_errors(checked: FlowChecked) -> None:
    if not checked.publishable:
        errors = [one.model_dump(mode="json") for one in checked.findings if one.severity is Severity.ERROR]
        raise FlowHasErrors(extra={"findings": errors})


def frozen(definition: FlowDefinition, frame: FlowFrame) -> dict[UUID, FlowDefinition]:
    """The published versions of all flows that this one runs, however deep."""
    found: dict[UUID, FlowDefinition] = {}
    waiting = _run_by(definition)
    while waiting:
        flow_id = waiting.pop()
        if flow_id in found or flow_id not in frame.flows:
            continue
        found[flow_id] = frame.flows[flow_id]
        waiting |= _run_by(found[flow_id])
    return found


def _run_by(definition: FlowDefinition) -> set[UUID]:
    return {node.flow_id for node in definition.nodes if isinstance(node, SubFlowNode) and node.flow_id is not None}


async def list_versions(work: Work, flow_id: UUID, query: ListQuery) -> Page[FlowVersionOut]:
    """The versions of a flow, the newest first, each with what it changed."""
    flow = await reach_flow(work, flow_id)
    numbered = select(FlowVersion).where(FlowVersion.flow_id == flow.id).order_by(FlowVersion.number.desc())
    first = (query.page - 1) * query.page_size
    # One more than is shown: the oldest of the page is compared with it.
    rows = (await work.session.scalars(numbered.offset(first).limit(query.page_size + 1))).all()
    total = await work.session.scalar(
        select(func.count()).select_from(FlowVersion).where(FlowVersion.flow_id == flow.id)
    )
    items = await _show(work, flow, rows)
    return Page(items=items[: query.page_size], total=total or 0, page=query.page, page_size=query.page_size)


async def read_version(work: Work, flow_id: UUID, version_id: UUID) -> FlowVersionWhole:
    flow = await reach_flow(work, flow_id)
    version = await reach_version(work, flow, version_id)
    before = await work.session.scalar(
        select(FlowVersion).where(FlowVersion.flow_id == flow.id, FlowVersion.number == version.number - 1)
    )
    shown = await _show(work, flow, [version, before] if before else [version])
    return FlowVersionWhole(**shown[0].model_dump(), definition=definition_of(version))


async def _show(work: Work, flow: Flow, rows: Sequence[FlowVersion]) -> list[FlowVersionOut]:
    """Versions, the newest first; each is compared with the one behind it in `rows`."""
    people = {row.published_by for row in rows if row.published_by is not None}
    query = select(Account.id, Account.given_name, Account.family_name).where(Account.id.in_(people))
    names = {person: f"{given} {family}" for person, given, family in (await work.session.execute(query)).all()}
    definitions = [definition_of(row) for row in rows] + [FlowDefinition()]
    return [
        FlowVersionOut(
            id=row.id,
            number=row.number,
            note=row.note,
            published_at=row.published_at,
            published_by=row.published_by,
            published_by_name=names.get(row.published_by, "") if row.published_by else "",
            current=row.number == flow.published,
            difference=difference(definitions[place + 1], definitions[place]),
        )
        for place, row in enumerate(rows)
    ]
