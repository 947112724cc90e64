"""What the router believes against what is seen: every difference becomes a fact that repairs it, and is counted.

Facts get lost: a process dies between a call's end and the fact that tells it, a phone loses its registration, a desk
its network. Every few seconds the live calls, the registrations and the heartbeats are looked at as they are. What is
younger than `grace` is not judged: it may be on its way. Repairs are ordinary facts, so a repaired router is in no
state that it could not have reached by itself.
"""

from collections import Counter
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from centrala.routing.core.facts import (
    ContactLeft,
    ContactMoved,
    ContactQueued,
    ContactTaken,
    Fact,
    OfferAccepted,
    OfferRefused,
    OfferUnanswered,
    PresenceChanged,
    Refusal,
    WrapUpEnded,
)
from centrala.routing.core.settings import ContactId, OperatorId
from centrala.routing.core.state import Contact, ContactState, Operator, State, Work, WorkState

GRACE: Final = 5.0  # seconds that a fact may be on its way
HEARTBEAT_LIMIT: Final = 15.0  # seconds without a sign of life from a desk


class Repair(StrEnum):
    """What was wrong; the counters' names."""

    ABSENT = "absent"  # believed present, but desk or phone is gone
    PRESENT = "present"
    CONTACT_GONE = "contact_gone"  # believed here, but its call has ended
    CONTACT_FORGOTTEN = "contact_forgotten"  # waits in reality, unknown to the router
    ANSWERED = "answered"  # believed ringing, but they talk
    OTHER_OPERATOR = "other_operator"  # with somebody else than believed
    OPERATOR_LOST = "operator_lost"  # believed talking, but the contact is alone on the line
    BUSY_UNSEEN = "busy_unseen"  # an operator has a contact that the router does not know
    OFFER_OVERDUE = "offer_overdue"
    OFFER_SILENT = "offer_silent"  # believed ringing, but the device does not ring
    WRAP_UP_OVERDUE = "wrap_up_overdue"


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """The centre as it is, looked at after all facts known so far were fed.

    `contacts`: all live ones, with the operator who has them or None for those who are alone on the line.
    """

    contacts: Mapping[ContactId, OperatorId | None]
    waiting: Mapping[ContactId, ContactQueued] = field(default_factory=dict)  # how to queue those who wait
    ringing: AbstractSet[tuple[OperatorId, ContactId]] = frozenset()
    registered: AbstractSet[OperatorId] = frozenset()  # with a device that can ring
    heartbeats: Mapping[OperatorId, float] = field(default_factory=dict)  # moment of the last one


@dataclass(slots=True)
class Repairs:
    """Facts to feed, in this order, and how many of each kind."""

    facts: list[Fact] = field(default_factory=list)
    counts: Counter[Repair] = field(default_factory=Counter)

    def add(self, kind: Repair, fact: Fact) -> None:
        self.facts.append(fact)
        self.counts[kind] += 1


@dataclass(frozen=True, slots=True)
class _View:
    seen: Observed
    now: float
    alive: AbstractSet[OperatorId]  # with a device and a fresh heartbeat


def reconcile(state: State, seen: Observed, now: float) -> Repairs:
    """Compare; changes nothing."""
    repairs = Repairs()
    alive = {name for name, last in seen.heartbeats.items() if now - last <= HEARTBEAT_LIMIT} & set(seen.registered)
    view = _View(seen, now, alive)
    for operator in state.operators.values():
        _presence(operator, alive, repairs)
    for contact in sorted(state.contacts.values(), key=lambda one: one.number):
        _contact(state, contact, view, repairs)
    for work in state.works.values():
        _work(state, work, view, repairs)
    for name, holder in seen.contacts.items():
        if name in state.contacts:
            continue
        if holder is not None and holder in state.operators:
            if not _wrapping_up(state, holder, name):
                repairs.add(Repair.BUSY_UNSEEN, ContactTaken(contact=name, operator=holder))
        elif holder is None and name in seen.waiting:
            repairs.add(Repair.CONTACT_FORGOTTEN, seen.waiting[name])
    return repairs


def _presence(operator: Operator, alive: AbstractSet[OperatorId], repairs: Repairs) -> None:
    present = operator.id in alive
    if operator.present and not present:
        repairs.add(Repair.ABSENT, PresenceChanged(operator.id, present=False))
    elif present and not operator.present:
        repairs.add(Repair.PRESENT, PresenceChanged(operator.id, present=True))


def _contact(state: State, contact: Contact, view: _View, repairs: Repairs) -> None:
    seen = view.seen
    if _since(state, contact, view) > view.now - GRACE:
        return
    on_line = contact.id in seen.contacts
    holder = seen.contacts.get(contact.id)
    if not on_line:
        # A call-back has no call until it is dialled.
        if not contact.callback or contact.state is ContactState.CONNECTED:
            repairs.add(Repair.CONTACT_GONE, ContactLeft(contact.id))
        return
    work = state.works.get(contact.work)
    believed = work.operator.id if work is not None else None
    if holder is None:
        if contact.state is ContactState.CONNECTED:
            back = ContactMoved(contact=contact.id, queue=contact.queue.settings.id, priority=contact.priority + 1)
            repairs.add(Repair.OPERATOR_LOST, back)
    elif holder not in state.operators:
        return
    elif contact.state is ContactState.OFFERED and work is not None and holder == believed and holder in view.alive:
        repairs.add(Repair.ANSWERED, OfferAccepted(work.number))
    elif contact.state is not ContactState.CONNECTED or holder != believed:
        # Also for who answered and whose desk is gone: that they are absent has ended the offer to accept.
        taken = ContactTaken(
            contact=contact.id, operator=holder, channel=contact.channel, queue=contact.queue.settings.id
        )
        repairs.add(Repair.OTHER_OPERATOR, taken)


def _since(state: State, contact: Contact, view: _View) -> float:
    """When the contact came into its present state; an offer to somebody who is away will not stand."""
    work = state.works.get(contact.work)
    if work is None or (contact.state is ContactState.OFFERED and work.operator.id not in view.alive):
        return contact.entered
    return work.since


def _work(state: State, work: Work, view: _View, repairs: Repairs) -> None:
    seen, now = view.seen, view.now
    if work.until is None or work.since > now - GRACE:
        return
    overdue = now > work.until + GRACE
    if work.state is WorkState.WRAP_UP:
        if overdue:
            repairs.add(Repair.WRAP_UP_OVERDUE, WrapUpEnded(work.operator.id, work.contact))
        return
    contact = state.contacts[work.contact]
    lives = contact.callback or contact.id in seen.contacts
    if not lives or seen.contacts.get(contact.id) is not None:
        return  # `_contact` has repaired that
    if overdue:
        repairs.add(Repair.OFFER_OVERDUE, OfferUnanswered(work.number))
    elif (work.operator.id, work.contact) not in seen.ringing and work.operator.id in view.alive:
        repairs.add(Repair.OFFER_SILENT, OfferRefused(work.number, Refusal.UNREACHABLE))


def _wrapping_up(state: State, name: OperatorId, contact: ContactId) -> bool:
    """Whether the router has just been told that this contact is over."""
    return any(work.contact == contact for work in state.operators[name].work.values())
