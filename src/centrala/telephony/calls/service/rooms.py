"""Calls in the media engine: rooms, legs, and who hears whom or music."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Final

from centrala.telephony.calls.hearing import matrix, wants_music
from centrala.telephony.calls.service.context import Context
from centrala.telephony.calls.state import Call, Leg
from centrala.telephony.calls.streams import Local, Settings
from centrala.telephony.media import MediaGone, MediaRefused
from centrala.telephony.media.types import LegName, PlayName, SharedLoop, WebLeg

LOST: Final = frozenset({"not_found", "worker_failed"})  # codes: the engine has closed it by itself


class Rooms:
    """All of it is idempotent: what the engine has already is not asked for again."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self.followers: list[Callable[[Call], Awaitable[None]]] = []  # who wants to know that seats have changed

    async def open(self, leg: Leg, settings: Settings) -> Local:
        """Make the leg in its call's room, and the room with the first leg. Raises `MediaRefused`, `MediaGone`."""
        call = leg.call
        if call.has_room:
            return await self._create(leg, settings)
        call.has_room = True
        near = self._context.calls.get(call.near) if call.near else None
        media = self._context.media
        # Both commands are on the wire at once; the engine does them in this order.
        room = asyncio.ensure_future(media.create_room(call.room, near=near.room if near and near.has_room else None))
        try:
            made, _ = await asyncio.gather(self._create(leg, settings), room)
        except MediaRefused:
            with contextlib.suppress(MediaRefused, MediaGone):
                await room
            call.has_room = bool(call.legs) and any(one.in_media for one in call.legs.values())
            if not call.has_room:
                with contextlib.suppress(MediaRefused, MediaGone):
                    await media.close_room(call.room)
            raise
        return made

    async def _create(self, leg: Leg, settings: Settings) -> Local:
        media = self._context.media
        await asyncio.sleep(0)  # behind the command that makes the room
        local: Local
        if isinstance(settings, WebLeg):
            local = await media.create_web_leg(leg.name, leg.call.room, settings)
        else:
            local = await media.create_leg(leg.name, leg.call.room, settings)
        leg.in_media = True
        leg.stream.made(local)
        return local

    async def change(self, leg: Leg, settings: Settings | None) -> None:
        """Tell the engine what an offer or answer has changed."""
        if settings is None or not leg.in_media:
            return
        media = self._context.media
        if isinstance(settings, WebLeg):
            leg.stream.made(await media.update_web_leg(leg.name, settings))
        else:
            leg.stream.made(await media.update_leg(leg.name, settings))

    async def close(self, leg: Leg) -> None:
        """Close the leg and note its figures; a leg that the engine has lost is closed."""
        if not leg.in_media:
            return
        leg.in_media = False
        leg.music = None
        with contextlib.suppress(MediaRefused, MediaGone):
            leg.stats = dict(await self._context.media.close_leg(leg.name))

    async def close_room(self, call: Call) -> None:
        if call.has_room:
            call.has_room = False
            with contextlib.suppress(MediaRefused, MediaGone):
                await self._context.media.close_room(call.room)

    async def rehear(self, call: Call) -> None:
        """Put the matrix and the music in force that the seats ask for."""
        if not call.has_room:
            return
        legs = [leg for leg in call.legs.values() if leg.in_media]
        seats = [leg.seat() for leg in legs]
        wanted = dict(matrix(seats))
        if wanted != call.heard:
            call.heard = wanted
            named = {LegName(ear): [LegName(mouth) for mouth in mouths] for ear, mouths in wanted.items()}
            await self._tolerant(call, self._context.media.hear(call.room, named))
        music = wants_music(seats)
        for leg in legs:
            if (leg.name in music) != (leg.music is not None):
                await self._turn_music(leg, on=leg.name in music)
        for follow in self.followers:
            await follow(call)

    async def _turn_music(self, leg: Leg, *, on: bool) -> None:
        path = leg.call.music or self._context.settings.music
        if on and path is not None:
            leg.music = PlayName(f"m-{self._context.fresh_id().hex}")
            await self._tolerant(leg.call, self._context.media.play(leg.music, leg.name, SharedLoop(path=path)))
        elif not on and leg.music is not None:
            play, leg.music = leg.music, None
            await self._tolerant(leg.call, self._context.media.stop_play(play))
        if leg.talking:
            self._context.keep_dialog(leg)

    async def _tolerant(self, call: Call, command: object) -> None:
        """A leg that vanished meanwhile, or music that cannot be played, is no reason to end a call."""
        try:
            await command  # type: ignore[misc]  # a coroutine of any result
        except MediaRefused as refused:
            self._context.counters[f"media_{refused.code}"] += 1
            call.heard = None
        except MediaGone:
            self._context.counters["media_gone"] += 1
            call.heard = None
