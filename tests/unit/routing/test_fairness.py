"""Order within equal priority, and that nobody waits for ever."""

from collections import deque
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from centrala.routing.core.decisions import Ring
from support.router_desk import Desk, queue, rung

happenings = st.lists(st.sampled_from(["come", "come", "answer", "finish", "ready", "leave", "wait"]), max_size=80)


@settings(max_examples=60, deadline=None)
@given(story=happenings)
def test_equals_are_offered_in_the_order_of_their_coming(story: list[str]) -> None:
    desk = Desk(queue(ring=1e6))
    waiting: deque[str] = deque()
    came, operators, answered = 0, 0, deque[str]()
    for what in story:
        said = []
        if what == "come":
            came += 1
            waiting.append(str(came))
            said = desk.contact(str(came))
        elif what == "ready":
            operators += 1
            said = desk.operator(f"operator {operators}")
        elif what == "leave" and waiting:
            said = desk.left(waiting.pop())
        elif what == "finish" and answered:
            said = desk.left(answered.popleft())
        elif what == "wait":
            desk.now += 1
        for ring in rung(said):
            assert ring.contact == waiting.popleft()
            desk.accept([ring])
            answered.append(ring.contact)


def served_before(desk: Desk, name: str, **coming: Any) -> list[int]:
    """One operator serves 1 in 10 s while one comes each second; the moments of coming of those served first."""
    before: list[int] = []
    current = "first"
    for second in range(1, 4000):
        desk.now = float(second)
        desk.contact(str(second), **coming)
        if second % 10 == 0:
            said = desk.left(current)
            desk.accept(said)
            current = rung(said)[0].contact
            if current == name:
                break
            before.append(int(current))
    return before


def test_important_ones_overtake_a_low_priority_only_if_they_come_soon_after_it() -> None:
    desk = Desk(queue(), priority_step=60.0)
    desk.operator("a")
    desk.accept(desk.contact("first"))
    desk.contact("low", priority=0)
    assert served_before(desk, "low", priority=3) == list(range(1, 180))


def test_the_own_queue_overtakes_the_other_only_for_a_while() -> None:
    desk = Desk(queue("own"), queue("other"), rank_step=60.0)
    desk.operator("a", queues={"own": 0, "other": 2})
    desk.accept(desk.contact("first", to="own"))
    desk.contact("far", to="other")
    assert served_before(desk, "far", to="own") == list(range(1, 120))


def test_a_thousand_offers_have_a_thousand_numbers() -> None:
    desk = Desk()
    desk.operator("a")
    for number in range(1000):
        desk.serve(str(number))
    assert len({one.offer for one in desk.said if isinstance(one, Ring)}) == 1000
