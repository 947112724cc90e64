"""The registrar core: RFC 3261 10.3, RFC 3327, RFC 5626."""

import json

import pytest

from centrala.telephony.sip.errors import SipError
from centrala.telephony.sip.flow import Flow, Transport
from centrala.telephony.sip.message import Headers, Request
from centrala.telephony.sip.registrar import (
    Binding,
    Bounds,
    Change,
    Registered,
    Registrar,
)

AOR = "sip:alice@example.com"
WSS = Flow(Transport.WSS, ("192.0.2.2", 443), ("198.51.100.7", 50000), 1)
PHONE = '<sip:alice@198.51.100.7;transport=ws>;+sip.instance="<urn:uuid:1>";reg-id=1'


def register(*contacts: str, cseq: int = 1, call_id: str = "c", **more: str) -> Request:
    names = {"expires": "Expires", "supported": "Supported", "path": "Path", "via": "Via"}
    fields = [("Via", "SIP/2.0/WSS h;branch=z9hG4bKr"), ("CSeq", f"{cseq} REGISTER")]
    fields += [("Call-ID", call_id), ("User-Agent", "phone/1")]
    fields += [("Contact", contact) for contact in contacts]
    fields += [(names[name], value) for name, value in more.items()]
    return Request("REGISTER", "sip:example.com", Headers(fields))


def do(registrar: Registrar, request: Request, now: float = 0.0) -> Registered:
    return registrar.process(request, AOR, WSS, now)


def changes(done: Registered) -> list[tuple[Change, str]]:
    return [(c.change, c.binding.contact) for c in done.changes]


def listed(done: Registered) -> list[str]:
    return [value for name, value in done.headers if name == "Contact"]


def test_several_contacts_are_kept_and_listed_best_first() -> None:
    registrar = Registrar()
    done = do(registrar, register("<sip:a@h1>;q=0.5;expires=100, <sip:a@h2>", expires="200"))
    assert changes(done) == [(Change.ADDED, "sip:a@h1"), (Change.ADDED, "sip:a@h2")]
    assert listed(done) == ["<sip:a@h1>;expires=100;q=0.5", "<sip:a@h2>;expires=200"]
    assert [b.contact for b in registrar.lookup(AOR, 1.0)] == ["sip:a@h2", "sip:a@h1"]
    assert [b.contact for b in registrar.lookup(AOR, 150.0)] == ["sip:a@h2"]


def test_query_changes_nothing_and_lists_all() -> None:
    registrar = Registrar()
    do(registrar, register("<sip:a@h1>"))
    done = do(registrar, register(cseq=2))
    assert done.changes == ()
    assert listed(done) == ["<sip:a@h1>;expires=3600"]


def test_refresh_replaces_the_equivalent_uri() -> None:
    registrar = Registrar()
    do(registrar, register("<sip:%61lice@EXAMPLE.com>", expires="100"))
    done = do(registrar, register("<sip:alice@example.com>", cseq=2, expires="300"), 50.0)
    assert changes(done) == [(Change.REFRESHED, "sip:alice@example.com")]
    assert len(registrar) == 1
    assert registrar.lookup(AOR, 349.0)


@pytest.mark.parametrize("cseq", [1, 5])
def test_request_out_of_order_is_refused(cseq: int) -> None:
    registrar = Registrar()
    do(registrar, register("<sip:a@h>", cseq=5))
    with pytest.raises(SipError) as caught:
        do(registrar, register("<sip:a@h>", cseq=cseq, expires="0"))
    assert caught.value.status == 500
    assert len(registrar) == 1
    do(registrar, register("<sip:a@h>", cseq=1, call_id="rebooted", expires="0"))
    assert len(registrar) == 0


def test_request_changes_all_or_nothing() -> None:
    registrar = Registrar()
    do(registrar, register("<sip:a@h1>", cseq=5))
    with pytest.raises(SipError):
        do(registrar, register("<sip:a@h2>, <sip:a@h1>", cseq=4))
    assert [b.contact for b in registrar.lookup(AOR, 1.0)] == ["sip:a@h1"]


def test_wildcard_removes_all_and_needs_expires_zero_alone() -> None:
    registrar = Registrar()
    do(registrar, register("<sip:a@h1>, <sip:a@h2>"))
    for bad in (register("*", cseq=2), register("*", cseq=2, expires="60")):
        with pytest.raises(SipError) as caught:
            do(registrar, bad)
        assert caught.value.status == 400
    with pytest.raises(SipError):
        do(registrar, register("*", "<sip:a@h3>", cseq=2, expires="0"))
    done = do(registrar, register("*", cseq=2, expires="0"))
    assert [c.change for c in done.changes] == [Change.REMOVED, Change.REMOVED]
    assert len(registrar) == 0
    assert registrar.next_deadline() is None


