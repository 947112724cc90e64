"""A place that answers and makes SIP calls and puts their audio into the media engine, for tests with real peers.

Every call gets a room of its own with two legs: the peer's and a `Phone`'s, an RTP phone in the test that speaks PCMU;
they hear each other, and a stereo recording has the peer on the left and the phone on the right.
"""

import asyncio
import os
import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Self

from centrala.telephony.media import MediaClient
from centrala.telephony.media import types as media_types
from centrala.telephony.media.events import RecordDone
from centrala.telephony.media.types import CodecPt, LegName, LocalRtp, LocalWeb, RecordName, Remote, RoomName, RtpLeg
from centrala.telephony.sip.agent.attempt import Call
from centrala.telephony.sip.agent.context import AgentConfig
from centrala.telephony.sip.agent.core import UserAgent
from centrala.telephony.sip.agent.events import Answered, AttemptFailed, Event, IncomingCall, Reoffer, SessionEnded
from centrala.telephony.sip.dialog import DialogId
from centrala.telephony.sip.flow import Transport
from centrala.telephony.sip.headers.address import parse_name_addr
from centrala.telephony.sip.sdp.agreement import Agreed, Profile
from centrala.telephony.sip.sdp.attributes import Fingerprint, Ice
from centrala.telephony.sip.sdp.negotiate import DTMF, G722, PCMA, PCMU, Negotiator, Policy
from centrala.telephony.sip.sdp.negotiate import Endpoint as Ours
from centrala.telephony.sip.tokens import SeededTokens
from centrala.telephony.sip.uri import parse_uri
from centrala.telephony.transport import Endpoint, Listen
from support.audio import FRAME, Samples, in_sequence, ulaw_decode, ulaw_encode

PATIENCE: Final = 20.0  # seconds for anything a healthy peer does
TICK: Final = 0.02  # seconds between packets
PLAIN: Final = Policy(codecs=(PCMU, PCMA, DTMF))
WEB: Final = Policy(codecs=(PCMU, PCMA, G722, DTMF), profiles=(Profile.DTLS,))
BEGINNING: Final = [CodecPt(name=media_types.Codec.PCMU, pt=0)]


