"""Rules of a queue: door, overflow, closing, limits, announcements, call-backs."""

from centrala.routing.core.decisions import (
    Announce,
    Close,
    CloseReason,
    OfferCallback,
    Overflow,
    OverflowReason,
    Withdraw,
)
from centrala.routing.core.facts import (
    CallbackChosen,
    CallbackUnanswered,
    ContactMoved,
    ContactTaken,
    OperatorState,
    QueueClosed,
    QueueOpened,
    SettingsChanged,
)
from centrala.routing.core.settings import (
    ContactId,
    OperatorId,
    OverflowRule,
    QueueId,
    Settings,
    Target,
    TargetKind,
)
from support.router_desk import Desk, Q, pairs, queue, rung

VOICEMAIL = Target(TargetKind.VOICEMAIL, "box")
TO_OTHER = Target(TargetKind.QUEUE, "other")
ONE = ContactId("1")


def test_overflow_by_wait_moves_to_the_other_queue_and_keeps_the_moment() -> None:
    desk = Desk(queue(overflow=(OverflowRule(after=30, to=TO_OTHER),)), queue("other"))
    desk.contact("1")
    desk.now = 20
    desk.contact("2", to="other")
    assert desk.at(29) == []
    assert desk.at(30) == [Overflow(ONE, TO_OTHER, OverflowReason.WAIT)]
    assert pairs(desk.operator("a", queues={"other": 0})) == [("a", "1")]


def test_overflow_by_place_happens_at_the_door() -> None:
    desk = Desk(queue(overflow=(OverflowRule(place=1, to=VOICEMAIL),)))
    desk.contact("1")
    assert desk.contact("2") == [Overflow(ContactId("2"), VOICEMAIL, OverflowReason.PLACE)]
    assert ContactId("2") not in desk.router.state.contacts


def test_queues_that_overflow_into_each_other_do_not_send_around_for_ever() -> None:
    back = Target(TargetKind.QUEUE, "q")
    desk = Desk(
        queue(overflow=(OverflowRule(after=1, to=TO_OTHER),)),
        queue("other", overflow=(OverflowRule(after=1, to=back),)),
    )
    desk.contact("1")
    assert len(desk.at(1000)) == 5
    assert desk.router.next_deadline() is None
    assert pairs(desk.operator("a", queues={"q": 0, "other": 0})) == [("a", "1")]


def test_a_full_queue_and_a_long_wait_close_the_contact() -> None:
    desk = Desk(queue(max_length=1, max_wait=60.0))
    desk.contact("1")
    assert desk.contact("2") == [Close(ContactId("2"), CloseReason.FULL)]
    assert desk.at(60) == [Close(ONE, CloseReason.TOO_LONG)]
    assert desk.router.state.contacts == {}


def test_without_operators_the_rule_comes_after_its_time_for_all_who_wait() -> None:
    desk = Desk(queue(no_operator=VOICEMAIL, no_operator_after=10.0))
    desk.operator("a")
    desk.accept(desk.contact("0"))
    desk.contact("1")
    desk.now = 100
    desk.state("a", OperatorState.OFF)
    assert desk.at(109) == []
    gone = Overflow(ONE, VOICEMAIL, OverflowReason.NO_OPERATOR)
    assert desk.at(110) == [gone]
    assert desk.contact("2") == [Overflow(ContactId("2"), VOICEMAIL, OverflowReason.NO_OPERATOR)]
    desk.state("a", OperatorState.BREAK)
    assert desk.contact("3") == []


def test_a_closed_queue_refuses_new_ones_and_serves_who_waits() -> None:
    desk = Desk(queue(closed=VOICEMAIL))
    desk.contact("1")
    assert desk.feed(QueueClosed(Q)) == []
    assert desk.contact("2") == [Overflow(ContactId("2"), VOICEMAIL, OverflowReason.CLOSED)]
    assert pairs(desk.operator("a")) == [("a", "1")]
    desk.feed(QueueOpened(Q))
    assert desk.contact("3") == []


def test_a_queue_that_does_not_serve_out_sends_all_away_at_closing() -> None:
    desk = Desk(queue(serve_out=False))
    desk.contact("1")
    assert desk.feed(QueueClosed(Q)) == [Close(ONE, CloseReason.CLOSED)]


def test_place_and_expected_wait_are_announced() -> None:
    desk = Desk(queue(announce_first=10.0, announce_every=30.0, handling_guess=100.0))
    desk.operator("a")
    desk.operator("b")
    desk.accept(desk.contact("x"))
    desk.accept(desk.contact("y"))
    desk.contact("1")
    desk.contact("2")
    assert desk.at(10) == [Announce(ONE, 1, 50.0), Announce(ContactId("2"), 2, 100.0)]
    desk.left("1")
    assert desk.at(39) == []
    announced = desk.at(40)
    assert [one.position for one in announced if isinstance(one, Announce)] == [1]


def test_the_expected_wait_learns_from_handling() -> None:
    desk = Desk(queue(handling_guess=100.0))
    desk.operator("a")
    for number in range(200):
        desk.accept(desk.contact(str(number)))
        desk.now += 10
        desk.left(str(number))
    assert 10 < desk.router.state.queues[Q].handling < 10.1


