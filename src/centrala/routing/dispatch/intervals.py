"""The log of people's states: what somebody is becomes an interval when it changes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from centrala.kit.ids import new_id
from centrala.routing.core.facts import OperatorState
from centrala.routing.core.settings import OperatorId
from centrala.routing.core.state import Operator
from centrala.routing.dispatch.views import moment

ABSENT = "absent"


@dataclass(slots=True, kw_only=True)
class Interval:
    """One row of `operator_states`."""

    id: UUID = field(default_factory=new_id)
    person: OperatorId
    state: str
    reason: str
    since: datetime
    until: datetime | None = None
    forced_by: UUID | None = None

    def row(self) -> Mapping[str, Any]:
        return {
            "id": self.id,
            "person_id": self.person,
            "state": self.state,
            "reason": self.reason,
            "since": self.since,
            "until": self.until,
            "forced_by": self.forced_by,
        }


class Intervals:
    """The intervals that last."""

    def __init__(self, lasting: Iterable[Interval] = ()) -> None:
        self.lasting = {one.person: one for one in lasting}

    def follow(self, operator: Operator | None, name: OperatorId, now: float, by: UUID | None) -> list[Interval]:
        """The intervals that end and begin because of what the operator is now; `by` is who forced it."""
        before = self.lasting.get(name)
        state, reason = effective(operator)
        if before is not None and (before.state, before.reason) == (state, reason):
            return []
        changed = []
        if before is not None:
            before.until = moment(now)
            changed.append(self.lasting.pop(name))
        if state:
            begun = Interval(person=name, state=state, reason=reason, since=moment(now), forced_by=by)
            self.lasting[name] = begun
            changed.append(begun)
        return changed


def effective(operator: Operator | None) -> tuple[str, str]:
    """State and reason for the log; a break begins when the hands are empty, signed out is nothing."""
    if operator is None or operator.state is OperatorState.OFF:
        return "", ""
    if operator.state is OperatorState.READY or (operator.state is OperatorState.BREAK and operator.until is None):
        return (OperatorState.READY.value if operator.present else ABSENT), ""
    return operator.state.value, operator.reason
