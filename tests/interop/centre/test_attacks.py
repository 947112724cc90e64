"""Attacks on a running centre: whoever is in a call hears nothing of them, and the attacker learns nothing."""

import asyncio
import contextlib
import re
import socket
import struct
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Final

import pytest

from centrala.telephony.sip.digest import Credentials, DigestClient
from centrala.telephony.sip.message import Request, Response
from centrala.telephony.sip.parser import parse_datagram
from centrala.telephony.sip.tokens import SeededTokens
from interop.centre.conftest import Floor
from interop.exchange.conftest import until
from interop.sip.support.programs import Program
from support.audio import ENGLISH, ENOUGH, FRAME, ROMANIAN, RUSSIAN, likeness, say, ulaw_encode
from support.ports import free_port
from support.softphone import Line, Softphone

STRANGER: Final = "127.0.0.9"
FLOOD: Final = """
import itertools, socket, sys, time
target, kinds = ("127.0.0.1", int(sys.argv[1])), sys.argv[2:]
one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
one.bind(("127.0.0.9", 0))
end = time.monotonic() + 6
for n in itertools.count():
    if time.monotonic() > end:
        break
    method = kinds[n % len(kinds)]
    body = "v=0\\r\\n" * 50
    lines = [
        f"{method} sip:1001@127.0.0.1 SIP/2.0", f"Via: SIP/2.0/UDP 127.0.0.9:9;branch=z9hG4bK{n}", "Max-Forwards: 70",
        f"From: <sip:x@127.0.0.9>;tag={n}", "To: <sip:1001@127.0.0.1>", f"Call-ID: flood{n}", f"CSeq: 1 {method}",
        "Contact: <sip:x@127.0.0.9:9>", "Content-Type: application/sdp", f"Content-Length: {len(body)}", "", body,
    ]
    text = "\\r\\n".join(lines)
    one.sendto(text.encode() if method != "GARBAGE" else bytes(range(256)) * 4, target)
    if n % 20 == 19:
        time.sleep(0.01)
print(n)
"""
"""About 2,000 messages a second for six seconds."""


async def colleagues(floor: Floor) -> tuple[Softphone, Line, Softphone, Line]:
    """Ana has called Ion, and they talk."""
    ana, ion = [await floor.desk_phone(await floor.person()) for _ in range(2)]
    line = await ana.dial(ion.user)
    other = await ion.next_call()
    ion.answer(other)
    await asyncio.wait_for(line.answered.wait(), 10)
    await until(lambda: len(line.sound.heard) > 5 and len(other.sound.heard) > 5)
    return ana, line, ion, other


async def both_hear(one: Line, other: Line) -> None:
    since = asyncio.get_running_loop().time()
    await asyncio.gather(one.sound.say(say(ENGLISH)), other.sound.say(say(ROMANIAN)))
    await asyncio.sleep(0.3)
    for phrase, line in ((ENGLISH, other), (ROMANIAN, one)):
        found = await asyncio.to_thread(likeness, say(phrase), line.sound.audio(since))
        assert found.heard >= ENOUGH, found


@asynccontextmanager
async def stranger(port: int) -> AsyncIterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.bind((STRANGER, 0))
        one.connect(("127.0.0.1", port))
        one.settimeout(0.0)
        yield one


@pytest.mark.parametrize(
    "kinds", [["INVITE"], ["REGISTER", "OPTIONS", "GARBAGE", "BYE", "SUBSCRIBE"]], ids=["calls", "all"]
)
async def test_a_flood_costs_a_call_no_audio_and_new_calls_come_through(floor: Floor, kinds: list[str]) -> None:
    ana, line, ion, other = await colleagues(floor)
    flood = await asyncio.create_subprocess_exec(
        sys.executable, "-c", FLOOD, str(floor.port), *kinds, stdout=asyncio.subprocess.PIPE
    )
    await until(lambda: floor.exchange.figures().counters.get("dropped_flood", 0) > 100)
    await both_hear(line, other)
    second = await ana.dial(ion.user)  # a known phone is not slowed
    ion.answer(await ion.next_call())
    await asyncio.wait_for(second.answered.wait(), 5)
    sent = int((await flood.communicate())[0])
    counters = floor.exchange.figures().counters
    assert sent > 2_000
    assert counters["dropped_flood"] > sent / 2
    assert not line.ended.is_set()
    assert len(floor.exchange.calls.live()) == 2


