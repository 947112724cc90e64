"""Visits as the tests of reports want them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from centrala.kit.ids import new_id
from centrala.reports.models import VisitRow


def a_visit(project: UUID, entered_at: datetime, **changes: Any) -> VisitRow:
    """A contact that waited ten seconds in no named queue and talked for a minute."""
    values: dict[str, Any] = {
        "interaction_id": new_id(),
        "seq": 0,
        "project_id": project,
        "queue_id": None,
        "operator_id": None,
        "entered_at": entered_at,
        "next_at": None,
        "channel": "voice",
        "direction": "in",
        "via": "queue",
        "result": "answered",
        "wait": 10_000,
        "ring": 3_000,
        "talk": 60_000,
        "hold": 0,
        "wrap_up": 0,
        "rating": None,
        "rating_scale": None,
        "transferred": False,
        "closing": True,
        "known": True,
    }
    return VisitRow(**values | changes)
