"""From a queue to a ringing operator: how long, with many operators at work.

    python bench/calls/queues.py [--operators 200] [--rate 20] [--seconds 20] [--hold 6]

The centre is one process as the app is it (telephony, router, journal, live contacts) with engine and PostgreSQL beside
it; callers and operators' phones are stacks of our own in another. A caller comes by a trunk, is answered, waits, and
an operator's phone rings: what is measured is the time from the caller's 200 to the operator's INVITE, as the peers
see both. Operators answer at once and callers hang up after `--hold` seconds. Prints a line of a table in Markdown.
"""

import argparse
import asyncio
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import uvloop
from pydantic import SecretStr

from centrala.flows.desk.desks import Desks
from centrala.flows.serving import Service
from centrala.flows.telephony import Telephony
from centrala.interactions.service import Journal
from centrala.ivr.service import Voice
from centrala.kit.access import CENTRE, Wall
from centrala.kit.clock import utc_now
from centrala.kit.database import Database
from centrala.kit.ids import ProjectId, new_id
from centrala.kit.migrate import upgrade
from centrala.kit.settings import AppSettings, Folders, SipSettings
from centrala.kit.vault import Vault
from centrala.kit.work import work
from centrala.node.postgres import EmbeddedPostgres
from centrala.projects.models import Number
from centrala.routing.models import QueueOperatorRow, QueueRow
from centrala.routing.schemas import QueueRules
from centrala.routing.service import Dispatcher, OperatorId, OperatorState, StateAsked
from centrala.security.service import Doorkeeper, Role
from centrala.telephony.phones import service as phones
from centrala.telephony.phones.schemas import PhoneIn
from centrala.telephony.sip.agent.attempt import Call
from centrala.telephony.sip.agent.context import AgentConfig
from centrala.telephony.sip.agent.core import UserAgent
from centrala.telephony.sip.agent.events import Answered, AttemptFailed, Event, IncomingCall, Replied, SessionEnded
from centrala.telephony.sip.dialog import DialogId
from centrala.telephony.sip.digest import Credentials, DigestClient
from centrala.telephony.sip.flow import Flow, Transport
from centrala.telephony.sip.headers.address import parse_name_addr
from centrala.telephony.sip.registration import Registration, State
from centrala.telephony.sip.tokens import SeededTokens
from centrala.telephony.sip.uri import parse_uri
from centrala.telephony.transport import Listen
from centrala.telephony.transport.endpoint import Endpoint
from centrala.telephony.trunks import service as trunks
from centrala.telephony.trunks.schemas import TrunkIn

sys.path.insert(0, str(Path(__file__).parents[2] / "tests"))
from support.people import make_person, make_project

ROOT = Path(__file__).parents[2]
ENGINE = Path(sys.executable).with_name("centrala-media")
NUMBER = "+37322000901"
SECRET = "a key of the bench"  # noqa: S105 - of a store that is thrown away
SIP_PORT = 25_160
CARRIER = "127.0.0.2"
WARM_UP = 3.0  # seconds that are not measured
SDP = (
    b"v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
    b"m=audio 9 RTP/AVP 0 101\r\na=rtpmap:101 telephone-event/8000\r\n"
)


# The centre


async def fill(database: Database, operators: int) -> list[tuple[str, str, str]]:
    """A project with a queue and its operators; person, user and password of each phone."""
    project = await make_project(database, utc_now, name="Bench")
    people = [(await make_person(database, utc_now, Role.OPERATOR, projects=(project,))).id for _ in range(operators)]
    accounts = []
    async with work(database, CENTRE) as unit:
        for person in people:
            desk = PhoneIn(person_id=person, label="Desk")
            phone, secret = await phones.create_phone(unit, Vault(SECRET, purpose=phones.PURPOSE), desk)
            accounts.append((str(person), phone.user, secret))
        form = TrunkIn(
            name="Carrier", kind="address", host=CARRIER, port=5060, country="MD", watch_seconds=0, sources=[CARRIER]
        )
        await trunks.create_trunk(unit, Vault(SECRET, purpose=trunks.PURPOSE), form)
    async with work(database, Wall(centre=True, projects=frozenset({ProjectId(project)}))) as unit:
        unit.session.add(Number(id=new_id(), project_id=project, e164=NUMBER))
        rules = QueueRules.model_validate({"wrap_up": 0}).model_dump(mode="json")
        queue = new_id()
        unit.session.add(QueueRow(id=queue, project_id=project, name="Bench", rules=rules, thresholds={}))
        await unit.session.flush()
        unit.session.add_all(
            QueueOperatorRow(queue_id=queue, person_id=one, project_id=project, rank=0) for one in people
        )
    return accounts


