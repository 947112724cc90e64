"""The counts of a day: each contact once, where and when it was lost or answered, by its wait in that queue."""

from zoneinfo import ZoneInfo

import pytest

from centrala.routing.core import facts as f
from centrala.routing.core.decisions import Decision, Ring
from centrala.routing.core.router import Router
from centrala.routing.core.settings import (
    ContactId,
    OperatorId,
    OverflowRule,
    Profile,
    QueueId,
    Settings,
    Target,
    TargetKind,
)
from centrala.routing.dispatch.tally import Day, Tallies
from support.router_desk import queue

BEGIN = 1_795_000_000.0
ANA = OperatorId("ana")


class Counted:
    """A router whose facts are counted, with one operator; `zone` is that of all queues."""

    def __init__(self, *, zone: str = "UTC", **rules: object) -> None:
        to = Target(TargetKind.QUEUE, "r")
        queues = (queue("q", **{"target": 20.0, "ring": 100.0, **rules}), queue("r", ring=100.0))
        self.router = Router(Settings(queues=queues), BEGIN)
        self.tallies = Tallies(lambda _: ZoneInfo(zone))
        self.now = BEGIN
        self.to = to
        self.feed(f.ProfileChanged(Profile(id=ANA, queues={QueueId("q"): 0, QueueId("r"): 0})))

    def feed(self, fact: f.Fact) -> list[Decision]:
        self.tallies.before(self.router.state, fact, self.now)
        decisions = self.router.feed(fact, self.now)
        self.tallies.after(self.router.state, fact, decisions)
        return decisions

    def come(self, name: str = "c", **rest: object) -> None:
        self.feed(f.ContactQueued(contact=ContactId(name), queue=QueueId("q"), **rest))  # type: ignore[arg-type]  # by name

    def later(self, seconds: float) -> None:
        self.now += seconds

    def answer(self) -> None:
        (ring,) = [
            one for one in self.feed(f.StateAsked(operator=ANA, state=f.OperatorState.READY)) if isinstance(one, Ring)
        ]
        self.feed(f.OfferAccepted(ring.offer))

    def day(self, name: str = "q") -> Day:
        return self.tallies.today(QueueId(name), self.now)


@pytest.mark.parametrize(("wait", "in_time"), [(20.0, 1), (20.5, 0)])
def test_an_answer_counts_its_whole_wait_and_whether_it_was_in_time(wait: float, in_time: int) -> None:
    one = Counted()
    one.later(500)  # nothing was told for long: the wait begins when the contact comes
    one.come()
    one.later(wait)
    one.answer()
    assert one.day() == Day(answered=1, answered_in_time=in_time, waited=wait)
    assert one.day().service_level == in_time


@pytest.mark.parametrize(("wait", "kind"), [(4.9, "short"), (5.0, "abandoned")])
def test_who_leaves_at_once_is_counted_apart(wait: float, kind: str) -> None:
    one = Counted()
    one.come()
    one.later(wait)
    one.feed(f.ContactLeft(ContactId("c")))
    assert one.day() == Day(**{kind: 1})


def test_a_contact_that_overflows_is_lost_to_one_queue_and_waits_anew_in_the_other() -> None:
    one = Counted(overflow=(OverflowRule(to=Target(TargetKind.QUEUE, "r"), after=30.0),))
    one.come()
    one.later(30)
    one.feed(f.TimePassed())
    one.later(7)
    one.answer()
    assert one.day() == Day(overflowed=1)
    assert one.day("r") == Day(answered=1, answered_in_time=1, waited=7.0)


def test_who_may_wait_no_longer_is_turned_away() -> None:
    one = Counted(max_wait=40.0)
    one.come()
    one.later(40)
    one.feed(f.TimePassed())
    assert one.day() == Day(turned_away=1)


def test_an_answered_call_back_counts_without_its_wait() -> None:
    one = Counted()
    one.come(callback=True, number="+37360000001")
    one.later(900)
    one.answer()
    assert one.day() == Day(answered=1)


def test_a_second_call_back_for_a_number_is_nobodys_loss() -> None:
    one = Counted()
    one.come("c", callback=True, number="+37360000001")
    one.come("d", callback=True, number="+37360000001")
    assert one.day() == Day()


def test_a_talk_that_ends_is_not_counted_again() -> None:
    one = Counted()
    one.come()
    one.answer()
    one.feed(f.ContactLeft(ContactId("c")))
    assert one.day().offered == 1


def test_a_day_is_one_of_the_projects_time_zone() -> None:
    one = Counted(zone="Europe/Chisinau")
    one.now = 1_795_039_199.0  # 2026-11-18 23:59:59 in Chisinau
    one.come("c")
    one.feed(f.ContactLeft(ContactId("c")))
    assert one.day().short == 1
    one.later(1)
    assert one.day().offered == 0


def test_a_router_that_was_restored_goes_on_counting_those_who_waited() -> None:
    one = Counted()
    one.come()
    after = Counted()
    after.router = Router.restored(one.router.dump())
    after.tallies.take_up(after.router.state)
    after.later(50)
    after.feed(f.ContactLeft(ContactId("c")))
    assert after.day() == Day(abandoned=1)
