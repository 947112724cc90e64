"""Every real peer through the whole centre: SIP stack, exchange, stories, media engine, rows. See the table.

Audio is checked by what was said, both ways: what the peer says is found in what our phone hears, and the other way
round; SIPp says what it hears, so what our phone says is found in what it hears.
"""

import asyncio
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import pytest
from playwright.async_api import Browser, Playwright, async_playwright
from pydantic import SecretStr

from centrala.flows.contacts.state import Contact
from centrala.flows.desk.schemas import TargetIn, TargetKind
from centrala.kit.database import Database
from centrala.kit.settings import AppSettings, Folders, SipSettings
from centrala.node.postgres import EmbeddedPostgres
from centrala.telephony.calls.streams import LegKind
from centrala.telephony.sip.flow import Transport
from interop.centre.support.peers.baresip import BaresipPhone
from interop.centre.support.peers.carrier import CarriersPhone
from interop.centre.support.peers.floor import NUMBER, PeersFloor
from interop.centre.support.peers.jssip import JSSIP, JssipPhone, bundle
from interop.centre.support.peers.linphone import LinphonePhone
from interop.centre.support.peers.peer import HEARD, PERIOD, SECONDS, SLOW, UNHEARD, VOICE, Peer, Phrase, words
from interop.centre.support.peers.sipp import SippPhone
from interop.exchange.conftest import SECRET, until
from interop.sip.support.certificates import Authority
from interop.sip.support.sipp import TCP, UDP
from support.audio import Likeness, likeness
from support.chromium import CHROMIUM, open_browser
from support.databases import own_database
from support.ports import free_port
from support.softphone import Line
from telephony.media.conftest import EngineProcess

ANA: Final[Phrase] = ("ro+f1", "Vă ascult, ce s-a întâmplat cu modemul?")
ION: Final[Phrase] = ("ru+m1", "Здравствуйте, это второй отдел, я слушаю.")
LATER: Final[Phrase] = ("ro+m3", "Mulțumesc că ați așteptat, am găsit comanda.")

pytestmark = [
    pytest.mark.skipif(not CHROMIUM.exists(), reason="needs Chromium"),
    pytest.mark.skipif(not JSSIP.exists(), reason="needs the desk's packages (make build)"),
]

NUMBERS: Final = itertools.count(8100)
KINDS: Final = ["SIPp UDP", "SIPp TCP", "baresip", "linphone", "Kamailio", "Chromium"]
SECURE: Final = ["baresip TLS", "linphone TLS"]


@pytest.fixture(scope="module")
def module_store(postgres: EmbeddedPostgres) -> Iterator[str]:
    with own_database(postgres) as url:
        yield url


