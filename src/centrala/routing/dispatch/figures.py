"""What operators of the program see of routing: counts and times for Prometheus."""

from typing import Final

from prometheus_client import Counter, Gauge, Histogram

from centrala.routing.core.decisions import Decision

WAITING: Final = Gauge("centrala_routing_waiting", "Contacts that wait or are being offered.")
OPERATORS: Final = Gauge("centrala_routing_operators", "Operators by state.", ["state"])
DECISIONS: Final = Counter("centrala_routing_decisions_total", "Decisions of the router by kind.", ["kind"])
REPAIRS: Final = Counter("centrala_routing_repairs_total", "What the router believed and was not so.", ["kind"])
DECIDING: Final = Histogram(
    "centrala_routing_deciding_seconds",
    "Time that the router took for one fact.",
    buckets=(0.00002, 0.00005, 0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.05),
)
LOST: Final = Counter("centrala_routing_facts_elsewhere_total", "Facts told to a process that does not route.")
WRITTEN: Final = Counter("centrala_routing_journal_facts_total", "Facts written into the journal.")
DROPPED: Final = Counter("centrala_routing_journal_dropped_total", "Facts that the store refused.")


def count(decision: Decision) -> None:
    DECISIONS.labels(kind=type(decision).__name__).inc()
