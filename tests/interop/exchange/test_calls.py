"""Calls through the whole centre, with real phones and carriers."""

from uuid import UUID

import pytest

from centrala.kit.work import Work
from centrala.telephony.phones.service import phone_is_registered
from interop.exchange.conftest import CARRIER, Centre, until
from support.ports import free_port


async def test_a_colleague_is_called_by_the_user_of_their_phone(centre: Centre) -> None:
    ana, ion = await centre.account(await centre.person()), await centre.account(await centre.person())
    one, other = await centre.phone(ana), await centre.phone(ion)
    await one.command("dial", ion.user)
    await one.hears_of("CALL_ESTABLISHED")
    await other.hears_of("CALL_ESTABLISHED")
    (call,) = centre.exchange.calls.live()
    assert {leg.state.value for leg in call.live_legs()} == {"answered"}
    await other.command("hangup")
    await until(lambda: not centre.exchange.calls.live())
    assert await centre.rows("SELECT cause FROM calls WHERE id = :id", id=call.id) == [("answered",)]


async def test_a_carriers_call_rings_the_people_of_the_project(centre: Centre) -> None:
    project = await centre.project("+37322000101")
    await centre.phone(await centre.account(await centre.person(projects=(project,))))
    await centre.trunk("In", free_port(), sources=[CARRIER])
    caller = await centre.sipp("uac", "-s", "+37322000101", "-d", "300")
    code = await caller.wait()
    assert code == 0, "".join(path.read_text(errors="replace") for path in caller.folder.glob("*_errors.log"))
    await until(lambda: not centre.exchange.calls.live())
    rows = await centre.rows("SELECT callee, cause FROM calls WHERE project_id = :id", id=project)
    assert rows == [("+37322000101", "answered")]


async def test_who_calls_a_number_of_nobody_is_told_404(centre: Centre) -> None:
    await centre.trunk("Nobody", free_port(), sources=[CARRIER])
    caller = await centre.sipp("uac", "-s", "+37322999999")
    assert await caller.wait() != 0
    assert "404" in "".join(path.read_text() for path in caller.folder.glob("*errors.log"))


async def test_a_number_goes_out_by_the_next_trunk_when_the_first_refuses(centre: Centre) -> None:
    ana = await centre.account(await centre.person())
    phone = await centre.phone(ana)
    away, there = free_port(), free_port()
    await centre.trunk("First", away, priority=1)
    second = await centre.trunk("Second", there, priority=2)
    await centre.sipp("unavailable", port=away)
    await centre.sipp("uas", port=there)
    await phone.command("dial", "069123456")
    await phone.hears_of("CALL_ESTABLISHED")
    (call,) = centre.exchange.calls.live()
    (carried,) = [leg for leg in call.live_legs() if leg.trunk_id]
    assert carried.trunk_id == second
    await phone.command("hangup")
    await until(lambda: not centre.exchange.calls.live())


async def test_calls_abroad_are_refused_unless_they_are_allowed(centre: Centre) -> None:
    phone = await centre.phone(await centre.account(await centre.person()))
    await centre.trunk("Abroad", free_port())
    await phone.command("dial", "00442079460000")
    closed = await phone.hears_of("CALL_CLOSED")
    assert "403" in str(closed)


async def test_a_call_that_is_up_goes_on_when_the_app_begins_anew(centre: Centre) -> None:
    ana, ion = await centre.account(await centre.person()), await centre.account(await centre.person())
    one, other = await centre.phone(ana), await centre.phone(ion)
    await one.command("dial", ion.user)
    await one.hears_of("CALL_ESTABLISHED")
    await other.hears_of("CALL_ESTABLISHED")
    (call,) = centre.exchange.calls.live()
    await centre.telephony.stop()
    await centre.start()
    (taken,) = centre.exchange.calls.live()
    assert taken.id == call.id
    await one.command("hangup")
    await until(lambda: not centre.exchange.calls.live())
    await other.hears_of("CALL_CLOSED")
    assert await centre.rows("SELECT cause FROM calls WHERE id = :id", id=call.id) == [("answered",)]


