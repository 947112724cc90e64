"""Timer stories of the four transactions, under virtual time (RFC 3261 17, RFC 6026)."""

import pytest

from centrala.telephony.sip.errors import NotAllowed, SipError
from centrala.telephony.sip.flow import Flow, Transport
from centrala.telephony.sip.message import Headers, Request, Response
from centrala.telephony.sip.parser import parse_datagram
from centrala.telephony.sip.responses import make_response
from centrala.telephony.sip.transaction import (
    client_invite,
    client_non_invite,
    server_invite,
    server_non_invite,
)
from centrala.telephony.sip.transaction.client_invite import InviteClient
from centrala.telephony.sip.transaction.client_non_invite import NonInviteClient
from centrala.telephony.sip.transaction.layer import TransactionLayer
from centrala.telephony.sip.transaction.machine import (
    Deliver,
    Effect,
    IllegalMove,
    Terminated,
    TimedOut,
    Transaction,
    Transmit,
    TransportFailed,
)
from centrala.telephony.sip.transaction.server_invite import InviteServer
from centrala.telephony.sip.transaction.server_non_invite import NonInviteServer

UDP = Flow(Transport.UDP, ("192.0.2.1", 5060), ("192.0.2.2", 5060))
TCP = Flow(Transport.TCP, ("192.0.2.1", 5060), ("192.0.2.2", 5060), 7)
MACHINES = [client_invite, client_non_invite, server_invite, server_non_invite]


def request(method: str, branch: str = "z9hG4bKa", cseq: int = 1) -> Request:
    fields = [
        ("Via", f"SIP/2.0/UDP 192.0.2.1;branch={branch}"),
        ("From", "<sip:a@example.com>;tag=f"),
        ("To", "<sip:b@example.com>"),
        ("Call-ID", "c1"),
        ("CSeq", f"{cseq} {method}"),
        ("Max-Forwards", "70"),
    ]
    return Request(method, "sip:b@example.com", Headers(fields))


def response(to: Request, status: int) -> Response:
    return make_response(to, status, to_tag="t" if status > 100 else None)


def drive(machine: Transaction, until: float) -> list[tuple[float, Effect]]:
    """Run the machine's timers up to `until`; return what it did and when."""
    log = [(0.0, effect) for effect in machine.drain()]
    while machine.deadline is not None and machine.deadline <= until:
        at = machine.deadline
        machine.advance(at)
        log += [(at, effect) for effect in machine.drain()]
    return log


def sends(log: list[tuple[float, Effect]]) -> list[float]:
    return [at for at, effect in log if isinstance(effect, Transmit)]


def test_silent_peer_is_retried_with_backoff_then_given_up_at_32_seconds() -> None:
    log = drive(NonInviteClient(request("OPTIONS"), UDP, 0.0), until=60.0)
    assert sends(log) == [0.0, 0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5, 31.5]
    assert log[-2:] == [(32.0, TimedOut()), (32.0, Terminated())]


def test_invite_is_retried_with_doubling_then_given_up_at_32_seconds() -> None:
    log = drive(InviteClient(request("INVITE"), UDP, 0.0), until=60.0)
    assert sends(log) == [0.0, 0.5, 1.5, 3.5, 7.5, 15.5, 31.5]
    assert log[-2:] == [(32.0, TimedOut()), (32.0, Terminated())]


@pytest.mark.parametrize("kind", [InviteClient, NonInviteClient])
def test_reliable_transport_is_never_sent_twice(
    kind: type[InviteClient] | type[NonInviteClient],
) -> None:
    method = "INVITE" if kind is InviteClient else "OPTIONS"
    log = drive(kind(request(method), TCP, 0.0), until=60.0)
    assert sends(log) == [0.0]
    assert (32.0, TimedOut()) in log


def test_provisional_response_slows_non_invite_retries_to_t2() -> None:
    machine = NonInviteClient(request("OPTIONS"), UDP, 0.0)
    machine.receive(response(machine.request, 100), 0.1)
    log = drive(machine, until=60.0)
    assert sends(log)[1:4] == [0.5, 4.5, 8.5]
    assert log[-2:] == [(32.0, TimedOut()), (32.0, Terminated())]


def test_provisional_response_stops_invite_retries_and_its_timeout() -> None:
    machine = InviteClient(request("INVITE"), UDP, 0.0)
    machine.receive(response(machine.request, 180), 0.1)
    assert sends(drive(machine, until=600.0)) == [0.0]
    assert machine.state == client_invite.State.PROCEEDING


