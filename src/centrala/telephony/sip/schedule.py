"""Deadlines of many owners in one heap; moved and cancelled ones are left behind and skipped."""

from __future__ import annotations

import heapq
from collections.abc import Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
_SLACK = 64  # entries; below it the heap is not worth cleaning


class Schedule(Generic[K]):
    """One deadline (monotonic seconds) for each key."""

    __slots__ = ("_due", "_heap", "_serial")

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, K]] = []
        self._due: dict[K, float] = {}
        self._serial = 0

    def set(self, key: K, deadline: float | None) -> None:
        """Give `key` a deadline, or none."""
        if deadline is None:
            self._due.pop(key, None)
        elif self._due.get(key) != deadline:
            self._due[key] = deadline
            self._serial += 1
            heapq.heappush(self._heap, (deadline, self._serial, key))
        if len(self._heap) > 4 * len(self._due) + _SLACK:
            self._heap = [(d, s, k) for d, s, k in self._heap if self._due.get(k) == d]
            heapq.heapify(self._heap)

    def next(self) -> float | None:
        """Return the earliest deadline, or None."""
        while self._heap:
            deadline, _, key = self._heap[0]
            if self._due.get(key) == deadline:
                return deadline
            heapq.heappop(self._heap)
        return None

    def pop_due(self, now: float) -> K | None:
        """Take out the key with the earliest deadline not after `now`, or return None."""
        deadline = self.next()
        if deadline is None or deadline > now:
            return None
        key = heapq.heappop(self._heap)[2]
        del self._due[key]
        return key

    def __len__(self) -> int:
        return len(self._due)

    def __contains__(self, key: K) -> bool:
        return key in self._due
