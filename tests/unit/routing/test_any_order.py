"""Whatever happens in whatever order: what must hold after every single fact.

The checks here know nothing of lanes: they look at every operator and every contact, the slow way.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from centrala.routing.core import facts as f
from centrala.routing.core.decisions import Decision, Ring
from centrala.routing.core.dump import fact_from_plain, fact_to_plain
from centrala.routing.core.explain import Reason, Why, explain_contact, explain_operator, why_not
from centrala.routing.core.index import fit, idle_entry, room
from centrala.routing.core.router import Router
from centrala.routing.core.settings import (
    Channel,
    ContactId,
    OperatorId,
    OverflowRule,
    Profile,
    QueueId,
    QueueSettings,
    RelaxStep,
    Settings,
    Strategy,
    Target,
    TargetKind,
)
from centrala.routing.core.state import Contact, ContactState, Operator, State, WorkState

OPERATORS = [OperatorId(name) for name in "abcd"]
CONTACTS = [ContactId(str(number)) for number in range(8)]
QUEUES = [QueueId("q"), QueueId("r")]
CHANNELS = [Channel.VOICE, Channel.CHAT, Channel.MAIL]
NUMBERS = ["+1", "+2"]
TARGETS = [Target(TargetKind.QUEUE, name) for name in ("q", "r", "gone")] + [
    Target(TargetKind.VOICEMAIL, "box"),
    Target(TargetKind.HANG_UP),
]

seconds = st.sampled_from([1.0, 5.0, 20.0, 60.0])
maybe_seconds = st.none() | seconds
targets = st.sampled_from(TARGETS)


@st.composite
def steps(draw: st.DrawFn) -> tuple[RelaxStep, ...]:
    times = sorted(draw(st.lists(seconds, max_size=2, unique=True)))
    return tuple(
        RelaxStep(
            after=after,
            levels_down=draw(st.integers(0, 3)),
            drop_skills=draw(st.booleans()),
            drop_language=draw(st.booleans()),
            max_rank=draw(st.none() | st.integers(0, 1)),
        )
        for after in times
    )


def rules() -> st.SearchStrategy[OverflowRule]:
    return st.builds(OverflowRule, to=targets, after=seconds) | st.builds(
        OverflowRule, to=targets, place=st.integers(0, 3)
    )


def queue_settings(name: QueueId) -> st.SearchStrategy[QueueSettings]:
    return st.builds(
        QueueSettings,
        id=st.just(name),
        strategy=st.sampled_from(Strategy),
        target=seconds,
        ring=seconds,
        wrap_up=st.sampled_from([0.0, 10.0]),
        language_level=st.integers(1, 3),
        max_rank=st.none() | st.integers(0, 1),
        steps=steps(),
        last_operator_first=st.booleans(),
        last_operator_wait=st.sampled_from([0.0, 15.0]),
        decline_pause=st.sampled_from([0.0, 30.0]),
        missed_before_pause=st.integers(1, 2),
        overflow=st.lists(rules(), max_size=2).map(tuple),
        max_length=st.none() | st.integers(1, 4),
        full=targets,
        max_wait=maybe_seconds,
        too_long=targets,
        no_operator=st.none() | st.none() | targets,
        no_operator_after=st.sampled_from([0.0, 10.0]),
        closed=targets,
        serve_out=st.booleans(),
        callback_after=maybe_seconds,
        callback_expected=maybe_seconds,
        callback_attempts=st.integers(1, 2),
        announce_first=maybe_seconds,
        announce_every=st.sampled_from([7.0, 30.0]),
        max_on_break=st.none() | st.integers(0, 2),
    )


router_settings = st.builds(
    Settings,
    queues=st.tuples(*(queue_settings(name) for name in QUEUES)) | st.tuples(queue_settings(QUEUES[0])),
    rank_step=st.sampled_from([0.0, 60.0]),
    max_on_break=st.none() | st.integers(1, 2),
    breaks=st.just({"lunch": 100.0}),
)
profiles = st.builds(
    Profile,
    id=st.sampled_from(OPERATORS),
    queues=st.sampled_from([{"q": 0}, {"q": 0, "r": 1}, {"q": 2, "r": 0}, {"r": 0}, {}]),
    skills=st.sampled_from([{}, {"net": 4, "bill": 2}, {"net": 1}]),
    languages=st.sampled_from([{"ro": 4, "ru": 3}, {"ru": 4}, {}]),
    capacity=st.sampled_from([*[{Channel.VOICE: 1}] * 3, {Channel.VOICE: 1, Channel.CHAT: 2, Channel.MAIL: 1}, {}]),
)
operators, contacts, queues = st.sampled_from(OPERATORS), st.sampled_from(CONTACTS), st.sampled_from(QUEUES)
# Offers are chosen by their place among the live ones; the number becomes the offer's when the fact is fed.
offers = st.integers(0, 3)
queued = st.builds(
    f.ContactQueued,
    contact=contacts,
    queue=queues,
    channel=st.sampled_from([*[Channel.VOICE] * 5, *CHANNELS]),
    priority=st.integers(0, 2),
    skills=st.sampled_from([{}, {}, {"net": 3}, {"bill": 4}]),
    language=st.sampled_from([None, None, "ro", "ru"]),
    last_operator=st.sampled_from([None, *OPERATORS]),
    number=st.sampled_from([None, *NUMBERS]),
    callback=st.sampled_from([False, False, True]),
)
asked = st.builds(
    f.StateAsked,
    operator=operators,
    state=st.sampled_from([f.OperatorState.READY] * 4 + list(f.OperatorState)),
    reason=st.sampled_from(["", "lunch"]),
    force=st.booleans(),
)
some_facts = st.one_of(
    queued,
    queued,
    queued,
    queued,
    asked,
    asked,
    st.builds(f.ProfileChanged, profiles),
    st.builds(f.OfferAccepted, offers),
    st.builds(f.OfferAccepted, offers),
    st.builds(f.OfferAccepted, offers),
    st.builds(f.OfferDeclined, offers),
    st.builds(f.OfferUnanswered, offers),
    st.builds(f.OfferRefused, offers, st.sampled_from(f.Refusal)),
    st.builds(f.ContactLeft, contacts),
    st.builds(f.ContactMoved, contact=contacts, queue=queues, priority=st.none() | st.integers(0, 2)),
    st.builds(f.ContactTaken, contact=contacts, operator=operators, queue=st.none() | queues),
    st.builds(f.WrapUpEnded, operators, contacts),
    st.builds(f.CallbackChosen, contacts, st.sampled_from(NUMBERS)),
    st.builds(f.CallbackUnanswered, contacts),
    st.builds(f.PresenceChanged, operators, st.booleans()),
    st.builds(f.OperatorRemoved, operators),
    st.builds(f.QueueOpened, queues),
    st.builds(f.QueueClosed, queues),
    st.builds(f.SettingsChanged, router_settings),
    st.just(f.TimePassed()),
)
waits = st.sampled_from([0.0, 0.0, 0.5, 5.0, 20.0, 61.0])
stories = st.lists(st.tuples(waits, some_facts, st.booleans()), min_size=15, max_size=50)
crew = st.lists(profiles, min_size=2, max_size=4, unique_by=lambda profile: profile.id)


def start(laid_down: Settings, people: list[Profile]) -> list[f.Fact]:
    ready = [f.StateAsked(operator=one.id, state=f.OperatorState.READY) for one in people]
    return [f.SettingsChanged(laid_down), *(f.ProfileChanged(one) for one in people), *ready]


def aimed(fact: f.Fact, state: State) -> f.Fact:
    """Let a fact about an offer mean one of those that ring."""
    if not isinstance(fact, f.OfferAccepted | f.OfferDeclined | f.OfferUnanswered | f.OfferRefused):
        return fact
    live = [number for number, work in state.works.items() if work.state is WorkState.RINGING]
    number = live[fact.offer % len(live)] if live else fact.offer
    return f.OfferRefused(number, fact.reason) if isinstance(fact, f.OfferRefused) else type(fact)(number)


@settings(max_examples=20, deadline=None)
@given(laid_down=router_settings, people=crew, story=stories)
def test_nothing_breaks_and_everything_holds(laid_down: Settings, people: list[Profile], story: list[Any]) -> None:
    router, now = Router(laid_down), 0.0
    for wait, raw, _ in [*((0.0, fact, False) for fact in start(laid_down, people)), *story]:
        now += wait
        fact = aimed(raw, router.state)
        decisions = router.feed(fact, now)
        check_offers(router.state, decisions)
        check_lists(router.state)
        check_nobody_is_left_standing(router.state)
        check_reasons(router.state)
        deadline = router.next_deadline()
        assert deadline is None or deadline >= now


@settings(max_examples=20, deadline=None)
@given(laid_down=router_settings, people=crew, story=stories)
def test_a_restored_router_decides_as_the_old_one(laid_down: Settings, people: list[Profile], story: list[Any]) -> None:
    router, now = Router(laid_down), 0.0
    for fact in start(laid_down, people):
        router.feed(fact, now)
    second = restarted(router)
    for wait, raw, restart in story:
        now += wait
        fact = aimed(raw, router.state)
        told = fact_from_plain(json.loads(json.dumps(fact_to_plain(fact))))
        assert told == fact
        assert second.feed(told, now) == router.feed(fact, now)
        assert second.next_deadline() == router.next_deadline()
        if restart:
            second = restarted(second)
    assert json.dumps(second.dump()) == json.dumps(router.dump())


def restarted(router: Router) -> Router:
    text = json.dumps(router.dump())
    again = Router.restored(json.loads(text))
    assert json.dumps(again.dump()) == text
    return again


def check_offers(state: State, decisions: list[Decision]) -> None:
    held: dict[ContactId, int] = {}
    for number, work in state.works.items():
        assert work.operator.work[number] is work
        if work.state is WorkState.WRAP_UP:
            continue
        contact = state.contacts[work.contact]
        assert contact.work == number
        assert work.contact not in held, "two operators have one contact"
        held[work.contact] = number
        expected = ContactState.OFFERED if work.state is WorkState.RINGING else ContactState.CONNECTED
        assert contact.state is expected
    for operator in state.operators.values():
        assert sum(operator.load.values()) == len(operator.work)
    for ring in decisions:
        if isinstance(ring, Ring) and (offer := state.works.get(ring.offer)):
            operator = offer.operator
            assert operator.load[offer.channel] <= operator.profile.capacity[offer.channel], "over capacity"
            assert operator.state is f.OperatorState.READY
            assert operator.present


def check_lists(state: State) -> None:
    for queue in state.queues.values():
        here = [one for one in state.contacts.values() if one.queue is queue]
        in_line = [one.entry for one in here if one.state in (ContactState.WAITING, ContactState.OFFERED)]
        assert queue.line == sorted(in_line)
        waiting = [one.entry for one in here if one.state is ContactState.WAITING]
        assert sorted(entry for lane in queue.lanes.values() for entry in lane.waiting) == sorted(waiting)
        assert queue.heads == sorted((one.waiting[0], one) for one in queue.lanes.values() if one.waiting)
        for lane in queue.lanes.values():
            able = [one for one in state.operators.values() if fit(lane.key, one, queue.settings.language_level)]
            assert set(lane.eligible) == {one.id for one in able}
        for channel, idle in queue.idle.items():
            free = [one for one in state.operators.values() if queue.settings.id in one.profile.queues]
            free = [one for one in free if channel in room(state, one)]
            assert idle == sorted(idle_entry(queue, channel, one) for one in free)
        signed_in = [one for one in state.operators.values() if one.state is not f.OperatorState.OFF]
        assert queue.signed_in == sum(queue.settings.id in one.profile.queues for one in signed_in)
        assert queue.on_break == sum(
            queue.settings.id in one.profile.queues and one.state is f.OperatorState.BREAK for one in signed_in
        )
        assert all(slots >= 0 for slots in queue.slots.values())


def could_serve(state: State, operator: Operator, contact: Contact) -> bool:
    """Whether a free operator and a waiting contact fit, from the rules alone."""
    profile, rules = operator.profile, contact.queue.settings
    others = {channel for channel, load in operator.load.items() if load and channel is not contact.channel}
    first = RelaxStep(after=0, max_rank=rules.max_rank)
    step = first if contact.step < 0 else [first, *rules.steps][contact.step]
    knows = all(profile.skills.get(skill, 0) >= max(1, level - step.levels_down) for skill, level in contact.skills)
    speaks = contact.language is None or profile.languages.get(contact.language, 0) >= rules.language_level
    return (
        operator.state is f.OperatorState.READY
        and operator.present
        and rules.id in profile.queues
        and operator.load[contact.channel] < profile.capacity.get(contact.channel, 0)
        and all(contact.channel in state.settings.beside[other] for other in others)
        and (contact.refused or {}).get(operator.id, 0.0) <= state.now
        and (contact.step >= 0 or operator.id == contact.last_operator)
        and (step.max_rank is None or profile.queues[rules.id] <= step.max_rank)
        and (knows or step.drop_skills)
        and (speaks or step.drop_language)
    )


def check_nobody_is_left_standing(state: State) -> None:
    for contact in state.contacts.values():
        if contact.state is not ContactState.WAITING:
            continue
        due = contact.queue.settings.steps[: max(0, contact.step)]
        assert all(state.now >= contact.entered + step.after for step in due)
        later = contact.queue.settings.steps[contact.step :] if contact.step >= 0 else ()
        assert all(state.now < contact.entered + step.after for step in later)
        for operator in state.operators.values():
            assert not could_serve(state, operator, contact), "one waits whom another could serve"
            assert why_not(state, operator.id, contact.id), "two are kept apart for no reason"


def check_reasons(state: State) -> None:
    for contact in state.contacts.values():
        for reason in explain_contact(state, contact.id):
            assert is_true(state, reason, contact=contact), reason
    for operator in state.operators.values():
        for reason in explain_operator(state, operator.id):
            assert is_true(state, reason, operator=operator), reason
        for contact in state.contacts.values():
            for reason in why_not(state, operator.id, contact.id):
                assert is_true(state, reason, operator=operator, contact=contact), reason


def is_true(state: State, reason: Reason, operator: Operator | None = None, contact: Contact | None = None) -> bool:
    """Whether a reason says what is so; looked up anew, by its code."""
    table = OF_OPERATOR | OF_PAIR | OF_CONTACT if operator else OF_CONTACT
    return bool(table[reason.code](Case(state, reason, operator, contact)))


@dataclass
class Case:
    """State, reason, operator and contact; what a check does not need may be missing."""

    s: State
    r: Any
    o: Any
    c: Any


Check = Callable[[Case], Any]


def holds(k: Case, kind: WorkState) -> bool:
    return any(w.contact == k.r.params["contact"] and w.state is kind for w in k.o.work.values())


def waiting_of(k: Case) -> int:
    return sum(
        one.state is ContactState.WAITING and one.queue.settings.id in k.o.profile.queues
        for one in k.s.contacts.values()
    )


OF_OPERATOR: dict[Why, Check] = {
    Why.SIGNED_OUT: lambda k: k.o.state is f.OperatorState.OFF,
    Why.ON_BREAK: lambda k: k.o.state is f.OperatorState.BREAK,
    Why.PAUSED: lambda k: k.o.state is f.OperatorState.PAUSED,
    Why.NOT_PRESENT: lambda k: not k.o.present,
    Why.NO_QUEUE: lambda k: not set(k.o.profile.queues) & set(k.s.queues),
    Why.NO_CHANNEL: lambda k: not k.o.profile.capacity,
    Why.RINGING: lambda k: holds(k, WorkState.RINGING),
    Why.WRAP_UP: lambda k: holds(k, WorkState.WRAP_UP),
    Why.IN_CONTACT: lambda k: holds(k, WorkState.ACTIVE),
    Why.NOBODY_WAITS: lambda k: waiting_of(k) == 0,
    Why.NOBODY_FITS: lambda k: waiting_of(k) == k.r.params["waiting"],
}
OF_PAIR: dict[Why, Check] = {
    Why.NOT_MEMBER: lambda k: k.c.queue.settings.id not in k.o.profile.queues,
    Why.CHANNEL_MISSING: lambda k: k.c.channel not in k.o.profile.capacity,
    Why.RANK_TOO_LOW: lambda k: k.o.profile.queues[k.c.queue.settings.id] > k.r.params["allowed"],
    Why.SKILL_MISSING: lambda k: k.o.profile.skills.get(k.r.params["skill"], 0) < k.r.params["needed"],
    Why.LANGUAGE_MISSING: lambda k: k.o.profile.languages.get(k.c.language, 0) < k.c.queue.settings.language_level,
    Why.LET_GO: lambda k: k.c.refused[k.o.id] > k.s.now,
    Why.FULL: lambda k: k.o.load[k.c.channel] >= k.o.profile.capacity[k.c.channel],
    Why.OTHER_CHANNEL: lambda k: k.o.load[k.r.params["channel"]] > 0,
}
OF_CONTACT: dict[Why, Check] = {
    Why.OFFERED: lambda k: any(w.contact == k.c.id for w in k.s.operators[k.r.params["operator"]].work.values()),
    Why.CONNECTED: lambda k: k.c.state is ContactState.CONNECTED,
    Why.CALLBACK_SLEEPS: lambda k: k.c.state is ContactState.SLEEPING and k.c.wake == k.r.params["until"],
    Why.QUEUE_CLOSED: lambda k: not k.c.queue.open,
    Why.NOBODY_SIGNED_IN: lambda k: not k.c.queue.signed_in,
    Why.NOBODY_MEETS_DEMANDS: lambda k: not any(k.s.operators[one].state != "off" for one in k.c.lane.eligible),
    Why.NOBODY_FREE: lambda k: sum(k.r.params.values()) > 0,
    Why.IN_LINE: lambda k: k.c.queue.line[k.r.params["position"] - 1] == k.c.entry,
    Why.RELAXES: lambda k: k.c.wake is not None and k.c.wake <= k.r.params["at"],
    Why.KEPT_FOR_LAST: lambda k: k.c.step < 0 and k.c.last_operator == k.r.params["operator"],
}
