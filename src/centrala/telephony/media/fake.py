"""A media engine in memory, for tests: it keeps rooms, legs, plays and records as the real one does, but no audio.

It remembers every command in `asked`, fails on demand (`refuse_next`, `vanish`), and says what a peer would do
(`emit`).
"""

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any, Final

from centrala.telephony.media.commands import MediaCommands, Reply
from centrala.telephony.media.errors import MediaGone, MediaRefused
from centrala.telephony.media.events import EngineRestarted, MediaEvent, read_event
from centrala.telephony.media.fake_checks import (
    TAP_RATES,
    Refused,
    check_digits,
    check_fields,
    check_leg,
    check_what,
    is_restart,
    local_web,
)
from centrala.telephony.media.fake_state import NO_FIGURES, FakeLeg, FakeRecord, FakeRoom, FakeStream, listing
from centrala.telephony.media.streams import AudioStream
from centrala.telephony.media.types import PlayName, TapName

MAX_LEGS: Final = 16  # in a room
FAKE_CLIP_MS: Final = 1000  # length of every sound file


class FakeMedia(MediaCommands):
    """Passes the conformance suite of tests/telephony/media."""

    def __init__(self) -> None:
        self.rooms: dict[str, FakeRoom] = {}
        self.legs: dict[str, FakeLeg] = {}
        self.plays: dict[str, dict[str, Any]] = {}
        self.records: dict[str, FakeRecord] = {}
        self.taps: dict[str, str] = {}
        self.streams: dict[str, FakeStream] = {}
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.draining = False
        self._refusals: dict[str, list[tuple[str, str]]] = {}
        self._gone = False
        self._seq = 0
        self._ports = itertools.count(20000, 2)
        self._engine = itertools.count(1)
        self._name = f"fake-{next(self._engine)}"
        self._events: asyncio.Queue[MediaEvent] = asyncio.Queue()
        self._commands = self._table()

    # What a test does to it.

    def refuse_next(self, command: str, code: str, reason: str = "told to") -> None:
        """The next such command is refused."""
        self._refusals.setdefault(command, []).append((code, reason))

    def vanish(self) -> None:
        """Every command fails with `MediaGone` until `come_back`."""
        self._gone = True

    def come_back(self, *, restarted: bool = False) -> None:
        """With `restarted`, as a new process without any call."""
        self._gone = False
        if restarted:
            for objects in (self.rooms, self.legs, self.plays, self.records, self.taps, self.streams):
                objects.clear()
            self._seq = 0
            self._name = f"fake-{next(self._engine)}"
            self._events.put_nowait(EngineRestarted(seq=0, at=0, engine=self._name))

    def emit(self, event: str, **fields: Any) -> None:
        """Sends an event as the engine would: `emit("dtmf", leg="a", digit="5", duration_ms=100, method="rfc4733")`."""
        self._seq += 1
        self._events.put_nowait(read_event({"event": event, "seq": self._seq, "at": 0} | fields))

    # The port.

    async def call(self, command: str, fields: Mapping[str, Any] | None = None) -> Reply:
        await asyncio.sleep(0)
        if self._gone:
            raise MediaGone(f"{command}: the media engine is not connected")
        given = dict(fields or {})
        self.asked.append((command, given))
        if self._refusals.get(command):
            code, reason = self._refusals[command].pop(0)
            raise MediaRefused(command, code, reason)
        perform = self._commands.get(command)
        if perform is None:
            raise MediaRefused(command, "unknown_command", f"there is no command {command!r}")
        try:
            check_fields(command, given)
            return perform(given)
        except Refused as refused:
            raise MediaRefused(command, refused.code, str(refused)) from None

    async def events(self) -> AsyncIterator[MediaEvent]:
        while True:
            yield await self._events.get()

    async def attach_tap(self, tap: TapName) -> AudioStream:
        return self._attach("tap", tap, self.taps)

    async def attach_play(self, play: PlayName) -> AudioStream:
        return self._attach("play", play, self.plays)

    def _attach(self, kind: str, name: str, objects: Mapping[str, object]) -> AudioStream:
        if name not in objects:
            raise MediaRefused("stream.attach", "not_found", f"there is no {kind} {name!r}")
        stream = self.streams.get(name)
        if stream is None or stream.attached:
            raise MediaRefused("stream.attach", "exists", f"the {kind} {name!r} has no free stream")
        stream.attached = True
        return stream

    # The state.

    def _table(self) -> dict[str, Callable[[Mapping[str, Any]], Reply]]:
        return {
            "hello": self._hello,
            "list": self._list,
            "drain": self._drain,
            "room.create": self._create_room,
            "room.hear": self._hear,
            "room.close": self._close_room,
            "leg.create": self._create_leg,
            "leg.update": self._update_leg,
            "leg.move": self._move_leg,
            "leg.close": self._close_leg,
            "leg.stats": self._leg_stats,
            "stats.every": self._stats_every,
            "play.start": self._start_play,
            "play.stop": self._stop_play,
            "play.seek": self._change_play,
            "play.gain": self._change_play,
            "tap.start": self._start_tap,
            "tap.stop": self._stop_tap,
            "dtmf.send": self._send_dtmf,
            "detect.set": self._detect,
            "record.start": self._start_record,
            "record.update": self._update_record,
            "record.pause": lambda fields: self._pause_record(fields, paused=True),
            "record.resume": lambda fields: self._pause_record(fields, paused=False),
            "record.stop": self._stop_record,
        }

    def _hello(self, _fields: Mapping[str, Any]) -> Reply:
        return {
            "version": "0.1.0",
            "protocol": 1,
            "engine": self._name,
            "grace_ms": 30_000,
            "features": ["rooms", "rtp", "webrtc", "srtp.sdes", "record", "tap", "play.stream", "detect.machine"],
            "events": {"first": 1, "last": self._seq},
        }

    def _list(self, _fields: Mapping[str, Any]) -> Reply:
        return listing(self.rooms, self.legs, self.plays, self.records) | {
            "taps": [{"tap": name, "leg": leg} for name, leg in self.taps.items()],
            "events": {"last": self._seq},
        }

    def _drain(self, fields: Mapping[str, Any]) -> Reply:
        self.draining = bool(fields["on"])
        return {"draining": self.draining}

    def _room(self, name: str) -> FakeRoom:
        if name not in self.rooms:
            raise Refused("not_found", f"there is no room {name!r}")
        return self.rooms[name]

    def _leg(self, name: str) -> FakeLeg:
        if name not in self.legs:
            raise Refused("not_found", f"there is no leg {name!r}")
        return self.legs[name]

    def _in_room(self, room: str, leg: str) -> None:
        if self._leg(leg).room != room:
            raise Refused("wrong_room", f"the leg {leg!r} is in another room")

    def _create_room(self, fields: Mapping[str, Any]) -> Reply:
        self._check_new(self.rooms, "room", fields["room"])
        if "near" in fields:
            self._room(fields["near"])
        self.rooms[fields["room"]] = FakeRoom()
        return {"room": fields["room"], "worker": 0}

    def _check_new(self, objects: Mapping[str, object], kind: str, name: str) -> None:
        if self.draining:
            raise Refused("draining", "the engine takes no new calls")
        if name in objects:
            raise Refused("exists", f"the {kind} {name!r} exists")

    def _hear(self, fields: Mapping[str, Any]) -> Reply:
        room = self._room(fields["room"])
        matrix: dict[str, list[str]] = {}
        for ear, mouths in fields["matrix"].items():
            names = [mouth if isinstance(mouth, str) else mouth["mouth"] for mouth in mouths]
            for name in [ear, *names]:
                self._in_room(fields["room"], name)
            matrix[ear] = [name for name in room.legs if name in names and name != ear]
        room.matrix = matrix
        return {}

    def _close_room(self, fields: Mapping[str, Any]) -> Reply:
        room = self._room(fields["room"])
        legs = list(room.legs)
        for name in [name for name, play in self.plays.items() if play["room"] == fields["room"]]:
            self._end_play(name, "leg_closed")
        for name in [name for name, record in self.records.items() if record.room == fields["room"]]:
            self._end_record(name, "room_closed")
        for leg in legs:
            self._end_leg(leg, "room_closed")
        del self.rooms[fields["room"]]
        self.emit("room.closed", room=fields["room"], reason="room_closed")
        return {"legs": len(legs)}

    def _create_leg(self, fields: Mapping[str, Any]) -> Reply:
        self._check_new(self.legs, "leg", fields["leg"])
        room = self._room(fields["room"])
        check_leg(fields)
        if len(room.legs) >= MAX_LEGS:
            raise Refused("limit_reached", f"a room has at most {MAX_LEGS} legs")
        port = next(self._ports)
        rtcp_port = port if fields.get("rtcp_mux") else port + 1
        local: dict[str, Any] = {"ssrc": port * 7919, "cname": f"cname-{port}"}
        if fields["kind"] == "webrtc":
            local |= local_web(fields, port)
        else:
            local |= {"ip": "127.0.0.1", "port": port, "rtcp_port": rtcp_port}
        self.legs[fields["leg"]] = FakeLeg(room=fields["room"], fields=dict(fields), local=local)
        room.legs.append(fields["leg"])
        return {"leg": fields["leg"]} | local

    def _update_leg(self, fields: Mapping[str, Any]) -> Reply:
        leg = self._leg(fields["leg"])
        merged = leg.fields | dict(fields)
        check_leg(merged)
        if merged["kind"] == "webrtc":
            leg.restarts += is_restart(leg.fields.get("remote"), merged.get("remote"))
            leg.local |= local_web(merged, leg.local["candidates"][0]["port"], restarts=leg.restarts)
        leg.fields = merged
        return {"leg": fields["leg"]} | leg.local

    def _move_leg(self, fields: Mapping[str, Any]) -> Reply:
        leg, to = self._leg(fields["leg"]), self._room(fields["room"])
        if leg.room != fields["room"]:
            self._leave(fields["leg"], leg)
            leg.room = fields["room"]
            to.legs.append(fields["leg"])
        return {}

    def _leave(self, name: str, leg: FakeLeg) -> None:
        for play in [play for play, known in self.plays.items() if known["leg"] == name]:
            self._end_play(play, "leg_closed")
        room = self.rooms[leg.room]
        room.legs.remove(name)
        room.matrix.pop(name, None)
        for mouths in room.matrix.values():
            if name in mouths:
                mouths.remove(name)

    def _end_leg(self, name: str, reason: str) -> Reply:
        self._leave(name, self.legs.pop(name))
        for tap in [tap for tap, leg in self.taps.items() if leg == name]:
            self._end_tap(tap, "leg_closed")
        self.emit("leg.closed", leg=name, reason=reason, stats=NO_FIGURES)
        return NO_FIGURES

    def _close_leg(self, fields: Mapping[str, Any]) -> Reply:
        self._leg(fields["leg"])
        return self._end_leg(fields["leg"], "closed")

    def _leg_stats(self, fields: Mapping[str, Any]) -> Reply:
        self._leg(fields["leg"])
        return NO_FIGURES

    def _stats_every(self, fields: Mapping[str, Any]) -> Reply:
        self._leg(fields["leg"])
        return {}

    def _start_play(self, fields: Mapping[str, Any]) -> Reply:
        self._check_new(self.plays, "play", fields["play"])
        room = self._leg(fields["leg"]).room if "leg" in fields else fields["room"]
        self._room(room)
        duration = check_what(fields["what"], FAKE_CLIP_MS)
        target = (fields.get("leg"), room)
        if not fields.get("over"):
            for name, play in list(self.plays.items()):
                if (play["leg"], play["room"]) == target and not play["over"]:
                    self._end_play(name, "replaced")
        self.plays[fields["play"]] = {"leg": fields.get("leg"), "room": room, "over": bool(fields.get("over"))}
        if "stream" in fields["what"]:
            self.streams[fields["play"]] = FakeStream()
        return {"play": fields["play"], "duration_ms": duration}

    def _play(self, name: str) -> None:
        if name not in self.plays:
            raise Refused("not_found", f"there is no play {name!r}")

    def _end_play(self, name: str, reason: str) -> None:
        del self.plays[name]
        if stream := self.streams.pop(name, None):
            stream.end()
        self.emit("play.done", play=name, reason=reason, at_ms=0)

    def finish_play(self, name: str) -> None:
        """The play comes to its end."""
        self._end_play(name, "ended")

    def _stop_play(self, fields: Mapping[str, Any]) -> Reply:
        self._play(fields["play"])
        self._end_play(fields["play"], "stopped")
        return {"at_ms": 0}

    def _change_play(self, fields: Mapping[str, Any]) -> Reply:
        self._play(fields["play"])
        return {}

    def _start_tap(self, fields: Mapping[str, Any]) -> Reply:
        if fields["tap"] in self.taps:
            raise Refused("exists", f"the tap {fields['tap']!r} exists")
        self._leg(fields["leg"])
        rate = fields.get("rate", 8000)
        if rate not in TAP_RATES:
            raise Refused("invalid_argument", "rate is 8000 or 16000")
        self.taps[fields["tap"]] = fields["leg"]
        self.streams[fields["tap"]] = FakeStream()
        return {"tap": fields["tap"], "rate": rate}

    def _stop_tap(self, fields: Mapping[str, Any]) -> Reply:
        if fields["tap"] not in self.taps:
            raise Refused("not_found", f"there is no tap {fields['tap']!r}")
        self._end_tap(fields["tap"], "stopped")
        return {}

    def _end_tap(self, name: str, reason: str) -> None:
        leg = self.taps.pop(name)
        self.streams.pop(name).end()
        self.emit("tap.done", tap=name, leg=leg, reason=reason, told_ms=0, lost_ms=0)

    def _send_dtmf(self, fields: Mapping[str, Any]) -> Reply:
        leg = self._leg(fields["leg"])
        check_digits(fields, has_events=leg.fields.get("dtmf_pt") is not None)
        self.emit("dtmf.sent", leg=fields["leg"])
        return {}

    def _detect(self, fields: Mapping[str, Any]) -> Reply:
        self._leg(fields["leg"])
        return {}

    def _start_record(self, fields: Mapping[str, Any]) -> Reply:
        self._check_new(self.records, "record", fields["record"])
        self._room(fields["room"])
        for leg in [*fields["left"], *fields["right"]]:
            self._in_room(fields["room"], leg)
        if any(record.path == fields["path"] for record in self.records.values()):
            raise Refused("file_exists", f"{fields['path']!r} exists")
        self.records[fields["record"]] = FakeRecord(
            room=fields["room"], path=fields["path"], left=list(fields["left"]), right=list(fields["right"])
        )
        return {"record": fields["record"], "path": fields["path"]}

    def _record(self, name: str) -> FakeRecord:
        if name not in self.records:
            raise Refused("not_found", f"there is no record {name!r}")
        return self.records[name]

    def _update_record(self, fields: Mapping[str, Any]) -> Reply:
        record = self._record(fields["record"])
        room = fields.get("room", record.room)
        self._room(room)
        for leg in [*fields.get("left", []), *fields.get("right", [])]:
            self._in_room(room, leg)
        record.room = room
        record.left = list(fields.get("left", record.left))
        record.right = list(fields.get("right", record.right))
        return {}

    def _pause_record(self, fields: Mapping[str, Any], *, paused: bool) -> Reply:
        self._record(fields["record"]).pause(paused=paused)
        return {"at_ms": 0}

    def _end_record(self, name: str, reason: str) -> None:
        record = self.records.pop(name)
        self.emit(
            "record.done",
            record=name,
            path=record.path,
            reason=reason,
            duration_ms=0,
            bytes=44,
            sha256="0" * 64,
            marks=record.marks,
        )

    def _stop_record(self, fields: Mapping[str, Any]) -> Reply:
        self._record(fields["record"])
        self._end_record(fields["record"], "stopped")
        return {"at_ms": 0}
