"""One contact with its timeline and its recordings."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select

from centrala.customers import service as customers
from centrala.interactions.errors import NotYours
from centrala.interactions.models import Interaction, TimelineRow
from centrala.interactions.schemas import InteractionDetails, InteractionRevealed, TimelineEntry
from centrala.interactions.service.listing import fields_of
from centrala.interactions.service.recordings import recordings_of
from centrala.kit.access import Permission
from centrala.kit.errors import NotFound
from centrala.kit.personal import Kind, mask
from centrala.kit.verbs import may
from centrala.kit.work import Work

PERSONAL_DETAILS: Final[Mapping[str, Kind]] = {
    "number": Kind.PHONE,
    "digits": Kind.PHONE,
    "name": Kind.NAME,
    "text": Kind.TEXT,
}
"""Details of the timeline that speak of the customer: masked, and wiped by an erasure."""

MAX_TIMELINE: Final = 2_000  # entries shown of one contact


async def read_interaction(work: Work, interaction_id: UUID) -> InteractionDetails:
    return await details(work, await load_interaction(work, interaction_id))


async def load_interaction(work: Work, interaction_id: UUID, *, lock: bool = False) -> Interaction:
    query = select(Interaction).where(Interaction.id == interaction_id)
    row: Interaction | None = await work.session.scalar(query.with_for_update() if lock else query)
    if row is None:
        raise NotFound
    return row


async def details(work: Work, row: Interaction) -> InteractionDetails:
    timeline = await timeline_of(work, row.id)
    audio = await recordings_of(work, row.id)
    names = await customers.names_of(work, [row.customer_id] if row.customer_id else [])
    return InteractionDetails.model_validate(
        {
            **fields_of(work, row, names, len(audio)),
            "disposition_fields": row.disposition_fields,
            "disposed_by": row.disposed_by,
            "disposed_at": row.disposed_at,
            "timeline": [_entry(one) for one in timeline],
            "audio": audio,
            "may_write": _may_write(work, row, timeline),
        }
    )


async def timeline_of(work: Work, interaction_id: UUID) -> list[TimelineRow]:
    query = (
        select(TimelineRow)
        .where(TimelineRow.interaction_id == interaction_id)
        .order_by(TimelineRow.at, TimelineRow.id)
        .limit(MAX_TIMELINE)
    )
    return list((await work.session.scalars(query)).all())


async def refuse_others(work: Work, row: Interaction) -> None:
    """Refuse to change the contact of somebody else; those who may change contacts may."""
    if not _may_write(work, row, await timeline_of(work, row.id)):
        raise NotYours


def _may_write(work: Work, row: Interaction, timeline: list[TimelineRow]) -> bool:
    if may(work, Permission.INTERACTIONS_WRITE):
        return True
    assert work.access is not None  # noqa: S101 - the program itself may everything
    own = work.access.account_id
    if not work.access.may(Permission.WORK_OWN):
        return False
    return row.operator_id == own or any(one.person_id == own for one in timeline)


async def reveal_interaction(work: Work, interaction_id: UUID) -> InteractionRevealed:
    """Who it was, in the clear; the trace leaves with it in one transaction."""
    row = await load_interaction(work, interaction_id)
    events = await timeline_of(work, interaction_id)
    work.trace("interaction.revealed", "interaction", interaction_id, project_id=row.project_id)
    return InteractionRevealed(
        party_number=row.party_number,
        party_name=row.party_name,
        events={one.id: one.details for one in events if not one.details.keys().isdisjoint(PERSONAL_DETAILS)},
    )


def _entry(row: TimelineRow) -> TimelineEntry:
    return TimelineEntry.model_validate(
        {
            "id": row.id,
            "at": row.at,
            "kind": row.kind,
            "person_id": row.person_id,
            "queue_id": row.queue_id,
            "details": masked(row.details),
        }
    )


def masked(details: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: mask(PERSONAL_DETAILS[name], str(value)) if name in PERSONAL_DETAILS else value
        for name, value in details.items()
    }