def test_refused_invite_is_acknowledged_each_time_and_ends_after_32_seconds() -> None:
    machine = InviteClient(request("INVITE"), UDP, 0.0)
    refusal = response(machine.request, 486)
    machine.receive(refusal, 1.0)
    machine.receive(refusal, 1.5)
    effects = machine.drain()
    acks = [e.data for e in effects if isinstance(e, Transmit)][1:]
    assert len(acks) == 2
    assert sum(isinstance(e, Deliver) for e in effects) == 1
    ack = parse_datagram(acks[0])
    assert isinstance(ack, Request)
    assert (ack.method, ack.cseq.method, ack.to.tag) == ("ACK", "ACK", "t")
    assert ack.via.branch == machine.request.via.branch
    assert drive(machine, until=60.0) == [(33.0, Terminated())]


def test_accepted_invite_passes_up_every_2xx_for_32_seconds() -> None:
    machine = InviteClient(request("INVITE"), UDP, 0.0)
    machine.drain()
    for at in (1.0, 2.0, 3.0):
        machine.receive(response(machine.request, 200), at)
    machine.receive(response(machine.request, 180), 3.1)
    assert [type(e) for e in machine.drain()] == [Deliver] * 3
    assert drive(machine, until=60.0) == [(33.0, Terminated())]


def test_lost_connection_ends_a_calling_invite() -> None:
    machine = InviteClient(request("INVITE"), TCP, 0.0)
    machine.drain()
    machine.step(client_invite.Event.TRANSPORT_ERROR, 1.0)
    assert machine.drain() == [TransportFailed(), Terminated()]


def test_refusal_without_ack_is_retried_and_given_up_at_32_seconds() -> None:
    machine = InviteServer(request("INVITE"), UDP)
    machine.respond(response(machine.request, 486), 0.0)
    log = drive(machine, until=60.0)
    assert sends(log) == [0.0, 0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5, 31.5]
    assert log[-2:] == [(32.0, TimedOut()), (32.0, Terminated())]


def test_refusal_on_a_reliable_transport_is_sent_once() -> None:
    machine = InviteServer(request("INVITE"), TCP)
    machine.respond(response(machine.request, 486), 0.0)
    log = drive(machine, until=60.0)
    assert sends(log) == [0.0]
    assert log[-1] == (32.0, Terminated())


def test_ack_stops_the_retries_and_later_invites_are_absorbed() -> None:
    machine = InviteServer(request("INVITE"), UDP)
    machine.respond(response(machine.request, 486), 0.0)
    machine.step(server_invite.Event.ACK, 0.2, request("ACK"))
    machine.step(server_invite.Event.REQUEST, 0.3, machine.request)
    assert drive(machine, until=60.0) == [
        (0.0, machine_sent(machine)),
        (5.2, Terminated()),
    ]


def machine_sent(machine: Transaction) -> Transmit:
    return Transmit(machine.last_sent)


def test_invite_again_gets_the_last_provisional_response_again() -> None:
    machine = InviteServer(request("INVITE"), UDP)
    machine.step(server_invite.Event.REQUEST, 0.0, machine.request)
    assert machine.drain() == []
    machine.respond(response(machine.request, 180), 0.1)
    machine.step(server_invite.Event.REQUEST, 0.5, machine.request)
    first, again = machine.drain()
    assert first == again


def test_accepted_server_absorbs_invites_and_passes_acks_for_32_seconds() -> None:
    machine = InviteServer(request("INVITE"), UDP)
    machine.respond(response(machine.request, 200), 0.0)
    machine.drain()
    machine.step(server_invite.Event.REQUEST, 0.5, machine.request)
    assert machine.drain() == []
    machine.step(server_invite.Event.ACK, 0.6, request("ACK"))
    assert isinstance(machine.drain()[0], Deliver)
    assert drive(machine, until=60.0) == [(32.0, Terminated())]


def test_second_final_response_is_illegal_and_changes_nothing() -> None:
    machine = InviteServer(request("INVITE"), UDP)
    machine.respond(response(machine.request, 486), 0.0)
    before = (machine.state, dict(machine.timers), machine.last_sent)
    with pytest.raises(IllegalMove):
        machine.respond(response(machine.request, 200), 0.1)
    assert (machine.state, dict(machine.timers), machine.last_sent) == before


def test_answered_request_is_answered_again_for_32_seconds() -> None:
    machine = NonInviteServer(request("OPTIONS"), UDP, 0.0)
    machine.respond(response(machine.request, 200), 1.0)
    machine.step(server_non_invite.Event.REQUEST, 2.0, machine.request)
    assert len([e for e in machine.drain() if isinstance(e, Transmit)]) == 2
    assert drive(machine, until=60.0) == [(33.0, Terminated())]


