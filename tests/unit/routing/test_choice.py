"""Whom a contact gets, and which contact an operator gets."""

from centrala.routing.core.decisions import Ring
from centrala.routing.core.facts import OperatorState
from centrala.routing.core.index import MAX_LANES
from centrala.routing.core.settings import Channel, OperatorId, RelaxStep, Strategy
from support.router_desk import Desk, Q, pairs, queue


def test_longest_idle_goes_first_and_ties_go_to_the_older_operator() -> None:
    desk = Desk()
    desk.operator("b")
    desk.operator("a")
    assert pairs(desk.contact("1")) == [("b", "1")]
    desk = Desk()
    desk.operator("b", ready=False)
    desk.operator("a")
    desk.now = 5
    desk.ready("b")
    assert pairs(desk.contact("1")) == [("a", "1")]


def test_best_fit_takes_the_highest_level_of_what_is_demanded() -> None:
    desk = Desk(queue(strategy=Strategy.BEST_FIT))
    desk.operator("good", skills={"net": 5, "sales": 10})
    desk.operator("best", skills={"net": 8})
    assert pairs(desk.contact("1", skills={"net": 3})) == [("best", "1")]
    assert pairs(desk.contact("2", skills={"net": 3})) == [("good", "2")]


def test_fewest_contacts_counts_from_signing_in() -> None:
    desk = Desk(queue(strategy=Strategy.FEWEST_CONTACTS))
    desk.operator("busy")
    desk.serve("1")
    desk.now = 10
    desk.operator("fresh")
    assert pairs(desk.contact("2")) == [("fresh", "2")]


def test_own_queue_of_an_operator_comes_before_helping_out() -> None:
    desk = Desk(queue("q"))
    desk.operator("helper", queues={"q": 1})
    desk.now = 5
    desk.operator("own", queues={"q": 0})
    assert pairs(desk.contact("1")) == [("own", "1")]
    assert pairs(desk.contact("2")) == [("helper", "2")]


def test_an_operator_serves_the_own_queue_first_but_the_other_does_not_starve() -> None:
    desk = Desk(queue("own"), queue("other"), rank_step=60.0)
    desk.contact("old", to="other")
    desk.now = 50
    desk.contact("new", to="own")
    said = desk.operator("a", queues={"own": 0, "other": 1})
    assert pairs(said) == [("a", "new")]
    desk.accept(said)
    desk.now = 70
    desk.contact("newest", to="own")
    assert pairs(desk.operator("b", queues={"own": 0, "other": 1})) == [("b", "old")]


def test_a_priority_is_worth_a_fixed_wait() -> None:
    desk = Desk(priority_step=60.0)
    desk.contact("plain")
    desk.now = 59
    desk.contact("important", priority=1)
    assert pairs(desk.operator("a")) == [("a", "important")]
    desk.now = 61
    desk.contact("too late", priority=1)
    assert pairs(desk.operator("b")) == [("b", "plain")]


def test_the_queue_with_the_shorter_target_is_urgent() -> None:
    desk = Desk(queue("slow", target=120.0), queue("fast", target=10.0))
    desk.contact("1", to="slow")
    desk.now = 100
    desk.contact("2", to="fast")
    desk.now = 111
    desk.contact("3", to="fast")
    both = {"slow": 0, "fast": 0}
    assert pairs(desk.operator("a", queues=both)) == [("a", "2")]
    assert pairs(desk.operator("b", queues=both)) == [("b", "1")]


def test_demands_on_skill_and_language_are_held() -> None:
    desk = Desk(queue(language_level=3))
    desk.operator("weak", skills={"net": 4}, languages={"ro": 6})
    desk.operator("mute", skills={"net": 9}, languages={"ro": 2})
    assert pairs(desk.contact("1", skills={"net": 5}, language="ro")) == []
    assert pairs(desk.operator("right", skills={"net": 5}, languages={"ro": 3})) == [("right", "1")]


