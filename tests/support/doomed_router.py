"""A process that routes until it is killed: `python -m support.doomed_router <database url> <queue> <operator>`.

Queues three contacts, connects the first, writes their ids on a line, and waits for its end.
"""

import asyncio
import json
import sys

from centrala.kit.clock import utc_now
from centrala.kit.database import Database
from centrala.kit.ids import new_id
from centrala.routing.service import (
    ContactId,
    ContactQueued,
    Dispatcher,
    OfferAccepted,
    OperatorId,
    OperatorState,
    QueueId,
    Ring,
    StateAsked,
)


async def run(url: str, queue: QueueId, operator: OperatorId) -> None:
    dispatcher = Dispatcher(Database(url), utc_now)
    await dispatcher.start()
    dispatcher.feed(StateAsked(operator=operator, state=OperatorState.READY))
    names = [ContactId(str(new_id())) for _ in range(3)]
    for name in names:
        for decision in dispatcher.feed(ContactQueued(contact=name, queue=queue)):
            if isinstance(decision, Ring):
                dispatcher.feed(OfferAccepted(decision.offer))
    await dispatcher.flushed()
    sys.stdout.write(json.dumps(names) + "\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(run(sys.argv[1], QueueId(sys.argv[2]), OperatorId(sys.argv[3])))
