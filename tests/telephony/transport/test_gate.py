"""What strangers send, judged before it is read; guessing, judged by the door."""

import socket
from collections import Counter

import pytest

from centrala.telephony.sip.agent.events import RequestReceived
from centrala.telephony.sip.digest import Algorithm, Credentials, DigestClient, DigestServer, Verdict, make_ha1
from centrala.telephony.sip.flow import Flow, Transport
from centrala.telephony.sip.message import Request
from centrala.telephony.sip.parser import parse_datagram
from centrala.telephony.sip.responses import make_response
from centrala.telephony.sip.tokens import SeededTokens
from centrala.telephony.transport import Door, GatePolicy, Guard, GuardPolicy, Judged, Patience, Rate
from centrala.telephony.transport.gate import Gate

from .conftest import MakePeer

FLOW = Flow(Transport.UDP, ("192.0.2.1", 5060), ("198.51.100.7", 5060))


def request(method: str = "INVITE", *, to: str = "To: <sip:ion@example.com>", more: str = "") -> bytes:
    return (
        f"{method} sip:ion@example.com SIP/2.0\r\nVia: SIP/2.0/UDP 198.51.100.7;branch=z9hG4bKx\r\n"
        f"From: <sip:a@example.com>;tag=1\r\n{to}\r\nCall-ID: x\r\nCSeq: 1 {method}\r\nMax-Forwards: 70\r\n{more}\r\n"
    ).encode()


@pytest.mark.parametrize(
    ("data", "costs"),
    [
        (request(), True),
        (request("REGISTER"), True),
        (request(to="To: <sip:ion@example.com>;tag=7"), False),
        (request(to="t:<sip:ion@example.com>;x=1; TAG=7"), False),
        (request(to="To: <sip:ion@example.com;tag=7>"), False),  # looks like one; the agent answers 481 or the like
        (request("BYE"), False),
        (request("ACK"), False),
        (b"SIP/2.0 200 OK\r\n\r\n", False),
        (b"\r\n\r\n", False),
        (b"noise", False),
    ],
)
def test_only_what_opens_something_costs_the_small_bucket(data: bytes, costs: bool) -> None:  # noqa: FBT001 - a column
    gate = Gate(Guard(GuardPolicy(outside=Rate(1.0, 1.0))), GatePolicy(), Counter())
    gate.admits(data, FLOW, 0.0)
    assert gate.admits(request(), FLOW, 0.0) is not costs


def test_what_is_dropped_is_counted_by_its_cause() -> None:
    counters: Counter[str] = Counter()
    guard = Guard(GuardPolicy(outside=Rate(1.0, 3.0), ban_after=1))
    gate = Gate(guard, GatePolicy(), counters)
    assert not gate.admits(request("OPTIONS"), FLOW, 0.0)
    assert not gate.admits(request("REGISTER", more="User-Agent: Friendly-Scanner\r\n"), FLOW, 0.0)
    assert gate.admits(request("REGISTER", more="User-Agent: a friendly-scanner\r\n"), FLOW, 0.0)
    assert not gate.admits(request(), FLOW, 0.0)
    guard.failed(FLOW.remote[0], "ana", 0.0)
    assert not gate.admits(b"\r\n\r\n", FLOW, 0.0)
    assert counters == {"dropped_silent": 1, "dropped_scanner": 1, "dropped_flood": 1, "dropped_banned": 1}


def test_a_known_peer_may_ask_anything() -> None:
    guard = Guard(GuardPolicy(outside=Rate(1.0, 1.0)))
    guard.learn(FLOW.remote)
    gate = Gate(guard, GatePolicy(), Counter())
    assert all(gate.admits(request("OPTIONS"), FLOW, 0.0) for _ in range(100))


async def test_a_flood_does_not_reach_the_agent_and_a_known_phone_does(make_peer: MakePeer) -> None:
    ion = await make_peer(guard=Guard(GuardPolicy(outside=Rate(1.0, 20.0))))
    address = ion.endpoint.local_addresses[Transport.UDP]
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as flooding,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as phone,
    ):
        phone.bind(("127.0.0.1", 0))
        ion.endpoint.vouch(Flow(Transport.UDP, address, phone.getsockname()))
        for number in range(200):
            flooding.sendto(
                request("MESSAGE").replace(b"ID: x", b"ID: %d" % number).replace(b"4bKx", b"4bK%d" % number), address
            )
        phone.sendto(request("MESSAGE").replace(b"ID: x", b"ID: phone").replace(b"4bKx", b"4bKphone"), address)
        last = await ion.wait_for(RequestReceived, 21)
        assert last.flow.remote == phone.getsockname()
        assert ion.endpoint.counters["dropped_flood"] == 180


