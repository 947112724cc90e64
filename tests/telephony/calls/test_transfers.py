"""Transfers of every kind: the parties who stay are never lost, and the phones learn how it went."""

from uuid import uuid4

import pytest

from centrala.telephony.calls.causes import Cause
from centrala.telephony.calls.errors import CannotMeet, Gone
from centrala.telephony.calls.events import (
    CallEnded,
    CallEvent,
    CallOffered,
    LegMoved,
    RecordingEnded,
    TransferAsked,
    TransferFailed,
    TransferKind,
    Transferred,
)
from centrala.telephony.calls.service import CallSettings
from centrala.telephony.calls.store import Kind
from centrala.telephony.sip.agent.events import Progress, SessionEnded, TransferProgress
from centrala.telephony.sip.headers.small import Replaces
from centrala.telephony.sip.uri import SipUri, parse_uri
from telephony.calls.stage import Phone, Stage, answers, refuses, rings
from telephony.calls.test_bridge import bridge_to
from telephony.calls.test_within import do, leg_of, music_in, the_call


@pytest.fixture
def stage(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    return Stage(settings=CallSettings(music="/music.wav", recordings=tmp_path_factory.mktemp("records")))


async def talk(stage: Stage) -> tuple[Phone, Phone, Phone]:
    """Alice, a client, talks with bob; carol has not been called."""
    alice, bob, carol = stage.phone("alice"), stage.phone("bob", answers), stage.phone("carol", answers)
    bridge_to(stage, bob)
    alice.call()
    await stage.run(1.0)
    stage.on_event.clear()
    return alice, bob, carol


async def end(stage: Stage, phone: Phone) -> None:
    phone.hang_up()
    await stage.run(60.0)
    assert stage.leftovers == {}


async def test_blind_the_one_who_stays_hears_music_until_the_other_answers(stage: Stage) -> None:
    alice, bob, carol = await talk(stage)
    carol.behaviour = rings
    await do(stage, stage.calls.transfer(leg_of(stage, "bob").id, [stage.target(carol)]))
    await stage.run(2.0)
    assert bob.over
    assert music_in(stage, "alice")
    carol.agent.answer(carol.session, stage.net.now, carol.sdp())
    await stage.run(2.0)
    assert stage.heard() == {"alice": {"carol"}, "carol": {"alice"}}
    assert not music_in(stage, "alice")
    assert stage.one(Transferred).kind is TransferKind.BLIND
    await end(stage, alice)
    causes = {row["peer"]: row["cause"] for row in stage.rows.legs}
    assert causes["bob"] == "transferred"


async def test_blind_to_somebody_busy_leaves_the_other_waiting_for_a_decision(stage: Stage) -> None:
    alice, bob, carol = await talk(stage)
    carol.behaviour = refuses(486)
    await do(stage, stage.calls.transfer(leg_of(stage, "bob").id, [stage.target(carol)]))
    await stage.run(2.0)
    assert stage.one(TransferFailed).status == 486
    assert not alice.over
    assert music_in(stage, "alice")
    bob.sessions.clear()
    await do(stage, stage.calls.dial(the_call(stage).id, [stage.target(bob)]))
    await stage.run(1.0)
    await do(stage, stage.calls.resume(leg_of(stage, "alice").id))
    assert stage.heard() == {"alice": {"bob"}, "bob": {"alice"}}
    await end(stage, alice)


async def test_a_caller_who_gives_up_during_a_blind_transfer_ends_everything(stage: Stage) -> None:
    alice, _, carol = await talk(stage)
    carol.behaviour = rings
    await do(stage, stage.calls.transfer(leg_of(stage, "bob").id, [stage.target(carol)]))
    await stage.run(2.0)
    await end(stage, alice)
    assert carol.over


async def test_attended_consult_then_leave(stage: Stage) -> None:
    _alice, bob, carol = await talk(stage)
    await do(stage, stage.calls.hold(leg_of(stage, "alice").id))
    await do(stage, stage.calls.dial(the_call(stage).id, [stage.target(carol)]))
    await stage.run(1.0)
    assert stage.heard() == {"alice": set(), "bob": {"carol"}, "carol": {"bob"}}
    await do(stage, stage.calls.complete(leg_of(stage, "bob").id))
    await stage.run(1.0)
    assert bob.over
    assert stage.heard() == {"alice": {"carol"}, "carol": {"alice"}}
    assert stage.one(Transferred).kind is TransferKind.ATTENDED
    await end(stage, carol)


async def test_a_consulted_phone_that_hangs_up_gives_the_operator_back(stage: Stage) -> None:
    alice, bob, carol = await talk(stage)
    await do(stage, stage.calls.hold(leg_of(stage, "alice").id))
    await do(stage, stage.calls.dial(the_call(stage).id, [stage.target(carol)]))
    await stage.run(1.0)
    carol.hang_up()
    await stage.run(1.0)
    assert not bob.over
    await do(stage, stage.calls.resume(leg_of(stage, "alice").id))
    assert stage.heard() == {"alice": {"bob"}, "bob": {"alice"}}
    await end(stage, alice)


async def two_calls(stage: Stage) -> tuple[Phone, Phone, Phone]:
    """Bob, a desk phone, talks with alice and, on his second line, with carol."""
    stage.phone_ids["bob"] = uuid4()
    alice, bob, carol = await talk(stage)
    bridge_to(stage, carol)
    bob.call("carol")
    await stage.run(1.0)
    stage.on_event.clear()
    assert len(stage.calls.live()) == 2
    return alice, bob, carol


def replaces(bob: Phone) -> Replaces:
    """Bob's second dialog as its peer sees it (RFC 3891 3)."""
    second = bob.sessions[1]
    return Replaces(second.call_id, to_tag=second.remote_tag, from_tag=second.local_tag)


async def test_a_phones_refer_with_replaces_joins_its_two_calls(stage: Stage) -> None:
    alice, bob, carol = await two_calls(stage)
    first = bob.sessions[0]
    bob.agent.refer(first, parse_uri("sip:carol@192.0.2.1"), stage.net.now, replaces(bob))
    await stage.run(2.0)
    assert bob.over
    assert [event.status for event in bob.all(TransferProgress)][-1] == 200
    assert stage.heard() == {"alice": {"carol"}, "carol": {"alice"}}
    assert stage.one(LegMoved).leg_id == leg_of(stage, "carol").id
    assert stage.one(CallEnded).ending.cause is Cause.TRANSFERRED
    assert len(stage.rows.dialogs) == 2
    assert len({row["call_id"] for row in stage.rows.dialogs.values()}) == 1
    await end(stage, alice)
    assert carol.over


async def test_a_refer_with_replaces_to_somebody_who_still_rings_is_a_blind_one(stage: Stage) -> None:
    stage.phone_ids["bob"] = uuid4()
    alice, bob, carol = await talk(stage)
    carol.behaviour = rings
    bridge_to(stage, carol)
    bob.call("carol")
    await stage.run(1.0)
    stage.on_event.clear()
    carries_out(stage, carol)
    second = bob.all(Progress)[-1].session
    assert second is not None
    wanted = Replaces(second.call_id, to_tag=second.remote_tag, from_tag=second.local_tag)
    carol.behaviour = answers
    bob.agent.refer(bob.session, parse_uri("sip:elsewhere@192.0.2.1"), stage.net.now, wanted)
    await stage.run(2.0)
    assert parse_uri(stage.one(TransferAsked).target) == SipUri("transfer.invalid", "carol")
    assert [event.status for event in bob.all(TransferProgress)][-1] == 200
    assert bob.over
    assert len(stage.calls.live()) == 1
    assert stage.heard() == {"alice": {"carol"}, "carol": {"alice"}}
    await end(stage, alice)


async def test_nobody_joins_the_call_of_another_phone(stage: Stage) -> None:
    """Who has learnt the tags of somebody's dialog gets neither into it nor them out of it."""
    alice, bob, carol = await two_calls(stage)
    mallory = stage.phone("mallory")
    stage.phone_ids["mallory"] = uuid4()
    bridge_to(stage, carol)
    mallory.call("carol")
    await stage.run(1.0)
    before = stage.heard()
    mallory.agent.refer(mallory.session, parse_uri("sip:bob@192.0.2.1"), stage.net.now, replaces(bob))
    await stage.run(2.0)
    assert [event.status for event in mallory.all(TransferProgress)] == [403]
    assert stage.heard() == before
    assert not bob.over
    for phone in (mallory, bob, carol):
        for session in phone.sessions:
            phone.agent.hang_up(session, stage.net.now)
    await end(stage, alice)


async def test_a_transfer_cuts_no_recording(stage: Stage) -> None:
    alice, bob, _ = await two_calls(stage)
    caller = next(call for call in stage.calls.live() if call.caller == "alice")
    other = next(call for call in stage.calls.live() if call.caller == "bob")
    kept, moved = await do(stage, stage.calls.record(caller.id)), await do(stage, stage.calls.record(other.id))
    bob.agent.refer(bob.sessions[0], parse_uri("sip:carol@192.0.2.1"), stage.net.now, replaces(bob))
    await stage.run(2.0)
    assert stage.all(RecordingEnded) == []
    assert {record.room for record in stage.media.records.values()} == {caller.room}
    await end(stage, alice)
    rows = stage.rows.rows[Kind.RECORDING]
    assert {rows[kept]["call_id"], rows[moved]["call_id"]} == {caller.id}
    assert len(stage.all(RecordingEnded)) == 2


async def test_legs_that_cannot_meet_leave_both_calls_as_they_were(stage: Stage) -> None:
    alice, bob, carol = await two_calls(stage)
    stage.media.refuse_next("leg.move", "not_supported")
    first, second = stage.calls.live()
    with pytest.raises(CannotMeet):
        await do(stage, stage.calls.join(first.id, second.id))
    assert stage.heard() == {"alice": {"bob"}, "carol": {"bob"}, "bob": {"carol"}}
    for phone in (alice, carol):
        phone.hang_up()
    await stage.run(60.0)
    assert bob.over
    assert stage.leftovers == {}


def carries_out(stage: Stage, *phones: Phone) -> None:
    def hear(event: CallEvent) -> None:
        if isinstance(event, TransferAsked):

            async def step() -> None:
                await stage.calls.carry_out(event.transfer, [stage.target(phone) for phone in phones])

            stage.context.spawn(stage.calls.find(event.call_id), step())

    stage.on_event.append(hear)


async def test_a_phones_blind_refer_is_carried_out_and_reported(stage: Stage) -> None:
    alice, bob, carol = await talk(stage)
    carries_out(stage, carol)
    bob.agent.refer(bob.session, parse_uri("sip:carol@192.0.2.1"), stage.net.now)
    await stage.run(3.0)
    assert stage.one(TransferAsked).target == "sip:carol@192.0.2.1"
    assert [event.status for event in bob.all(TransferProgress)][-1] == 200
    assert bob.over
    assert stage.heard() == {"alice": {"carol"}, "carol": {"alice"}}
    await end(stage, alice)


async def test_a_phones_blind_refer_to_somebody_busy_gives_the_phone_its_call_back(stage: Stage) -> None:
    alice, bob, carol = await talk(stage)
    carol.behaviour = refuses(486)
    carries_out(stage, carol)
    bob.agent.refer(bob.session, parse_uri("sip:carol@192.0.2.1"), stage.net.now)
    await stage.run(3.0)
    assert [event.status for event in bob.all(TransferProgress)][-1] == 486
    assert not bob.over
    assert stage.heard() == {"alice": {"bob"}, "bob": {"alice"}}
    await end(stage, alice)


async def test_a_refer_that_is_not_allowed_changes_nothing(stage: Stage) -> None:
    alice, bob, _ = await talk(stage)
    stage.on_event.append(
        lambda event: stage.calls.refuse_transfer(event.transfer) if isinstance(event, TransferAsked) else None
    )
    bob.agent.refer(bob.session, parse_uri("sip:+88299999999@192.0.2.1"), stage.net.now)
    await stage.run(3.0)
    assert [event.status for event in bob.all(TransferProgress)] == [603]
    assert stage.heard() == {"alice": {"bob"}, "bob": {"alice"}}
    await end(stage, alice)


async def test_an_invite_with_replaces_takes_the_seat_of_the_other(stage: Stage) -> None:
    alice, bob, carol = await talk(stage)
    value = stage.calls.replaces(leg_of(stage, "bob").id)
    carol.call("bob", headers=(("Replaces", value),))
    await stage.run(2.0)
    assert bob.over
    assert stage.heard() == {"alice": {"carol"}, "carol": {"alice"}}
    assert len(stage.all(CallOffered)) == 1
    await end(stage, alice)


async def test_our_refer_lets_the_peer_go(stage: Stage) -> None:
    _, bob, _ = await talk(stage)

    stage.calls.refer(leg_of(stage, "bob").id, parse_uri("sip:+37369000000@carrier.example"))
    await stage.run(1.0)
    (event,) = [event for event in bob.events if type(event).__name__ == "TransferRequested"]
    bob.agent.accept_transfer(event.transfer, stage.net.now)  # type: ignore[union-attr]  # by its name
    bob.agent.report_transfer(event.transfer, 200, stage.net.now)  # type: ignore[union-attr]  # by its name
    await stage.run(60.0)
    assert stage.one(Transferred).to_leg_id is None
    assert bob.over
    assert stage.leftovers == {}


async def test_a_parked_caller_outlives_who_parked_and_is_taken_up_elsewhere(stage: Stage) -> None:
    alice, bob, carol = await talk(stage)
    await do(stage, stage.calls.park(leg_of(stage, "alice").id, by=leg_of(stage, "bob").id))
    await stage.run(5.0)
    assert bob.over
    assert music_in(stage, "alice")
    await do(stage, stage.calls.dial(the_call(stage).id, [stage.target(carol)]))
    await stage.run(1.0)
    await do(stage, stage.calls.resume(leg_of(stage, "alice").id))
    assert stage.heard() == {"alice": {"carol"}, "carol": {"alice"}}
    await end(stage, alice)


async def test_a_caller_in_a_queue_stays_when_the_operator_goes_if_somebody_wants_it(stage: Stage) -> None:
    alice, bob, _ = await talk(stage)
    await do(stage, stage.calls.outlast(the_call(stage).id, on=True))
    bob.hang_up()
    await stage.run(5.0)
    assert not alice.over
    await do(stage, stage.calls.outlast(the_call(stage).id, on=False))
    await do(stage, stage.calls.end(the_call(stage).id))
    await stage.run(60.0)
    assert alice.all(SessionEnded)
    assert stage.leftovers == {}


async def test_an_outgoing_call_tries_one_carrier_after_the_other(stage: Stage) -> None:
    first, second = stage.phone("first", refuses(503)), stage.phone("second", answers)
    call = stage.calls.create(caller="+37322000001", callee="+37369000000", open_=True)
    one = await do(stage, stage.calls.dial(call, [stage.target(first)]))
    await stage.run(2.0)
    outcome = await one.result
    assert outcome.ending is not None
    assert outcome.ending.cause is Cause.CONGESTION
    other = await do(stage, stage.calls.dial(call, [stage.target(second)]))
    await stage.run(2.0)
    assert (await other.result).leg is not None
    await do(stage, stage.calls.keep_open(call, on=False))
    second.hang_up()
    await stage.run(60.0)
    assert stage.one(CallEnded).ending.cause is Cause.ANSWERED
    assert stage.leftovers == {}


async def test_what_is_over_cannot_be_changed(stage: Stage) -> None:
    alice, _, carol = await talk(stage)
    leg, call = leg_of(stage, "alice").id, the_call(stage).id
    await end(stage, alice)
    for verb in (
        stage.calls.hold(leg),
        stage.calls.answer(leg),
        stage.calls.dial(call, [stage.target(carol)]),
        stage.calls.record(call),
        stage.calls.collect(leg, wanted=1),
        stage.calls.transfer(leg, [stage.target(carol)]),
    ):
        with pytest.raises(Gone):
            await verb
    await stage.calls.hang_up(leg)
    await stage.calls.end(call)