def test_interval_is_bounded() -> None:
    registrar = Registrar(Bounds(least=60, most=600, default=300))
    with pytest.raises(SipError) as caught:
        do(registrar, register("<sip:a@h>", expires="59"))
    assert caught.value.status == 423
    assert caught.value.headers == (("Min-Expires", "60"),)
    assert listed(do(registrar, register("<sip:a@h>", expires="99999"))) == ["<sip:a@h>;expires=600"]
    assert listed(do(registrar, register("<sip:b@h>")))[1] == "<sip:b@h>;expires=300"


def test_removal_of_what_is_not_there_is_no_error() -> None:
    assert do(Registrar(), register("<sip:a@h>", expires="0")).changes == ()


def test_too_many_contacts_are_403() -> None:
    registrar = Registrar(max_contacts=2)
    with pytest.raises(SipError) as caught:
        do(registrar, register("<sip:a@1>, <sip:a@2>, <sip:a@3>"))
    assert caught.value.status == 403
    assert len(registrar) == 0


def test_contact_that_is_no_sip_uri_is_400_and_uri_headers_are_dropped() -> None:
    with pytest.raises(SipError) as caught:
        do(Registrar(), register("<name:John_Smith>"))
    assert caught.value.status == 400
    done = do(Registrar(), register("<sip:a@h?Route=%3Csip:evil%3E>"))
    assert changes(done) == [(Change.ADDED, "sip:a@h")]


def test_bindings_end_on_time_and_are_reported() -> None:
    registrar = Registrar()
    do(registrar, register("<sip:a@h1>;expires=60, <sip:a@h2>;expires=90"))
    assert registrar.next_deadline() == 60.0
    assert [c.binding.contact for c in registrar.expire(60.0)] == ["sip:a@h1"]
    assert [c.change for c in registrar.expire(90.0)] == [Change.EXPIRED]
    assert registrar.next_deadline() is None


def test_outbound_flow_replaces_the_one_of_the_same_instance_and_reg_id() -> None:
    registrar = Registrar()
    done = do(registrar, register(PHONE, supported="outbound, path"))
    assert ("Require", "outbound") in done.headers
    assert ("Flow-Timer", "120") in done.headers
    moved = PHONE.replace("198.51.100.7", "203.0.113.9")
    again = do(registrar, register(moved, call_id="reloaded", supported="outbound"))
    assert changes(again) == [(Change.REFRESHED, "sip:alice@203.0.113.9;transport=ws")]
    second = PHONE.replace("reg-id=1", "reg-id=2")
    do(registrar, register(second, cseq=3, supported="outbound"))
    assert len(registrar) == 2


def test_reg_id_without_outbound_support_is_no_outbound() -> None:
    registrar = Registrar()
    done = do(registrar, register(PHONE))
    assert not any(name == "Require" for name, _ in done.headers)
    assert not registrar.lookup(AOR, 0.0)[0].outbound


def test_lost_flow_takes_its_bindings_along() -> None:
    registrar = Registrar()
    do(registrar, register(PHONE, supported="outbound"))
    registrar.process(register("<sip:desk@h>", call_id="d"), AOR, None, 0.0)
    assert [c.change for c in registrar.flow_lost(WSS)] == [Change.FLOW_LOST]
    assert [b.contact for b in registrar.lookup(AOR, 0.0)] == ["sip:desk@h"]


def test_path_is_kept_and_echoed() -> None:
    registrar = Registrar()
    path = "<sip:p1;lr>, <sip:edge;lr;ob>"
    done = do(registrar, register("<sip:a@h>", path=path, supported="path"))
    assert ("Path", path) in done.headers
    assert registrar.lookup(AOR, 0.0)[0].path == ("<sip:p1;lr>", "<sip:edge;lr;ob>")


@pytest.mark.parametrize(("path", "fine"), [("<sip:p;lr;ob>", True), ("<sip:p;lr>", False)])
def test_outbound_through_a_proxy_needs_its_ob(path: str, fine: bool) -> None:  # noqa: FBT001 - a table
    request = register(PHONE, supported="outbound, path", path=path)
    request.headers.add("Via", "SIP/2.0/UDP behind;branch=z9hG4bKb")
    if fine:
        do(Registrar(), request)
        return
    with pytest.raises(SipError) as caught:
        do(Registrar(), request)
    assert caught.value.status == 439


def test_bindings_survive_a_restart_shortened_by_the_time_away() -> None:
    registrar = Registrar()
    do(registrar, register(PHONE, supported="outbound", expires="600"), 1000.0)
    kept = [json.loads(json.dumps(b.to_dict(1100.0))) for b in registrar.lookup(AOR, 1100.0)]
    fresh = Registrar()
    fresh.restore(AOR, [Binding.from_dict(k, 5.0, elapsed=100.0) for k in kept])
    assert fresh.next_deadline() == 5.0 + 400.0
    with pytest.raises(SipError):
        do(fresh, register(PHONE, supported="outbound"), 5.0)  # the old CSeq still counts
