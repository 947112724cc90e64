"""Wrap-up, breaks, abilities that change."""

from centrala.routing.core.decisions import BreakGranted, BreakRefused, EndWrapUp
from centrala.routing.core.facts import OperatorRemoved, OperatorState, ProfileChanged, StateAsked, WrapUpEnded
from centrala.routing.core.settings import Channel, ContactId, OperatorId, Profile
from support.router_desk import VOICE, Desk, Q, pairs, queue

A = OperatorId("a")


def test_wrap_up_keeps_the_operator_until_its_limit() -> None:
    desk = Desk(queue(wrap_up=30.0))
    desk.operator("a")
    desk.accept(desk.contact("1"))
    desk.left("1")
    assert desk.contact("2") == []
    assert desk.at(29) == []
    said = desk.at(30)
    assert said[0] == EndWrapUp(A, ContactId("1"))
    assert pairs(said) == [("a", "2")]


def test_wrap_up_ends_early_when_the_operator_says_so() -> None:
    desk = Desk(queue(wrap_up=30.0))
    desk.operator("a")
    desk.accept(desk.contact("1"))
    desk.left("1")
    desk.contact("2")
    assert pairs(desk.feed(WrapUpEnded(A, ContactId("1")))) == [("a", "2")]


def test_wrap_up_of_a_chat_takes_only_its_own_room() -> None:
    desk = Desk(queue(wrap_up=30.0))
    desk.operator("a", capacity={Channel.CHAT: 2})
    desk.accept(desk.contact("1", channel=Channel.CHAT))
    desk.left("1")
    assert len(pairs(desk.contact("2", channel=Channel.CHAT))) == 1
    assert pairs(desk.contact("3", channel=Channel.CHAT)) == []


def test_a_break_begins_when_the_hands_are_empty() -> None:
    desk = Desk(queue(), breaks={"lunch": 1800.0})
    desk.operator("a")
    desk.accept(desk.contact("1"))
    assert desk.state("a", OperatorState.BREAK, "lunch") == [BreakGranted(A, "lunch", None)]
    desk.now = 50
    assert desk.left("1") == [BreakGranted(A, "lunch", 1850.0)]
    assert desk.contact("2") == []
    assert pairs(desk.ready("a")) == [("a", "2")]


def test_breaks_are_refused_past_the_cap_of_queue_and_centre() -> None:
    desk = Desk(queue(max_on_break=1), queue("other"), max_on_break=2)
    for name, where in (("a", "q"), ("b", "q"), ("c", "other"), ("d", "other")):
        desk.operator(name, queues={where: 0})
    assert isinstance(desk.state("a", OperatorState.BREAK)[0], BreakGranted)
    assert desk.state("b", OperatorState.BREAK) == [BreakRefused(OperatorId("b"), "", 1, Q)]
    assert isinstance(desk.state("c", OperatorState.BREAK)[0], BreakGranted)
    assert desk.state("d", OperatorState.BREAK) == [BreakRefused(OperatorId("d"), "", 2, None)]
    desk.ready("a")
    assert isinstance(desk.state("b", OperatorState.BREAK)[0], BreakGranted)


def test_a_supervisor_sends_to_a_break_over_the_cap() -> None:
    desk = Desk(queue(max_on_break=0))
    desk.operator("a")
    said = desk.feed(StateAsked(operator=A, state=OperatorState.BREAK, force=True))
    assert isinstance(said[0], BreakGranted)


def test_a_new_skill_brings_the_contact_that_waited_for_it() -> None:
    desk = Desk()
    desk.operator("a")
    desk.contact("1", skills={"net": 3})
    profile = Profile(id=A, queues={Q: 0}, skills={"net": 3}, capacity=VOICE)
    assert pairs(desk.feed(ProfileChanged(profile))) == [("a", "1")]


def test_who_is_removed_is_offered_nothing_and_what_rang_goes_on() -> None:
    desk = Desk()
    desk.operator("a")
    desk.operator("b")
    desk.contact("1")
    assert pairs(desk.feed(OperatorRemoved(A))) == [("b", "1")]
    assert desk.contact("2") == []
