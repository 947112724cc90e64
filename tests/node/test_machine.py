"""The order of starting, restarting and stopping, under virtual time."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from centrala.kit.settings import ProcessState as S
from centrala.node.machine import (
    LONGEST_PAUSE,
    MOVES,
    STABLE_AFTER,
    Effect,
    Event,
    Fleet,
    ImpossibleMove,
    Process,
    Spec,
)


def died_at(process: Process, now: float) -> float:
    """Let a running process die; returns the moment at which it is started again."""
    process.feed(Event.DIED, now=now)
    assert process.deadline is not None
    return process.deadline


def running(name: str = "app", *, now: float = 0.0) -> Process:
    process = Process(Spec(name=name))
    process.feed(Event.START, now=now)
    process.feed(Event.READY, now=now)
    return process


def test_pauses_between_restarts_double_up_to_half_a_minute() -> None:
    process, now, pauses = running(), 0.0, []
    for _ in range(11):
        again = died_at(process, now)
        pauses.append(round(again - now, 3))
        assert process.feed(Event.OVERDUE, now=again) is Effect.SPAWN
        process.feed(Event.READY, now=again)
        now = again
    assert pauses == [0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8, 25.6, LONGEST_PAUSE, LONGEST_PAUSE]
    assert process.restarts == 11


def test_stable_run_forgets_earlier_deaths() -> None:
    process = running()
    again = died_at(process, 1.0)
    process.feed(Event.OVERDUE, now=again)
    process.feed(Event.READY, now=again)
    dies = again + STABLE_AFTER
    assert died_at(process, dies) - dies == pytest.approx(0.1)


def test_process_that_never_gets_ready_is_killed_at_its_limit() -> None:
    process = Process(Spec(name="app", start_limit=120))
    process.feed(Event.START, now=0)
    assert process.deadline == 120
    assert process.feed(Event.OVERDUE, now=120) is Effect.KILL
    process.feed(Event.DIED, now=121)
    assert process.state is S.WAITING


def test_process_deaf_to_the_polite_signal_is_killed_and_killed_again() -> None:
    process = running()
    assert process.feed(Event.STOP, now=0) is Effect.TERMINATE
    assert process.deadline == 20
    assert process.feed(Event.OVERDUE, now=20) is Effect.KILL
    assert process.deadline == 22
    assert process.feed(Event.OVERDUE, now=22) is Effect.KILL


def test_move_that_the_table_lacks_changes_nothing() -> None:
    process = running()
    before = (process.state, process.since, process.deaths)
    with pytest.raises(ImpossibleMove, match="app: start while running"):
        process.feed(Event.START, now=9)
    assert (process.state, process.since, process.deaths) == before


NODE = (
    Spec(name="postgres", stop_phase=0),
    Spec(name="prepare", after=frozenset({"postgres"}), once=True, start_limit=None, stop_phase=1),
    Spec(name="media", stop_phase=1),
    Spec(name="app", after=frozenset({"prepare"}), stop_phase=2),
)


def up() -> Fleet:
    fleet = Fleet.of(NODE)
    fleet.start(now=0)
    fleet.feed("postgres", Event.READY, now=1)
    fleet.feed("media", Event.READY, now=1)
    fleet.feed("prepare", Event.FINISHED, now=2)
    fleet.feed("app", Event.READY, now=3)
    assert fleet.ready
    return fleet


def test_each_starts_when_what_it_needs_is_up() -> None:
    fleet = Fleet.of(NODE)
    assert fleet.start(now=0) == [("postgres", Effect.SPAWN), ("media", Effect.SPAWN)]
    assert fleet.feed("postgres", Event.READY, now=1) == [("prepare", Effect.SPAWN)]
    assert fleet.feed("prepare", Event.FINISHED, now=2) == [("app", Effect.SPAWN)]
    assert not fleet.ready


def test_death_of_one_restarts_only_that_one() -> None:
    fleet = up()
    assert fleet.feed("postgres", Event.DIED, now=10) == []
    assert fleet.deadline == pytest.approx(10.1)
    assert fleet.tick(now=10.1) == [("postgres", Effect.SPAWN)]
    assert fleet.feed("postgres", Event.READY, now=11) == []
    assert fleet.ready


def test_stop_goes_through_the_phases_and_the_store_is_last() -> None:
    fleet = up()
    assert fleet.stop(now=10) == [("app", Effect.TERMINATE)]
    assert fleet.feed("app", Event.DIED, now=11) == [("media", Effect.TERMINATE)]
    assert fleet.feed("media", Event.DIED, now=12) == [("postgres", Effect.TERMINATE)]
    assert not fleet.stopped
    assert fleet.feed("postgres", Event.DIED, now=13) == []
    assert fleet.stopped


def test_stop_does_not_wait_for_what_waits_for_its_restart() -> None:
    fleet = up()
    fleet.feed("app", Event.DIED, now=10)
    assert fleet.stop(now=10) == [("media", Effect.TERMINATE)]
    assert fleet.tick(now=100) == [("media", Effect.KILL)]


def test_second_stop_is_by_force() -> None:
    fleet = up()
    fleet.stop(now=10)
    assert fleet.stop(now=10.5) == [("app", Effect.KILL)]


def test_nothing_starts_once_the_stop_has_begun() -> None:
    fleet = Fleet.of(NODE)
    fleet.start(now=0)
    fleet.stop(now=1)
    orders = fleet.feed("media", Event.READY, now=2) + fleet.feed("media", Event.DIED, now=3)
    orders += fleet.feed("postgres", Event.DIED, now=4)
    assert [order for order in orders if order[1] is Effect.SPAWN] == []
    assert fleet.stopped


@given(st.lists(st.tuples(st.sampled_from([s.name for s in NODE]), st.sampled_from(Event))))
def test_any_story_can_be_stopped(story: list[tuple[str, Event]]) -> None:
    fleet, now = Fleet.of(NODE), 0.0
    fleet.start(now=now)
    for name, event in story:
        now += 1
        if (fleet.processes[name].state, event) in MOVES and event is not Event.START:
            fleet.feed(name, event, now=now)
    fleet.stop(now=now)
    for _ in NODE:
        for name, process in fleet.processes.items():
            if process.state is S.STOPPING:
                fleet.feed(name, Event.DIED, now=now)
    assert fleet.stopped
