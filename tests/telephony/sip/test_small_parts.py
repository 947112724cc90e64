"""Dialogs, identity, digits, REFER bodies, loops, session timers, schedules: rule by rule."""

import json

import pytest

from centrala.telephony.sip.agent.context import flow_towards
from centrala.telephony.sip.dialog import Dialog, Event, State, as_callee, as_caller
from centrala.telephony.sip.dtmf import PLAIN, RELAY, Digit, read_digit, write_digit
from centrala.telephony.sip.errors import ParseError, SipError
from centrala.telephony.sip.flow import Flow, Transport
from centrala.telephony.sip.headers.address import parse_name_addr
from centrala.telephony.sip.headers.small import Replaces
from centrala.telephony.sip.identity import caller_of, diversions, identity_headers, privacy
from centrala.telephony.sip.loops import check_loop, forwards_left
from centrala.telephony.sip.message import Headers, Request, Response
from centrala.telephony.sip.refer import read_refer, read_sipfrag, refer_to, write_sipfrag
from centrala.telephony.sip.responses import make_response
from centrala.telephony.sip.schedule import Schedule
from centrala.telephony.sip.session_timer import SessionTimer, TimerPolicy, answer, answered
from centrala.telephony.sip.tokens import SeededTokens
from centrala.telephony.sip.transaction.machine import IllegalMove
from centrala.telephony.sip.uri import parse_sip_uri, parse_uri

FLOW = Flow(Transport.UDP, ("192.0.2.1", 5060), ("192.0.2.2", 5060))


def invite(*more: tuple[str, str]) -> Request:
    fields = [
        ("Via", "SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKx"),
        ("From", '"A" <sip:a@h>;tag=f'),
        ("To", "<sip:b@h>"),
        ("Call-ID", "c"),
        ("CSeq", "7 INVITE"),
        ("Contact", "<sip:a@192.0.2.9:5070>"),
        *more,
    ]
    return Request("INVITE", "sip:b@h", Headers(fields))


def callee(*more: tuple[str, str]) -> Dialog:
    return as_callee(invite(*more), local_tag="t", contact="<sip:b@192.0.2.1>", flow=FLOW)


# Dialogs


def test_loose_routes_keep_the_target_in_the_request_line() -> None:
    dialog = callee(("Record-Route", "<sip:p1;lr>, <sip:p2;lr>"))
    bye = dialog.request("BYE")
    assert bye.target == "sip:a@192.0.2.9:5070"
    assert bye.headers.all("route") == ["<sip:p1;lr>", "<sip:p2;lr>"]
    assert (bye.from_.tag, bye.to.tag, bye.cseq.number) == ("t", "f", 1)
    assert dialog.next_hop() == "sip:p1;lr"


def test_strict_router_gets_the_request_line_and_the_target_goes_last() -> None:
    bye = callee(("Record-Route", "<sip:old>, <sip:p2;lr>")).request("BYE")
    assert bye.target == "sip:old"
    assert bye.headers.all("route") == ["<sip:p2;lr>", "<sip:a@192.0.2.9:5070>"]


def test_caller_reverses_the_recorded_routes() -> None:
    response = make_response(invite(), 200, to_tag="t")
    response.headers.add("Record-Route", "<sip:p2;lr>")
    response.headers.add("Record-Route", "<sip:p1;lr>")
    response.headers.add("Contact", "<sip:b@192.0.2.5?x=y>")
    dialog = as_caller(invite(), response, FLOW)
    assert dialog.route_set == ["<sip:p1;lr>", "<sip:p2;lr>"]
    assert dialog.remote_target == "sip:b@192.0.2.5"  # URI headers do not come along
    assert dialog.request("ACK", seq=7).cseq.number == 7
    assert dialog.local_seq == 7


def test_requests_out_of_order_are_500_and_acks_are_not_counted() -> None:
    dialog = callee()
    bye = Request("BYE", "sip:b@h", Headers([("CSeq", "7 BYE")]))
    with pytest.raises(SipError) as caught:
        dialog.check_order(bye)
    assert caught.value.status == 500
    bye.headers.set("CSeq", "9 BYE")
    dialog.check_order(bye)
    dialog.check_order(Request("ACK", "sip:b@h", Headers([("CSeq", "7 ACK")])))
    assert dialog.remote_seq == 9


def test_invite_without_a_usable_contact_makes_no_dialog() -> None:
    request = invite()
    for contact in (None, "<tel:+1>", "*"):
        request.headers.remove("contact")
        if contact is not None:
            request.headers.add("Contact", contact)
        with pytest.raises(SipError) as caught:
            as_callee(request, local_tag="t", contact="", flow=FLOW)
        assert caught.value.status == 400


def test_dialog_survives_a_restart() -> None:
    dialog = callee(("Record-Route", "<sip:p1;lr>"))
    dialog.move(Event.ANSWERED)
    again = Dialog.from_dict(json.loads(json.dumps(dialog.to_dict())))
    assert again == dialog


