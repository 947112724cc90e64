"""A scenario's queues and people in the words of the routing core."""

from collections.abc import Iterator

from centrala.routing.core.settings import (
    OperatorId,
    OverflowRule,
    Profile,
    QueueId,
    QueueSettings,
    RelaxStep,
    Settings,
    Target,
)
from centrala.routing.simulate.roster import people
from centrala.routing.simulate.scenario import QueueIn, Scenario, TargetIn


def router_settings(scenario: Scenario) -> Settings:
    """All queues with their rules."""
    return Settings(
        queues=tuple(_queue(queue) for queue in scenario.queue),
        priority_step=scenario.priority_step,
        rank_step=scenario.rank_step,
        max_on_break=scenario.max_on_break,
    )


def profiles(scenario: Scenario) -> Iterator[Profile]:
    """Everybody who may work."""
    for group in scenario.operators:
        for name in people(group):
            yield Profile(
                id=OperatorId(name),
                queues={QueueId(queue): rank for queue, rank in group.queues.items()},
                skills=dict(group.skills),
                languages=dict(group.languages),
                capacity=dict(group.capacity),
            )


def _queue(given: QueueIn) -> QueueSettings:
    return QueueSettings(
        id=QueueId(given.name),
        strategy=given.strategy,
        target=given.target,
        ring=given.ring,
        wrap_up=given.wrap_up_limit,
        language_level=given.language_level,
        max_rank=given.max_rank,
        steps=tuple(RelaxStep(**step.model_dump()) for step in sorted(given.steps, key=lambda step: step.after)),
        last_operator_first=given.last_operator_first,
        last_operator_wait=given.last_operator_wait,
        overflow=tuple(
            OverflowRule(to=_target(rule.to), after=rule.after, place=rule.place) for rule in given.overflow
        ),
        max_length=given.max_length,
        full=_target(given.full),
        max_wait=given.max_wait,
        too_long=_target(given.too_long),
        no_operator=_target(given.no_operator) if given.no_operator else None,
        no_operator_after=given.no_operator_after,
        closed=_target(given.closed),
        serve_out=given.serve_out,
        callback_after=given.callback_after,
        callback_expected=given.callback_expected,
        callback_attempts=given.callback_attempts,
        callback_pause=given.callback_pause,
        max_on_break=given.max_on_break,
    )


def _target(given: TargetIn) -> Target:
    return Target(given.kind, given.value)
