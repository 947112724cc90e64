"""What a centre lays down for its routing: queues, demands, rules, breaks; and what an operator can do.

Times are seconds. Skills go from 1 to 10, languages from 1 (A1) to 6 (C2), ranks from 0 (the operator's own queue) up.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, NewType

OperatorId = NewType("OperatorId", str)
ContactId = NewType("ContactId", str)
QueueId = NewType("QueueId", str)

MAX_RELAX_STEPS: Final = 10  # steps of one queue
MAX_OVERFLOW_RULES: Final = 10  # rules of one queue
MAX_HOPS: Final = 5  # queues that one contact may overflow through; then it stays where it is
MAX_CAPACITY: Final = 20  # contacts of one channel that one operator may hold at once


class Channel(StrEnum):
    """How a contact reaches the centre."""

    VOICE = "voice"
    VIDEO = "video"
    CHAT = "chat"
    MESSAGE = "message"
    MAIL = "mail"


class Strategy(StrEnum):
    """Which of several free operators of the same rank is chosen first; ties go to the longest idle."""

    LONGEST_IDLE = "longest_idle"
    BEST_FIT = "best_fit"  # highest sum of levels in what the contact demands
    FEWEST_CONTACTS = "fewest_contacts"  # handled since signing in


class TargetKind(StrEnum):
    QUEUE = "queue"
    VOICEMAIL = "voicemail"
    MENU = "menu"
    NUMBER = "number"
    HANG_UP = "hang_up"


@dataclass(frozen=True, slots=True)
class Target:
    """Where a contact goes that this queue does not serve; `value` names the queue, mailbox, menu node or number."""

    kind: TargetKind
    value: str = ""


HANG_UP: Final = Target(TargetKind.HANG_UP)


@dataclass(frozen=True, slots=True, kw_only=True)
class RelaxStep:
    """What is demanded once a contact has waited `after` seconds in the queue; replaces the step before it."""

    after: float
    levels_down: int = 0  # taken from every demanded level of a skill; 1 remains
    drop_skills: bool = False
    drop_language: bool = False
    max_rank: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OverflowRule:
    """Sends a contact on after a wait, or at the door when its place would be beyond `place`; one of the two is set."""

    to: Target
    after: float | None = None
    place: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueSettings:
    """One queue. None switches a rule off."""

    id: QueueId
    strategy: Strategy = Strategy.LONGEST_IDLE
    target: float = 20.0  # service-level target: who is due first goes first, across queues
    ring: float = 20.0  # length of an offer
    wrap_up: float = 30.0  # limit of after-contact work; 0: none
    language_level: int = 1
    max_rank: int | None = None  # until a step widens it
    steps: tuple[RelaxStep, ...] = ()
    last_operator_first: bool = False
    last_operator_wait: float = 0.0  # how long a contact is kept for its last operator alone
    decline_pause: float = 30.0  # the same contact is not offered to the same operator again within it
    missed_before_pause: int = 1  # offers left unanswered in a row
    overflow: tuple[OverflowRule, ...] = ()
    max_length: int | None = None
    full: Target = HANG_UP
    max_wait: float | None = None
    too_long: Target = HANG_UP
    no_operator: Target | None = None
    no_operator_after: float = 0.0  # nobody of the queue has been signed in for so long
    closed: Target = HANG_UP
    serve_out: bool = True  # those who wait at closing time are still served
    callback_after: float | None = None  # offered after this wait
    callback_expected: float | None = None  # offered at once when the expected wait is longer
    callback_attempts: int = 3
    callback_pause: float = 600.0  # between attempts
    announce_first: float | None = None
    announce_every: float = 60.0
    handling_guess: float = 240.0  # mean handling time until enough has been seen
    max_on_break: int | None = None  # operators of the queue at once

    def __post_init__(self) -> None:
        """Raises ValueError for what no queue can have."""
        if self.ring <= 0 or self.announce_every <= 0 or self.decline_pause < 0 or self.callback_pause <= 0:
            raise ValueError(f"queue {self.id}: ring, announce_every and callback_pause are above 0 seconds")
        if len(self.steps) > MAX_RELAX_STEPS or len(self.overflow) > MAX_OVERFLOW_RULES:
            raise ValueError(
                f"queue {self.id}: {MAX_RELAX_STEPS} steps and {MAX_OVERFLOW_RULES} overflow rules at most"
            )
        if [step.after for step in self.steps] != sorted(step.after for step in self.steps):
            raise ValueError(f"queue {self.id}: steps stand in the order of their times")


# While an operator holds contacts of another channel, these may be offered beside them.
BESIDE: Final[Mapping[Channel, tuple[Channel, ...]]] = {
    Channel.VOICE: (Channel.MAIL, Channel.MESSAGE),
    Channel.VIDEO: (Channel.MAIL, Channel.MESSAGE),
    Channel.CHAT: (Channel.MAIL, Channel.MESSAGE),
    Channel.MESSAGE: (Channel.MAIL, Channel.CHAT),
    Channel.MAIL: (Channel.MESSAGE,),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The whole of one router's settings."""

    queues: tuple[QueueSettings, ...]
    priority_step: float = 60.0  # one priority more is worth as much as so long a wait: no priority starves another
    rank_step: float = 60.0  # one rank lower costs a contact as much as so long a wait, when an operator chooses
    breaks: Mapping[str, float] = field(default_factory=dict)  # planned length by reason
    max_on_break: int | None = None  # operators of the whole centre at once
    beside: Mapping[Channel, tuple[Channel, ...]] = field(default_factory=lambda: dict(BESIDE))

    def __post_init__(self) -> None:
        """Raises ValueError for what no router can work with."""
        if not self.queues or len({queue.id for queue in self.queues}) < len(self.queues):
            raise ValueError("settings name at least one queue, and each queue once")
        if self.priority_step < 0 or self.rank_step < 0:
            raise ValueError("priority_step and rank_step are not below 0 seconds")


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What an operator can do. `queues` gives the rank in each of the queues that the operator serves."""

    id: OperatorId
    queues: Mapping[QueueId, int]
    skills: Mapping[str, int] = field(default_factory=dict)
    languages: Mapping[str, int] = field(default_factory=dict)
    capacity: Mapping[Channel, int] = field(default_factory=lambda: {Channel.VOICE: 1})

    def __post_init__(self) -> None:
        """Raises ValueError for what nobody can have."""
        if any(not 1 <= most <= MAX_CAPACITY for most in self.capacity.values()):
            raise ValueError(f"operator {self.id}: a channel that is served has a capacity of 1 to {MAX_CAPACITY}")
        if any(rank < 0 for rank in self.queues.values()):
            raise ValueError(f"operator {self.id}: ranks are not below 0")