def test_ended_dialog_moves_no_more() -> None:
    dialog = callee()
    dialog.move(Event.ANSWERED)
    dialog.move(Event.BYE)
    for event in Event:
        with pytest.raises(IllegalMove):
            dialog.move(event)
    assert dialog.state is State.ENDED


# Identity


def test_asserted_identity_counts_only_from_a_trusted_peer() -> None:
    request = invite(
        ("P-Asserted-Identity", '"Real" <sip:+15550100@carrier>, <tel:+1-555-0100>'),
        ("Privacy", "id; critical"),
    )
    known = caller_of(request, trusted=True)
    assert (known.number, known.asserted, known.hidden) == ("+15550100", True, True)
    stranger = caller_of(request, trusted=False)
    assert (stranger.number, stranger.display, stranger.asserted) == ("a", "A", False)
    assert privacy(request) == {"id", "critical"}


def test_malformed_identity_is_ignored() -> None:
    request = invite(("P-Asserted-Identity", '"open <x'), ("Diversion", "<<>>"))
    assert caller_of(request, trusted=True).number == "a"
    assert diversions(request) == []


def test_hidden_number_is_shown_to_no_stranger() -> None:
    me = parse_name_addr('"Desk" <sip:+15550100@us>')
    shown, fields = identity_headers(me, hidden=True, trusted=False)
    assert "+15550100" not in f"{shown}{fields}"
    shown, fields = identity_headers(me, hidden=True, trusted=True)
    assert str(shown.uri) == "sip:anonymous@anonymous.invalid"
    assert ("Privacy", "id") in fields
    assert identity_headers(me, hidden=False, trusted=False) == (me, [])


def test_diversion_and_history_tell_who_redirected() -> None:
    request = invite(("Diversion", '<tel:+2>;reason="user-busy";counter=1, <sip:+1@h>;reason=no-answer'))
    assert [(d.number, d.reason) for d in diversions(request)] == [
        ("+2", "user-busy"),
        ("+1", "no-answer"),
    ]
    history = invite(
        (
            "History-Info",
            "<sip:bob@h?Reason=SIP%3Bcause%3D486>;index=1, <sip:carol@h>;index=1.1;mp=1",
        )
    )
    assert [(d.number, d.reason) for d in diversions(history)] == [("bob", "user-busy")]


# Digits


@pytest.mark.parametrize(
    ("kind", "body", "digit"),
    [
        (RELAY, b"Signal=5\r\nDuration=160\r\n", Digit("5", 160)),
        (RELAY, b"Signal= #\nDuration= 99999", Digit("#", 6000)),
        (RELAY, b"signal=11\r\n", Digit("#")),
        (RELAY, b"Signal=a\r\nDuration=x", Digit("A")),
        (PLAIN, b" 7 ", Digit("7")),
        (PLAIN, b"10", Digit("*")),
    ],
)
def test_digit_is_read_in_the_forms_that_phones_send(kind: str, body: bytes, digit: Digit) -> None:
    assert read_digit(kind, body) == digit
    assert read_digit(RELAY, write_digit(digit)) == digit


@pytest.mark.parametrize("body", [b"", b"Signal=", b"Signal=55", b"Signal=!", b"\xff", b"x" * 999])
def test_digit_that_is_none_is_refused(body: bytes) -> None:
    with pytest.raises(ParseError):
        read_digit(RELAY, body)


# REFER


def test_replaces_travels_escaped_in_the_refer_to() -> None:
    replaces = Replaces("a@b;c", "t", "f")
    value = refer_to(parse_sip_uri("sip:carol@h"), Replaces("a@b", "t", "f"))
    assert value == "<sip:carol@h?Replaces=a%40b%3Bto-tag%3Dt%3Bfrom-tag%3Df>"
    referral = read_refer(Request("REFER", "sip:x", Headers([("r", value), ("Refer-Sub", "false")])))
    assert referral.replaces == Replaces("a@b", "t", "f")
    assert str(referral.target.uri) == "sip:carol@h"
    assert referral.quiet
    with pytest.raises(ParseError):
        refer_to(parse_uri("tel:+1"), replaces)


def test_sipfrag_tells_a_status_and_nothing_else() -> None:
    assert read_sipfrag(write_sipfrag(486)) == 486
    assert read_sipfrag(b"SIP/2.0 180 Ringing\r\nTo: <sip:x>\r\n") == 180
    for bad in (b"", b"INVITE sip:x SIP/2.0", b"SIP/2.0 20", b"SIP/2.0 x", b"x" * 5000):
        with pytest.raises(ParseError):
            read_sipfrag(bad)


# Loops


def test_forwards_count_down_to_none() -> None:
    assert forwards_left(invite()) == 70
    assert forwards_left(invite(("Max-Forwards", "5"))) == 4
    assert forwards_left(invite(("Max-Forwards", "255"))) == 69
    assert forwards_left(invite(("Max-Forwards", "1"))) == forwards_left(invite(("Max-Forwards", "0"))) == 0


