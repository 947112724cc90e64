"""The board of one process."""

from collections.abc import Set as AbstractSet
from datetime import datetime
from uuid import UUID

from centrala.routing.board.rows import operator_row, queue_row
from centrala.routing.core.settings import OperatorId, QueueId
from centrala.routing.dispatch.dispatcher import Dispatcher
from centrala.routing.dispatch.load import Check
from centrala.routing.dispatch.views import moment
from centrala.routing.schemas_work import AlertOut, BoardOut


class Board:
    """Rows of the board, for whoever asks and for those who watch."""

    def __init__(self, dispatcher: Dispatcher) -> None:
        self.dispatcher = dispatcher
        self.alerts: dict[QueueId, list[AlertOut]] = {}

    def shown(self, projects: AbstractSet[UUID]) -> BoardOut:
        """The board for who sees these projects."""
        dispatcher = self.dispatcher
        sees = self.queues_of(projects)
        queues = dispatcher.router.state.queues
        operators = (operator_row(dispatcher, name, sees) for name in dispatcher.router.state.operators)
        return BoardOut(
            at=moment(dispatcher.now()),
            queues=[
                queue_row(dispatcher, dispatcher.laid.queues[name], queues[name], self.alerts.get(name, []))
                for name in queues
                if name in sees
            ],
            operators=[row for row in operators if row is not None],
        )

    def queues_of(self, projects: AbstractSet[UUID]) -> frozenset[QueueId]:
        return frozenset(name for name, info in self.dispatcher.laid.queues.items() if info.project_id in projects)

    def note_check(self, person_id: UUID, at: datetime, *, passed: bool) -> None:
        """Somebody has checked their desk."""
        self.dispatcher.note_check(OperatorId(str(person_id)), Check(at.timestamp(), passed))