@pytest.fixture(scope="module")
async def floor(module_store: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[PeersFloor]:
    """The whole app with TLS, and Ana and Ion at their phones."""
    folder = tmp_path_factory.mktemp("peers")
    engine = EngineProcess(folder)
    await engine.start()
    authority = Authority(folder)
    # The address as a name too: linphone (mbedTLS) looks for it among the names only.
    certificate = authority.issue(folder / "server.pem", names=("localhost", "127.0.0.1"))
    settings = AppSettings(
        folders=Folders(data=folder),
        database_url=SecretStr(module_store),
        secret_key=SecretStr(SECRET),
        media_control=engine.address,
        sip=SipSettings(
            udp_port=(port := free_port()), tcp_port=port, tls_port=free_port(), tls_certificate=certificate
        ),
    )
    database = Database(module_store)
    one = PeersFloor(settings, database, folder)
    one.authority = authority.path
    await one.start()
    await one.open()
    yield one
    await one.stop()
    await database.close()
    await engine.kill()


@dataclass
class Chromium:
    """Started by the first test that wants it; pages get JsSIP as one script."""

    folder: Path
    playwright: Playwright
    browser: Browser | None = None
    script: str = ""

    async def open(self) -> tuple[Browser, str]:
        if self.browser is None:
            self.script = await asyncio.to_thread(bundle, self.folder)
            self.browser = await open_browser(self.playwright, self.folder / "microphone.wav", words(VOICE))
        return self.browser, self.script


@pytest.fixture(scope="module")
async def chromium(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Chromium]:
    async with async_playwright() as playwright:
        one = Chromium(tmp_path_factory.mktemp("chromium"), playwright)
        yield one
        if one.browser is not None:
            await one.browser.close()


Make = Callable[..., Awaitable[Peer]]


@pytest.fixture
async def make(floor: PeersFloor, tmp_path: Path, chromium: Chromium) -> AsyncIterator[Make]:
    """A peer that is ready. Ana and Ion are free, and nobody else calls."""
    running: list[Peer] = []

    async def one(kind: str, **more: Any) -> Peer:
        name, _, way = kind.partition(" ")
        account = await floor.account(await floor.person())
        folder = tmp_path / "peer"
        secure: dict[str, Any] = {"transport": "tls", "cafile": floor.authority} if way == "TLS" else {}
        peer: Peer
        match name:
            case "SIPp":
                peer = SippPhone(floor, folder, account, mode=TCP if way == "TCP" else UDP, **more)
            case "baresip":
                peer = BaresipPhone(floor, folder, account, **secure)
            case "linphone":
                peer = LinphonePhone(floor, folder, account, **secure, **more)
            case "Kamailio":
                peer = CarriersPhone(floor, folder, account)
            case _:
                peer = JssipPhone(floor, folder, *await chromium.open())
        running.append(peer)
        await peer.start()
        return peer

    yield one
    for peer in running:
        await peer.end()
    await floor.clear()


@pytest.fixture
async def peer(make: Make, request: pytest.FixtureRequest) -> Peer:
    return await make(request.param)


def of(*kinds: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("peer", kinds, indirect=True)


async def talk(line: Line, peer: Peer, phrase: Phrase) -> None:
    """One of us says a phrase, and hears what the peer says meanwhile; once more if a busy machine has torn it."""
    found = await said(line, peer, phrase)
    if found.heard < HEARD:
        found = await said(line, peer, phrase)
    assert found.heard >= HEARD, f"what the peer says: {found}"
    if not peer.echoes:
        peer.told.append(phrase)


async def said(line: Line, peer: Peer, phrase: Phrase) -> Likeness:
    """How much of the peer's words comes while we speak."""
    await asyncio.sleep(0.2)
    loop = asyncio.get_running_loop()
    since = loop.time()
    # Twice, since a jitter buffer that has just begun may tear the first.
    await line.sound.say([*words(phrase), *words(phrase)])
    # So long that one whole phrase of the peer's is in it, whatever it began with.
    await asyncio.sleep(max(0.0, since + PERIOD + SECONDS + 0.2 - loop.time()))
    heard = line.sound.audio(since)
    return await asyncio.to_thread(likeness, words(phrase if peer.echoes else VOICE), heard)


async def silent(line: Line, peer: Peer, phrase: Phrase) -> None:
    """Neither hears the other."""
    since = asyncio.get_running_loop().time()
    await line.sound.say(words(phrase))
    await asyncio.sleep(0.3)
    found = await asyncio.to_thread(likeness, words(phrase if peer.echoes else VOICE), line.sound.audio(since))
    assert found.heard < UNHEARD, f"what the peer says: {found}"
    peer.untold.append(phrase)


async def heard_by(peer: Peer) -> None:
    """What was said to the peer was heard, and nothing else."""
    heard = await peer.heard()
    for phrase in peer.told:
        found = await asyncio.to_thread(likeness, words(phrase), heard)
        assert found.heard >= peer.through, f"what the peer has heard of {phrase[1]!r}: {found}"
    for phrase in peer.untold if peer.told else ():
        found = await asyncio.to_thread(likeness, words(phrase), heard)
        assert found.heard < UNHEARD, f"what the peer should not have heard of {phrase[1]!r}: {found}"


async def called(floor: PeersFloor, peer: Peer, *then: str) -> Line:
    """The peer's call to Ana, who has answered."""
    await peer.call(NUMBER if peer.outside else floor.ana.phone.user, then=then)
    line = await floor.ana.phone.next_call()
    floor.ana.phone.answer(line)
    await until(lambda: sum(leg.talking for leg in floor.legs()) == 2, SLOW)
    return line


async def over(floor: PeersFloor) -> None:
    await until(lambda: not floor.exchange.calls.live(), SLOW)


@of(*KINDS)
async def test_it_calls_and_hangs_up(floor: PeersFloor, peer: Peer) -> None:
    line = await called(floor, peer, "talk")
    (call,) = floor.exchange.calls.live()
    await talk(line, peer, ANA)
    await peer.hang_up()
    await asyncio.wait_for(line.ended.wait(), SLOW)
    await over(floor)
    await heard_by(peer)
    rows = await floor.rows("SELECT cause, answered_at IS NOT NULL FROM call_legs WHERE call_id = :id", id=call.id)
    assert rows == [("answered", True)] * 2


@of(*KINDS)
async def test_it_is_called_and_we_hang_up(floor: PeersFloor, peer: Peer) -> None:
    await peer.listen()
    line = await floor.ana.phone.dial(peer.number)
    await peer.answer()
    await asyncio.wait_for(line.answered.wait(), SLOW)
    (call,) = floor.exchange.calls.live()
    await talk(line, peer, ANA)
    floor.ana.phone.hang_up(line)
    await over(floor)
    await heard_by(peer)
    rows = await floor.rows("SELECT cause, answered_at IS NOT NULL FROM call_legs WHERE call_id = :id", id=call.id)
    assert rows == [("answered", True)] * 2


@of(*KINDS)
async def test_it_holds_and_resumes(floor: PeersFloor, peer: Peer) -> None:
    line = await called(floor, peer, "hold")
    await asyncio.sleep(1.0)
    await peer.hold()
    await until(lambda: any(leg.away for leg in floor.legs()), SLOW)
    await silent(line, peer, LATER)
    await peer.resume()
    await until(lambda: not any(leg.away for leg in floor.legs()), SLOW)
    await talk(line, peer, ANA)
    if not peer.keeps_after_hold:
        await peer.receives()
        peer.told.clear()
    floor.ana.phone.hang_up(line)
    await over(floor)
    await heard_by(peer)


@of("SIPp UDP", "SIPp TCP", "baresip", "linphone", "Chromium")
async def test_its_refer_hands_the_call_to_another(floor: PeersFloor, peer: Peer) -> None:
    ion = floor.ion.phone
    line = await called(floor, peer, f"transfer:{ion.user}")
    await peer.transfer(ion.user)
    other = await ion.next_call()
    await asyncio.sleep(0.3)
    ion.answer(other)
    await until(lambda: sum(leg.talking for leg in floor.legs()) == 2 and len(floor.legs()) == 2, SLOW)
    await talk_with(other, line)
    await heard_by(peer)
    ion.hang_up(other)
    await over(floor)


@of("SIPp UDP", "linphone", "Chromium")
async def test_it_consults_another_and_connects_both(floor: PeersFloor, peer: Peer) -> None:
    ion = floor.ion.phone
    if peer.echoes:
        await peer.call(ion.user)
        other = await ion.next_call()
        ion.answer(other)
        await until(lambda: sum(leg.talking for leg in floor.legs()) == 2, SLOW)
        (consulted,) = [leg for leg in floor.legs() if leg.peer.number != ion.user]
        line = await connecting(floor, peer, floor.exchange.calls.replaces(consulted.id))
    else:
        line = await called(floor, peer)
        await peer.consult(ion.user)
        other = await ion.next_call()
        ion.answer(other)
        await until(lambda: sum(leg.talking for leg in floor.legs()) == 4, SLOW)
        await talk(other, peer, ION)
        await peer.connect()
    await until(lambda: len(floor.legs()) == 2 and len(floor.exchange.calls.live()) == 1, SLOW)
    await talk_with(other, line)
    await heard_by(peer)
    ion.hang_up(other)
    await over(floor)


async def connecting(floor: PeersFloor, peer: Peer, replaces: str) -> Line:
    """SIPp's second call, which it gives away at once for the one that Replaces names."""
    ana = floor.ana.phone
    await peer.call(ana.user, then=(f"connect:{quote(replaces)}",))
    line = await ana.next_call()
    ana.answer(line)
    return line


async def talk_with(one: Line, other: Line) -> None:
    """Two of our phones hear each other."""
    since = asyncio.get_running_loop().time()
    await asyncio.gather(one.sound.say(words(ION)), other.sound.say(words(ANA)))
    await asyncio.sleep(0.3)
    for phrase, line in ((ANA, one), (ION, other)):
        found = await asyncio.to_thread(likeness, words(phrase), line.sound.audio(since))
        assert found.heard >= HEARD, f"{phrase[1]!r}: {found}"


async def with_a_desk(floor: PeersFloor, peer: Peer) -> tuple[Contact, Line | None]:
    """A contact with an operator: Ana, when the peer is the client; else the peer, and the client is ours."""
    if peer.outside:
        await called(floor, peer)
        return await floor.contact(), None
    assert peer.person_id is not None
    number = f"+3732200{next(NUMBERS)}"
    project = await floor.project(number)
    await floor.queue(project, peer.person_id, wrap_up=0)
    trunk = await floor.carrier()
    floor.sit(peer.person_id)
    client = await (await floor.client()).dial(number)
    await peer.answer()
    contact = await floor.contact()
    await until(lambda: contact.stage.value == "talking", SLOW)
    await floor.without_trunk(trunk)
    return contact, client


@pytest.mark.parametrize("way", ["blind", "attended"])
@pytest.mark.parametrize("kind", ["SIPp UDP", "SIPp TCP", "Kamailio", "baresip"])
async def test_the_desk_hands_its_call_to_another(floor: PeersFloor, make: Make, kind: str, way: str) -> None:
    """The call of a client, who cannot ask for it, or of an operator whose phone cannot."""
    peer = await make(kind, **({"outside": True} if kind.startswith("SIPp") else {}))
    contact, client = await with_a_desk(floor, peer)
    target = TargetIn(kind=TargetKind.PERSON, person_id=floor.ion.person_id)
    if way == "blind":
        await floor.live.transfer(contact, target)
    else:
        await floor.live.consult(contact, target)
    other = await floor.ion.phone.next_call()
    floor.ion.phone.answer(other)
    if way == "attended":
        await until(lambda: contact.consult is not None and contact.consult.talking, SLOW)
        await floor.live.complete(contact)
    await until(lambda: len(floor.legs()) == 2 and all(leg.talking for leg in floor.legs()), SLOW)
    if client is None:
        await talk(other, peer, ION)
    else:
        await talk_with(other, client)
    await floor.live.hang_up(contact)
    await over(floor)
    await heard_by(peer)


@of("SIPp UDP", "SIPp TCP", "baresip", "linphone", "Kamailio", "Chromium")
async def test_its_keys_arrive_by_rfc4733(floor: PeersFloor, peer: Peer) -> None:
    line = await called(floor, peer, "key:5")
    await peer.press("5")
    await until(lambda: floor.digits, SLOW)
    assert [(one.digit, one.method) for one in floor.digits] == [("5", "rfc4733")]
    floor.ana.phone.hang_up(line)
    await over(floor)
    await heard_by(peer)


@pytest.mark.parametrize("kind", ["SIPp UDP", "SIPp TCP", "linphone", "Chromium"])
async def test_its_keys_arrive_by_info(floor: PeersFloor, make: Make, kind: str) -> None:
    peer = await make(kind, **({"info": True} if kind == "linphone" else {}))
    line = await called(floor, peer, "info:7")
    await peer.press_by_info("7")
    await until(lambda: floor.digits, SLOW)
    assert [(one.digit, one.method) for one in floor.digits] == [("7", "info")]
    floor.ana.phone.hang_up(line)
    await over(floor)
    await heard_by(peer)


async def secured(floor: PeersFloor, peer: Peer) -> None:
    """Its leg is SRTP with keys in the SDP, and its signalling TLS."""
    assert peer.person_id is not None
    assert floor.transport(peer.person_id) is Transport.TLS
    (leg,) = [leg for leg in floor.legs() if leg.phone_id is not None and leg.peer.number == peer.number]
    assert leg.stream.kind is LegKind.SDES


@of(*SECURE)
async def test_it_calls_by_tls_and_srtp(floor: PeersFloor, peer: Peer) -> None:
    line = await called(floor, peer)
    await secured(floor, peer)
    await talk(line, peer, ANA)
    await peer.hang_up()
    await over(floor)
    await heard_by(peer)


@of(*SECURE)
async def test_it_is_called_by_tls_and_srtp(floor: PeersFloor, peer: Peer) -> None:
    line = await floor.ana.phone.dial(peer.number)
    await peer.answer()
    await asyncio.wait_for(line.answered.wait(), SLOW)
    await secured(floor, peer)
    await talk(line, peer, ANA)
    floor.ana.phone.hang_up(line)
    await over(floor)
    await heard_by(peer)
