"""Our registration with a carrier: refreshes, refusals, back-off, removal."""

import pytest

from centrala.telephony.sip.agent.core import UserAgent
from centrala.telephony.sip.agent.events import Event, Replied, RequestReceived
from centrala.telephony.sip.headers.address import parse_name_addr
from centrala.telephony.sip.message import Headers, Response
from centrala.telephony.sip.netem import Pair
from centrala.telephony.sip.registrar import Bounds, Registrar
from centrala.telephony.sip.registration import Registration, State
from centrala.telephony.sip.tokens import SeededTokens
from centrala.telephony.sip.uri import parse_uri


def registration() -> Registration:
    return Registration(
        parse_uri("sip:carrier.example"),
        parse_name_addr("<sip:us@carrier.example>"),
        SeededTokens(b"reg"),
    )


def reply(status: int, *fields: tuple[str, str]) -> Response:
    return Response(status, "", Headers(fields))


def begun() -> Registration:
    made = registration()
    made.start(0.0)
    assert made.due(0.0) is not None
    return made


def test_refresh_comes_before_the_granted_time_is_over() -> None:
    made = begun()
    made.on_reply(reply(200, ("Contact", "<sip:x@h>;expires=3600, <sip:us@h>;expires=100")), 200, 0.0)
    assert made.state is State.REGISTERED
    assert made.deadline == 85.0
    assert made.due(84.0) is None
    message = made.due(85.0)
    assert message is not None
    assert (message.call_id, message.cseq) == (made._call_id, 20)
    assert made.due(86.0) is None


def test_tiny_grant_does_not_make_us_a_flood() -> None:
    made = begun()
    made.on_reply(reply(200, ("Contact", "<sip:us@h>;expires=1")), 200, 0.0)
    assert made.deadline == 5.0


def test_interval_too_brief_is_raised_once() -> None:
    made = begun()
    made.on_reply(reply(423, ("Min-Expires", "900")), 423, 1.0)
    message = made.due(1.0)
    assert message is not None
    assert ("Expires", "900") in message.headers
    made.on_reply(reply(423, ("Min-Expires", "900")), 423, 2.0)
    assert made.state is State.FAILED


def test_failures_wait_longer_each_time_up_to_half_an_hour() -> None:
    made, now, waits = begun(), 0.0, []
    for _ in range(12):
        made.on_reply(None, 408, now)
        assert made.deadline is not None
        waits.append(made.deadline - now)
        now = made.deadline
        assert made.due(now) is not None
    for number, wait in enumerate(waits):
        longest = min(30.0 * 2**number, 1800.0)
        assert longest / 2 <= wait <= longest
    made.on_reply(reply(503, ("Retry-After", "1700")), 503, now)
    assert made.deadline is not None
    assert made.deadline - now >= 1700
    made.on_reply(reply(200), 200, now)
    assert made.deadline == now + 255.0


@pytest.mark.parametrize("fields", [("Contact", "<broken"), ("Expires", "x"), ("Min-Expires", "x")])
def test_odd_answer_is_no_reason_to_fall_over(fields: tuple[str, str]) -> None:
    made = begun()
    states = []
    for status in (200, 423):
        made.on_reply(reply(status, fields), status, 0.0)
        states.append(made.state)
    assert states == [State.REGISTERED, State.FAILED]


def test_stop_removes_what_may_be_registered() -> None:
    assert registration().stop() is None
    made = begun()
    message = made.stop()
    assert message is not None
    assert ("Expires", "0") in message.headers
    made.on_reply(reply(200), 200, 1.0)
    assert (made.state, made.deadline) == (State.OFF, None)


def test_agent_and_registrar_keep_it_alive_together() -> None:
    p = Pair.make()
    registrar = Registrar(Bounds(least=60, most=120, default=120))
    made = registration()
    made.flow = p.flow()

    def carrier(agent: UserAgent, event: Event, now: float) -> None:
        if isinstance(event, RequestReceived):
            done = registrar.process(event.request, "us", event.flow, now)
            agent.respond(event.server, 200, now, headers=done.headers)

    def us(_agent: UserAgent, event: Event, now: float) -> None:
        if isinstance(event, Replied):
            made.on_reply(event.response, event.status, now)

    p.on_b.append(carrier)
    p.on_a.append(us)
    made.start(0.0)
    for _ in range(1000):
        if (message := made.due(p.net.now)) is not None:
            p.a.send(message, p.net.now)
        p.net.run(p.net.now + 1.0)
        registrar.expire(p.net.now)
    assert len(registrar) == 1
    assert len(p.all("a", Replied)) == 10
    removal = made.stop()
    assert removal is not None
    p.a.send(removal, p.net.now)
    p.net.run(p.net.now + 100.0)
    assert len(registrar) == 0
    assert p.leftovers == {}
