"""Events of the media engine, and what they mean for calls."""

from collections.abc import Callable, Mapping
from typing import Any, Final
from uuid import UUID

from centrala.telephony.calls.causes import Cause, ours
from centrala.telephony.calls.events import MediaConnected, MediaLost
from centrala.telephony.calls.hearing import Role
from centrala.telephony.calls.service.context import Context
from centrala.telephony.calls.service.endings import Endings
from centrala.telephony.calls.service.recordings import Recordings
from centrala.telephony.calls.service.sounds import Sounds
from centrala.telephony.calls.state import Leg
from centrala.telephony.calls.store import Position
from centrala.telephony.calls.streams import LegKind
from centrala.telephony.media import MediaGone, MediaRefused
from centrala.telephony.media import events as media

_LOST_BY_ENGINE: Final = frozenset({"failed", "abandoned", "shutdown", "room_closed"})
RETURN_WITHIN: Final = 15.0  # seconds that a page has to load again and to take its call up (RFC 3891)


class EngineEvents:
    """Reads the engine's events, in order, each once."""

    def __init__(self, context: Context, endings: Endings, sounds: Sounds, recordings: Recordings) -> None:
        self._context = context
        self._endings = endings
        self._sounds = sounds
        self._recordings = recordings
        self.engine = ""
        self.handled = 0
        self._handlers: Mapping[type[Any], Callable[[Any], None]] = {
            media.Dtmf: sounds.pressed,
            media.PlayDone: sounds.ended,
            media.SilenceHeard: sounds.silent,
            media.RecordDone: recordings.done,
            media.LegClosed: self._closed,
            media.LegConnected: self._connected,
            media.MediaFirst: self._connected,
            media.MediaTimeout: self._timed_out,
            media.EngineRestarted: self._restarted,
            media.EventsLost: self._lost,
        }

    async def run(self) -> None:
        async for event in self._context.media.events():
            self.handle(event)

    def handle(self, event: media.MediaEvent) -> None:
        handler = self._handlers.get(type(event))
        if handler is not None:
            handler(event)
        if event.seq:
            self.handled = event.seq
            self._context.store.note_position(Position(self.engine, event.seq))

    def _leg(self, name: str) -> Leg | None:
        return self._context.legs.get(UUID(name)) if len(name) == 32 else None

    def _connected(self, event: media.LegConnected | media.MediaFirst) -> None:
        leg = self._leg(event.leg)
        if leg is not None:
            self._context.emit(MediaConnected(call_id=leg.call.id, leg_id=leg.id, at=self._context.clock()))

    def _closed(self, event: media.LegClosed) -> None:
        """The engine has given a leg up by itself; those that we close are not `in_media` any more."""
        leg = self._leg(event.leg)
        if leg is None or not leg.in_media or event.reason not in _LOST_BY_ENGINE:
            return
        leg.in_media = False
        leg.stats = dict(event.stats)
        if leg.stream.kind is LegKind.WEB and event.reason == "failed":
            # A page that is loaded again ends its DTLS at once; its next INVITE takes this leg's place.
            self._context.timers.after(RETURN_WITHIN, lambda: self._give_up(leg, Cause.NETWORK_FAILURE))
            return
        self._give_up(leg, Cause.NETWORK_FAILURE)

    def _timed_out(self, event: media.MediaTimeout) -> None:
        leg = self._leg(event.leg)
        # Who is on hold may be silent: RFC 3264 8.4 lets a phone stop sending. So may who listens to a menu or to
        # music: a phone that suppresses silence sends nothing then.
        if leg is None or not leg.talking or leg.away or leg.held or leg.role is not Role.PARTY:
            return
        self._context.emit(MediaLost(call_id=leg.call.id, leg_id=leg.id, at=self._context.clock()))
        self._give_up(leg, Cause.MEDIA_TIMEOUT)

    def _give_up(self, leg: Leg, cause: Cause) -> None:
        async def step() -> None:
            async with self._context.turn(leg):
                self._endings.hang_up(leg, ours(cause))

        self._context.spawn(leg.call, step())

    def _restarted(self, event: media.EngineRestarted) -> None:
        """Every room is gone: the calls cannot be heard any more, so they end, each with its rows."""
        self.engine = event.engine
        self.handled = 0
        self._context.counters["engine_restarts"] += 1
        for call in list(self._context.calls.values()):
            call.has_room = False
            for leg in list(call.live_legs()):
                if leg.in_media:
                    leg.in_media = False
                    self._give_up(leg, Cause.INTERRUPTED)
        self._context.spawn(None, self._recordings.salvage([]))

    def _lost(self, _event: media.EventsLost) -> None:
        """Events are missing: what is not alive any more has ended without our hearing of it."""
        self._context.counters["engine_events_lost"] += 1
        self._context.spawn(None, self.compare())

    async def compare(self) -> None:
        """End what the engine does not have any more."""
        try:
            listing = await self._context.media.list()
        except (MediaRefused, MediaGone):
            return
        alive = {entry["leg"] for entry in listing["legs"]}
        for leg in list(self._context.legs.values()):
            if leg.in_media and leg.name not in alive:
                leg.in_media = False
                self._give_up(leg, Cause.INTERRUPTED)
        await self._recordings.salvage([entry["record"] for entry in listing["records"]])
