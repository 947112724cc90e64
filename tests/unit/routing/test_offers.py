"""Offers are leases: who answers, who does not, who hangs up meanwhile."""

from centrala.routing.core.decisions import OfferVoid, Pause, PauseReason, Withdraw, WithdrawReason
from centrala.routing.core.facts import (
    ContactTaken,
    OfferAccepted,
    OfferDeclined,
    OfferRefused,
    OfferUnanswered,
    OperatorState,
    PresenceChanged,
    Refusal,
    TimePassed,
)
from centrala.routing.core.settings import ContactId, OperatorId
from support.router_desk import Desk, pairs, queue, rung

A = OperatorId("a")


def test_an_unanswered_offer_goes_on_in_its_place_and_pauses_the_operator() -> None:
    desk = Desk(queue(ring=20.0))
    desk.operator("a")
    first = desk.contact("1")[0]
    desk.contact("2")
    desk.now = 5
    assert pairs(desk.operator("b")) == [("b", "2")]
    desk.left("2")
    desk.contact("3")
    said = desk.at(20)
    assert said[:2] == [
        Withdraw(A, rung([first])[0].contact, rung([first])[0].offer, WithdrawReason.EXPIRED),
        Pause(A, PauseReason.NOT_ANSWERING),
    ]
    assert pairs(desk.left("3")) == [("b", "1")]
    assert desk.router.state.operators[A].state is OperatorState.PAUSED


def test_who_is_paused_gets_nothing_until_ready() -> None:
    desk = Desk()
    desk.operator("a")
    desk.contact("1")
    desk.at(20)
    assert pairs(desk.at(100)) == []
    assert pairs(desk.ready("a")) == [("a", "1")]


def test_missed_offers_are_forgiven_up_to_the_limit_and_forgotten_with_an_answer() -> None:
    desk = Desk(queue(missed_before_pause=2, decline_pause=0.0))
    desk.operator("a")
    desk.contact("1")
    assert pairs(desk.at(20)) == [("a", "1")]
    desk.accept([desk.said[-1]])
    desk.left("1")
    desk.contact("2")
    assert not [one for one in desk.at(40) if isinstance(one, Pause)]
    assert [one for one in desk.at(60) if isinstance(one, Pause)]


def test_a_declined_contact_does_not_come_back_to_the_same_operator_at_once() -> None:
    desk = Desk(queue(decline_pause=30.0))
    desk.operator("a")
    offer = rung(desk.contact("1"))[0].offer
    assert pairs(desk.feed(OfferDeclined(offer))) == []
    assert pairs(desk.contact("2")) == [("a", "2")]
    desk.left("2")
    assert pairs(desk.at(29)) == []
    assert pairs(desk.at(30)) == [("a", "1")]


def test_a_declined_contact_keeps_its_place() -> None:
    desk = Desk()
    desk.operator("a")
    offer = rung(desk.contact("1"))[0].offer
    desk.contact("2")
    desk.feed(OfferDeclined(offer))
    assert pairs(desk.operator("b")) == [("b", "1")]


def test_a_device_that_reality_refuses_pauses_its_operator() -> None:
    desk = Desk()
    desk.operator("a")
    desk.operator("b")
    offer = rung(desk.contact("1"))[0].offer
    said = desk.feed(OfferRefused(offer, Refusal.UNREACHABLE))
    assert said[0] == Pause(A, PauseReason.UNREACHABLE)
    assert pairs(said) == [("b", "1")]


def test_a_late_answer_is_void_and_the_contact_stays_with_the_other() -> None:
    desk = Desk()
    desk.operator("a")
    desk.operator("b")
    offer = rung(desk.contact("1"))[0].offer
    assert pairs(desk.feed(OfferUnanswered(offer))) == [("b", "1")]
    assert desk.feed(OfferAccepted(offer)) == [OfferVoid(offer)]
    assert desk.router.state.stale["offer_accepted"] == 1


def test_an_offer_that_was_answered_at_its_end_does_not_expire() -> None:
    desk = Desk()
    desk.operator("a")
    ring = rung(desk.contact("1"))[0]
    desk.now = ring.until - 0.001
    desk.feed(OfferAccepted(ring.offer))
    desk.now = ring.until
    assert desk.feed(TimePassed()) == []


def test_who_hangs_up_while_ringing_is_withdrawn_and_the_operator_gets_the_next() -> None:
    desk = Desk()
    desk.operator("a")
    ring = rung(desk.contact("1"))[0]
    desk.contact("2")
    said = desk.left("1")
    assert said[0] == Withdraw(A, ring.contact, ring.offer, WithdrawReason.CONTACT_LEFT)
    assert pairs(said) == [("a", "2")]


def test_an_operator_who_disappears_while_ringing_loses_the_offer_not_the_conversation() -> None:
    desk = Desk()
    desk.operator("a")
    desk.contact("1")
    said = desk.feed(PresenceChanged(A, present=False))
    assert isinstance(said[0], Withdraw)
    assert pairs(desk.feed(PresenceChanged(A, present=True))) == [("a", "1")]
    desk.accept([desk.said[-1]])
    assert desk.feed(PresenceChanged(A, present=False)) == []
    assert desk.router.state.operators[A].work


def test_signing_out_while_ringing_sends_the_contact_on() -> None:
    desk = Desk()
    desk.operator("a")
    desk.operator("b")
    desk.contact("1")
    assert pairs(desk.state("a", OperatorState.OFF)) == [("b", "1")]


def test_an_operator_who_takes_another_call_while_ringing_loses_the_offer() -> None:
    desk = Desk()
    desk.operator("a")
    ring = rung(desk.contact("1"))[0]
    said = desk.feed(ContactTaken(contact=ContactId("direct"), operator=A))
    assert said == [Withdraw(A, ring.contact, ring.offer, WithdrawReason.OPERATOR_BUSY)]
    assert pairs(desk.left("direct")) == [("a", "1")]


def test_an_operator_who_picks_up_the_contact_that_rings_gets_no_second() -> None:
    desk = Desk()
    desk.operator("a")
    desk.contact("1")
    desk.contact("2")
    assert pairs(desk.feed(ContactTaken(contact=ContactId("1"), operator=A))) == []
    assert pairs(desk.left("1")) == [("a", "2")]
