"""The simulator against what is known in closed form.

Erlang C (M/M/n): Kleinrock, Queueing Systems I, 3.5. Erlang A (M/M/n+M): Garnett, Mandelbaum, Reiman, "Designing a call
center with impatient customers" (2002). Tolerances are those of samples of 8,000 to 15,000 contacts, not of the method.
"""

import math
from itertools import accumulate, count
from pathlib import Path

import pytest

from centrala.routing.measures import Limits, Measures, Tally, measures
from centrala.routing.simulate.engine import Engine
from centrala.routing.simulate.scenario import Scenario

TALK = 180.0  # seconds
SERVERS = 10


def simulated(per_day: float, *, days: int, patience: float | None = None, **queue: object) -> tuple[Measures, float]:
    stream: dict[str, object] = {
        "queue": "q",
        "per_day": per_day,
        "talk": {"kind": "exponential", "mean": TALK},
    }
    if patience is not None:
        stream["patience"] = {"kind": "exponential", "mean": patience}
    scenario = Scenario.model_validate(
        {
            "name": "theory",
            "days": days,
            "short": 0,
            "queue": [{"name": "q", "target": 20, "wrap_up_limit": 0, **queue}],
            "operators": [
                {"name": "a", "count": SERVERS, "queues": {"q": 0}, "shifts": [{"from": "00:00", "to": "00:00"}]}
            ],
            "stream": [stream],
        }
    )
    engine = Engine(scenario, 7, Path())
    outcome = engine.run()
    whole = Tally(Limits(target=20, short=0))
    for tally in outcome.tallies.values():
        whole.merge(tally)
    workers = outcome.workers.values()
    return measures(whole), sum(one.busy for one in workers) / sum(one.available for one in workers)


def erlang_c(load: float, servers: int) -> float:
    """The share of those who have to wait."""
    blocked = 1.0
    for n in range(1, servers + 1):
        blocked = load * blocked / (n + load * blocked)
    return blocked / (1 - load / servers * (1 - blocked))


def erlang_a(load: float, servers: int, patience: float) -> tuple[float, float]:
    """Abandonment and mean wait of all, from the stationary chain of the number in the system."""
    service, leaving = 1.0, TALK / patience  # in units of the service rate
    weights = [1.0]
    for n in count(1):
        death = min(n, servers) * service + max(0, n - servers) * leaving
        weights.append(weights[-1] * load / death)
        if n > servers and weights[-1] < 1e-12 * max(weights):
            break
    waiting = sum(weight * max(0, n - servers) for n, weight in enumerate(weights)) / sum(weights)
    return waiting * leaving / load, waiting / load * TALK


def test_the_formula_is_erlangs() -> None:
    assert erlang_c(8.0, 10) == pytest.approx(0.40918, abs=1e-5)  # published table value


def test_patient_customers_wait_as_erlang_c_says() -> None:
    load = 8.0
    found, occupied = simulated(load * 86_400 / TALK, days=4)
    waits = erlang_c(load, SERVERS)
    within = 1 - waits * math.exp(-(SERVERS - load) * 20 / TALK)
    asa = waits * TALK / (SERVERS - load)
    assert found.offered == pytest.approx(4 * load * 86_400 / TALK, rel=0.02)
    assert found.asa == pytest.approx(asa, rel=0.08)
    assert found.service_level_offered == pytest.approx(within, abs=0.015)
    assert occupied == pytest.approx(load / SERVERS, abs=0.02)


def test_impatient_customers_leave_as_erlang_a_says() -> None:
    load, patience = 11.0, 120.0
    found, _ = simulated(load * 86_400 / TALK, days=2, patience=patience)
    leave, _ = erlang_a(load, SERVERS, patience)
    assert found.abandonment == pytest.approx(leave, abs=0.01)


def test_without_a_queue_calls_are_lost_as_erlang_b_says() -> None:
    load = 8.0
    found, _ = simulated(load * 86_400 / TALK, days=2, max_length=0)
    blocked = list(accumulate(range(1, SERVERS + 1), lambda b, n: load * b / (n + load * b), initial=1.0))[-1]
    assert found.turned_away / found.offered == pytest.approx(blocked, abs=0.01)
