"""All desks of this process: each person's work as a document, sent whole when it has changed."""

from typing import TYPE_CHECKING
from uuid import UUID

from centrala.flows.desk.schemas import LiveContact, TargetsOut, WorkOut
from centrala.kit.work import Work

if TYPE_CHECKING:
    from centrala.flows.contacts.centre import Centre
    from centrala.flows.contacts.state import Contact


class Desks:
    """Made with the app; `centre` is there while telephony runs."""

    centre: "Centre | None" = None

    async def document(self, person_id: UUID, *, revealable: bool) -> WorkOut:
        raise NotImplementedError

    async def targets(self, work: Work) -> TargetsOut:
        raise NotImplementedError

    def live_contact(self, contact: "Contact", *, revealable: bool) -> LiveContact:
        raise NotImplementedError
