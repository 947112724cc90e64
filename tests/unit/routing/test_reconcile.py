"""What the router believes is brought back to what is so."""

from collections.abc import Mapping
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from centrala.routing.core.facts import ContactQueued, OfferDeclined, OperatorState
from centrala.routing.core.reconcile import GRACE, HEARTBEAT_LIMIT, Observed, Repair, Repairs, reconcile
from centrala.routing.core.settings import ContactId, OperatorId
from centrala.routing.core.state import ContactState, WorkState
from support.router_desk import Desk, Q, pairs, queue, rung

A, B = OperatorId("a"), OperatorId("b")
ONE, TWO = ContactId("1"), ContactId("2")


def look(desk: Desk, contacts: Mapping[ContactId, OperatorId | None], **rest: Any) -> Observed:
    """All operators are there and fresh, and what should ring rings, unless said otherwise."""
    state = desk.router.state
    ringing = {(one.operator.id, one.contact) for one in state.works.values() if one.state is WorkState.RINGING}
    fresh = dict.fromkeys(state.operators, desk.now)
    return Observed(
        **{"contacts": contacts, "ringing": ringing, "registered": set(state.operators), "heartbeats": fresh, **rest}
    )


def repaired(desk: Desk, seen: Observed) -> Repairs:
    found = reconcile(desk.router.state, seen, desk.now)
    for fact in found.facts:
        desk.feed(fact)
    return found


def in_a_call() -> Desk:
    """Both operators are there; a talks to 1."""
    desk = Desk(queue(ring=1000.0))
    desk.operator("a")
    desk.accept(desk.contact("1"))
    desk.now = 60.0
    desk.operator("b")
    return desk


def test_what_is_believed_and_seen_alike_needs_no_repair() -> None:
    desk = in_a_call()
    desk.contact("2")
    desk.now += 100
    assert repaired(desk, look(desk, {ONE: A, TWO: None})).facts == []


def test_a_call_that_ended_unseen_frees_its_operator() -> None:
    desk = in_a_call()
    desk.contact("2")
    desk.contact("3")
    desk.now += 100
    found = repaired(desk, look(desk, {TWO: None, ContactId("3"): None}))
    assert found.counts == {Repair.CONTACT_GONE: 1}
    assert pairs(desk.said)[-1] == ("a", "3")


def test_what_is_young_is_not_judged() -> None:
    desk = Desk()
    desk.operator("a")
    desk.contact("1")
    desk.now = GRACE - 0.1
    assert repaired(desk, look(desk, {}, ringing=set())).facts == []
    desk.now = GRACE + 0.1
    assert repaired(desk, look(desk, {})).counts == {Repair.CONTACT_GONE: 1}


def test_a_desk_without_heartbeat_or_registration_is_absent_and_comes_back() -> None:
    desk = in_a_call()
    desk.contact("2")
    desk.now += 100
    stale = {A: desk.now, B: desk.now - HEARTBEAT_LIMIT - 1}
    seen = look(desk, {ONE: A, TWO: None}, heartbeats=stale)
    assert repaired(desk, seen).counts == {Repair.ABSENT: 1}
    assert desk.router.state.contacts[TWO].state is ContactState.WAITING
    assert repaired(desk, look(desk, {ONE: A, TWO: None}, registered={A})).facts == []
    assert repaired(desk, look(desk, {ONE: A, TWO: None})).counts == {Repair.PRESENT: 1}
    assert pairs(desk.said)[-1] == ("b", "2")


def test_an_answer_that_was_not_told_is_taken_for_one() -> None:
    desk = in_a_call()
    desk.contact("2")
    desk.now += 100
    assert repaired(desk, look(desk, {ONE: A, TWO: B})).counts == {Repair.ANSWERED: 1}
    assert desk.router.state.contacts[TWO].state is ContactState.CONNECTED


def test_who_answered_and_lost_their_desk_still_has_the_call() -> None:
    desk = in_a_call()
    desk.contact("2")
    desk.now += 100
    seen = look(desk, {ONE: A, TWO: B}, registered={A})
    assert repaired(desk, seen).counts == {Repair.ABSENT: 1, Repair.OTHER_OPERATOR: 1}
    assert desk.router.state.contacts[TWO].state is ContactState.CONNECTED
    assert reconcile(desk.router.state, seen, desk.now).facts == []