def within(method: str, call_id: str, ours: str, theirs: str, number: int) -> str:
    """A request in somebody's dialog, with a description that leads the audio away."""
    sdp = f"v=0\r\no=- 1 {number} IN IP4 {STRANGER}\r\ns=-\r\nc=IN IP4 {STRANGER}\r\nt=0 0\r\nm=audio 9 RTP/AVP 0\r\n"
    lines = [
        f"{method} sip:centrala@127.0.0.1 SIP/2.0",
        f"Via: SIP/2.0/UDP {STRANGER}:9;rport;branch=z9hG4bK{number}",
        "Max-Forwards: 70",
        f"From: <sip:a@127.0.0.1>;tag={theirs}",
        f"To: <sip:b@127.0.0.1>;tag={ours}",
        f"Call-ID: {call_id}",
        f"CSeq: {number} {method}",
        f"Contact: <sip:x@{STRANGER}>",
        "Refer-To: <sip:1001@127.0.0.1>",
        "Content-Type: application/sdp",
        f"Content-Length: {len(sdp)}",
        "",
        sdp,
    ]
    return "\r\n".join(lines)


async def test_nobody_ends_or_changes_a_call_from_elsewhere_even_knowing_its_tags(floor: Floor) -> None:
    _, line, _, other = await colleagues(floor)
    session = line.session
    assert session is not None
    tags = {
        "right": (session.remote_tag, session.local_tag),
        "wrong": (session.remote_tag, "guessed"),
        "none": ("a", "b"),
    }
    loop = asyncio.get_running_loop()
    async with stranger(floor.port) as attacker:
        number = 30_000
        for method in ("BYE", "INVITE", "UPDATE", "REFER", "INFO"):
            for ours, theirs in tags.values():
                number += 1
                text = within(method, session.call_id, ours, theirs, number)
                await loop.sock_sendall(attacker, text.encode())
                answer = parse_datagram(await asyncio.wait_for(loop.sock_recv(attacker, 4096), 5))
                assert isinstance(answer, Response)
                assert answer.status == 481, method
    assert floor.exchange.figures().counters["foreign_source"] == 5
    await both_hear(line, other)
    assert not line.ended.is_set()


async def test_rtp_of_a_stranger_is_neither_heard_nor_does_it_take_the_audio_away(floor: Floor) -> None:
    _, line, _, other = await colleagues(floor)
    place = line.sound.peer
    assert place is not None
    codes = ulaw_encode(say(RUSSIAN))
    since = asyncio.get_running_loop().time()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as attacker:
        attacker.bind((STRANGER, 0))

        async def speaks() -> None:
            for number, at in enumerate(range(0, len(codes) - FRAME + 1, FRAME)):
                header = struct.pack("!BBHII", 0x80, 0, number & 0xFFFF, number * FRAME, 99)
                attacker.sendto(header + codes[at : at + FRAME], place)
                await asyncio.sleep(0.02)

        await asyncio.gather(speaks(), both_hear(line, other))
        attacker.settimeout(0.0)
        with pytest.raises(BlockingIOError):
            attacker.recv(2000)  # nothing is sent there
    found = await asyncio.to_thread(likeness, say(RUSSIAN), other.sound.audio(since))
    assert found.heard < 0.3, found


