"""Alarms about queues: on the board while they last, and a notice to the supervisors of the project."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from centrala.kit.access import Wall
from centrala.kit.ids import ProjectId, new_id
from centrala.kit.logging import get_logger
from centrala.kit.work import work
from centrala.routing.board.alerts import PATIENCE, beyond, figures, watched
from centrala.routing.core.settings import QueueId
from centrala.routing.dispatch.dispatcher import Dispatcher
from centrala.routing.dispatch.load import QueueInfo
from centrala.routing.dispatch.views import moment
from centrala.routing.models import NoticeRow
from centrala.routing.posting import end_alert, post, supervisors_of
from centrala.routing.schemas_work import AlertOut, BoardQueue, Measure

log = get_logger(__name__)

MAX_UNWRITTEN: Final = 1_000  # alarms that wait for the store; past it they stand on the board alone

Key = tuple[QueueId, Measure]


@dataclass(frozen=True, slots=True)
class Alarm:
    """One that lasts, with the notice about it."""

    shown: AlertOut
    notice_id: UUID
    project_id: UUID


class Alarms:
    """Those of one process."""

    def __init__(self, dispatcher: Dispatcher) -> None:
        self._dispatcher = dispatcher
        self._lasting: dict[Key, Alarm] = {}
        self._since: dict[Key, float] = {}  # when a figure went beyond whose alarm waits
        self._begun: list[tuple[QueueId, Alarm]] = []
        self._ended: list[Alarm] = []
        self._known = False

    def of(self, queue: QueueId) -> list[AlertOut]:
        return [alarm.shown for (name, _), alarm in self._lasting.items() if name == queue]

    def look(self, row_of: Callable[[QueueId], BoardQueue | None]) -> set[QueueId]:
        """Begin and end alarms; returns the queues whose alarms are others now."""
        dispatcher, changed = self._dispatcher, set[QueueId]()
        if not dispatcher.routes:
            return changed
        for name, info in dispatcher.laid.queues.items():
            limits = watched(info.thresholds)
            if limits or any(queue == name for queue, _ in self._lasting):
                row = row_of(name)
                if row is not None and self._judge(name, info, row, limits):
                    changed.add(name)
        for key in [key for key in self._lasting if key[0] not in dispatcher.laid.queues]:
            self._ended.append(self._lasting.pop(key))
        return changed

    def _judge(self, name: QueueId, info: QueueInfo, row: BoardQueue, limits: dict[Measure, float]) -> bool:
        now = self._dispatcher.now()
        told = dict(figures(row, now))
        changed = False
        for measure in Measure:
            key, limit, value = (name, measure), limits.get(measure), told.get(measure)
            alarmed = key in self._lasting
            wanted = limit is not None and value is not None and beyond(measure, value, limit, alarmed=alarmed)
            if not wanted:
                self._since.pop(key, None)
            elif not alarmed and now < self._since.setdefault(key, now) + PATIENCE.get(measure, 0.0):
                continue
            if wanted and not alarmed and limit is not None and value is not None:
                shown = AlertOut(measure=measure, value=round(value, 3), threshold=limit, since=moment(now))
                self._lasting[key] = alarm = Alarm(shown, new_id(), info.project_id)
                self._begun = [*self._begun, (name, alarm)][-MAX_UNWRITTEN:]
            elif alarmed and not wanted:
                self._ended = [*self._ended, self._lasting.pop(key)][-MAX_UNWRITTEN:]
            changed |= wanted is not alarmed
        return changed

    async def write(self) -> None:
        """Put what began and ended into the store; what it does not take now waits for the next look."""
        if not self._dispatcher.routes:
            return
        try:
            if not self._known:
                await self._take_up()
                self._known = True
            while self._begun:
                await self._post(*self._begun[0])
                del self._begun[0]
            while self._ended:
                await self._close(self._ended[0])
                del self._ended[0]
        except (SQLAlchemyError, OSError) as error:
            log.warning("Alarms wait for the database.", error=type(error).__name__)

    async def _take_up(self) -> None:
        """End those of the process before: what still holds has begun anew."""
        projects = self._dispatcher.laid.projects
        async with work(self._dispatcher.database, _wall(projects), clock=self._dispatcher.clock) as unit:
            query = select(NoticeRow.id).where(NoticeRow.kind == "alert", NoticeRow.ended_at.is_(None))
            for notice_id in (await unit.session.scalars(query)).all():
                await end_alert(unit, notice_id)

    async def _post(self, queue: QueueId, alarm: Alarm) -> None:
        shown = alarm.shown
        async with work(self._dispatcher.database, _wall({alarm.project_id}), clock=self._dispatcher.clock) as unit:
            notice = NoticeRow(
                id=alarm.notice_id,
                project_id=alarm.project_id,
                queue_id=UUID(queue),
                kind="alert",
                urgent=True,
                text="",
                at=shown.since,
                measure=shown.measure.value,
                value=shown.value,
                threshold=shown.threshold,
            )
            await post(unit, notice, await supervisors_of(unit, alarm.project_id))

    async def _close(self, alarm: Alarm) -> None:
        async with work(self._dispatcher.database, _wall({alarm.project_id}), clock=self._dispatcher.clock) as unit:
            await end_alert(unit, alarm.notice_id)


def _wall(projects: Iterable[UUID]) -> Wall:
    return Wall(centre=True, projects=frozenset(ProjectId(one) for one in projects))
