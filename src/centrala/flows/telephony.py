"""Keeps the telephony of one process running: the exchange with the stories that steer its calls."""

import asyncio
import contextlib
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from centrala.kit.clock import Clock
from centrala.kit.database import Database
from centrala.kit.logging import get_logger
from centrala.kit.settings import AppSettings
from centrala.telephony.media import MediaGone

if TYPE_CHECKING:
    from centrala.flows.serving import Service
    from centrala.flows.stories import Stories
    from centrala.telephony.exchange.exchange import Exchange
    from centrala.telephony.trace.recorder import Recorder

log = get_logger(__name__)

TRY_AGAIN: Final = 2.0  # seconds between two starts, while a port is taken or the media engine is away


class TelephonyState(StrEnum):
    """Whether calls can be taken, for the system page."""

    OFF = "off"
    STARTING = "starting"
    RUNNING = "running"
    PORT_TAKEN = "port_taken"
    NO_MEDIA = "no_media"
    FAILED = "failed"


class Telephony:
    """Starts in the background: the desk opens also when no call can be taken, and says so."""

    def __init__(
        self, settings: AppSettings, database: Database, clock: Clock, service: "Service | None" = None
    ) -> None:
        self._settings = settings
        self._database = database
        self._clock = clock
        self._service = service
        self._task: asyncio.Task[None] | None = None
        self.exchange: Exchange | None = None
        self.stories: Stories | None = None
        self.state = TelephonyState.STARTING

    def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="telephony")

    async def stop(self) -> None:
        """Stop taking calls; those that are up outlive the process."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        while True:
            exchange, stories = await asyncio.to_thread(self._make)
            exchange.before_packets = stories.begin
            try:
                await exchange.start()
            except MediaGone:
                self._failed(TelephonyState.NO_MEDIA, "The media engine does not answer; no call can be taken yet.")
            except OSError:
                self._failed(TelephonyState.PORT_TAKEN, "An address of SIP is taken; no call can be taken yet.")
            except Exception:
                # The edge of telephony: the desk goes on without it, and it is tried again.
                log.exception("Telephony could not start.")
                self.state = TelephonyState.FAILED
            else:
                await self._serve(exchange, stories)
                return
            await asyncio.sleep(TRY_AGAIN)

    def _failed(self, state: TelephonyState, sentence: str) -> None:
        if self.state is not state:  # once, not every other second
            log.error(sentence)
        self.state = state

    def _make(self) -> "tuple[Exchange, Stories]":
        # Loaded here, in a thread: SIP would make the desk's start a fifth longer.
        from centrala.flows.stories import Stories  # noqa: PLC0415
        from centrala.telephony.exchange.exchange import Exchange  # noqa: PLC0415

        exchange = Exchange(self._settings, self._database, self._clock)
        return exchange, Stories(exchange, self._settings, self._database, self._clock, self._service)

    async def _serve(self, exchange: "Exchange", stories: "Stories") -> None:
        recorder = self._traced(exchange)
        self.stories = stories
        self.exchange, self.state = exchange, TelephonyState.RUNNING
        try:
            await asyncio.Event().wait()
        finally:
            self.exchange = None
            with contextlib.suppress(asyncio.CancelledError):
                await stories.stop()
                await exchange.stop()
                if recorder is not None:
                    await recorder.stop()

    def _traced(self, exchange: "Exchange") -> "Recorder | None":
        if not self._settings.sip.trace_days:
            return None
        from centrala.telephony.trace.recorder import Recorder  # noqa: PLC0415 - as above

        recorder = Recorder(self._database, self._clock, exchange.endpoint.now)
        exchange.endpoint.on_wire = recorder.hear
        recorder.start()
        return recorder