async def test_a_stream_that_floods_is_closed(make_peer: MakePeer) -> None:
    from .test_streams import TCP, closed, raw  # noqa: PLC0415 - that module's tests are not this one's

    ion = await make_peer(listen=TCP, guard=Guard(GuardPolicy(outside=Rate(0.0, 5.0))))
    async with raw(ion) as (reader, writer):
        one = request("MESSAGE", more="Content-Length: 0\r\n").replace(b"/UDP", b"/TCP")
        writer.write(
            b"".join(
                one.replace(b"ID: x", b"ID: %d" % number).replace(b"4bKx", b"4bK%d" % number) for number in range(50)
            )
        )
        await closed(reader)
    assert sum(isinstance(event, RequestReceived) for event in ion.events) == 5


async def test_a_banned_address_cannot_connect(make_peer: MakePeer) -> None:
    from .test_streams import TCP, closed, raw  # noqa: PLC0415 - that module's tests are not this one's

    ion = await make_peer(listen=TCP, guard=Guard(GuardPolicy(ban_after=1)))
    ion.endpoint.guard.failed("127.0.0.1", "ana", ion.now())
    async with raw(ion) as (reader, _):
        assert await closed(reader) == b""
    assert ion.endpoint.counters["connections_refused_banned"] == 1


class House:
    """One account behind a door, and clients that knock."""

    def __init__(self, policy: GuardPolicy | None = None) -> None:
        self.now = 100.0
        self.asked: list[str] = []
        self.digest = DigestServer("home", b"secret", SeededTokens(b"server"))
        self.guard = Guard(policy or GuardPolicy())
        self.door = Door(self.digest, self.guard, self._find, lambda found: found)

    async def _find(self, user: str, algorithm: Algorithm) -> str | None:
        self.asked.append(user)
        return make_ha1(algorithm, "ana", "home", "right") if user == "ana" else None

    async def knock(self, user: str, password: str, flow: Flow = FLOW) -> Judged[str]:
        """Take a challenge and answer it."""
        tokens = SeededTokens(f"{user}{password}{self.now}".encode())
        client = DigestClient(Credentials(user, password), tokens)
        register = parse_datagram(request("REGISTER"))
        assert isinstance(register, Request)
        refusal = make_response(register, 401)
        for name, value in self.door.challenge(await self.door.judge(register, flow, lambda: self.now), self.now):
            refusal.headers.add(name, value)
        assert client.challenged(refusal)
        client.sign(register)
        return await self.door.judge(register, flow, lambda: self.now)


async def test_the_right_password_opens() -> None:
    judged = await House().knock("ana", "right")
    assert (judged.verdict, judged.user) == (Verdict.OK, "ana")
    assert judged.known is not None


async def test_accounts_that_exist_and_do_not_are_refused_alike() -> None:
    verdicts = {
        user: [(await house.knock(user, f"guess{n}")).verdict for n in range(20)]
        for user, house in (("ana", House()), ("nobody", House()))
    }
    assert verdicts["ana"] == verdicts["nobody"] == [Verdict.WRONG] * 10 + [Verdict.MISSING] * 10


async def test_while_an_account_waits_even_the_right_password_is_not_looked_at() -> None:
    house = House(GuardPolicy(by_account=Patience(free=3, first=60.0, longest=60.0)))
    for number in range(3):
        await house.knock("ana", f"guess{number}")
    house.asked.clear()
    other = Flow(Transport.UDP, FLOW.local, ("203.0.113.5", 5060))
    assert (await house.knock("ana", "right", other)).verdict is Verdict.MISSING
    assert house.asked == []
    house.now += 60.0
    assert (await house.knock("ana", "right", other)).verdict is Verdict.OK


async def test_a_forged_sender_cannot_get_anybody_banned() -> None:
    """Who has not received our challenge has no nonce of ours, and its wrong digests count for nothing."""
    house = House(GuardPolicy(ban_after=1, by_account=Patience(1, 60.0, 60.0)))
    forged = (
        'Authorization: Digest username="ana", realm="home", nonce="x", uri="sip:x", '
        'response="0123456789abcdef0123456789abcdef", algorithm=MD5\r\n'
    )
    register = parse_datagram(request("REGISTER", more=forged))
    assert isinstance(register, Request)
    assert (await house.door.judge(register, FLOW, lambda: house.now)).verdict is Verdict.STALE
    assert not house.guard.banned(FLOW.remote[0], house.now)
    assert (await house.knock("ana", "right")).verdict is Verdict.OK


async def test_the_last_guess_before_a_ban_says_so() -> None:
    house = House(GuardPolicy(ban_after=2))
    assert not (await house.knock("ana", "a")).banned
    house.now += 1.0
    assert (await house.knock("ana", "b")).banned