def test_an_operator_of_two_queues_counts_half_in_each() -> None:
    desk = Desk(queue(announce_first=1.0, handling_guess=100.0), queue("other"))
    desk.operator("a", queues={"q": 0, "other": 0})
    desk.accept(desk.contact("x", to="other"))
    desk.contact("1")
    assert desk.at(1) == [Announce(ONE, 1, 200.0)]


def test_a_callback_is_offered_once_and_keeps_the_place() -> None:
    desk = Desk(queue(callback_after=30.0, max_wait=100.0))
    desk.contact("1")
    desk.contact("2")
    assert desk.at(30) == [OfferCallback(ONE, None), OfferCallback(ContactId("2"), None)]
    desk.feed(CallbackChosen(ONE, "+373"))
    assert desk.at(200) == [Close(ContactId("2"), CloseReason.TOO_LONG)]
    desk.contact("3")
    assert pairs(desk.operator("a")) == [("a", "1")]


def test_a_long_expected_wait_offers_the_callback_at_once() -> None:
    desk = Desk(queue(callback_expected=60.0, handling_guess=100.0))
    desk.operator("a")
    desk.accept(desk.contact("0"))
    assert desk.contact("1") == [OfferCallback(ONE, 100.0)]


def test_one_callback_lives_for_a_number() -> None:
    desk = Desk()
    desk.contact("1", callback=True, number="+373")
    two = ContactId("2")
    assert desk.contact("2", callback=True, number="+373") == [Close(two, CloseReason.CALLBACK_EXISTS)]
    desk.contact("3")
    three = ContactId("3")
    assert desk.feed(CallbackChosen(three, "+373")) == [Close(three, CloseReason.CALLBACK_EXISTS)]


def test_who_calls_again_takes_the_place_of_the_own_callback() -> None:
    desk = Desk()
    desk.contact("1", callback=True, number="+373")
    desk.contact("2")
    desk.now = 50
    assert desk.contact("3", number="+373") == [Close(ONE, CloseReason.CALLED_AGAIN)]
    assert pairs(desk.operator("a")) == [("a", "3")]


def test_who_calls_while_the_callback_rings_at_an_operator_is_taken_instead() -> None:
    desk = Desk()
    desk.operator("a")
    desk.contact("1", callback=True, number="+373")
    said = desk.contact("2", number="+373")
    assert isinstance(said[0], Withdraw)
    assert said[1] == Close(ONE, CloseReason.CALLED_AGAIN)
    assert pairs(said) == [("a", "2")]


def test_an_unanswered_callback_is_tried_again_in_its_place_then_given_up() -> None:
    desk = Desk(queue(callback_attempts=2, callback_pause=600.0))
    desk.operator("a")
    desk.accept(desk.contact("1", callback=True, number="+373"))
    assert desk.feed(CallbackUnanswered(ONE)) == []
    said = desk.at(600)
    assert pairs(said) == [("a", "1")]
    desk.accept(said)
    assert desk.feed(CallbackUnanswered(ONE)) == [Close(ONE, CloseReason.CALLBACK_EXHAUSTED)]
    assert desk.router.state.callbacks == {}


def test_a_transfer_to_a_queue_frees_the_operator_and_waits_anew() -> None:
    desk = Desk(queue(), queue("other", wrap_up=0.0))
    desk.operator("a")
    desk.accept(desk.contact("1"))
    desk.contact("2")
    desk.now = 10
    assert pairs(desk.feed(ContactMoved(contact=ONE, queue=QueueId("other")))) == [("a", "2")]
    assert pairs(desk.operator("b", queues={"other": 0})) == [("b", "1")]


def test_a_pick_up_takes_the_contact_out_of_its_queue() -> None:
    desk = Desk(queue(), queue("other"))
    desk.operator("b", queues={"other": 0})
    desk.contact("1")
    desk.feed(ContactTaken(contact=ONE, operator=OperatorId("b")))
    assert desk.contact("2", to="other") == []
    assert pairs(desk.left("1")) == [("b", "2")]
    assert pairs(desk.operator("a")) == []


def test_new_settings_keep_the_order_and_close_what_has_no_queue() -> None:
    desk = Desk(queue(), queue("other"))
    desk.contact("1")
    desk.contact("2")
    desk.contact("3", to="other")
    said = desk.feed(SettingsChanged(Settings(queues=(queue(target=5.0),))))
    assert said == [Close(ContactId("3"), CloseReason.NO_SUCH_QUEUE)]
    assert pairs(desk.operator("a")) == [("a", "1")]


def test_new_settings_that_lower_a_demand_are_used_at_once() -> None:
    desk = Desk(queue(language_level=4))
    desk.operator("a", languages={"ro": 3})
    desk.contact("1", language="ro")
    assert pairs(desk.feed(SettingsChanged(Settings(queues=(queue(language_level=3),))))) == [("a", "1")]
    assert rung(desk.said)


def test_a_full_queue_still_takes_whom_somebody_free_can_serve() -> None:
    desk = Desk(queue(max_length=0))
    desk.operator("a")
    assert pairs(desk.contact("1")) == [("a", "1")]
    assert desk.contact("2") == [Close(ContactId("2"), CloseReason.FULL)]
