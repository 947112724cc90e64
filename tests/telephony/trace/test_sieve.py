"""What is worth keeping: calls whole, registrations and the watch over carriers where they failed."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from centrala.telephony.trace.reading import Taken
from centrala.telephony.trace.sieve import ANSWER_WAIT, MAX_OF_CALL, MAX_WAITING, Sieve
from centrala.telephony.transport.types import Direction

AT = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
REGISTER = Taken(
    at=AT,
    direction=Direction.IN,
    transport="UDP",
    local="192.0.2.1:5060",
    remote="192.0.2.7:5060",
    call_id="r",
    method="REGISTER",
    status=None,
    cseq=1,
    first_line="REGISTER sip:centre SIP/2.0",
    from_user="201",
    to_user="201",
    size=400,
    text="",
    credentials=False,
)


def answer(to: Taken, status: int, text: str = "") -> Taken:
    return replace(to, status=status, direction=Direction.OUT, text=text)


def test_a_good_registration_with_its_challenge_leaves_nothing() -> None:
    sieve = Sieve()
    proved = replace(REGISTER, cseq=2, credentials=True)
    for message in (REGISTER, answer(REGISTER, 401), proved, answer(proved, 100), answer(proved, 200)):
        assert sieve.take(message) == []
    assert sieve.late(AT + 2 * ANSWER_WAIT) == []


def test_a_wrong_password_is_kept_with_the_request() -> None:
    sieve = Sieve()
    proved = replace(REGISTER, credentials=True)
    refusal = answer(proved, 401)
    assert sieve.take(proved) == []
    assert sieve.take(refusal) == [proved, refusal]


def test_a_stale_nonce_is_no_failure() -> None:
    sieve = Sieve()
    proved = replace(REGISTER, credentials=True)
    sieve.take(proved)
    assert sieve.take(answer(proved, 401, 'WWW-Authenticate: Digest realm="c", stale=TRUE')) == []


def test_a_refusal_is_kept_with_all_repetitions_of_the_request() -> None:
    sieve = Sieve()
    sieve.take(REGISTER)
    sieve.take(REGISTER)
    assert sieve.take(answer(REGISTER, 403)) == [REGISTER, REGISTER, answer(REGISTER, 403)]


def test_a_carrier_that_does_not_answer_is_kept_and_a_stranger_without_our_answer_is_not() -> None:
    sieve = Sieve()
    ours = replace(REGISTER, call_id="ours", direction=Direction.OUT)
    sieve.take(REGISTER)
    sieve.take(ours)
    assert sieve.late(AT + ANSWER_WAIT - timedelta(seconds=1)) == []
    assert sieve.late(AT + ANSWER_WAIT) == [ours]


def test_a_call_is_kept_whole_and_a_loop_is_cut() -> None:
    sieve = Sieve()
    invite = replace(REGISTER, method="INVITE")
    kept = [sieve.take(invite) for _ in range(MAX_OF_CALL + 5)]
    assert sum(len(one) for one in kept) == MAX_OF_CALL
    assert sieve.dropped == 5
    assert sieve.take(replace(invite, call_id="other")) != []


def test_requests_without_an_answer_are_held_up_to_a_cap() -> None:
    sieve = Sieve()
    for number in range(MAX_WAITING + 3):
        sieve.take(replace(REGISTER, cseq=number, direction=Direction.OUT))
    assert sieve.dropped == 3
    sieve_gave = sieve.late(AT + ANSWER_WAIT)
    assert len(sieve_gave) <= MAX_WAITING