async def test_a_phones_transfer_that_the_restart_cut_off_leaves_the_two_talking(centre: Centre) -> None:
    ana, ion, eva = [await centre.account(await centre.person()) for _ in range(3)]
    one, other = await centre.phone(ana), await centre.phone(ion)
    await centre.phone(eva, answers="manual")
    await one.command("dial", ion.user)
    await one.hears_of("CALL_ESTABLISHED")
    await other.hears_of("CALL_ESTABLISHED")
    (call,) = centre.exchange.calls.live()
    await one.command("transfer", eva.user)
    await until(lambda: "held" in {leg.role.value for leg in call.live_legs()})
    await centre.telephony.stop()
    await centre.start()
    (taken,) = centre.exchange.calls.live()
    await until(lambda: {leg.role.value for leg in taken.live_legs()} == {"party"})
    await other.command("hangup")
    await until(lambda: not centre.exchange.calls.live())


async def test_whom_a_phone_has_transferred_to_nobody_is_not_left_with_the_music(centre: Centre) -> None:
    ana, ion, eva = [await centre.account(await centre.person()) for _ in range(3)]
    one, other = await centre.phone(ana), await centre.phone(ion)
    third = await centre.phone(eva, answers="manual")
    await one.command("dial", ion.user)
    await one.hears_of("CALL_ESTABLISHED")
    await other.hears_of("CALL_ESTABLISHED")
    (call,) = centre.exchange.calls.live()
    await one.command("transfer", eva.user)
    await third.hears_of("CALL_INCOMING")
    await one.command("hangup")
    await until(lambda: len([leg for leg in call.live_legs() if leg.talking]) == 1)
    await third.command("hangup")
    await until(lambda: not centre.exchange.calls.live())


async def test_nobody_takes_the_place_of_anothers_leg(centre: Centre) -> None:
    ana, ion = await centre.account(await centre.person()), await centre.account(await centre.person())
    one, other = await centre.phone(ana), await centre.phone(ion)
    await one.command("dial", ion.user)
    await one.hears_of("CALL_ESTABLISHED")
    await other.hears_of("CALL_ESTABLISHED")
    (call,) = centre.exchange.calls.live()
    await centre.trunk("Stranger", free_port(), sources=[CARRIER])
    wanted = centre.exchange.calls.replaces(next(iter(call.legs)))
    stranger = await centre.sipp("replaces", "-s", "1001", "-key", "replaces", wanted)
    assert await stranger.wait() == 0, stranger.output[-2000:]
    assert {leg.state.value for leg in call.live_legs()} == {"answered"}


async def test_a_phone_that_has_just_come_is_not_forgotten_by_the_news_of_its_making(centre: Centre) -> None:
    account = await centre.account(await centre.person())
    await centre.phone(account)
    owner = centre.exchange.registrations.owner(account.user)
    assert owner is not None
    assert owner.phone_id is not None
    await centre.exchange._phone_changed(owner.phone_id)  # its row may not be written yet
    assert account.person_id in centre.exchange.registrations.present()


async def test_a_phone_that_comes_while_the_news_of_it_is_judged_stays(
    centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = await centre.account(await centre.person())
    await centre.phone(account)
    owner = centre.exchange.registrations.owner(account.user)
    assert owner is not None
    assert owner.phone_id is not None
    seen: list[bool] = []

    async def looked(unit: Work, phone_id: UUID) -> bool:
        """The first look is of the moment before the phone came."""
        registered = bool(seen) and await phone_is_registered(unit, phone_id)
        if not seen:
            centre.exchange.registrations.know(owner)
        seen.append(registered)
        return registered

    monkeypatch.setattr("centrala.telephony.exchange.exchange.phone_is_registered", looked)
    await centre.exchange._phone_changed(owner.phone_id)
    assert seen == [False, True]
    assert account.person_id in centre.exchange.registrations.present()
