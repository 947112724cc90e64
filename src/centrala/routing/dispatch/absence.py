"""Who has gone home without signing out: neither desk nor phone has given a sign of life for long."""

from collections.abc import Iterable
from typing import Final

from centrala.routing.core.facts import OperatorState, StateAsked
from centrala.routing.core.settings import OperatorId
from centrala.routing.core.state import Operator

LIMIT: Final = 15 * 60.0  # seconds without a sign of life; from the planned end of a break
REASON: Final = "absent"


class Absence:
    """Since when each operator is away."""

    def __init__(self) -> None:
        self._since: dict[OperatorId, float] = {}

    def overdue(self, operators: Iterable[Operator], now: float) -> list[StateAsked]:
        """What signs out those who will not come back; to be asked every minute."""
        away = {one.id: one for one in operators if not one.present and one.state is not OperatorState.OFF}
        self._since = {name: self._since.get(name, now) for name in away}
        return [
            StateAsked(operator=name, state=OperatorState.OFF, reason=REASON, force=True)
            for name, operator in away.items()
            if not operator.work and now >= max(self._since[name], operator.until or 0.0) + LIMIT
        ]
