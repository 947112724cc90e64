"""The answers to "why": what stands on the screen."""

from centrala.routing.core.explain import Reason, Why, explain_contact, explain_operator, reason, why_not
from centrala.routing.core.facts import OfferDeclined, OperatorState, PresenceChanged
from centrala.routing.core.settings import Channel, ContactId, OperatorId, RelaxStep
from support.router_desk import Desk, queue, rung

A, ONE = OperatorId("a"), ContactId("1")


def codes(reasons: list[Reason]) -> list[Why]:
    return [one.code for one in reasons]


def test_an_operator_without_calls_learns_why() -> None:
    desk = Desk(queue(wrap_up=30.0), queue("other"), breaks={"lunch": 600.0})
    state = desk.router.state
    assert codes(explain_operator(state, A)) == [Why.UNKNOWN_OPERATOR]
    desk.operator("a", ready=False)
    assert codes(explain_operator(state, A)) == [Why.SIGNED_OUT]
    desk.ready("a")
    assert codes(explain_operator(state, A)) == [Why.NOBODY_WAITS]
    desk.contact("far", to="other")
    assert codes(explain_operator(state, A)) == [Why.NOBODY_WAITS]
    desk.contact("hard", skills={"net": 3})
    assert explain_operator(state, A) == [reason(Why.NOBODY_FITS, waiting=1)]
    said = desk.contact("1")
    assert explain_operator(state, A) == [reason(Why.RINGING, contact="1", since=0.0, until=20.0)]
    desk.accept(said)
    assert codes(explain_operator(state, A)) == [Why.IN_CONTACT]
    desk.left("1")
    assert explain_operator(state, A) == [reason(Why.WRAP_UP, contact="1", since=0.0, until=30.0)]
    desk.feed(PresenceChanged(A, present=False))
    assert codes(explain_operator(state, A)) == [Why.NOT_PRESENT, Why.WRAP_UP]
    desk.at(30)
    desk.state("a", OperatorState.BREAK, "lunch")
    assert reason(Why.ON_BREAK, reason="lunch", until=630.0) in explain_operator(state, A)


def test_a_contact_that_waits_learns_why() -> None:
    desk = Desk(queue(steps=(RelaxStep(after=60, drop_skills=True),), handling_guess=100.0))
    state = desk.router.state
    desk.contact("1", skills={"net": 5})
    assert codes(explain_contact(state, ONE)) == [Why.NOBODY_SIGNED_IN, Why.IN_LINE, Why.RELAXES]
    desk.operator("a", skills={"net": 4})
    assert explain_contact(state, ONE) == [
        reason(Why.NOBODY_MEETS_DEMANDS, signed_in=1),
        reason(Why.IN_LINE, position=1, expected_wait=100.0),
        reason(Why.RELAXES, at=60),
    ]
    assert why_not(state, A, ONE) == [reason(Why.SKILL_MISSING, skill="net", needed=5, has=4)]
    said = desk.at(60)
    assert explain_contact(state, ONE) == [reason(Why.OFFERED, operator="a", until=80.0)]
    assert why_not(state, A, ONE) == []
    desk.accept(said)
    assert codes(explain_contact(state, ONE)) == [Why.CONNECTED]


def test_who_could_serve_is_counted_by_what_they_do() -> None:
    desk = Desk()
    for name in ("talks", "breaks", "signed out", "let it go", "gone"):
        desk.operator(name, ready=False)
    desk.ready("talks")
    desk.accept(desk.contact("0"))
    desk.ready("let it go")
    offer = rung(desk.contact("1"))[0].offer
    desk.feed(OfferDeclined(offer))
    desk.state("breaks", OperatorState.BREAK)
    desk.feed(PresenceChanged(OperatorId("gone"), present=False))
    desk.ready("gone")
    first = explain_contact(desk.router.state, ONE)[0]
    assert first == reason(Why.NOBODY_FREE, busy=1, wrap_up=0, on_break=1, paused=0, absent=1, let_go=1)


def test_everything_that_keeps_two_apart_is_named_at_once() -> None:
    desk = Desk(queue(language_level=4, max_rank=0), queue("other"))
    desk.operator("a", queues={"q": 1}, languages={"ro": 2}, capacity={Channel.CHAT: 1}, ready=False)
    desk.contact("1", language="ro", skills={"net": 1})
    assert codes(why_not(desk.router.state, A, ONE)) == [
        Why.SIGNED_OUT,
        Why.RANK_TOO_LOW,
        Why.CHANNEL_MISSING,
        Why.SKILL_MISSING,
        Why.LANGUAGE_MISSING,
    ]
