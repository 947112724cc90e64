"""Place in the queue and expected wait.

The estimate: with `n` contacts in hands at once (operators at work, ready or busy, times their capacity; an operator of
k queues counts as 1/k in each) and a mean handling time `h` (wrap-up included), a place becomes free every h / n
seconds, so the p-th in the queue waits p * h / n. That is the mean of a line that is served in order by n servers with
exponential times (Kleinrock, Queueing Systems I, 3.5). It leaves out that others give up, so it errs to the long side,
and that contacts with rare demands wait longer than their place says.
"""

from bisect import bisect_left

from centrala.routing.core.settings import Channel
from centrala.routing.core.state import SHARE, Contact, Queue


def position(contact: Contact) -> int:
    """Place in the queue, from 1; those who are being rung for count."""
    return bisect_left(contact.queue.line, contact.entry) + 1


def expected_wait(queue: Queue, channel: Channel, place: int) -> float | None:
    """Seconds until the `place`-th is answered; None when nobody is at work."""
    slots = queue.slots[channel] / SHARE
    return place * queue.handling / slots if slots > 0 else None
