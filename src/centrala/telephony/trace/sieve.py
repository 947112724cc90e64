"""What is worth keeping: everything of calls; of registrations and of the watch over carriers only what failed.

A registration every minute from every phone would push the calls out of the trace. Its messages wait here until the
answer says whether somebody will look for them.
"""

from collections import OrderedDict
from datetime import datetime, timedelta
from typing import Final

from centrala.telephony.trace.reading import Taken
from centrala.telephony.transport.types import Direction

QUIET: Final = frozenset({"REGISTER", "OPTIONS"})
MAX_WAITING: Final = 2_000  # requests without an answer yet; past it the oldest goes
MAX_OF_ONE: Final = 12  # messages of one request: its repetitions
MAX_OF_CALL: Final = 400  # messages of one Call-ID; past it they are dropped, a loop has nothing new to tell
MAX_COUNTED: Final = 20_000  # Call-IDs whose messages are counted
ANSWER_WAIT: Final = timedelta(seconds=40)  # over RFC 3261's Timer F of 32 s

Key = tuple[str, int | None]


class Sieve:
    """Takes messages in the order of the wire; gives those to keep, perhaps later."""

    def __init__(self) -> None:
        self._waiting: OrderedDict[Key, list[Taken]] = OrderedDict()
        self._counts: OrderedDict[str, int] = OrderedDict()
        self.dropped = 0
        """Messages of calls beyond `MAX_OF_CALL` and requests beyond `MAX_WAITING`."""

    def take(self, message: Taken) -> list[Taken]:
        kept = self._quiet(message) if message.method in QUIET else [message]
        return [one for one in kept if self._within(one)]

    def late(self, now: datetime) -> list[Taken]:
        """Our own requests that nobody has answered; a stranger's that we did not answer are no fault."""
        found: list[Taken] = []
        while self._waiting:
            key, messages = next(iter(self._waiting.items()))
            if now - messages[0].at < ANSWER_WAIT:
                break
            del self._waiting[key]
            if messages[0].direction is Direction.OUT:
                found += messages
        return [one for one in found if self._within(one)]

    def _quiet(self, message: Taken) -> list[Taken]:
        key = (message.call_id, message.cseq)
        if message.status is None or message.status < 200:
            messages = self._waiting.setdefault(key, [])
            if len(messages) < MAX_OF_ONE:
                messages.append(message)
            if len(self._waiting) > MAX_WAITING:
                self._waiting.popitem(last=False)
                self.dropped += 1
            return []
        asked = self._waiting.pop(key, [])
        return [*asked, message] if _failed(asked, message) else []

    def _within(self, message: Taken) -> bool:
        count = self._counts.get(message.call_id, 0) + 1
        self._counts[message.call_id] = count
        if len(self._counts) > MAX_COUNTED:
            self._counts.popitem(last=False)
        if count > MAX_OF_CALL:
            self.dropped += 1
            return False
        return True


def _failed(asked: list[Taken], answer: Taken) -> bool:
    """A first challenge, and one that only renews the nonce (RFC 7616 3.3), belong to every good registration."""
    status = answer.status or 0
    if status in {401, 407}:
        return any(one.credentials for one in asked) and "stale=true" not in answer.text.lower()
    return status >= 300
