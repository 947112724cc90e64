"""SIP over WebSocket (RFC 7118) on the web app's own port.

The app checks origin and session, then hands the unaccepted WebSocket over with an opaque `owner`: whom the session
belongs to. The owner stays with the flow (`Endpoint.owner`), so that the registrar registers nobody else over it.
"""

import asyncio
import contextlib
from collections import deque
from typing import Final

from starlette.websockets import WebSocket, WebSocketDisconnect

from centrala.telephony.sip.flow import Flow, Transport
from centrala.telephony.transport.connections import Way, next_number
from centrala.telephony.transport.endpoint import Endpoint
from centrala.telephony.transport.types import Address

SUBPROTOCOL: Final = "sip"
MAX_WEB_MESSAGE: Final = 65_536  # bytes of one message; the web server closes at its own cap, which is the same
NOT_SIP: Final = 1002  # close codes of RFC 6455 7.4.1; before the handshake the peer sees HTTP 403
GOING_AWAY: Final = 1001
TOO_BIG: Final = 1009
TRY_LATER: Final = 1013


class WebSocketFlows:
    """Browsers' flows of one endpoint."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint

    async def serve(self, websocket: WebSocket, owner: object) -> None:
        """Carry one browser's messages until either side closes. The WebSocket must not be accepted yet."""
        if SUBPROTOCOL not in websocket.scope.get("subprotocols", ()):
            self._endpoint.count("websockets_not_sip")
            await websocket.close(NOT_SIP)
            return
        carrier = WebFlow(_flow_of(websocket), owner, self._endpoint.limits.unsent_bytes)
        place = carrier.flow.remote[0]
        if not self._endpoint.admit(place):
            await websocket.close(TRY_LATER)
            return
        try:
            await websocket.accept(subprotocol=SUBPROTOCOL)
            await self._carry(websocket, carrier)
        except (WebSocketDisconnect, OSError):  # gone between two messages
            pass
        finally:
            self._endpoint.release(place)

    async def _carry(self, websocket: WebSocket, carrier: "WebFlow") -> None:
        self._endpoint.attach(carrier)
        sender = asyncio.create_task(carrier.write_to(websocket), name="sip-websocket-sender")
        reader = asyncio.create_task(self._read(websocket, carrier), name="sip-websocket-reader")
        try:
            await asyncio.wait((sender, reader), return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._endpoint.detach(carrier)
            carrier.gone = True
            for task in (sender, reader):
                task.cancel()
            await asyncio.gather(sender, reader, return_exceptions=True)
            if carrier.overrun:
                self._endpoint.count("slow_readers")
        with contextlib.suppress(RuntimeError, WebSocketDisconnect, OSError):  # closed by the other side already
            await websocket.close(carrier.code)

    async def _read(self, websocket: WebSocket, carrier: "WebFlow") -> None:
        while True:
            message = await websocket.receive()
            if message["type"] == "websocket.disconnect":
                return
            data = message.get("bytes")
            if data is None:
                data = (message.get("text") or "").encode()
            if len(data) > MAX_WEB_MESSAGE:
                self._endpoint.count("websocket_messages_too_big")
                carrier.code = TOO_BIG
                return
            carrier.last_heard = self._endpoint.now()
            self._endpoint.take(data, carrier.flow)


class WebFlow:
    """One browser's connection as a carrier."""

    def __init__(self, flow: Flow, owner: object, most: int) -> None:
        self.flow = flow
        self.owner: object | None = owner
        self.way: Way | None = None
        self.known = True  # it has a session
        self.last_heard = 0.0
        self.gone = False
        self.overrun = False
        self.code = GOING_AWAY
        self._most = most
        self._queue: deque[bytes] = deque()
        self._queued = 0  # bytes
        self._more = asyncio.Event()
        self._closing = False

    def send(self, data: bytes) -> bool:
        if self.gone or self._closing:
            return False
        self._queue.append(data)
        self._queued += len(data)
        if self._queued > self._most:
            self.overrun = self._closing = True
            self._queue.clear()
        self._more.set()
        return True

    def close(self) -> None:
        self._closing = True
        self._more.set()

    async def write_to(self, websocket: WebSocket) -> None:
        """Send what is queued, until the flow is closed and nothing is left."""
        while True:
            while self._queue:
                data = self._queue.popleft()
                await _send(websocket, data)
                self._queued -= len(data)
            if self._closing:
                return
            self._more.clear()
            await self._more.wait()


async def _send(websocket: WebSocket, data: bytes) -> None:
    """As text when it is text (RFC 7118 4.2 allows both, and old browsers' stacks read text only)."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        await websocket.send_bytes(data)
    else:
        await websocket.send_text(text)


def _flow_of(websocket: WebSocket) -> Flow:
    transport = Transport.WSS if websocket.url.scheme == "wss" else Transport.WS
    return Flow(
        transport, _address(websocket.scope.get("server")), _address(websocket.scope.get("client")), next_number()
    )


def _address(pair: tuple[str, int | None] | None) -> Address:
    return ("0.0.0.0", 0) if pair is None else (pair[0], pair[1] or 0)  # noqa: S104 - unknown, as behind a Unix socket
