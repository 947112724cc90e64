"""Who serves which queue, in which order; and how much each takes at once."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import delete, select

from centrala.kit.errors import InvalidField, NotFound
from centrala.kit.work import Work
from centrala.people.service import Colleague, active_colleagues
from centrala.routing.events import capacity_changed, queue_changed
from centrala.routing.models import OperatorRoutingRow, QueueOperatorRow, QueueRow
from centrala.routing.schemas import (
    USUAL_CAPACITY,
    CapacityIn,
    CapacityOut,
    MemberOut,
    MembersIn,
    ServedForm,
    ServedIn,
    ServedOut,
)
from centrala.routing.service.queues import reach_queue, read_queue


async def reach_colleague(work: Work, person_id: UUID) -> Colleague:
    """Somebody who works here and whom the actor sees."""
    found = (await active_colleagues(work, [person_id])).get(person_id)
    if found is None:
        raise NotFound
    return found


async def list_members(work: Work, queue_id: UUID) -> list[MemberOut]:
    """Who serves the queue, by rank and name."""
    await read_queue(work, queue_id)
    query = select(QueueOperatorRow.person_id, QueueOperatorRow.rank).where(QueueOperatorRow.queue_id == queue_id)
    ranks = {row.person_id: row.rank for row in (await work.session.execute(query)).all()}
    people = await active_colleagues(work, ranks)
    members = [
        MemberOut(person_id=one.id, given_name=one.given_name, family_name=one.family_name, rank=ranks[one.id])
        for one in people.values()
    ]
    return sorted(members, key=lambda one: (one.rank, one.family_name, one.given_name, one.person_id))


async def set_members(work: Work, queue_id: UUID, form: MembersIn) -> list[MemberOut]:
    """Give the queue exactly these people; those whom the actor does not see stay."""
    queue = await reach_queue(work, queue_id)
    wanted = _once([(one.person_id, one.rank) for one in form.members], "members", "person_id")
    people = await active_colleagues(work, wanted)
    for place, person_id in enumerate(wanted):
        _refuse_stranger(people.get(person_id), queue.project_id, f"members.{place}.person_id")
    held = select(QueueOperatorRow).where(QueueOperatorRow.queue_id == queue_id).with_for_update()
    before = {row.person_id: row for row in await work.session.scalars(held)}
    in_sight = await active_colleagues(work, before)
    for person_id, row in before.items():
        if person_id not in wanted and person_id in in_sight:
            await work.session.delete(row)
    for person_id, rank in wanted.items():
        if person_id in before:
            before[person_id].rank = rank
        else:
            work.session.add(
                QueueOperatorRow(queue_id=queue_id, person_id=person_id, project_id=queue.project_id, rank=rank)
            )
    await work.session.flush()
    work.trace("queue.members_set", "queue", queue_id, project_id=queue.project_id, people=len(wanted))
    work.tell(queue_changed(queue_id, project_id=queue.project_id))
    return await list_members(work, queue_id)


async def list_served(work: Work, person_id: UUID) -> ServedOut:
    """The queues that a person serves, of those that the actor sees."""
    await reach_colleague(work, person_id)
    query = (
        select(QueueOperatorRow.queue_id, QueueOperatorRow.rank)
        .join(QueueRow, QueueRow.id == QueueOperatorRow.queue_id)
        .where(QueueOperatorRow.person_id == person_id, QueueRow.archived_at.is_(None))
        .order_by(QueueOperatorRow.rank, QueueRow.name, QueueRow.id)
    )
    found = (await work.session.execute(query)).all()
    return ServedOut(queues=[ServedForm(queue_id=queue_id, rank=rank) for queue_id, rank in found])


async def set_served(work: Work, person_id: UUID, form: ServedIn) -> ServedOut:
    """Move a person between queues: exactly these of those that the actor sees."""
    person = await reach_colleague(work, person_id)
    wanted = _once([(one.queue_id, one.rank) for one in form.queues], "queues", "queue_id")
    queues = {row.id: row for row in await work.session.scalars(select(QueueRow).where(QueueRow.id.in_(wanted)))}
    for place, queue_id in enumerate(wanted):
        queue = queues.get(queue_id)
        if queue is None or queue.archived_at is not None:
            raise InvalidField(f"queues.{place}.queue_id", "unknown_reference", "There is no such queue.")
        _refuse_stranger(person, queue.project_id, f"queues.{place}.queue_id")
    held = select(QueueOperatorRow).where(QueueOperatorRow.person_id == person_id).with_for_update()
    before = {row.queue_id: row for row in await work.session.scalars(held)}
    for queue_id in before.keys() - wanted.keys():
        await work.session.execute(
            delete(QueueOperatorRow).where(
                QueueOperatorRow.queue_id == queue_id, QueueOperatorRow.person_id == person_id
            )
        )
        work.tell(queue_changed(queue_id, project_id=before[queue_id].project_id))
    for queue_id, rank in wanted.items():
        project_id = queues[queue_id].project_id
        if queue_id in before:
            before[queue_id].rank = rank
        else:
            row = QueueOperatorRow(queue_id=queue_id, person_id=person_id, project_id=project_id, rank=rank)
            work.session.add(row)
        work.tell(queue_changed(queue_id, project_id=project_id))
    await work.session.flush()
    work.trace(
        "operator.queues_set",
        "employee",
        person_id,
        added=sorted(map(str, wanted.keys() - before.keys())),
        removed=sorted(map(str, before.keys() - wanted.keys())),
    )
    return await list_served(work, person_id)


async def read_capacity(work: Work, person_id: UUID) -> CapacityOut:
    await reach_colleague(work, person_id)
    row = await work.session.get(OperatorRoutingRow, person_id)
    if row is None:
        return CapacityOut(person_id=person_id, capacity=USUAL_CAPACITY, version=0)
    return CapacityOut.model_validate({"person_id": person_id, "capacity": row.capacity, "version": row.version})


async def set_capacity(work: Work, person_id: UUID, form: CapacityIn) -> CapacityOut:
    await reach_colleague(work, person_id)
    capacity = {channel.value: most for channel, most in form.capacity.items()}
    row = await work.session.get(OperatorRoutingRow, person_id, with_for_update=True)
    if row is None:
        row = OperatorRoutingRow(person_id=person_id, capacity=capacity, version=1)
        work.session.add(row)
    elif row.capacity != capacity:
        row.capacity, row.version = capacity, row.version + 1
    await work.session.flush()
    work.trace("operator.capacity_set", "employee", person_id, channels=sorted(capacity))
    work.tell(capacity_changed(person_id))
    return CapacityOut.model_validate({"person_id": person_id, "capacity": capacity, "version": row.version})


def _once(pairs: Sequence[tuple[UUID, int]], field: str, key: str) -> Mapping[UUID, int]:
    seen: dict[UUID, int] = {}
    for place, (one, rank) in enumerate(pairs):
        if one in seen:
            raise InvalidField(f"{field}.{place}.{key}", "repeated", "This is in the list already.")
        seen[one] = rank
    return seen


def _refuse_stranger(person: Colleague | None, project_id: UUID, field: str) -> None:
    if person is None:
        raise InvalidField(field, "unknown_reference", "There is no such person, or it is not yours to see.")
    if not person.works_on(project_id):
        raise InvalidField(field, "not_on_project", "The person does not work on the project of the queue.")