class Phone(asyncio.DatagramProtocol):
    """Speaks and hears PCMU; the engine translates when the peer has another codec."""

    def __init__(self) -> None:
        self.heard: list[tuple[int, bytes]] = []
        self._transport: asyncio.DatagramTransport | None = None
        self._sent = 0

    async def start(self) -> int:
        """Its port."""
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(lambda: self, local_addr=("127.0.0.1", 0))
        self._transport = transport
        return int(transport.get_extra_info("sockname")[1])

    def stop(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def datagram_received(self, data: bytes, _addr: Any) -> None:
        if not 192 <= data[1] <= 223:  # not RTCP (RFC 5761 4)
            self.heard.append((int.from_bytes(data[2:4], "big"), data[12:]))

    async def speak(self, port: int, samples: Sequence[int]) -> None:
        """In real time, whatever a busy machine does to single sleeps."""
        assert self._transport is not None
        codes = ulaw_encode(samples)
        loop = asyncio.get_running_loop()
        start = loop.time()
        for number, at in enumerate(range(0, len(codes) - FRAME + 1, FRAME)):
            await asyncio.sleep(max(0.0, start + number * TICK - loop.time()))
            header = struct.pack("!BBHII", 0x80, 0, self._sent & 0xFFFF, self._sent * FRAME, 77)
            self._transport.sendto(header + codes[at : at + FRAME], ("127.0.0.1", port))
            self._sent += 1

    def audio(self) -> Samples:
        return [sample for _, payload in in_sequence(self.heard) for sample in ulaw_decode(payload)]


@dataclass
class Talk:
    """One call of a peer with the phone."""

    number: int
    phone: Phone = field(default_factory=Phone)
    phone_port: int = 0
    session: DialogId | None = None
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    answered: asyncio.Event = field(default_factory=asyncio.Event)
    negotiator: Negotiator = field(default_factory=lambda: Negotiator("1"))
    recording: Path | None = None
    ours: Ours | None = None
    policy: Policy = PLAIN
    reoffers: int = 0

    @property
    def room(self) -> RoomName:
        return RoomName(f"room{self.number}")

    @property
    def peer(self) -> LegName:
        return LegName(f"peer{self.number}")

    @property
    def desk(self) -> LegName:
        return LegName(f"desk{self.number}")

    async def say(self, samples: Sequence[int]) -> None:
        await self.phone.speak(self.phone_port, samples)


class Place:
    """SIP on a UDP port of loopback (and on what is attached to `endpoint`), audio in the engine behind `media`."""

    def __init__(self, media: MediaClient, folder: Path) -> None:
        self.media = media
        self.talks: asyncio.Queue[Talk] = asyncio.Queue()
        self.agent = UserAgent(AgentConfig(), SeededTokens(os.urandom(32)))
        self.endpoint = Endpoint(self.agent, self._on_event, listen=[Listen(Transport.UDP, "127.0.0.1", 0)])
        self._folder = folder
        self._all: list[Talk] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._calling: dict[str, Talk] = {}
        self.faults: list[BaseException] = []

    async def __aenter__(self) -> Self:
        await self.endpoint.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        for talk in self._all:
            if talk.session is not None:
                self.agent.hang_up(talk.session, self.endpoint.now())
            talk.phone.stop()
        self.endpoint.flush()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.endpoint.stop()
        if self.faults:
            raise self.faults[0]

    @property
    def port(self) -> int:
        return self.endpoint.local_addresses[Transport.UDP][1]

    async def next_talk(self) -> Talk:
        async with asyncio.timeout(PATIENCE):
            return await self.talks.get()

    async def call(self, uri: str) -> Talk:
        """Call a peer with an offer of PCMU and PCMA; returns when it has answered."""
        talk = await self._begin()
        local = await self.media.create_leg(talk.peer, talk.room, RtpLeg(codecs=BEGINNING))
        offer = talk.negotiator.offer(Ours(local.ip, local.port, ssrc=local.ssrc, cname=local.cname), PLAIN)
        ourselves = parse_name_addr(f"<sip:desk@127.0.0.1:{self.port}>")
        attempt = self.agent.invite(Call(parse_uri(uri), ourselves, sdp=offer), self.endpoint.now())
        self._calling[attempt] = talk
        self.endpoint.flush()
        async with asyncio.timeout(PATIENCE):
            await talk.answered.wait()
        return talk

    async def end_recording(self, talk: Talk) -> Path:
        """The finished file."""
        await self.media.stop_record(RecordName(f"record{talk.number}"))
        async with asyncio.timeout(PATIENCE):
            return Path((await self.media.skip_to(RecordDone)).path)

    def _spawn(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self.faults.append(error)

    def _on_event(self, event: Event) -> None:
        match event:
            case IncomingCall():
                self._spawn(self._take(event))
            case Answered(attempt=attempt) if attempt in self._calling:
                talk = self._calling[attempt]
                talk.session = event.session
                self._spawn(self._agree(talk, talk.negotiator.accept(event.answer or b"")))
            case AttemptFailed():
                raise AssertionError(f"the peer did not answer: {event.cause}")
            case Reoffer():
                self._spawn(self._retake(event))
            case SessionEnded():
                for talk in self._all:
                    if talk.session == event.session:
                        talk.session = None
                        talk.ended.set()

    async def _begin(self) -> Talk:
        talk = Talk(len(self._all))
        self._all.append(talk)
        await self.media.create_room(talk.room)
        remote = Remote(ip="127.0.0.1", port=await talk.phone.start())
        talk.phone_port = (
            await self.media.create_leg(talk.desk, talk.room, RtpLeg(codecs=BEGINNING, remote=remote))
        ).port
        return talk

    async def _take(self, call: IncomingCall) -> None:
        talk = await self._begin()
        talk.session = call.session
        if b"fingerprint" in (call.offer or b""):
            web = await self.media.create_web_leg(talk.peer, talk.room, media_types.WebLeg(codecs=BEGINNING))
            talk.ours, talk.policy = _web_end(web), WEB
        else:
            local = await self.media.create_leg(talk.peer, talk.room, RtpLeg(codecs=BEGINNING))
            talk.ours = _rtp_end(local)
        answer, agreed = talk.negotiator.answer(call.offer or b"", talk.ours, talk.policy)
        await self._agree(talk, agreed)
        self.agent.answer(call.session, self.endpoint.now(), answer)
        self.endpoint.flush()

    async def _retake(self, event: Reoffer) -> None:
        """A change within the call, as hold."""
        (talk,) = (talk for talk in self._all if talk.session == event.session)
        assert talk.ours is not None
        answer, agreed = talk.negotiator.answer(event.offer or b"", talk.ours, talk.policy)
        await self._tell_engine(talk, agreed)
        self.agent.accept_offer(event.exchange, answer, self.endpoint.now())
        self.endpoint.flush()
        talk.reoffers += 1

    async def _agree(self, talk: Talk, agreed: Agreed) -> None:
        """Tell the engine what was negotiated, connect the ears, begin to record."""
        await self._tell_engine(talk, agreed)
        await self.media.hear(talk.room, {talk.peer: [talk.desk], talk.desk: [talk.peer]})
        talk.recording = self._folder / f"call{talk.number}.wav"
        await self.media.start_record(
            RecordName(f"record{talk.number}"), talk.room, str(talk.recording), left=[talk.peer], right=[talk.desk]
        )
        talk.answered.set()
        await self.talks.put(talk)

    async def _tell_engine(self, talk: Talk, agreed: Agreed) -> None:
        direction = media_types.Direction(agreed.direction.value)
        codec = CodecPt(name=media_types.Codec(agreed.codec.name.upper()), pt=agreed.codec.payload_type)
        dtmf = agreed.dtmf.payload_type if agreed.dtmf else None
        if agreed.profile is Profile.DTLS:
            assert agreed.remote_ice is not None
            remote = media_types.WebRemote(
                ice_ufrag=agreed.remote_ice.ufrag,
                ice_pwd=agreed.remote_ice.pwd,
                fingerprint=str(agreed.remote_fingerprint),
                setup="active",
                mid=agreed.mid or "0",
            )
            await self.media.update_web_leg(
                talk.peer, media_types.WebLeg(codecs=[codec], dtmf_pt=dtmf, remote=remote, direction=direction)
            )
        else:
            place = Remote(ip=agreed.remote_address, port=agreed.remote_port, rtcp_port=agreed.remote_rtcp_port)
            await self.media.update_leg(
                talk.peer, RtpLeg(codecs=[codec], dtmf_pt=dtmf, remote=place, direction=direction)
            )


def _rtp_end(local: LocalRtp) -> Ours:
    return Ours(local.ip, local.port, ssrc=local.ssrc, cname=local.cname)


def _web_end(local: LocalWeb) -> Ours:
    ip, port = local.candidates[0]
    algorithm, _, value = local.fingerprint.partition(" ")
    candidate = f"1 1 udp 2130706431 {ip} {port} typ host"
    ice = Ice(local.ice_ufrag, local.ice_pwd, (candidate,), lite=True)
    return Ours(ip, port, fingerprint=Fingerprint(algorithm, value), ice=ice, ssrc=local.ssrc, cname=local.cname)
