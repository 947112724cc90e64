"""The decisions without input or output: leg states, who hears whom, who is hung up, and what an end is called."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from centrala.telephony.calls.causes import Cause, HungUpBy, of_end, of_failure, ours, reasons_for, status_for
from centrala.telephony.calls.decide import Standing, leftovers
from centrala.telephony.calls.hearing import SUPERVISING, Role, Seat, hears, matrix, sides, wants_music
from centrala.telephony.calls.machine import OVER, TABLE, LegEvent, LegState, WrongMove, may, move
from centrala.telephony.sip.agent.events import By
from centrala.telephony.sip.agent.events import Cause as SipCause
from centrala.telephony.sip.headers.small import Reason

# The machine


def test_every_state_but_the_last_can_end() -> None:
    assert {state for state in LegState if may(state, LegEvent.OVER)} == set(LegState) - {LegState.ENDED}


def test_nothing_happens_to_a_leg_that_has_ended() -> None:
    assert not any(may(LegState.ENDED, event) for event in LegEvent)


def test_a_leg_that_is_ending_comes_back_never() -> None:
    reached = {TABLE[LegState.ENDING, event] for event in LegEvent if may(LegState.ENDING, event)}
    assert reached == set(OVER)


def test_a_move_that_the_table_lacks_raises() -> None:
    with pytest.raises(WrongMove):
        move(LegState.NEW, LegEvent.HOLD)


def test_every_state_can_be_reached() -> None:
    reached = {LegState.NEW}
    for _ in LegState:
        reached |= {to for (state, _), to in TABLE.items() if state in reached}
    assert reached == set(LegState)


# Hearing


def seats(**roles: Role) -> list[Seat]:
    return [Seat(name, role, to="o" if role is Role.WHISPERING else None) for name, role in roles.items()]


P, L, W, B = Role.PARTY, Role.LISTENING, Role.WHISPERING, Role.BARGING


@pytest.mark.parametrize(
    ("room", "heard"),
    [
        (seats(c=P, o=P), {"c": ("o",), "o": ("c",)}),
        (seats(c=Role.HELD, o=P), {"c": (), "o": ()}),
        (seats(c=P, o=Role.MUTED), {"c": (), "o": ("c",)}),
        (seats(c=P, o=P, s=L), {"c": ("o",), "o": ("c",), "s": ("c", "o")}),
        (seats(c=P, o=P, s=W), {"c": ("o",), "o": ("c", "s"), "s": ("c", "o")}),
        (seats(c=P, o=P, s=B), {"c": ("o", "s"), "o": ("c", "s"), "s": ("c", "o")}),
        (seats(c=P, o=P, d=P), {"c": ("o", "d"), "o": ("c", "d"), "d": ("c", "o")}),
        (seats(c=Role.PARKED, o=P, d=P), {"c": (), "o": ("d",), "d": ("o",)}),
        (seats(c=P, o=Role.APART), {"c": (), "o": ()}),
        (seats(c=Role.ECHO, o=P), {"c": ("c",), "o": ()}),
        ([Seat("c", P), Seat("o", P, early=True)], {"c": ("o",), "o": ()}),
        ([Seat("c", P), Seat("o", P, away=True)], {"c": (), "o": ()}),
    ],
)
def test_who_hears_whom(room: list[Seat], heard: dict[str, tuple[str, ...]]) -> None:
    assert matrix(room) == heard


SEATS = st.lists(
    st.builds(
        Seat,
        leg=st.sampled_from("abcdef"),
        role=st.sampled_from(Role),
        to=st.sampled_from([None, *"abcdef"]),
        away=st.booleans(),
        early=st.booleans(),
    ),
    unique_by=lambda seat: seat.leg,
    max_size=6,
)


@given(SEATS)
def test_a_client_never_hears_who_only_listens_or_whispers_to_another(room: list[Seat]) -> None:
    by_name = {seat.leg: seat for seat in room}
    for ear, mouths in matrix(room).items():
        assert ear not in mouths or by_name[ear].role is Role.ECHO
        for mouth in mouths:
            speaker = by_name[mouth]
            assert speaker.role is not Role.LISTENING
            assert speaker.role is not Role.WHISPERING or speaker.to == ear


@given(SEATS)
def test_music_and_voices_are_never_in_one_ear(room: list[Seat]) -> None:
    heard = matrix(room)
    assert all(not heard[leg] for leg in wants_music(room))


@given(SEATS)
def test_who_is_held_or_parked_and_not_away_hears_music(room: list[Seat]) -> None:
    waiting = {seat.leg for seat in room if seat.role in {Role.HELD, Role.PARKED} and not seat.away}
    assert waiting <= wants_music(room)


@given(SEATS)
def test_parties_hear_each_other_both_ways(room: list[Seat]) -> None:
    parties = [seat for seat in room if seat.role is Role.PARTY and not seat.away and not seat.early]
    for one, other in itertools.permutations(parties, 2):
        assert hears(one, other)


def test_supervisors_are_on_no_side_of_a_recording() -> None:
    assert sides(seats(c=P, o=P, s=W, t=L), frozenset({"c"})) == (("c",), ("o",))


# Who is left


def standing(leg: str, role: Role = P, *, talking: bool = True, origin: bool = False) -> Standing:
    return Standing(leg, role, talking, origin)


@pytest.mark.parametrize(
    ("gone", "rest", "lasting", "hung_up"),
    [
        (standing("c", origin=True), [standing("o")], False, ("o",)),
        (standing("o"), [standing("c", origin=True)], False, ("c",)),
        (standing("o"), [standing("c", origin=True)], True, ()),
        (standing("o"), [standing("c"), standing("d")], False, ()),
        (standing("b", talking=False), [standing("c", talking=False)], False, ()),
        (standing("c", talking=False, origin=True), [standing("b", talking=False)], False, ("b",)),
        (standing("s", L), [standing("c"), standing("o")], False, ()),
        (standing("o"), [standing("c"), standing("s", L)], False, ("c", "s")),
        (standing("o"), [standing("c", Role.PARKED)], False, ()),
        (standing("o"), [standing("b", talking=False)], False, ("b",)),
        (standing("c", origin=True), [standing("b", talking=False)], True, ("b",)),
    ],
)
def test_who_is_hung_up_when_somebody_goes(
    gone: Standing, rest: list[Standing], *, lasting: bool, hung_up: tuple[str, ...]
) -> None:
    assert leftovers(gone, rest, lasting=lasting) == hung_up


@given(st.lists(st.builds(Standing, st.sampled_from("abcd"), st.sampled_from(Role), st.booleans(), st.booleans())))
def test_nobody_supervises_an_empty_call(rest: list[Standing]) -> None:
    gone = standing("x")
    left = [one for one in rest if one.leg not in leftovers(gone, rest, lasting=False)]
    assert not left or any(one.role not in SUPERVISING for one in left)


# Causes


@pytest.mark.parametrize(
    ("by", "status", "number", "cause"),
    [
        (By.PEER, 486, None, Cause.BUSY),
        (By.PEER, 600, None, Cause.BUSY),
        (By.PEER, 404, None, Cause.NUMBER_DOES_NOT_EXIST),
        (By.PEER, 604, None, Cause.NUMBER_DOES_NOT_EXIST),
        (By.PEER, 484, None, Cause.NUMBER_INCOMPLETE),
        (By.PEER, 503, None, Cause.CONGESTION),
        (By.PEER, 302, None, Cause.REDIRECTED),
        (By.PEER, 599, None, Cause.NETWORK_FAILURE),
        (By.PEER, 480, 16, Cause.UNREACHABLE),
        (By.PEER, 500, 17, Cause.BUSY),
        (By.PEER, 480, 19, Cause.NO_ANSWER),
        (By.PEER, 503, 3, Cause.NO_ROUTE),
        (By.NETWORK, 503, None, Cause.NO_ROUTE),
        (By.NETWORK, 408, None, Cause.UNREACHABLE),
    ],
)
def test_a_failure_is_named_by_its_q850_number_and_else_by_its_status(
    by: By, status: int, number: int | None, cause: Cause
) -> None:
    reasons = () if number is None else (Reason("Q.850", number),)
    assert of_failure(SipCause(by, status, reasons)).cause is cause


def test_an_end_tells_who_hung_up() -> None:
    assert of_end(SipCause(By.PEER, 200), answered=True).by is HungUpBy.PEER
    assert of_end(SipCause(By.NETWORK, 408), answered=True).cause is Cause.NETWORK_FAILURE
    assert of_end(SipCause(By.PEER, 487), answered=False).cause is Cause.CANCELLED
    elsewhere = (Reason("SIP", 200, "Call completed elsewhere"),)
    assert of_end(SipCause(By.PEER, 487, elsewhere), answered=False).cause is Cause.ANSWERED_ELSEWHERE
    assert of_end(SipCause(By.NETWORK, 480), answered=False).cause is Cause.NO_ANSWER


@pytest.mark.parametrize("cause", Cause)
def test_every_cause_has_its_numbers_and_refuses_a_caller_with_a_final_status(cause: Cause) -> None:
    ending = ours(cause)
    assert 1 <= ending.q850 <= 127
    assert 400 <= status_for(ending) <= 699
    assert reasons_for(ending)
