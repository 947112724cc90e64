"""Looks at the centre as it is, every few seconds, so that the router's belief is repaired where a fact got lost."""

import asyncio
from typing import Final

from centrala.flows.contacts.centre import Centre
from centrala.flows.contacts.state import Contact, Stage
from centrala.flows.desk.desks import Desks
from centrala.kit.logging import get_logger
from centrala.routing.service import ContactId, ContactQueued, Observed, OperatorId

log = get_logger(__name__)

LOOK: Final = 1.0  # seconds between two looks at who is present
RECONCILE: Final = 3  # looks between two comparisons


class Reality:
    def __init__(self, centre: Centre, desks: Desks) -> None:
        self._centre = centre
        self._desks = desks

    async def run(self) -> None:
        """Look until cancelled."""
        looks = 0
        while True:
            await asyncio.sleep(LOOK)
            looks += 1
            try:
                self._desks.look_at_all()
                if looks % RECONCILE == 0:
                    self._centre.shared.dispatcher.reconcile(self.observed())
            except Exception:
                # The edge of the loop: calls go on by what is fed as it happens.
                log.exception("The router could not be compared with reality.")

    def observed(self) -> Observed:
        """What is seen now."""
        shared = self._centre.shared
        holders: dict[ContactId, OperatorId | None] = {}
        waiting: dict[ContactId, ContactQueued] = {}
        ringing: set[tuple[OperatorId, ContactId]] = set()
        for contact in shared.contacts.values():
            self._see(contact, holders, waiting, ringing)
        return Observed(
            contacts=holders,
            waiting=waiting,
            ringing=frozenset(ringing),
            registered=frozenset(OperatorId(str(one)) for one in self._centre.registered()),
            heartbeats=self._desks.heartbeats(shared.dispatcher.now()),
        )

    def _see(
        self,
        contact: Contact,
        holders: dict[ContactId, OperatorId | None],
        waiting: dict[ContactId, ContactQueued],
        ringing: set[tuple[OperatorId, ContactId]],
    ) -> None:
        name = self._centre.shared.routed(contact)
        if contact.offer is not None and not contact.offer.gone:
            ringing.add((OperatorId(str(contact.offer.person_id)), name))
        if contact.stage in {Stage.OVER, Stage.AFTER, Stage.ABSENT}:
            return
        direct = contact.offer if contact.offer is not None and contact.offer.offer is None else None
        seat = contact.seat or direct  # who is rung without an offer has the contact as far as the router knows
        if contact.outside is None or seat is not None:
            holders[name] = None if seat is None else OperatorId(str(seat.person_id))
        if contact.stage is Stage.WAITING and contact.queue_id is not None:
            waiting[name] = self._centre.line.fact(contact)
        consult = contact.consult
        if consult is None or consult.contact not in self._centre.shared.questions:
            return
        question = ContactId(str(consult.contact))
        asked = consult.seat
        if asked is not None and asked.offer is not None and asked.leg_id is None:
            ringing.add((OperatorId(str(asked.person_id)), question))
        holder = asked if asked is not None and (asked.offer is None or asked.leg_id is not None) else None
        holders[question] = None if holder is None else OperatorId(str(holder.person_id))
