"""The trees of dispositions: each project has two, of causes and of outcomes."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import func, select

from centrala.interactions.errors import DispositionCircle, DispositionCodeTaken, DispositionInUse, OrderStale
from centrala.interactions.events import disposition_changed
from centrala.interactions.models import Disposition
from centrala.interactions.schemas import (
    DispositionChange,
    DispositionIn,
    DispositionKind,
    DispositionOrder,
    DispositionOut,
)
from centrala.kit.errors import InvalidField, NotFound, Refusal
from centrala.kit.http import same_version
from centrala.kit.ids import new_id
from centrala.kit.verbs import assign, refusing
from centrala.kit.work import Work
from centrala.projects.service import unknown_projects

MAX_DEPTH: Final = 6  # levels of a tree; deeper ones nobody finds their way in
MAX_NODES: Final = 5_000  # shown at once
_TAKEN: Final[Mapping[str, Callable[[], Refusal]]] = {
    "uq_dispositions_project_id_kind_code": DispositionCodeTaken,
}


async def list_dispositions(
    work: Work, *, project_id: UUID | None, kind: DispositionKind | None, archived: bool
) -> list[DispositionOut]:
    query = select(Disposition).order_by(Disposition.project_id, Disposition.position, Disposition.code)
    if project_id is not None:
        query = query.where(Disposition.project_id == project_id)
    if kind is not None:
        query = query.where(Disposition.kind == kind)
    if not archived:
        query = query.where(Disposition.archived_at.is_(None))
    rows = (await work.session.scalars(query.limit(MAX_NODES))).all()
    return [DispositionOut.model_validate(row) for row in rows]


async def read_disposition(work: Work, disposition_id: UUID) -> DispositionOut:
    return DispositionOut.model_validate(await _load(work, disposition_id))


async def create_disposition(work: Work, form: DispositionIn) -> DispositionOut:
    if await unknown_projects(work, [form.project_id]):
        raise _unknown("project_id")
    node = Disposition(id=new_id(), **form.model_dump(mode="json", exclude={"project_id", "parent_id"}))
    node.project_id, node.parent_id = form.project_id, form.parent_id
    await _check_parent(work, node, form.parent_id)
    async with refusing(work, _TAKEN):
        work.session.add(node)
    work.trace("disposition.created", "disposition", node.id, project_id=node.project_id)
    work.tell(disposition_changed(node.id, project_id=node.project_id))
    return DispositionOut.model_validate(node)


async def change_disposition(work: Work, disposition_id: UUID, form: DispositionChange, *, read: int) -> DispositionOut:
    node = await _hold(work, disposition_id, read=read)
    sent = form.sent()
    if "parent_id" in sent:
        await _check_parent(work, node, sent["parent_id"])
    plain = form.model_dump(mode="json", exclude={"parent_id"}, exclude_unset=True)
    values = plain | {name: sent[name] for name in sent.keys() & {"parent_id"}}
    async with refusing(work, _TAKEN):
        changed = assign(node, values)
        if not changed:
            return DispositionOut.model_validate(node)
        node.version += 1
    work.trace("disposition.changed", "disposition", node.id, project_id=node.project_id, fields=changed)
    work.tell(disposition_changed(node.id, project_id=node.project_id))
    return DispositionOut.model_validate(node)


async def archive_disposition(work: Work, disposition_id: UUID, *, read: int) -> DispositionOut:
    node = await _hold(work, disposition_id, read=read)
    if node.archived_at is not None:
        return DispositionOut.model_validate(node)
    below = select(func.count()).where(Disposition.parent_id == node.id, Disposition.archived_at.is_(None))
    if await work.session.scalar(below):
        raise DispositionInUse
    node.archived_at = work.now
    node.version += 1
    work.trace("disposition.archived", "disposition", node.id, project_id=node.project_id)
    work.tell(disposition_changed(node.id, project_id=node.project_id))
    return DispositionOut.model_validate(node)


async def restore_disposition(work: Work, disposition_id: UUID, *, read: int) -> DispositionOut:
    node = await _hold(work, disposition_id, read=read)
    if node.archived_at is None:
        return DispositionOut.model_validate(node)
    if node.parent_id is not None and (await _load(work, node.parent_id)).archived_at is not None:
        raise InvalidField("parent_id", "archived", "Restore the disposition above it first.")
    node.archived_at = None
    node.version += 1
    work.trace("disposition.restored", "disposition", node.id, project_id=node.project_id)
    work.tell(disposition_changed(node.id, project_id=node.project_id))
    return DispositionOut.model_validate(node)


async def order_dispositions(work: Work, form: DispositionOrder) -> list[DispositionOut]:
    """Put siblings into another order, all at once. Whoever does not know all of them has an old tree before them."""
    if await unknown_projects(work, [form.project_id]):
        raise _unknown("project_id")
    query = (
        select(Disposition)
        .where(
            Disposition.project_id == form.project_id,
            Disposition.kind == form.kind,
            Disposition.parent_id.is_(None) if form.parent_id is None else Disposition.parent_id == form.parent_id,
            Disposition.archived_at.is_(None),
        )
        .order_by(Disposition.id)  # two who order at one moment wait for each other
        .with_for_update()
    )
    siblings = {node.id: node for node in await work.session.scalars(query)}
    if siblings.keys() != set(form.ids) or len(siblings) != len(form.ids):
        raise OrderStale
    for position, node_id in enumerate(form.ids):
        node = siblings[node_id]
        if node.position != position:
            node.position = position
            node.version += 1
            work.trace("disposition.moved", "disposition", node.id, project_id=node.project_id)
            work.tell(disposition_changed(node.id, project_id=node.project_id))
    return [DispositionOut.model_validate(siblings[node_id]) for node_id in form.ids]


def _unknown(field: str) -> InvalidField:
    return InvalidField(field, "unknown_reference", "There is no such object, or it is not yours to see.")


async def _load(work: Work, disposition_id: UUID) -> Disposition:
    node = await work.session.scalar(select(Disposition).where(Disposition.id == disposition_id))
    if node is None:
        raise NotFound
    return node


async def _hold(work: Work, disposition_id: UUID, *, read: int) -> Disposition:
    query = select(Disposition).where(Disposition.id == disposition_id).with_for_update()
    node = await work.session.scalar(query)
    if node is None:
        raise NotFound

    async def current() -> DispositionOut:
        return DispositionOut.model_validate(node)

    await same_version(node, read, current)
    return node


async def _check_parent(work: Work, node: Disposition, parent_id: UUID | None) -> None:
    """The parent is of the same tree, and the node does not come to stand below itself or too deep."""
    if parent_id is None:
        return
    # One at a time: two moves that are each fine may together make a circle.
    await work.session.execute(select(func.pg_advisory_xact_lock(func.hashtext(str(node.project_id)))))
    tree = {one.id: one for one in await _tree(work, node.project_id)}
    parent = tree.get(parent_id)
    if parent is None or parent.kind != node.kind:
        raise _unknown("parent_id")
    if parent.archived_at is not None:
        raise InvalidField("parent_id", "archived", "This disposition is not in use any more.")
    above: UUID | None = parent_id
    depth = 1
    while above is not None:
        if above == node.id:
            raise DispositionCircle
        above, depth = tree[above].parent_id, depth + 1
    if depth > MAX_DEPTH:
        raise InvalidField("parent_id", "too_deep", f"At most {MAX_DEPTH} levels.", most=MAX_DEPTH)


async def _tree(work: Work, project_id: UUID) -> Sequence[Disposition]:
    return (await work.session.scalars(select(Disposition).where(Disposition.project_id == project_id))).all()