async def test_a_stranger_who_is_first_at_a_port_has_nothing_of_the_call(floor: Floor) -> None:
    """Packets come to the port before the phone is answered and go on: also late ones of an earlier call do so."""
    ana, ion = [await floor.desk_phone(await floor.person()) for _ in range(2)]
    line = await ana.dial(ion.user)
    other = await ion.next_call()
    offer = (other.offer or b"").decode()
    found = re.search(r"m=audio (\d+)", offer)
    assert found is not None
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        stranger.bind(("127.0.0.1", 0))  # the address of the phone, as behind one NAT

        async def sends() -> None:
            for number in range(100_000):
                header = struct.pack("!BBHII", 0x80, 0, number & 0xFFFF, number * FRAME, 99)
                stranger.sendto(header + ulaw_encode([9000, -9000] * (FRAME // 2)), ("127.0.0.1", int(found[1])))
                await asyncio.sleep(0.005)

        sending = asyncio.create_task(sends())
        await asyncio.sleep(0.1)
        ion.answer(other)
        await asyncio.wait_for(line.answered.wait(), 10)
        await until(lambda: len(line.sound.heard) > 5 and len(other.sound.heard) > 5)
        await asyncio.sleep(0.5)  # until the jitter buffer has left the stranger's time behind
        await both_hear(line, other)
        sending.cancel()
        stranger.settimeout(0.0)
        got = 0
        with contextlib.suppress(BlockingIOError):
            while stranger.recv(2000):
                got += 1
    assert got < 20  # until the phone's first packet


async def test_who_guesses_passwords_is_shut_out_with_a_line_in_the_trail_and_phones_stay(floor: Floor) -> None:
    ana, line, _, other = await colleagues(floor)
    guard = floor.exchange.endpoint.guard
    guard.policy = replace(guard.policy, ban_after=20)  # the waits before a ban would take half an hour
    loop = asyncio.get_running_loop()
    statuses: list[int] = []
    async with stranger(floor.port) as attacker:

        async def ask(request: Request) -> Response | None:
            await loop.sock_sendall(attacker, request.to_bytes())
            try:
                answer = parse_datagram(await asyncio.wait_for(loop.sock_recv(attacker, 4096), 1.0))
            except TimeoutError:
                return None
            assert isinstance(answer, Response)
            statuses.append(answer.status)
            return answer

        number = 0
        while number < 400:
            number += 2
            client = DigestClient(
                Credentials(f"{ana.user[:-2]}{number % 90 + 10}", str(number)), SeededTokens(b"%d" % number)
            )
            challenge = await ask(register(number))
            if challenge is None:
                break
            assert client.challenged(challenge)
            signed = register(number + 1)
            client.sign(signed)
            if await ask(signed) is None:
                break
            await asyncio.sleep(0.12)  # slower than what a flood is
    assert set(statuses) == {401}
    assert floor.exchange.figures().banned == 1
    trail = await floor.rows("SELECT action, object_id FROM audit WHERE action = 'phone.address_banned'")
    assert trail == [("phone.address_banned", "*")]
    await both_hear(line, other)


def register(number: int) -> Request:
    made = parse_datagram(
        (
            f"REGISTER sip:127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP {STRANGER}:9;rport;branch=z9hG4bK{number}\r\n"
            f"From: <sip:100@127.0.0.1>;tag={number}\r\nTo: <sip:100@127.0.0.1>\r\nCall-ID: guess\r\n"
            f"CSeq: {number} REGISTER\r\nContact: <sip:100@{STRANGER}:9>\r\nMax-Forwards: 70\r\n"
            "Content-Length: 0\r\n\r\n"
        ).encode()
    )
    assert isinstance(made, Request)
    return made


async def test_a_trunk_that_leads_to_ourselves_is_no_circle(floor: Floor) -> None:
    phone = await floor.desk_phone(await floor.person())
    await floor.trunk("To ourselves", floor.port, host="127.0.0.1", sources=["127.0.0.1"])
    line = await phone.dial("069123456")
    await asyncio.wait_for(line.ended.wait(), 10)
    await until(lambda: not floor.exchange.calls.live())
    assert line.statuses[-1] >= 400
    calls = await floor.rows("SELECT count(*) FROM calls WHERE caller = :user", user=phone.user)
    assert calls == [(1,)]


@pytest.mark.parametrize(
    ("scanner", "arguments"), [("svmap", []), ("svwar", ["-e95-105"]), ("svcrack", ["-u", "100", "-r", "1200-1210"])]
)
async def test_scanners_find_nothing(floor: Floor, scanner: str, arguments: list[str]) -> None:
    place = ["-p", str(floor.port), "-P", str(free_port()), "-b", "127.0.0.1"]
    program = Program(scanner, [*place, *arguments, "127.0.0.1"], floor.folder / scanner)
    await program.start()
    try:
        await program.wait(30.0)
    finally:
        await program.end()
    assert "found nothing" in program.output


@pytest.mark.parametrize("named", [STRANGER, "224.0.0.9", "255.255.255.255"], ids=["somebody", "many", "all"])
async def test_audio_does_not_stay_with_a_foreign_address_that_a_session_description_names(
    floor: Floor, named: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It goes to where the peer's own packets come from, as soon as there is one."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as somebody:
        somebody.bind((STRANGER, 0))
        somebody.settimeout(0.0)
        ana, ion = [await floor.desk_phone(await floor.person()) for _ in range(2)]
        honest, port = ana._sdp, somebody.getsockname()[1]

        def foreign(line: Line) -> bytes:
            text = re.sub(rb"c=IN IP4 \S+", b"c=IN IP4 " + named.encode(), honest(line))
            return re.sub(rb"m=audio \d+", b"m=audio %d" % port, text)

        monkeypatch.setattr(ana, "_sdp", foreign)
        line = await ana.dial(ion.user)
        other = await ion.next_call()
        ion.answer(other)
        await asyncio.wait_for(line.answered.wait(), 10)
        await both_hear(line, other)
        with contextlib.suppress(BlockingIOError):  # what came before Ana's first packet
            while True:
                somebody.recv(2000)
        await both_hear(line, other)
        with pytest.raises(BlockingIOError):
            somebody.recv(2000)
