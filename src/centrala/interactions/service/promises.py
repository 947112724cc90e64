"""Call-backs that operators promise to customers."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import Select, select

from centrala.customers import service as customers
from centrala.interactions.errors import NotYours, PromiseDone
from centrala.interactions.events import promise_changed, promise_due
from centrala.interactions.models import Interaction, Promise
from centrala.interactions.schemas import PromiseChange, PromiseIn, PromiseOut, PromiseState, PromiseWhose
from centrala.interactions.service.reading import load_interaction, refuse_others
from centrala.kit.access import Permission
from centrala.kit.errors import InvalidField, NotFound
from centrala.kit.http import same_version
from centrala.kit.ids import AccountId, new_id
from centrala.kit.listing import ListQuery, Slice, Sorts, fetch
from centrala.kit.personal import Kind, Masked
from centrala.kit.verbs import assign, may
from centrala.kit.work import Work
from centrala.security.service import AccountProject

SORTS: Final[Sorts] = {"due_at": Promise.due_at, "created_at": Promise.created_at}
MAX_REMINDED: Final = 500  # promises reminded of in one transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseFilters:
    """What a list of promises is narrowed to."""

    whose: PromiseWhose = "mine"
    state: PromiseState = "open"
    project_id: UUID | None = None
    due_before: datetime | None = None


async def list_promises(work: Work, query: ListQuery, filters: PromiseFilters) -> Slice[PromiseOut]:
    found = await fetch(work.session, _matching(work, filters), query, SORTS, Promise.id)
    names = await customers.names_of(work, {row.customer_id for row in found.rows if row.customer_id is not None})
    return Slice(rows=[_shown(work, row, names) for row in found.rows], total=found.total)


def _matching(work: Work, filters: PromiseFilters) -> Select[Promise]:
    rows = select(Promise)
    if filters.whose == "mine":
        rows = rows.where(Promise.owner_id == _actor(work))
    if filters.state != "all":
        done = Promise.done_at.is_not(None)
        rows = rows.where(done if filters.state == "done" else ~done)
    if filters.project_id is not None:
        rows = rows.where(Promise.project_id == filters.project_id)
    if filters.due_before is not None:
        rows = rows.where(Promise.due_at < filters.due_before)
    return rows


async def read_promise(work: Work, promise_id: UUID) -> PromiseOut:
    return await _read(work, await _load(work, promise_id))


async def create_promise(work: Work, form: PromiseIn) -> PromiseOut:
    """Promise a call-back in one's own contact."""
    contact = await load_interaction(work, form.interaction_id)
    await refuse_others(work, contact)
    owner = form.owner_id or _actor(work)
    if owner is None:
        raise InvalidField("owner_id", "missing", "Say who calls back.")
    await _check_owner(work, contact.project_id, owner)
    promise = Promise(
        id=new_id(),
        project_id=contact.project_id,
        interaction_id=contact.id,
        customer_id=contact.customer_id,
        owner_id=owner,
        number=_number(form, contact),
        note=form.note,
        due_at=form.due_at,
        created_at=work.now,
    )
    work.session.add(promise)
    await work.session.flush()
    work.trace("promise.created", "promise", promise.id, project_id=promise.project_id)
    work.tell(promise_changed(promise.id, project_id=promise.project_id))
    return await _read(work, promise)


def _number(form: PromiseIn, contact: Interaction) -> str:
    return customers.normal_number(form.number) if form.number else contact.party_number


async def change_promise(work: Work, promise_id: UUID, form: PromiseChange, *, read: int) -> PromiseOut:
    promise = await _hold(work, promise_id, read=read)
    sent = form.sent()
    if "owner_id" in sent:
        await _check_owner(work, promise.project_id, sent["owner_id"])
    changed = assign(promise, sent)
    if changed:
        if "due_at" in changed or "owner_id" in changed:
            promise.reminded_at = None
        promise.version += 1
        work.trace("promise.changed", "promise", promise.id, project_id=promise.project_id, fields=changed)
        work.tell(promise_changed(promise.id, project_id=promise.project_id))
    return await _read(work, promise)


async def number_of_promise(work: Work, promise_id: UUID) -> str:
    """The number in the clear, for the program to dial it; whoever keeps the promise sees it masked."""
    return (await _load(work, promise_id)).number


async def keep_promise(work: Work, promise_id: UUID, *, read: int) -> PromiseOut:
    promise = await _hold(work, promise_id, read=read)
    promise.done_at, promise.done_by = work.now, _actor(work)
    promise.version += 1
    work.trace("promise.kept", "promise", promise.id, project_id=promise.project_id)
    work.tell(promise_changed(promise.id, project_id=promise.project_id))
    return await _read(work, promise)


async def remind(work: Work) -> int:
    """Tell of promises whose time has come, once each; returns how many. Behind a wall that shows all projects."""
    query = (
        select(Promise)
        .where(Promise.done_at.is_(None), Promise.reminded_at.is_(None), Promise.due_at <= work.now)
        .order_by(Promise.due_at)
        .limit(MAX_REMINDED)
        .with_for_update(skip_locked=True)
    )
    due = (await work.session.scalars(query)).all()
    for promise in due:
        promise.reminded_at = work.now
        promise.version += 1
        work.tell(promise_due(promise.id, project_id=promise.project_id, owner_id=promise.owner_id))
    return len(due)


def _actor(work: Work) -> AccountId | None:
    return work.access.account_id if work.access else None


async def _check_owner(work: Work, project_id: UUID, owner: UUID) -> None:
    """Whoever calls back works on the project, or is who promises."""
    if owner == _actor(work):
        return
    on = select(AccountProject.account_id).where(
        AccountProject.account_id == owner, AccountProject.project_id == project_id
    )
    if await work.session.scalar(on) is None:
        raise InvalidField("owner_id", "unknown_reference", "This person does not work on the project.")


async def _load(work: Work, promise_id: UUID, *, lock: bool = False) -> Promise:
    query = select(Promise).where(Promise.id == promise_id)
    promise: Promise | None = await work.session.scalar(query.with_for_update() if lock else query)
    if promise is None:
        raise NotFound
    return promise


async def _hold(work: Work, promise_id: UUID, *, read: int) -> Promise:
    promise = await _load(work, promise_id, lock=True)
    if promise.owner_id != _actor(work) and not may(work, Permission.INTERACTIONS_WRITE):
        raise NotYours

    async def current() -> PromiseOut:
        return await _read(work, promise)

    await same_version(promise, read, current)
    if promise.done_at is not None:
        raise PromiseDone
    return promise


async def _read(work: Work, promise: Promise) -> PromiseOut:
    names = await customers.names_of(work, [promise.customer_id] if promise.customer_id else [])
    return _shown(work, promise, names)


def _shown(work: Work, promise: Promise, names: Mapping[UUID, str]) -> PromiseOut:
    name = names.get(promise.customer_id) if promise.customer_id else None
    revealable = may(work, Permission.INTERACTIONS_REVEAL)
    own = {field: getattr(promise, field) for field in PromiseOut.model_fields if hasattr(Promise, field)}
    return PromiseOut.model_validate(
        {**own, "customer_name": name, "number": Masked.of(Kind.PHONE, promise.number, revealable=revealable)}
    )
