"""Speed of the routing core. Run: `python bench/routing/measure.py`.

A decision here is an offer (`Ring`). Times are of the CPU (`process_time`), the best of 25 rounds, so that other
work on the machine does not count. The naive router at the end decides by looking at everybody, as a list would.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from centrala.routing.core.decisions import Decision, Ring
from centrala.routing.core.facts import (
    ContactLeft,
    ContactQueued,
    Fact,
    OfferAccepted,
    OperatorState,
    ProfileChanged,
    StateAsked,
)
from centrala.routing.core.router import Router
from centrala.routing.core.settings import (
    ContactId,
    OperatorId,
    Profile,
    QueueId,
    QueueSettings,
    RelaxStep,
    Settings,
    Strategy,
)

OPERATORS: Final = 1_000
WAITING: Final = 5_000
ROUND: Final = 2_000  # decisions
ROUNDS: Final = 25
QUEUES: Final = [QueueId(f"queue {number}") for number in range(12)]
LANGUAGES: Final = ["ro", "ru", "en"]
SKILLS: Final = ["net", "bill", "sales", "cards"]


@dataclass
class Centre:
    """A router in a steady state: whoever finishes is replaced by somebody new who waits."""

    router: Router
    chance: random.Random
    now: float = 0.0
    number: int = 0
    talking: list[ContactId] = field(default_factory=list)
    coming: list[ContactQueued] = field(default_factory=list)

    def feed(self, fact: Fact) -> list[Decision]:
        return self.router.feed(fact, self.now)

    def somebody(self) -> ContactQueued:
        self.number += 1
        return ContactQueued(
            contact=ContactId(str(self.number)),
            queue=self.chance.choice(QUEUES),
            skills={self.chance.choice(SKILLS): self.chance.randint(1, 4)} if self.chance.random() < 0.5 else {},
            language=self.chance.choice(LANGUAGES),
            priority=self.chance.choice((0, 0, 0, 1, 2)),
        )

    def draw(self, count: int) -> None:
        """Make up those who will come, before the clock starts."""
        self.coming = [self.somebody() for _ in range(count)]

    def come(self) -> list[Decision]:
        return self.feed(self.coming.pop() if self.coming else self.somebody())

    def answer(self, decisions: list[Decision]) -> int:
        """Accept every offer; how many there were."""
        rings = [one for one in decisions if isinstance(one, Ring)]
        for ring in rings:
            self.feed(OfferAccepted(ring.offer))
            self.talking.append(ring.contact)
        return len(rings)

    def finish(self) -> list[Decision]:
        place = self.chance.randrange(len(self.talking))
        self.talking[place], self.talking[-1] = self.talking[-1], self.talking[place]
        return self.feed(ContactLeft(self.talking.pop()))


def centre(strategy: Strategy, *, wide: bool) -> Centre:
    """1,000 people in one to three of 12 queues, with one to three languages and two skills each."""
    chance = random.Random(1)
    steps = (RelaxStep(after=60, levels_down=2), RelaxStep(after=180, drop_skills=True)) if wide else ()
    made = Centre(
        Router(
            Settings(queues=tuple(QueueSettings(id=name, strategy=strategy, wrap_up=0, steps=steps) for name in QUEUES))
        ),
        chance,
    )
    for number in range(OPERATORS):
        name = OperatorId(f"operator {number}")
        profile = Profile(
            id=name,
            queues={queue: rank for rank, queue in enumerate(chance.sample(QUEUES, chance.randint(1, 3)))},
            skills={skill: chance.randint(1, 10) for skill in chance.sample(SKILLS, 2)},
            languages={language: chance.randint(2, 6) for language in chance.sample(LANGUAGES, chance.randint(1, 3))},
        )
        made.feed(ProfileChanged(profile))
        made.feed(StateAsked(operator=name, state=OperatorState.READY))
    return made


def overloaded(made: Centre) -> Callable[[], int]:
    """Everybody talks, 5,000 wait; one finishes and gets the next, one more comes."""
    waiting = 0
    while waiting < WAITING:
        made.now += 0.001
        waiting += not made.answer(made.come())

    def cycle() -> int:
        made.now += 0.01
        return made.answer(made.finish()) + made.answer(made.come())

    return cycle


def quiet(made: Centre) -> Callable[[], int]:
    """Nine in ten are free; one comes and is offered at once, one finishes."""

    def cycle() -> int:
        made.now += 0.01
        offered = made.answer(made.come())
        if len(made.talking) > OPERATORS // 10:
            made.finish()
        return offered

    for _ in range(2 * OPERATORS):
        cycle()
    return cycle


def rate(made: Centre, cycle: Callable[[], int]) -> float:
    """Decisions in a second of the CPU, the best round."""
    best = 0.0
    for _ in range(ROUNDS):
        made.draw(ROUND + ROUND // 10)
        done, begins = 0, time.process_time()
        while done < ROUND:
            done += cycle()
        best = max(best, done / (time.process_time() - begins))
    return best


def naive(made: Centre) -> float:
    """Decisions a second of a router that keeps a list of contacts and looks through it for each free operator."""
    state = made.router.state
    contacts = list(state.contacts.values())
    operators = list(state.operators.values())
    begins = time.process_time()
    count = 200
    for operator in operators[:count]:
        profile = operator.profile
        fitting = [
            (contact.entry[0] + 60.0 * profile.queues[contact.queue.settings.id], contact.number)
            for contact in contacts
            if contact.state == "waiting"
            and contact.queue.settings.id in profile.queues
            and (contact.language is None or contact.language in profile.languages)
            and all(profile.skills.get(skill, 0) >= level for skill, level in contact.skills)
        ]
        min(fitting, default=None)
    return count / (time.process_time() - begins)


def show(name: str, made: Centre, begin: Callable[[Centre], Callable[[], int]]) -> None:
    print(f"| {name} | {rate(made, begin(made)):,.0f} |", flush=True)


def main() -> None:
    print("| 1,000 operators, 12 queues | decisions/s |")
    print("|---|---|")
    for strategy in Strategy:
        show(f"5,000 waiting, {strategy}", centre(strategy, wide=False), overloaded)
    show("5,000 waiting, best_fit, two relaxing steps", centre(Strategy.BEST_FIT, wide=True), overloaded)
    for strategy in Strategy:
        show(f"nobody waiting, 900 free, {strategy}", centre(strategy, wide=False), quiet)
    made = centre(Strategy.LONGEST_IDLE, wide=False)
    overloaded(made)
    print(f"| for comparison: the search alone through a list of 5,000 | {naive(made):,.0f} |")


if __name__ == "__main__":
    main()
