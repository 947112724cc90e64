"""What this room shows live: desk phones and whether they can be called."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from centrala.kit.access import Permission
from centrala.kit.live import MAX_SNAPSHOT, Scoped, Topic
from centrala.telephony.phones import events
from centrala.telephony.phones.models import Contact, Phone
from centrala.telephony.phones.schemas import PhoneCard


async def load_phones(session: AsyncSession, ids: Sequence[UUID] | None) -> list[Scoped]:
    """Phones, for the people of the centre; others see theirs when they read the list."""
    live = select(Contact.id).where(Contact.phone_id == Phone.id, Contact.expires_at > func.now()).exists()
    query = select(Phone, live)
    query = query.where(Phone.id.in_(ids)) if ids is not None else query.order_by(Phone.id).limit(MAX_SNAPSHOT)
    return [
        Scoped(
            PhoneCard(
                id=phone.id,
                version=phone.version,
                person_id=phone.person_id,
                label=phone.label,
                disabled=phone.disabled_at is not None,
                registered=bool(registered),
            ),
            frozenset(),
        )
        for phone, registered in await session.execute(query)
    ]


TOPICS: tuple[Topic, ...] = (
    Topic(
        name="phones",
        permission=Permission.PHONES_READ,
        kinds=frozenset({events.PHONE_CHANGED, events.PHONE_REMOVED, events.PHONE_REGISTERED, events.PHONE_GONE}),
        load=load_phones,
    ),
)
