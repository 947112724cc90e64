"""The port: typed commands over one abstract `call`, which the client and the fake provide."""

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, TypeVar

from centrala.telephony.media.errors import MediaGone
from centrala.telephony.media.events import MediaEvent
from centrala.telephony.media.streams import AudioStream
from centrala.telephony.media.types import (
    DtmfMethod,
    Hello,
    LegName,
    LocalRtp,
    LocalWeb,
    Matrix,
    Mouth,
    PlayName,
    RecordFormat,
    RecordName,
    RoomName,
    RtpLeg,
    TapName,
    TapSide,
    WebLeg,
    What,
)

Reply = Mapping[str, Any]
Event = TypeVar("Event", bound=MediaEvent)


class MediaCommands(ABC):
    """All commands raise `MediaRefused` when the engine says no and `MediaGone` when it cannot be reached."""

    @abstractmethod
    async def call(self, command: str, fields: Mapping[str, Any] | None = None) -> Reply:
        """Sends one command and waits for its reply."""

    @abstractmethod
    def events(self) -> AsyncIterator[MediaEvent]:
        """All events from now on, in order and without holes; for one reader."""

    async def skip_to(self, kind: type[Event]) -> Event:
        """The next event of this kind; those before it are passed over. For tools and tests, not for the app."""
        async for event in self.events():
            if isinstance(event, kind):
                return event
        raise MediaGone("the events ended")

    async def hello(self) -> Hello:
        reply = await self.call("hello")
        return Hello(
            version=reply["version"],
            protocol=reply["protocol"],
            engine=reply["engine"],
            grace_ms=reply["grace_ms"],
            features=frozenset(reply["features"]),
            first_event=reply["events"]["first"],
            last_event=reply["events"]["last"],
        )

    async def list(self) -> Reply:
        """Everything alive: `rooms`, `legs`, `plays`, `records`, and `events.last` at that moment."""
        return await self.call("list")

    async def drain(self, *, on: bool) -> None:
        await self.call("drain", {"on": on})

    async def create_room(self, room: RoomName, *, near: RoomName | None = None) -> None:
        """`near` names a room between which and this one legs will move."""
        fields = {"room": room} | ({"near": near} if near else {})
        await self.call("room.create", fields)

    async def hear(self, room: RoomName, matrix: Matrix) -> None:
        """Replaces the room's hearing matrix, all at once."""
        wire = {
            ear: [mouth.wire() if isinstance(mouth, Mouth) else mouth for mouth in mouths]
            for ear, mouths in matrix.items()
        }
        await self.call("room.hear", {"room": room, "matrix": wire})

    async def close_room(self, room: RoomName) -> int:
        """The number of legs that were closed with it."""
        return int((await self.call("room.close", {"room": room}))["legs"])

    async def create_leg(self, leg: LegName, room: RoomName, settings: RtpLeg) -> LocalRtp:
        reply = await self.call("leg.create", {"leg": leg, "room": room, "kind": "rtp"} | settings.wire())
        return _local(reply)

    async def update_leg(self, leg: LegName, settings: RtpLeg) -> LocalRtp:
        """Sends all settings anew; what did not change is not disturbed."""
        return _local(await self.call("leg.update", {"leg": leg} | settings.wire()))

    async def create_web_leg(self, leg: LegName, room: RoomName, settings: WebLeg) -> LocalWeb:
        """A browser's leg; `LegConnected` tells when ICE and DTLS are done."""
        return _local_web(await self.call("leg.create", {"leg": leg, "room": room, "kind": "webrtc"} | settings.wire()))

    async def update_web_leg(self, leg: LegName, settings: WebLeg) -> LocalWeb:
        return _local_web(await self.call("leg.update", {"leg": leg} | settings.wire()))

    async def move_leg(self, leg: LegName, room: RoomName) -> None:
        """The leg hears nobody and is heard by nobody until the new room's matrix says so."""
        await self.call("leg.move", {"leg": leg, "room": room})

    async def close_leg(self, leg: LegName) -> Reply:
        """Its quality figures (section 8 of the protocol)."""
        return await self.call("leg.close", {"leg": leg})

    async def leg_stats(self, leg: LegName) -> Reply:
        return await self.call("leg.stats", {"leg": leg})

    async def stats_every(self, leg: LegName, seconds: int) -> None:
        """Sends `LegQuality` events; 0 turns them off."""
        await self.call("stats.every", {"leg": leg, "seconds": seconds})

    async def play(
        self,
        play: PlayName,
        target: LegName,
        what: What,
        *,
        gain_db: float = 0.0,
        duck_db: float = 0.0,
        over: bool = False,
    ) -> int | None:
        """Plays to one ear; the length in ms, or None when it does not end by itself."""
        fields = {
            "play": play,
            "leg": target,
            "what": what.wire(),
            "gain_db": gain_db,
            "duck_db": duck_db,
            "over": over,
        }
        return _duration(await self.call("play.start", fields))

    async def play_to_room(self, play: PlayName, room: RoomName, what: What, *, over: bool = False) -> int | None:
        """Plays to every ear in the room, later ones too."""
        fields = {"play": play, "room": room, "what": what.wire(), "over": over}
        return _duration(await self.call("play.start", fields))

    async def stop_play(self, play: PlayName) -> int:
        """Where it was, in ms."""
        return int((await self.call("play.stop", {"play": play}))["at_ms"])

    async def seek_play(self, play: PlayName, at_ms: int) -> None:
        await self.call("play.seek", {"play": play, "at_ms": at_ms})

    async def set_play_gain(self, play: PlayName, gain_db: float) -> None:
        await self.call("play.gain", {"play": play, "gain_db": gain_db})

    async def send_dtmf(self, leg: LegName, digits: str, *, method: DtmfMethod = DtmfMethod.AUTO) -> None:
        await self.call("dtmf.send", {"leg": leg, "digits": digits, "method": method.value})

    async def detect(
        self,
        leg: LegName,
        *,
        dtmf_inband: bool | None = None,
        talk: bool | None = None,
        silence_ms: int | None = None,
        machine: bool | None = None,
        beep: bool | None = None,
        fax: bool | None = None,
    ) -> None:
        """Changes what is looked for in the leg's audio; None leaves a detector as it is.

        `machine` listens to the first seconds of an answered call and tells once who took it.
        """
        wanted = {
            "dtmf_inband": dtmf_inband,
            "talk": talk,
            "silence_ms": silence_ms,
            "machine": machine,
            "beep": beep,
            "fax": fax,
        }
        await self.call("detect.set", {"leg": leg} | {k: v for k, v in wanted.items() if v is not None})

    async def start_tap(self, tap: TapName, leg: LegName, *, side: TapSide, rate: int = 8000) -> None:
        """Begins to keep the leg's audio (8000 or 16000 Hz) for who attaches; two seconds wait at most."""
        await self.call("tap.start", {"tap": tap, "leg": leg, "side": side.value, "rate": rate})

    async def stop_tap(self, tap: TapName) -> None:
        await self.call("tap.stop", {"tap": tap})

    @abstractmethod
    async def attach_tap(self, tap: TapName) -> AudioStream:
        """The audio of a tap; once."""

    @abstractmethod
    async def attach_play(self, play: PlayName) -> AudioStream:
        """The stream into a play of `Pushed` audio; once."""

    async def start_record(
        self,
        record: RecordName,
        room: RoomName,
        path: str,
        *,
        left: Sequence[LegName],
        right: Sequence[LegName],
        fmt: RecordFormat = RecordFormat.PCM16,
        rate: int = 8000,
        max_seconds: int | None = None,
    ) -> None:
        """Records into a new stereo file; the row of the recording must be written before."""
        fields: dict[str, Any] = {
            "record": record,
            "room": room,
            "path": path,
            "left": list(left),
            "right": list(right),
            "format": fmt.value,
            "rate": rate,
        }
        if max_seconds is not None:
            fields["max_seconds"] = max_seconds
        await self.call("record.start", fields)

    async def update_record(
        self,
        record: RecordName,
        *,
        room: RoomName | None = None,
        left: Sequence[LegName] | None = None,
        right: Sequence[LegName] | None = None,
    ) -> None:
        fields: dict[str, Any] = {"record": record}
        if room is not None:
            fields["room"] = room
        if left is not None:
            fields["left"] = list(left)
        if right is not None:
            fields["right"] = list(right)
        await self.call("record.update", fields)

    async def pause_record(self, record: RecordName) -> int:
        """The mark's place in the recording, ms."""
        return int((await self.call("record.pause", {"record": record}))["at_ms"])

    async def resume_record(self, record: RecordName) -> int:
        return int((await self.call("record.resume", {"record": record}))["at_ms"])

    async def stop_record(self, record: RecordName) -> int:
        """`RecordDone` follows when the file is closed and hashed."""
        return int((await self.call("record.stop", {"record": record}))["at_ms"])


def _local(reply: Reply) -> LocalRtp:
    return LocalRtp(
        ip=reply["ip"],
        port=reply["port"],
        rtcp_port=reply["rtcp_port"],
        ssrc=reply["ssrc"],
        cname=reply["cname"],
    )


def _local_web(reply: Reply) -> LocalWeb:
    return LocalWeb(
        ice_ufrag=reply["ice_ufrag"],
        ice_pwd=reply["ice_pwd"],
        fingerprint=reply["fingerprint"],
        setup=reply["setup"],
        mid=reply["mid"],
        candidates=tuple((candidate["ip"], candidate["port"]) for candidate in reply["candidates"]),
        ssrc=reply["ssrc"],
        cname=reply["cname"],
    )


def _duration(reply: Reply) -> int | None:
    duration = reply["duration_ms"]
    return None if duration is None else int(duration)
