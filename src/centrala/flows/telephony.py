"""Keeps the telephony of one process running: the exchange with the stories that steer its calls."""

import asyncio
import contextlib
from typing import Final

from centrala.flows.phone_calls import PhoneCalls
from centrala.kit.clock import Clock
from centrala.kit.database import Database
from centrala.kit.logging import get_logger
from centrala.kit.settings import AppSettings
from centrala.telephony.exchange.exchange import Exchange
from centrala.telephony.media import MediaGone

log = get_logger(__name__)

TRY_AGAIN: Final = 2.0  # seconds between two starts, while a port is taken or the media engine is away


class Telephony:
    """Starts in the background: the desk opens also when no call can be taken, and says so."""

    def __init__(self, settings: AppSettings, database: Database, clock: Clock) -> None:
        self._settings = settings
        self._database = database
        self._clock = clock
        self._task: asyncio.Task[None] | None = None
        self.exchange: Exchange | None = None
        self.trouble = "starting"
        """Why no call can be taken: `starting`, `port_taken`, `no_media`, `failed`; empty when all is well."""

    def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="telephony")

    async def stop(self) -> None:
        """Stop taking calls; those that are up outlive the process."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        while True:
            exchange = Exchange(self._settings, self._database, self._clock)
            try:
                await exchange.start()
            except MediaGone:
                self._failed("no_media", "The media engine does not answer; no call can be taken yet.")
            except OSError:
                self._failed("port_taken", "An address of SIP is taken or not ours; no call can be taken yet.")
            except Exception:
                # The edge of telephony: the desk goes on without it, and it is tried again.
                log.exception("Telephony could not start.")
                self.trouble = "failed"
            else:
                await self._serve(exchange)
                return
            await asyncio.sleep(TRY_AGAIN)

    def _failed(self, trouble: str, sentence: str) -> None:
        if self.trouble != trouble:  # once, not every other second
            log.error(sentence)
        self.trouble = trouble

    async def _serve(self, exchange: Exchange) -> None:
        phone_calls = PhoneCalls(exchange, self._database, self._clock)
        phone_calls.start()
        self.exchange, self.trouble = exchange, ""
        try:
            await asyncio.Event().wait()
        finally:
            self.exchange = None
            with contextlib.suppress(asyncio.CancelledError):
                await phone_calls.stop()
                await exchange.stop()