def test_demands_relax_step_by_step() -> None:
    steps = (RelaxStep(after=10, levels_down=2), RelaxStep(after=30, drop_skills=True, drop_language=True))
    desk = Desk(queue(steps=steps))
    desk.operator("near", skills={"net": 4}, languages={"ro": 6})
    desk.operator("far")
    desk.contact("1", skills={"net": 6}, language="ro")
    desk.contact("2", skills={"net": 9}, language="ro")
    assert pairs(desk.at(9.9)) == []
    said = desk.at(10)
    assert pairs(said) == [("near", "1")]
    desk.accept(said)
    assert pairs(desk.at(29.9)) == []
    assert pairs(desk.at(30)) == [("far", "2")]


def test_helpers_of_lower_rank_are_called_in_by_a_step() -> None:
    desk = Desk(queue(max_rank=0, steps=(RelaxStep(after=20, max_rank=1),)))
    desk.operator("helper", queues={"q": 1})
    assert pairs(desk.contact("1")) == []
    assert pairs(desk.at(20)) == [("helper", "1")]


def test_the_last_operator_goes_first_when_free() -> None:
    desk = Desk(queue(last_operator_first=True))
    desk.operator("a")
    desk.operator("b")
    assert pairs(desk.contact("1", last_operator=OperatorId("b"))) == [("b", "1")]


def test_a_contact_is_kept_for_its_last_operator_for_a_while() -> None:
    desk = Desk(queue(last_operator_first=True, last_operator_wait=15.0))
    desk.operator("b")
    desk.accept(desk.contact("0"))
    desk.operator("a")
    assert pairs(desk.contact("1", last_operator=OperatorId("b"))) == []
    assert pairs(desk.at(14)) == []
    assert pairs(desk.at(15)) == [("a", "1")]


def test_a_contact_is_not_kept_for_somebody_on_a_break() -> None:
    desk = Desk(queue(last_operator_first=True, last_operator_wait=15.0))
    desk.operator("a")
    desk.operator("b")
    desk.state("b", OperatorState.BREAK)
    assert pairs(desk.contact("1", last_operator=OperatorId("b"))) == [("a", "1")]


def test_capacity_is_counted_by_channel_and_a_call_keeps_chats_away() -> None:
    desk = Desk()
    desk.operator("a", capacity={Channel.VOICE: 1, Channel.CHAT: 2, Channel.MAIL: 1})
    assert len(pairs(desk.contact("c1", channel=Channel.CHAT))) == 1
    assert len(pairs(desk.contact("c2", channel=Channel.CHAT))) == 1
    assert pairs(desk.contact("c3", channel=Channel.CHAT)) == []
    assert pairs(desk.contact("v1")) == []
    assert len(pairs(desk.contact("m1", channel=Channel.MAIL))) == 1
    desk.left("m1")
    assert pairs(desk.left("c1")) == [("a", "c3")]
    assert pairs(desk.left("c2")) == []
    assert pairs(desk.left("c3")) == [("a", "v1")]


def test_chats_are_spread_over_the_least_loaded() -> None:
    desk = Desk()
    desk.operator("a", capacity={Channel.CHAT: 3})
    desk.operator("b", capacity={Channel.CHAT: 3})
    got = [pairs(desk.contact(str(number), channel=Channel.CHAT))[0][0] for number in range(4)]
    assert got == ["a", "b", "a", "b"]


def test_an_offer_ends_when_the_queue_says() -> None:
    desk = Desk(queue(ring=12.0))
    desk.operator("a")
    desk.now = 100
    ring = desk.contact("1")[0]
    assert isinstance(ring, Ring)
    assert ring.until == 112


def test_lanes_that_nobody_waits_in_are_forgotten_past_the_cap_and_choice_goes_on() -> None:
    desk = Desk()
    desk.operator("a", skills={"net": 5})
    desk.accept(desk.contact("busy"))
    desk.contact("kept", skills={"net": 5})
    for number in range(MAX_LANES + 100):
        desk.contact(str(number), skills={f"skill {number}": 1})
        desk.left(str(number))
    held = desk.router.state.queues[Q]
    assert len(held.lanes) <= MAX_LANES
    assert len(desk.router.state.operators[OperatorId("a")].lanes[Q]) <= MAX_LANES
    assert pairs(desk.left("busy")) == [("a", "kept")]
