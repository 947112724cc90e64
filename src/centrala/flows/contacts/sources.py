"""Where flows come from: the version that a number leads to, the draft that is tried, what ran before a restart."""

from uuid import UUID

from centrala.flows.contacts.state import Contact
from centrala.ivr.machine.run import Run
from centrala.ivr.service import Opened, open_draft, open_number
from centrala.kit.work import Work


async def flow_of_number(unit: Work, e164: str) -> Opened | None:
    return await open_number(unit, e164)


async def draft(unit: Work, flow_id: UUID) -> Opened:
    return await open_draft(unit, flow_id)


def run_of(opened: Opened, contact: Contact) -> Run:
    """A run for a contact; in the client's language where it is known."""
    variables: dict[str, str] = {"caller": contact.number, "called": contact.called}
    if contact.customer_id is not None:
        variables |= {"customer_id": str(contact.customer_id), "customer_name": contact.name}
    return opened.run(variables, language=contact.language or "")
