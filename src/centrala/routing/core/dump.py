"""A router's state as plain data (what JSON holds) and back; a restored router decides as the old one would have.

Only what cannot be worked out is written. Lists are written in the order of numbers, so equal states give equal text.
"""

from typing import Any, Final, get_args

from pydantic import TypeAdapter

from centrala.routing.core.facts import Fact, OperatorState
from centrala.routing.core.queues import make_queues, rebuild
from centrala.routing.core.settings import Channel, ContactId, OperatorId, Profile, QueueId, Settings
from centrala.routing.core.state import Contact, ContactState, Operator, Queue, State, Work, WorkState

VERSION: Final = 1

_SETTINGS: Final = TypeAdapter(Settings)
_PROFILE: Final = TypeAdapter(Profile)

Plain = dict[str, Any]

_FACTS: Final = {one.__name__: TypeAdapter(one) for one in get_args(Fact)}


def fact_to_plain(fact: Fact) -> Plain:
    """A fact as plain data; `fact` names its kind."""
    name = type(fact).__name__
    return {"fact": name, **_FACTS[name].dump_python(fact, mode="json")}


def fact_from_plain(plain: Plain) -> Fact:
    """The fact of `fact_to_plain`. Raises ValueError for a kind that this program does not know."""
    rest = dict(plain)
    adapter = _FACTS.get(rest.pop("fact", ""))
    if adapter is None:
        raise ValueError(f"no fact {plain.get('fact')!r}")
    fact: Fact = adapter.validate_python(rest)
    return fact


def dump(state: State) -> Plain:
    """Everything of a router as dicts, lists, strings, numbers, booleans and None."""
    return {
        "version": VERSION,
        "now": state.now,
        "last_number": state.last_number,
        "settings": _SETTINGS.dump_python(state.settings, mode="json"),
        "queues": [_queue(queue) for queue in state.queues.values()],
        "operators": [_operator(one) for one in sorted(state.operators.values(), key=lambda one: one.number)],
        "contacts": [_contact(one) for one in sorted(state.contacts.values(), key=lambda one: one.number)],
        "works": [_work(work) for _, work in sorted(state.works.items())],
        "callbacks": dict(sorted(state.callbacks.items())),
        "stale": dict(sorted(state.stale.items())),
    }


def restore(plain: Plain) -> State:
    """The state of `dump`. Raises ValueError when it was written by another version."""
    if plain.get("version") != VERSION:
        raise ValueError(f"a router's state of version {plain.get('version')}; this program reads {VERSION}")
    state = State(_SETTINGS.validate_python(plain["settings"]))
    make_queues(state)
    for one in plain["queues"]:
        _restore_queue(state, one)
    for one in plain["operators"]:
        _restore_operator(state, one)
    for one in plain["contacts"]:
        _restore_contact(state, one)
    for one in plain["works"]:
        _restore_work(state, one)
    state.callbacks.update(plain["callbacks"])
    state.stale.update(plain["stale"])
    state.now = plain["now"]
    rebuild(state)
    state.last_number = plain["last_number"]
    return state


def _queue(queue: Queue) -> Plain:
    return {
        "id": queue.settings.id,
        "number": queue.number,
        "open": queue.open,
        "handling": queue.handling,
        "deserted_at": queue.deserted_at,
        "wake": queue.wake,
    }


def _restore_queue(state: State, plain: Plain) -> None:
    queue = state.queues[QueueId(plain["id"])]
    queue.number, queue.open, queue.handling = plain["number"], plain["open"], plain["handling"]
    queue.deserted_at, queue.wake = plain["deserted_at"], plain["wake"]


def _operator(operator: Operator) -> Plain:
    return {
        "number": operator.number,
        "profile": _PROFILE.dump_python(operator.profile, mode="json"),
        "state": operator.state.value,
        "reason": operator.reason,
        "since": operator.since,
        "until": operator.until,
        "present": operator.present,
        "idle_since": operator.idle_since,
        "handled": operator.handled,
        "missed": operator.missed,
    }


def _restore_operator(state: State, plain: Plain) -> None:
    profile = _PROFILE.validate_python(plain["profile"])
    state.operators[profile.id] = Operator(
        profile.id,
        plain["number"],
        profile,
        OperatorState(plain["state"]),
        plain["reason"],
        plain["since"],
        plain["until"],
        plain["present"],
        plain["idle_since"],
        plain["handled"],
        plain["missed"],
    )


def _contact(contact: Contact) -> Plain:
    return {
        "id": contact.id,
        "number": contact.number,
        "queue": contact.queue.settings.id,
        "channel": contact.channel.value,
        "priority": contact.priority,
        "since": contact.since,
        "skills": [list(pair) for pair in contact.skills],
        "language": contact.language,
        "last_operator": contact.last_operator,
        "phone": contact.phone,
        "callback": contact.callback,
        "state": contact.state.value,
        "entered": contact.entered,
        "step": contact.step,
        "refused": contact.refused and dict(sorted(contact.refused.items())),
        "wake": contact.wake,
        "announce_at": contact.announce_at,
        "callback_offered": contact.callback_offered,
        "attempts": contact.attempts,
        "hops": contact.hops,
        "work": contact.work,
    }


def _restore_contact(state: State, plain: Plain) -> None:
    contact = Contact(
        ContactId(plain["id"]),
        plain["number"],
        state.queues[QueueId(plain["queue"])],
        Channel(plain["channel"]),
        plain["priority"],
        plain["since"],
        tuple((skill, level) for skill, level in plain["skills"]),
        plain["language"],
        plain["last_operator"],
        plain["phone"],
        plain["callback"],
        ContactState(plain["state"]),
        plain["entered"],
    )
    for name in ("step", "refused", "wake", "announce_at", "callback_offered", "attempts", "hops", "work"):
        setattr(contact, name, plain[name])
    state.contacts[contact.id] = contact


def _work(work: Work) -> Plain:
    return {
        "number": work.number,
        "operator": work.operator.id,
        "contact": work.contact,
        "channel": work.channel.value,
        "queue": work.queue and work.queue.settings.id,
        "state": work.state.value,
        "since": work.since,
        "until": work.until,
        "answered": work.answered,
    }


def _restore_work(state: State, plain: Plain) -> None:
    operator = state.operators[OperatorId(plain["operator"])]
    channel = Channel(plain["channel"])
    work = Work(
        plain["number"],
        operator,
        ContactId(plain["contact"]),
        channel,
        state.queues[QueueId(plain["queue"])] if plain["queue"] is not None else None,
        WorkState(plain["state"]),
        plain["since"],
        plain["until"],
        plain["answered"],
    )
    state.works[work.number] = operator.work[work.number] = work
    operator.load[channel] += 1
