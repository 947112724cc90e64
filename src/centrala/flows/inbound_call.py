"""A call to a number of a project: to its flow, else to its first queue, else it is none of ours.

What has to be known of it - the project's name, the client, the flow's version - is read in one transaction before the
call is answered; from then on it is a live contact.
"""

from typing import Final
from uuid import UUID

from sqlalchemy import select

from centrala.customers.service import customer_by_number
from centrala.flows.contacts.centre import Centre
from centrala.flows.contacts.sources import draft, flow_of_number, run_of
from centrala.flows.contacts.state import Contact
from centrala.interactions.service import Interaction, NewInteraction, records_calls
from centrala.ivr.service import Opened
from centrala.kit.access import Wall
from centrala.kit.ids import ProjectId, new_id
from centrala.kit.logging import get_logger
from centrala.kit.work import Work, work
from centrala.projects.service import read_project
from centrala.telephony.calls.causes import Cause
from centrala.telephony.calls.errors import CallError
from centrala.telephony.calls.events import CallOffered
from centrala.telephony.calls.hearing import Role

log = get_logger(__name__)

MAX_NAME: Final = 100  # characters of a caller's name that are kept


class InboundCalls:
    def __init__(self, centre: Centre) -> None:
        self._centre = centre

    def has(self, call_id: UUID) -> bool:
        """Whether a call is that of a live contact."""
        return call_id in self._centre.shared.by_call

    async def take(self, offered: CallOffered, project_id: UUID) -> bool:
        """Serve a call of a project; False when the project has neither flow nor queue."""
        centre = self._centre
        shared = centre.shared
        queue = centre.voice.first_queue(project_id)
        wall = Wall(projects=frozenset({ProjectId(project_id)}))
        async with work(shared.database, wall, clock=shared.clock) as unit:
            begun = await flow_of_number(unit, offered.callee)
            if begun is None and queue is None:
                return False
            contact = await self._contact(unit, offered, project_id)
        if shared.calls.find(offered.call_id) is None:
            # Gave up while we looked: a contact all the same, or nobody would know of this caller.
            self._begin(contact)
            shared.finish(contact, shared.clock(), "abandoned_short")
            return True
        self._begin(contact)
        shared.keep(contact)
        await self._serve(contact, begun, queue)
        return True

    async def _contact(self, unit: Work, offered: CallOffered, project_id: UUID, *, test: bool = False) -> Contact:
        project = await read_project(unit, project_id)
        number = offered.caller.number
        customer = None if test else await customer_by_number(unit, project_id, number)
        return Contact(
            id=new_id(),
            project_id=project_id,
            direction="in",
            number=number,
            name=(customer.name if customer is not None else offered.caller.display)[:MAX_NAME],
            called=offered.callee,
            came_at=offered.at,
            project=project.name,
            call_id=offered.call_id,
            client=offered.leg_id,
            language=(customer.language or None) if customer is not None else None,
            customer_id=None if customer is None else customer.id,
            last_operator=None if test else await _last_operator(unit, project_id, number),
            recorded=not test and await records_calls(unit.session, project_id),
            test=test,
        )

    def _begin(self, contact: Contact) -> None:
        """The row of the contact, before anything happens to it."""
        shared = self._centre.shared
        if not contact.test:
            shared.journal.begin(
                NewInteraction(
                    id=contact.id,
                    project_id=contact.project_id,
                    party_number=contact.number,
                    party_name=contact.name,
                    called_number=contact.called,
                    language=contact.language,
                    customer_id=contact.customer_id,
                    call_id=contact.call_id,
                    at=contact.came_at,
                )
            )

    async def _serve(self, contact: Contact, begun: Opened | None, queue: UUID | None) -> None:
        centre = self._centre
        calls = centre.shared.calls
        if contact.call_id is None or contact.client is None:
            return
        try:
            await calls.belongs(contact.call_id, contact.project_id)
            await calls.outlast(contact.call_id, on=True)
            if begun is None:
                await calls.answer(contact.client, role=Role.APART)
        except CallError:
            return  # gave up in this moment; the end of the leg is told
        if begun is not None:
            centre.menus.begin(contact, run_of(begun, contact), begun.version_id)
        elif queue is not None:
            centre.line.queue(contact, queue)

    # A test call from the desk

    async def test(self, offered: CallOffered, dialled: str) -> bool:
        """Whether the target was one of a test call; each is good for one."""
        centre = self._centre
        shared = centre.shared
        found = centre.tests.pop(dialled, None)
        if found is None:
            return False
        flow_id, project_id, until = found
        if shared.clock() > until:
            await shared.calls.hang_up(offered.leg_id, Cause.NUMBER_DOES_NOT_EXIST)
            return True
        wall = Wall(projects=frozenset({ProjectId(project_id)}))
        async with work(shared.database, wall, clock=shared.clock) as unit:
            begun = await draft(unit, flow_id)
            contact = await self._contact(unit, offered, project_id, test=True)
        shared.keep(contact)
        await self._serve(contact, begun, None)
        return True


async def _last_operator(unit: Work, project_id: UUID, number: str) -> UUID | None:
    """Who talked with this client last, about this project."""
    query = (
        select(Interaction.operator_id)
        .where(
            Interaction.project_id == project_id,
            Interaction.party_number == number,
            Interaction.operator_id.is_not(None),
        )
        .order_by(Interaction.came_at.desc())
        .limit(1)
    )
    found: UUID | None = await unit.session.scalar(query) if number else None
    return found
