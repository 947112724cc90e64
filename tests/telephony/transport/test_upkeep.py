"""When a connection is pinged or closed."""

from dataclasses import replace

import pytest

from centrala.telephony.transport.types import Limits
from centrala.telephony.transport.upkeep import Condition, Step, due

LIMITS = Limits(
    first_seconds=30,
    partial_seconds=20,
    stranger_idle_seconds=300,
    idle_seconds=4000,
    ping_seconds=90,
    pong_seconds=10,
)
STRANGER = Condition(born=0.0, outbound=False, known=False, heard=0.0)
KNOWN = replace(STRANGER, known=True)
OURS = Condition(born=0.0, outbound=True, known=True, heard=0.0)


@pytest.mark.parametrize(
    ("now", "condition", "step"),
    [
        (29.0, STRANGER, Step.NOTHING),
        (31.0, STRANGER, Step.SILENT),
        (299.0, replace(STRANGER, whole=0.0), Step.NOTHING),
        (301.0, replace(STRANGER, whole=0.0), Step.IDLE),
        (301.0, replace(KNOWN, whole=0.0), Step.NOTHING),
        (4001.0, replace(KNOWN, whole=0.0), Step.IDLE),
        # Drop by drop: each byte is fresh, but the message began long ago.
        (21.0, replace(STRANGER, heard=20.9, partial_since=0.5), Step.PARTIAL),
        (20.0, replace(STRANGER, heard=19.9, partial_since=0.5), Step.NOTHING),
        (20.0, replace(STRANGER, heard=18.5, partial_since=18.0), Step.SETTLE),
        (89.0, OURS, Step.NOTHING),
        (91.0, OURS, Step.PING),
        (181.0, replace(OURS, pinged=91.0, unanswered=True), Step.NOTHING),
        (182.0, replace(OURS, pinged=91.0, unanswered=True), Step.PING),
        # Only a peer that has answered pings before is missed when it does not.
        (100.0, replace(OURS, pinged=91.0, unanswered=True, ponged=True), Step.NOTHING),
        (102.0, replace(OURS, pinged=91.0, unanswered=True, ponged=True), Step.NO_PONG),
        (9999.0, replace(OURS, pinged=9990.0, ponged=True), Step.NOTHING),
    ],
)
def test_what_is_due(now: float, condition: Condition, step: Step) -> None:
    assert due(now, condition, LIMITS) is step