async def serve(url: str, control: str, folder: Path, operators: int) -> None:
    """The centre, until its standard input is closed; `ready` on it makes everybody ready who is registered."""
    database = Database(url, connections=10)
    accounts = await fill(database, operators)
    settings = AppSettings(
        folders=Folders(data=folder),
        database_url=SecretStr(url),
        secret_key=SecretStr(SECRET),
        media_control=control,
        sip=SipSettings(udp_port=SIP_PORT, tcp_port=SIP_PORT, trace_days=0),
    )
    dispatcher, journal = Dispatcher(database, utc_now), Journal(database)
    desks = Desks(dispatcher, Doorkeeper(database, utc_now), utc_now)
    await dispatcher.start()
    journal.start()
    telephony = Telephony(settings, database, utc_now, Service(dispatcher, journal, desks, Voice(folder / "speech")))
    telephony.start()
    while telephony.exchange is None:  # noqa: ASYNC110 - telephony starts by itself
        await asyncio.sleep(0.05)
    telephony.exchange.endpoint.guard.trust(["127.0.0.0/8"])
    print(json.dumps(accounts), flush=True)
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    await reader.readline()
    for person, _, _ in accounts:
        dispatcher.feed(StateAsked(operator=OperatorId(person), state=OperatorState.READY))
    beating = [asyncio.create_task(_beat(desks, [person for person, _, _ in accounts]))]
    try:
        await reader.readline()
    finally:
        beating[0].cancel()
    await telephony.stop()
    await journal.stop()
    await dispatcher.stop()
    await database.close()


async def _beat(desks: Desks, people: list[str]) -> None:
    from uuid import UUID  # noqa: PLC0415 - for this alone

    while True:
        for person in people:
            desks.beat(UUID(person))
        await asyncio.sleep(3.0)


# Callers and operators


class Load:
    def __init__(self, hold: float) -> None:
        self._hold = hold
        self._tokens = SeededTokens(os.urandom(32))
        self.answered: dict[str, float] = {}  # moment of the 200, by the caller's number
        self.rung: dict[str, float] = {}
        self.numbers: dict[str, str] = {}  # by attempt
        self.failed = 0
        self._registrations: dict[str, Registration] = {}  # by client
        self._left = asyncio.Event()

    async def start(self) -> None:
        self.desk = await self._endpoint("127.0.0.1", self._at_desk)
        self.carrier = await self._endpoint(CARRIER, self._at_carrier)

    async def _endpoint(self, ip: str, hear: Callable[[Event], None]) -> Endpoint:
        agent = UserAgent(AgentConfig(most_sessions=50_000), SeededTokens(os.urandom(32)))
        endpoint = Endpoint(agent, hear, listen=(Listen(Transport.UDP, ip, 0),))
        endpoint.guard.trust(["127.0.0.0/8"])
        await endpoint.start()
        return endpoint

    def _flow(self, endpoint: Endpoint) -> Flow:
        ip, port = endpoint.local_addresses[Transport.UDP]
        return Flow(Transport.UDP, (ip, port), ("127.0.0.1", SIP_PORT))

    async def register(self, accounts: list[tuple[str, str, str]]) -> None:
        """All phones, a few at a time."""
        waiting = {user for _, user, _ in accounts}
        self._waiting = waiting
        for number, (_, user, password) in enumerate(accounts):
            digest = DigestClient(Credentials(user, password), self._tokens)
            place = f"127.0.0.1:{SIP_PORT}"
            account = parse_name_addr(f"<sip:{user}@{place}>")
            one = Registration(
                parse_uri(f"sip:{place}"),
                account,
                self._tokens,
                digest=digest,
                flow=self._flow(self.desk),
                expires=3_600,
            )
            now = self.desk.now()
            one.start(now)
            message = one.due(now)
            if message is not None:
                self._registrations[self.desk.agent.send(message, now)] = one
                self.desk.flush()
            if number % 10 == 9:
                await asyncio.sleep(0.05)
        async with asyncio.timeout(60):
            await self._left.wait()

    def _at_desk(self, event: Event) -> None:
        now, agent = self.desk.now(), self.desk.agent
        match event:
            case IncomingCall():
                caller = str(getattr(event.request.from_.uri, "user_text", ""))
                self.rung.setdefault(caller, time.perf_counter())
                agent.ring(event.session, now)
                agent.answer(event.session, now, self.answer_to(event.offer))
            case Replied() if (one := self._registrations.pop(event.client, None)) is not None:
                one.on_reply(event.response, event.status, now)
                if one.state is State.REGISTERED and not self._registrations:
                    self._left.set()
            case _:
                pass

    def _at_carrier(self, event: Event) -> None:
        match event:
            case Answered():
                caller = self.numbers.pop(event.attempt)
                self.answered[caller] = time.perf_counter()
                self.on_answer(caller, event.answer)
                asyncio.get_running_loop().call_later(self._hold, self._hang_up, event.session)
            case AttemptFailed():
                self.failed += 1
            case SessionEnded() | _:
                pass

    def _hang_up(self, session: DialogId) -> None:
        self.carrier.agent.hang_up(session, self.carrier.now())
        self.carrier.flush()

    def offer_of(self, caller: str) -> bytes:  # noqa: ARG002 - for loads with audio
        """The session description that a caller sends."""
        return SDP

    def answer_to(self, offer: bytes | None) -> bytes:  # noqa: ARG002 - for loads with audio
        """What an operator's phone answers."""
        return SDP

    def on_answer(self, caller: str, answer: bytes | None) -> None:
        """The centre has answered a caller."""

    async def run(self, rate: float, seconds: float) -> None:
        begun = time.monotonic()
        target = parse_uri(f"sip:{NUMBER}@127.0.0.1:{SIP_PORT}")
        for number in range(int(rate * seconds)):
            await asyncio.sleep(max(0.0, begun + number / rate - time.monotonic()))
            caller = f"+3736{number:07}"
            call = Call(
                target,
                parse_name_addr(f"<sip:{caller}@{CARRIER}>"),
                flow=self._flow(self.carrier),
                sdp=self.offer_of(caller),
            )
            self.numbers[self.carrier.agent.invite(call, self.carrier.now())] = caller
            self.carrier.flush()

    def waits(self, skip: int) -> list[float]:
        """Milliseconds from the 200 to the INVITE, without the first `skip` callers."""
        found = sorted(self.answered)[skip:]
        return [1000 * (self.rung[one] - self.answered[one]) for one in found if one in self.rung]


