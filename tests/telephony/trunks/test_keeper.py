"""Registrations and watches of trunks over an emulated network, in virtual time."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID, uuid4

import pytest

from centrala.telephony.sip.agent.core import UserAgent
from centrala.telephony.sip.agent.events import Event, RequestReceived
from centrala.telephony.sip.digest import Algorithm, DigestServer, Verdict, make_ha1
from centrala.telephony.sip.netem import Pair
from centrala.telephony.sip.tokens import SeededTokens
from centrala.telephony.trunks.core import Usable
from centrala.telephony.trunks.keeper import TrunkKeeper, Watched
from centrala.telephony.trunks.machine import TABLE, Health, Reason, State, reason_of
from centrala.telephony.trunks.machine import Event as Moves

REALM, USER, PASSWORD = "carrier", "37322000000", "secret"


@dataclass
class Planned:
    """A call that was planned on the emulated network; a cancelled one does nothing when its time comes."""

    call: Callable[[], None]
    cancelled: bool = False

    def cancel(self) -> None:
        self.cancelled = True

    def run(self) -> None:
        if not self.cancelled:
            self.call()


@dataclass
class Carrier:
    """The agent b: challenges REGISTER, and answers what it is told to."""

    pair: Pair
    refuse: int | None = None
    seen: list[tuple[str, float]] = field(default_factory=list)
    expires: list[str] = field(default_factory=list)
    grants: int = 300
    least: int = 0

    def __post_init__(self) -> None:
        self.digest = DigestServer(REALM, b"secret", SeededTokens(b"nonces"))
        self.pair.on_b.append(self._on)

    def _on(self, agent: UserAgent, event: Event, now: float) -> None:
        if not isinstance(event, RequestReceived):
            return
        request = event.request
        claim = self.digest.claim(request)
        ha1 = make_ha1(claim.algorithm if claim else Algorithm.MD5, USER, REALM, PASSWORD)
        verdict = self.digest.check(request, claim, ha1, now)
        if verdict in {Verdict.MISSING, Verdict.STALE}:
            stale = verdict is Verdict.STALE
            agent.respond(event.server, 401, now, headers=self.digest.challenges(now, stale=stale))
            return
        self.seen.append((request.method, now))
        self.expires.append(request.headers.get("expires") or "")
        if self.refuse is not None or verdict is not Verdict.OK:
            agent.respond(event.server, self.refuse or 403, now)
        elif int(self.expires[-1]) < self.least and self.expires[-1] != "0":
            agent.respond(event.server, 423, now, headers=[("Min-Expires", str(self.least))])
        else:
            contact = f"{request.headers.get('contact')};expires={self.grants}"
            agent.respond(event.server, 200, now, headers=[("Contact", contact)])


@dataclass
class Kept:
    """A keeper on the agent a, and what it has said."""

    pair: Pair
    told: list[tuple[float, State, Reason]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.agent = self.pair.a
        self.keeper = TrunkKeeper(self, SeededTokens(b"keeper"), call_at=self._call_at, on_health=self._on_health)
        self.pair.on_a.append(lambda _agent, event, _now: self._on(event))

    def _on(self, event: Event) -> None:
        self.keeper.on_event(event)

    def _call_at(self, moment: float, call: Callable[[], None]) -> Planned:
        planned = Planned(call)
        self.pair.net.at(moment, planned.run)
        return planned

    def _on_health(self, _trunk: UUID, health: Health, _next_at: float | None) -> None:
        self.told.append((self.now(), health.state, health.reason))

    def now(self) -> float:
        return self.pair.net.now

    def flush(self) -> None:
        """The network takes what was put out when its turn comes."""

    @property
    def health(self) -> Health:
        (health,) = self.keeper.health.values()
        return health

    def run(self, until: float) -> None:
        self.pair.net.run(until)


def trunk(**more: object) -> Watched:
    known = {
        "id": uuid4(),
        "registers": True,
        "transport": "udp",
        "host": "192.0.2.2",
        "port": 5060,
        "user": USER,
        "password": PASSWORD,
        "expires": 300,
        "watch_seconds": 0,
        **more,
    }
    return Watched(**known)  # type: ignore[arg-type]  # fields by name


@pytest.fixture
def pair() -> Pair:
    return Pair.make()


@pytest.fixture
def carrier(pair: Pair) -> Carrier:
    return Carrier(pair)


@pytest.fixture
def kept(pair: Pair) -> Kept:
    return Kept(pair)


def test_a_trunk_registers_with_its_password_and_stays_registered(carrier: Carrier, kept: Kept) -> None:
    kept.keeper.set([trunk()])
    kept.run(1.0)
    assert (kept.health.state, kept.health.reason, kept.health.usable) == (State.UP, Reason.REGISTERED, Usable.YES)
    kept.run(1_000.0)
    registers = [at for method, at in carrier.seen if method == "REGISTER"]
    assert [round(later - sooner) for sooner, later in itertools.pairwise(registers)] == [255, 255, 255]
    assert [state for _, state, _ in kept.told] == [State.STARTING] + [State.UP] * 4


def test_a_wrong_password_fails_with_its_reason_and_is_tried_again_with_growing_waits(
    carrier: Carrier, kept: Kept
) -> None:
    kept.keeper.set([trunk(password="wrong")])
    kept.run(1.0)
    assert (kept.health.state, kept.health.reason) == (State.FAILING, Reason.REFUSED)
    assert kept.health.usable is Usable.NO
    kept.run(4_000.0)
    tries = [at for _, at in carrier.seen]
    waits = [later - sooner for sooner, later in itertools.pairwise(tries)]
    assert all(15 <= wait <= 1_801 for wait in waits)
    assert waits[3] > waits[0] * 2
    assert len(tries) < 12


def test_a_carrier_that_comes_back_is_registered_again(carrier: Carrier, kept: Kept) -> None:
    carrier.refuse = 503
    kept.keeper.set([trunk()])
    kept.run(1.0)
    assert (kept.health.state, kept.health.reason, kept.health.failures) == (State.FAILING, Reason.OVERLOADED, 1)
    carrier.refuse = None
    kept.run(40.0)
    assert (kept.health.state, kept.health.failures) == (State.UP, 0)


def test_a_silent_carrier_is_a_failure_after_the_transactions_time(kept: Kept) -> None:
    kept.pair.net.tap = lambda _at, _flow, _data: None
    kept.keeper.set([trunk()])
    kept.run(31.0)
    assert kept.health.state is State.STARTING
    kept.run(33.0)
    assert (kept.health.state, kept.health.reason) == (State.FAILING, Reason.NO_ANSWER)


def test_a_longer_time_that_the_carrier_wants_is_no_failure(carrier: Carrier, kept: Kept) -> None:
    carrier.least = 600
    kept.keeper.set([trunk(expires=60)])
    kept.run(1.0)
    assert (carrier.expires, kept.health.state) == (["60", "600"], State.UP)
    assert State.FAILING not in [state for _, state, _ in kept.told]


def test_a_watched_trunk_is_up_when_somebody_answers_and_asked_sooner_when_nobody_does(kept: Kept) -> None:
    kept.keeper.set([trunk(registers=False, watch_seconds=60)])
    kept.run(1.0)
    assert (kept.health.state, kept.health.reason) == (State.UP, Reason.REACHABLE)
    kept.pair.net.tap = lambda _at, _flow, _data: None
    kept.run(60.0 + 33.0)
    assert (kept.health.state, kept.health.reason, kept.health.reachable) == (State.FAILING, Reason.NO_ANSWER, False)
    kept.pair.net.tap = None
    kept.run(60.0 + 33.0 + 10.5)
    assert kept.health.state is State.UP
    questions = [at for at, word in kept.pair.sent("a") if word == "OPTIONS"]
    assert questions[-1] - questions[0] < 110


def test_a_failed_call_makes_the_keeper_ask_at_once(kept: Kept) -> None:
    one = trunk(registers=False, watch_seconds=600)
    kept.keeper.set([one])
    kept.run(10.0)
    kept.pair.net.tap = lambda _at, _flow, _data: None
    kept.keeper.suspect(one.id)
    kept.run(10.0 + 33.0)
    assert kept.health.state is State.FAILING


def test_a_trunk_that_is_neither_registered_nor_watched_is_taken_as_up(kept: Kept) -> None:
    kept.keeper.set([trunk(registers=False)])
    kept.run(1_000.0)
    assert (kept.health.state, kept.health.reason) == (State.UP, Reason.NOT_WATCHED)
    assert kept.pair.sent("a") == []


def test_a_removed_trunk_says_goodbye_and_is_left_alone(carrier: Carrier, kept: Kept) -> None:
    kept.keeper.set([trunk()])
    kept.run(1.0)
    kept.keeper.set([])
    kept.run(1_000.0)
    assert carrier.expires == ["300", "0"]
    assert kept.keeper.health == {}
    assert kept.pair.leftovers == {}


def test_stopping_ends_every_registration(carrier: Carrier, kept: Kept) -> None:
    kept.keeper.set([trunk()])
    kept.run(1.0)
    kept.keeper.stop()
    kept.run(1_000.0)
    assert carrier.expires[-1] == "0"
    assert [at for _, at in carrier.seen][-1] < 2.0


def test_an_unchanged_trunk_is_not_disturbed_and_a_changed_one_begins_anew(carrier: Carrier, kept: Kept) -> None:
    one = trunk()
    kept.keeper.set([one])
    kept.run(1.0)
    kept.keeper.set([one])
    kept.run(2.0)
    assert carrier.expires == ["300"]
    changed = trunk(id=one.id, expires=600)
    kept.keeper.set([changed])
    kept.run(3.0)
    assert carrier.expires == ["300", "0", "600"]


def test_a_disabled_trunk_sends_nothing(kept: Kept) -> None:
    kept.keeper.set([trunk(enabled=False, watch_seconds=60)])
    kept.run(1_000.0)
    assert kept.pair.sent("a") == []
    assert (kept.health.state, kept.health.usable) == (State.OFF, Usable.NO)


def test_many_trunks_do_not_all_begin_in_one_moment(carrier: Carrier, kept: Kept) -> None:
    kept.keeper.set([trunk(registers=False, watch_seconds=60) for _ in range(30)])
    kept.run(6.0)
    moments = {round(at, 1) for at, word in kept.pair.sent("a") if word == "OPTIONS"}
    assert len(moments) > 10


def test_other_events_are_not_the_keepers(carrier: Carrier, kept: Kept) -> None:
    kept.keeper.set([trunk()])
    kept.run(1.0)
    assert [kept.keeper.on_event(event) for _, _, event in kept.pair.net.log] == [False] * len(kept.pair.net.log)


def test_reachable_alone_is_not_registered() -> None:
    health = Health(registers=True, watched=True).started(0.0).on_options(200, 1.0)
    assert (health.state, health.usable) == (State.STARTING, Usable.UNKNOWN)
    both = health.on_registration(200, 2.0)
    assert both.state is State.UP
    lost = both.on_options(408, 3.0)
    assert (lost.state, lost.reason) == (State.FAILING, Reason.NO_ANSWER)
    assert lost.on_registration(200, 4.0).state is State.FAILING, "the watch still fails"
    assert lost.on_options(405, 5.0).state is State.UP, "whoever refuses is there"


def test_every_state_knows_every_event() -> None:
    assert set(TABLE) == {(state, event) for state in State for event in Moves}


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (401, Reason.WRONG_PASSWORD),
        (407, Reason.WRONG_PASSWORD),
        (403, Reason.REFUSED),
        (404, Reason.REFUSED),
        (408, Reason.NO_ANSWER),
        (503, Reason.OVERLOADED),
        (500, Reason.FAULT),
        (603, Reason.REFUSED),
        (0, Reason.UNREACHABLE),
    ],
)
def test_a_failure_has_a_reason_that_a_person_understands(status: int, reason: Reason) -> None:
    assert reason_of(status) is reason