def test_request_that_we_sent_to_ourselves_is_482() -> None:
    request = invite()
    with pytest.raises(SipError) as caught:
        check_loop(request, {request.via.sent_by})
    assert caught.value.status == 482


def test_request_that_passed_us_too_often_is_482() -> None:
    mine = ("Via", "SIP/2.0/UDP us.example:5060;branch=z9hG4bKo")
    check_loop(invite(mine, mine, mine), {"us.example:5060"})
    with pytest.raises(SipError) as caught:
        check_loop(invite(mine, mine, mine, mine), {"us.example:5060"})
    assert caught.value.status == 482


# Session timers: who refreshes, by RFC 4028 table 2


@pytest.mark.parametrize(
    ("fields", "timer"),
    [
        ([("Supported", "timer"), ("Session-Expires", "600")], SessionTimer(600, ours=False)),
        ([("Supported", "timer"), ("x", "600;refresher=uas")], SessionTimer(600, ours=True)),
        ([("Supported", "timer"), ("x", "600;refresher=uac")], SessionTimer(600, ours=False)),
        ([("Session-Expires", "600")], SessionTimer(600, ours=True)),
        ([("Session-Expires", "20")], SessionTimer(90, ours=True)),
        ([], SessionTimer(1800, ours=True)),
        ([("Min-SE", "3000")], SessionTimer(3000, ours=True)),
    ],
)
def test_answerer_decides_who_refreshes(fields: list[tuple[str, str]], timer: SessionTimer) -> None:
    made, headers = answer(invite(*fields), TimerPolicy())
    assert made == timer
    assert ("Require", "timer") in headers or timer.ours


def test_interval_below_ours_is_422() -> None:
    request = invite(("Supported", "timer"), ("Session-Expires", "100"))
    with pytest.raises(SipError) as caught:
        answer(request, TimerPolicy(minimum=300))
    assert (caught.value.status, caught.value.headers) == (422, (("Min-SE", "300"),))


def test_caller_follows_the_answer() -> None:
    def response(*fields: tuple[str, str]) -> Response:
        return Response(200, "OK", Headers(fields))

    policy = TimerPolicy()
    assert answered(response(("x", "600;refresher=uas")), policy) == SessionTimer(600, ours=False)
    assert answered(response(("x", "600;refresher=uac")), policy) == SessionTimer(600, ours=True)
    assert answered(response(("x", "1")), policy) == SessionTimer(90, ours=True)
    assert answered(response(), policy) == SessionTimer(1800, ours=True)
    assert answered(response(), TimerPolicy(None)) is None


# Deadlines


def test_schedule_keeps_one_deadline_a_key_and_stays_small() -> None:
    schedule: Schedule[str] = Schedule()
    for at in range(10_000):
        schedule.set("a", float(at))
    schedule.set("b", 5.0)
    schedule.set("c", 6.0)
    schedule.set("c", None)
    assert len(schedule) == 2
    assert schedule.next() == 5.0
    assert schedule.pop_due(4.0) is None
    assert [schedule.pop_due(1e9), schedule.pop_due(1e9), schedule.pop_due(1e9)] == ["b", "a", None]


def test_tokens_differ_and_numbers_stay_below() -> None:
    tokens = SeededTokens(b"x")
    assert len({tokens.token() for _ in range(100)}) == 100
    assert {tokens.below(3) for _ in range(100)} == {0, 1, 2}


# Where the next request goes

PUBLIC = Flow(Transport.UDP, ("203.0.113.1", 5060), ("8.8.8.8", 40000))
WEB = Flow(Transport.WSS, ("192.0.2.1", 443), ("198.51.100.7", 50000), 4)


@pytest.mark.parametrize(
    ("uri", "flow", "remote"),
    [
        ("sip:x@abc.invalid;transport=ws", WEB, ("198.51.100.7", 50000)),  # by the connection
        ("sip:x@192.0.2.2", FLOW, ("192.0.2.2", 5060)),
        ("sip:x@192.0.2.77:5080", FLOW, ("192.0.2.77", 5080)),  # the URI's own address
        ("sip:x@192.0.2.77", FLOW, ("192.0.2.77", 5060)),
        ("sip:x@10.0.0.5:5060", PUBLIC, ("8.8.8.8", 40000)),  # behind a NAT
        ("sip:x@9.9.9.9", PUBLIC, ("9.9.9.9", 5060)),
        ("sip:x@proxy.example", FLOW, None),  # a name is to be resolved
        ("sip:x@192.0.2.2;transport=tcp", FLOW, None),  # another transport too
        ("sips:x@192.0.2.2", FLOW, None),
        ("tel:+1", FLOW, ("192.0.2.2", 5060)),
    ],
)
def test_next_hop_follows_connections_addresses_and_nats(uri: str, flow: Flow, remote: tuple[str, int] | None) -> None:
    found = flow_towards(uri, flow)
    assert (None if found is None else found.remote) == remote
    assert flow_towards(uri, None) is None


def test_flow_survives_a_restart() -> None:
    assert Flow.from_dict(json.loads(json.dumps(WEB.to_dict()))) == WEB