async def measure(options: argparse.Namespace) -> None:
    with tempfile.TemporaryDirectory(prefix="bench-queue-") as name:
        folder = Path(name)
        postgres = EmbeddedPostgres(folder)
        postgres.start()
        try:
            upgrade(postgres.owner_url)
            await _with_store(options, folder, postgres)
        finally:
            postgres.stop()


async def _with_store(options: argparse.Namespace, folder: Path, postgres: EmbeddedPostgres) -> None:
    control = folder / "control"
    ports = ["--port-min", "26000", "--port-max", "31999", "--workers", "1"]
    engine = await asyncio.create_subprocess_exec(
        ENGINE, "serve", "--control", f"unix:{control}", *ports, stderr=asyncio.subprocess.DEVNULL
    )
    arguments = ["--serve", postgres.app_url(), f"unix:{control}", str(folder), "--operators", str(options.operators)]
    centre = await asyncio.create_subprocess_exec(
        sys.executable, __file__, *arguments, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=2**22
    )
    try:
        await _load(options, centre)
    finally:
        centre.kill()
        await centre.wait()
        engine.kill()
        await engine.wait()


async def _load(options: argparse.Namespace, centre: asyncio.subprocess.Process) -> None:
    assert centre.stdout is not None  # noqa: S101 - a pipe was asked for
    assert centre.stdin is not None  # noqa: S101 - a pipe was asked for
    accounts: list[Any] = json.loads(await centre.stdout.readline())
    load = Load(options.hold)
    await load.start()
    await load.register(accounts)
    centre.stdin.write(b"ready\n")
    await asyncio.sleep(WARM_UP)
    await load.run(options.rate, WARM_UP + options.seconds)
    await asyncio.sleep(2.0)
    waits = sorted(load.waits(int(options.rate * WARM_UP)))

    def at(part: float) -> float:
        return waits[min(len(waits) - 1, int(part * len(waits)))] if waits else float("nan")

    busy = os.getloadavg()[0]
    print("| operators | calls/s | calls | rung | failed | p50 ms | p90 ms | p99 ms | worst ms | load of the machine |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    cells = [options.operators, options.rate, len(load.answered), len(waits), load.failed]
    times = [f"{at(part):.1f}" for part in (0.5, 0.9, 0.99, 1.0)]
    print("| " + " | ".join(map(str, [*cells, *times, f"{busy:.1f}"])) + " |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--operators", type=int, default=200)
    parser.add_argument("--rate", type=float, default=20.0)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--hold", type=float, default=6.0)
    parser.add_argument("--serve", nargs=3, metavar=("URL", "CONTROL", "FOLDER"))
    options = parser.parse_args()
    step: Coroutine[Any, Any, None]
    if options.serve:
        url, control, folder = options.serve
        step = serve(url, control, Path(folder), options.operators)
    else:
        step = measure(options)
    uvloop.run(step)


if __name__ == "__main__":
    main()