def test_a_contact_with_another_operator_than_believed_is_moved() -> None:
    desk = in_a_call()
    assert repaired(desk, look(desk, {ONE: B})).counts == {Repair.OTHER_OPERATOR: 1}
    assert pairs(desk.contact("2")) == [("a", "2")]


def test_a_contact_left_alone_goes_back_to_the_queue_before_the_others() -> None:
    desk = in_a_call()
    desk.state("a", OperatorState.OFF)
    desk.state("b", OperatorState.OFF)
    desk.contact("2")
    desk.now += 10
    assert repaired(desk, look(desk, {ONE: None, TWO: None})).counts == {Repair.OPERATOR_LOST: 1}
    assert pairs(desk.ready("b")) == [("b", "1")]


def test_an_operator_with_an_unknown_call_is_not_rung() -> None:
    desk = in_a_call()
    found = repaired(desk, look(desk, {ONE: A, ContactId("direct"): B}))
    assert found.counts == {Repair.BUSY_UNSEEN: 1}
    assert desk.contact("2") == []
    assert pairs(desk.left("direct")) == [("b", "2")]


def test_somebody_who_waits_forgotten_gets_a_place_by_the_moment_of_coming() -> None:
    desk = in_a_call()
    desk.state("b", OperatorState.OFF)
    desk.contact("2")
    desk.now += 10
    three = ContactId("3")
    waits = ContactQueued(contact=three, queue=Q, since=50.0)
    found = repaired(desk, look(desk, {ONE: A, TWO: None, three: None}, waiting={three: waits}))
    assert found.counts == {Repair.CONTACT_FORGOTTEN: 1}
    assert pairs(desk.left("1")) == [("a", "3")]


def test_a_device_that_does_not_ring_is_given_up() -> None:
    desk = in_a_call()
    desk.contact("2")
    desk.now += 10
    found = repaired(desk, look(desk, {ONE: A, TWO: None}, ringing=set()))
    assert found.counts == {Repair.OFFER_SILENT: 1}
    assert desk.router.state.operators[B].state is OperatorState.PAUSED


def test_a_callback_that_waits_has_no_call_and_is_left_alone() -> None:
    desk = Desk()
    desk.contact("1", callback=True, number="+373")
    desk.now += 100
    assert repaired(desk, look(desk, {})).facts == []


holders = st.sampled_from([None, A, B, OperatorId("stranger")])
realities = st.dictionaries(st.sampled_from([ContactId(str(number)) for number in range(6)]), holders)
doings = st.lists(st.sampled_from(["come", "answer", "decline", "finish", "off", "ready", "wait"]), max_size=25)


@settings(max_examples=6000, deadline=None)
@given(
    story=doings,
    contacts=realities,
    registered=st.sets(st.sampled_from([A, B])),
    silent=st.sampled_from([{}, {"ringing": set()}]),
)
def test_looking_again_at_the_same_soon_finds_nothing_to_repair(
    story: list[str],
    contacts: dict[ContactId, OperatorId | None],
    registered: set[OperatorId],
    silent: dict[str, Any],
) -> None:
    desk = Desk(queue(ring=30.0, wrap_up=10.0))
    desk.operator("a")
    desk.operator("b")
    for number, what in enumerate(story):
        live = [ring for ring in rung(desk.said) if ring.offer in desk.router.state.works]
        talking = [one.id for one in desk.router.state.contacts.values() if one.state is ContactState.CONNECTED]
        if what == "come":
            desk.contact(str(number % 6))
        elif what == "answer" and live:
            desk.accept([live[-1]])
        elif what == "decline" and live:
            desk.feed(OfferDeclined(live[0].offer))
        elif what == "finish" and talking:
            desk.left(talking[0])
        elif what in {"off", "ready"}:
            desk.state("a", OperatorState(what))
        elif what == "wait":
            desk.at(desk.now + 7)
    seen = look(desk, contacts, registered=registered, **silent)
    # A repair may bring to light what was too young to be judged: a contact whose offer has ended with it.
    for _ in range(2):
        repaired(desk, seen)
    assert reconcile(desk.router.state, seen, desk.now).facts == []
