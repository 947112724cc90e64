"""Sample rows of queues and what belongs to them."""

from uuid import UUID

from centrala.kit.ids import new_id
from centrala.kit.work import Work
from centrala.routing.models import NoticeReaderRow, NoticeRow, QueueDayRow, QueueOperatorRow, QueueRow


async def a_queue(unit: Work, project: UUID, person: UUID) -> UUID:
    """A queue with an operator, a day and a notice to them."""
    queue, notice = new_id(), new_id()
    unit.session.add(QueueRow(id=queue, project_id=project, name="Faults", rules={}, thresholds={}))
    await unit.session.flush()
    figures = ("answered", "answered_in_time", "abandoned", "short", "overflowed", "turned_away", "waited")
    unit.session.add_all(
        [
            QueueOperatorRow(queue_id=queue, person_id=person, project_id=project, rank=0),
            QueueDayRow(queue_id=queue, day=unit.now.date(), project_id=project, **dict.fromkeys(figures, 0)),
            NoticeRow(id=notice, project_id=project, queue_id=queue, kind="broadcast", text="Line down", at=unit.now),
        ]
    )
    await unit.session.flush()
    unit.session.add(NoticeReaderRow(notice_id=notice, person_id=person, project_id=project))
    return queue
