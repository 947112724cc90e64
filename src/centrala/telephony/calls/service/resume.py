"""Taking calls up after the process has died: from the store, the media engine, and the peers' own dialogs.

What has a row of its dialog and a leg in the engine lives on. A dialog whose audio is gone is ended by BYE; a leg of
the engine that no dialog knows is closed; rows that neither knows are closed as interrupted. The engine's events since
the last one that was stored come after this, so that a recording that ended meanwhile gets its end, once.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from centrala.telephony.calls.causes import Cause, Ending, HungUpBy, ours
from centrala.telephony.calls.events import CallTakenUp, Direction, Party, call_ended
from centrala.telephony.calls.hearing import Role
from centrala.telephony.calls.machine import LegState
from centrala.telephony.calls.service.context import Context
from centrala.telephony.calls.service.endings import Endings, times_of
from centrala.telephony.calls.service.recordings import Recordings
from centrala.telephony.calls.service.rooms import Rooms
from centrala.telephony.calls.state import Call, Leg, Recording
from centrala.telephony.calls.store import Kept
from centrala.telephony.calls.streams import LegKind, MediaPolicy, Stream
from centrala.telephony.media import MediaGone, MediaRefused
from centrala.telephony.media.types import LegName, PlayName, RoomName

Row = Mapping[str, Any]
_LOST = Ending(Cause.INTERRUPTED, ours(Cause.INTERRUPTED).sip, ours(Cause.INTERRUPTED).q850, HungUpBy.NETWORK)


class Resume:
    def __init__(self, context: Context, rooms: Rooms, endings: Endings, recordings: Recordings) -> None:
        self._context = context
        self._rooms = rooms
        self._endings = endings
        self._recordings = recordings

    async def run(self, kept: Kept) -> int:
        """Take everything up; the number of legs that live on. Raises `MediaGone` without an engine."""
        listing = await self._context.media.list()
        alive = {entry["leg"]: entry for entry in listing["legs"]}
        calls = {row["id"]: self._call(row) for row in kept.calls}
        rows = {row["id"]: row for row in kept.legs}
        for recording in kept.recordings:
            self._recording(recording, calls, listing)
        taken = lost = 0
        for dialog in kept.dialogs:
            leg = self._leg(dialog, rows.get(dialog["leg_id"]), calls.get(dialog["call_id"]), alive)
            taken += leg is not None and leg.in_media
            lost += leg is not None and not leg.in_media
        self._context.counters["legs_taken_up"] += taken
        self._context.counters["legs_lost"] += lost
        self._end_rows(rows, calls)
        await self._tidy(listing, calls)
        for call in calls.values():
            await self._go_on(call, listing)
        self._context.endpoint.flush()
        return taken

    def _call(self, row: Row) -> Call:
        return Call(
            row["id"],
            Direction(row["direction"]),
            row["caller"],
            row["callee"],
            row["started_at"],
            project_id=row["project_id"],
            answered_at=row["answered_at"],
        )

    def _recording(self, row: Row, calls: Mapping[UUID, Call], listing: Row) -> None:
        recording = Recording(row["id"], row["path"], row["started_at"], marks=list(row["marks"]))
        call = calls.get(row["call_id"])
        if call is None:
            return
        entry = next((one for one in listing["records"] if one["record"] == recording.name), None)
        recording.paused = bool(entry and entry["paused"])
        # Also when the engine has it no more: its end may be among the events that come now.
        self._context.recordings[recording.name] = (call, recording)
        if entry is not None:
            call.recordings[recording.id] = recording

    def _leg(self, dialog: Row, row: Row | None, call: Call | None, alive: Mapping[str, Row]) -> Leg | None:
        context, state = self._context, dialog["state"]
        if row is None or call is None:
            context.store.forget_dialog(dialog["leg_id"], dialog["call_id"])
            return None
        leg = self._make(row, state, call)
        leg.in_media = leg.name in alive
        elapsed = max(0.0, (context.clock() - dialog["stored_at"]).total_seconds())
        kept = dict(state["session"])
        if kept["dialog"]["flow"] and kept["dialog"]["flow"]["connection"]:
            # Connections died with the process: the peer's next request brings a new one, ours asks for one.
            kept["dialog"] = {**kept["dialog"], "flow": None}
        digest = context.credentials(leg.trunk_id) if leg.trunk_id else None
        leg.session = context.endpoint.agent.restore(kept, context.now(), elapsed=elapsed, digest=digest)
        call.add(leg)
        context.legs[leg.id] = leg
        context.by_session[leg.session] = leg
        return leg

    def _make(self, row: Row, state: Row, call: Call) -> Leg:
        leg = Leg(
            row["id"],
            call,
            Direction(row["direction"]),
            Party(number=row["peer"], display=row["display"]),
            row["local"],
            Stream.from_dict(state["stream"], tag=call.id.hex),
            row["started_at"],
            trunk_id=row["trunk_id"],
            phone_id=row["phone_id"],
            state=LegState.HELD if state["away"] or state["role"] == Role.HELD else LegState.ANSWERED,
            role=Role(state["role"]),
            held=bool(state["held"]),
            away=bool(state["away"]),
            origin=bool(state["origin"]),
            sip_call_id=row["sip_call_id"],
            ringing_at=row["ringing_at"],
            answered_at=row["answered_at"] or row["started_at"],
        )
        leg.whispers_to = UUID(state["whispers_to"]) if state["whispers_to"] else None
        leg.music = PlayName(state["music"]) if state.get("music") else None
        return leg

    def _end_rows(self, rows: Mapping[UUID, Row], calls: Mapping[UUID, Call]) -> None:
        """Legs that were not answered: their transactions died with the process."""
        for row in rows.values():
            call = calls.get(row["call_id"])
            if row["id"] in self._context.legs or call is None:
                continue
            leg = Leg(
                row["id"],
                call,
                Direction(row["direction"]),
                Party(number=row["peer"], display=row["display"]),
                row["local"],
                Stream("0", MediaPolicy(), kind=LegKind(row["kind"])),
                row["started_at"],
                trunk_id=row["trunk_id"],
                phone_id=row["phone_id"],
                state=LegState.ENDED,
                sip_call_id=row["sip_call_id"],
                ringing_at=row["ringing_at"],
                answered_at=row["answered_at"],
                ended_at=self._context.clock(),
                ending=_LOST,
            )
            self._context.keep_leg(leg)

    async def _tidy(self, listing: Row, calls: Mapping[UUID, Call]) -> None:
        """Close what the engine has and no dialog knows."""
        media, context = self._context.media, self._context
        wanted_rooms = {call.room for call in calls.values() if any(leg.in_media for leg in call.legs.values())}
        wanted_legs = {leg.name for leg in context.legs.values()}
        for entry in listing["rooms"]:
            if entry["room"] not in wanted_rooms:
                await self._quietly(media.close_room(RoomName(entry["room"])))
                context.counters["rooms_closed_at_start"] += 1
        for entry in listing["legs"]:
            if entry["leg"] not in wanted_legs and entry["room"] in wanted_rooms:
                await self._quietly(media.close_leg(LegName(entry["leg"])))
                context.counters["legs_closed_at_start"] += 1

    async def _quietly(self, command: Any) -> None:
        try:
            await command
        except (MediaRefused, MediaGone):
            self._context.counters["tidied_too_late"] += 1

    async def _go_on(self, call: Call, listing: Row) -> None:
        context = self._context
        if not call.legs:
            self._end_call(call)
            return
        context.calls[call.id] = call
        call.has_room = any(entry["room"] == call.room for entry in listing["rooms"])
        plays = {entry["play"] for entry in listing["plays"]}
        for leg in call.legs.values():
            leg.music = leg.music if leg.music in plays else None
        gone = [leg for leg in call.legs.values() if not leg.in_media]
        async with call.turn:
            for leg in gone:
                self._endings.hang_up(leg, _LOST)
            await self._rooms.rehear(call)
        at = context.clock()
        context.emit(CallTakenUp(call_id=call.id, at=at, project_id=call.project_id, leg_ids=tuple(call.legs)))

    def _end_call(self, call: Call) -> None:
        context = self._context
        call.ended_at, call.ending = context.clock(), _LOST
        context.keep_call(call)
        fact = call_ended(call.id, project_id=call.project_id, ending=_LOST, **times_of(call))
        context.store.tell(fact, call.id)
