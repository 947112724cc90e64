"""The app: one asyncio process under uvicorn; started by `centrala.node.launch`."""

import gc
import socket
import sys
from typing import Final

import uvicorn

from centrala.kit.database import Database
from centrala.node.assembly import app_settings
from centrala.node.errors import REFUSED, StartRefused
from centrala.node.process import Given, begin, wait_for_release
from centrala.node.setup_link import write_setup_link
from centrala.web.app import create_app

COLLECT_AFTER: Final = (2_000, 20, 20)
"""Thresholds of the garbage collector: 0.3 ms each time instead of 0.2 ms fifteen times as often."""

MAX_MESSAGE: Final = 65_536  # bytes a browser may send at once over a WebSocket; SIP messages are the largest


class Server(uvicorn.Server):
    """Tells the supervisor when requests are taken."""

    def __init__(self, config: uvicorn.Config, given: Given, database: Database) -> None:
        super().__init__(config)
        self._given = given
        self._database = database

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            _settle()
            await write_setup_link(self._database, self._given.folders, self._given.settings.web)
            self._given.tell_ready()


def _settle() -> None:
    """Spare the garbage collector all that was made for starting, and let it look less often.

    Routes, mappers and settings live as long as the process. One full collection that walked them took 0.26 s, in
    which no call was answered; with the usual thresholds a request cost 2.5 ms instead of 2.4.
    """
    gc.freeze()
    gc.set_threshold(*COLLECT_AFTER)


def main() -> int:
    try:
        given = begin("app")
        wait_for_release()
        app = create_app(app_settings(given.settings, given.folders, demo=given.demo), telephony=True)
    except StartRefused as refused:
        print(refused, file=sys.stderr)  # noqa: T201 - the supervisor reads it
        return REFUSED
    web = given.settings.web
    config = uvicorn.Config(
        app,
        host=web.host,
        port=web.port,
        loop="uvloop",
        ws="websockets-sansio",
        ws_max_size=MAX_MESSAGE,
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=True,
        forwarded_allow_ips=list(web.trusted_proxies),
        timeout_graceful_shutdown=max(1, given.settings.node.stop_seconds // 2),
    )
    # The supervisor holds the socket, so that a restart of the app refuses nobody.
    sockets = None if given.listen is None else [socket.socket(fileno=given.listen)]
    server = Server(config, given, app.state.database)
    server.run(sockets)
    return 0 if server.started else 1