def test_request_nobody_answers_is_dropped_after_32_seconds() -> None:
    machine = NonInviteServer(request("OPTIONS"), UDP, 0.0)
    assert drive(machine, until=60.0) == [(32.0, TimedOut()), (32.0, Terminated())]


@pytest.mark.parametrize("module", MACHINES, ids=lambda m: m.__name__.rpartition(".")[2])
def test_every_state_reacts_to_every_event_or_cannot_meet_it(module: object) -> None:
    """Any state but the last knows what a transport error and the peer's messages mean."""
    table, state = module.TABLE, module.State  # type: ignore[attr-defined]  # four modules alike
    from_peer = [
        e
        for e in module.Event  # type: ignore[attr-defined]  # as above
        if "from the user" not in e.value and e.name != "GIVE_UP"
    ]
    for here in state:
        if here.name != "TERMINATED":
            for event in from_peer:
                known = (here, event) in table
                assert known or (module is server_non_invite and event.name == "ACK")
    reached = {m.to for m in table.values()}
    assert {s for s in state if s not in reached} <= {next(iter(state))}


def run(layer: TransactionLayer, until: float) -> None:
    while (at := layer.next_deadline()) is not None and at <= until:
        layer.advance(at)
        layer.drain()


def test_layer_matches_a_response_by_branch_and_method() -> None:
    layer = TransactionLayer()
    sent = layer.send(request("INVITE"), UDP, 0.0)
    assert not layer.receive(response(request("INVITE", "z9hG4bKother"), 200), 0.1)
    cancel = request("CANCEL")
    assert not layer.receive(response(cancel, 200), 0.1)
    assert layer.receive(response(sent.request, 200), 0.2)
    run(layer, 100.0)
    assert layer.counts == (0, 0)


def test_layer_gives_retransmissions_and_acks_to_their_invite() -> None:
    layer = TransactionLayer()
    invite = request("INVITE")
    server = layer.accept(invite, UDP, 0.0)
    assert layer.absorb(request("INVITE"), 0.1)
    layer.respond(server, response(invite, 486), 0.2)
    assert layer.absorb(request("ACK"), 0.3)
    run(layer, 100.0)
    assert layer.counts == (0, 0)
    assert not layer.absorb(request("ACK"), 101.0)


def test_layer_finds_the_invite_of_a_cancel() -> None:
    layer = TransactionLayer()
    server = layer.accept(request("INVITE"), UDP, 0.0)
    assert layer.find_server(request("CANCEL"), "INVITE") is server
    assert layer.find_server(request("CANCEL")) is None


def test_same_request_by_another_path_is_482() -> None:
    layer = TransactionLayer()
    layer.accept(request("INVITE", "z9hG4bKone"), UDP, 0.0)
    with pytest.raises(SipError) as caught:
        layer.accept(request("INVITE", "z9hG4bKtwo"), UDP, 0.1)
    assert caught.value.status == 482


def test_branch_from_another_sender_is_another_transaction() -> None:
    layer = TransactionLayer()
    layer.accept(request("INVITE"), UDP, 0.0)
    other = request("INVITE", cseq=2)
    other.headers.set("Via", "SIP/2.0/UDP 192.0.2.99;branch=z9hG4bKa")
    assert not layer.absorb(other, 0.1)


def test_rfc_2543_retransmission_matches_without_a_branch() -> None:
    layer = TransactionLayer()
    old = request("INVITE")
    old.headers.set("Via", "SIP/2.0/UDP 192.0.2.9")
    layer.accept(old, UDP, 0.0)
    assert layer.absorb(old.copy(), 0.5)
    ack = request("ACK")
    ack.headers.set("Via", "SIP/2.0/UDP 192.0.2.9")
    server = layer.find_server(ack, "INVITE")
    assert server is not None


def test_branch_is_used_once() -> None:
    layer = TransactionLayer()
    layer.send(request("OPTIONS"), UDP, 0.0)
    with pytest.raises(NotAllowed):
        layer.send(request("OPTIONS"), UDP, 0.1)


def test_dead_flow_ends_its_client_transactions_only() -> None:
    layer = TransactionLayer()
    layer.send(request("OPTIONS", "z9hG4bK1"), TCP, 0.0)
    layer.send(request("OPTIONS", "z9hG4bK2"), UDP, 0.0)
    layer.flow_failed(TCP, 1.0)
    assert layer.counts == (1, 0)
    assert TransportFailed() in [h.effect for h in layer.drain()]
