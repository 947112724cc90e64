"""What stands before every request: its id in the log, its size, its time, and the headers of its answer.

Plain ASGI, one layer for all: each `BaseHTTPMiddleware` would cost a task a request.
"""

import time
from typing import Any, Final

from prometheus_client import Counter, Histogram
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from centrala.kit.errors import Refusal
from centrala.kit.http import problem
from centrala.kit.ids import new_id
from centrala.kit.logging import get_logger, traced
from centrala.web.errors import internal

log: Final = get_logger(__name__)

REQUESTS: Final = Counter("centrala_http_requests_total", "Requests answered.", ["method", "route", "status"])
SECONDS: Final = Histogram(
    "centrala_http_request_seconds",
    "Time from request to answer.",
    ["method", "route"],
    buckets=(0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)


class TooLarge(Refusal):
    code, status = "too_large", 413
    title = "The body of the request is larger than this server takes."


def security_headers(*, tls: bool) -> list[tuple[bytes, bytes]]:
    """The headers of every answer (OWASP Secure Headers): nothing from elsewhere, nothing framed, nothing guessed."""
    policy = (
        "default-src 'self'; script-src 'self'; "
        "style-src 'self'; "
        "img-src 'self' data: blob:; media-src 'self' blob:; font-src 'self'; connect-src 'self'; "
        "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )
    headers = {
        "Content-Security-Policy": policy,
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "microphone=(self), camera=(self), geolocation=()",
    }
    if tls:
        headers["Strict-Transport-Security"] = "max-age=31536000"
    return [(name.lower().encode(), value.encode()) for name, value in headers.items()]


class Front:
    """The one layer. `limit` is the largest body in bytes."""

    def __init__(self, app: ASGIApp, *, limit: int, tls: bool) -> None:
        self.app = app
        self.limit = limit
        self.headers = security_headers(tls=tls)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        with traced(str(new_id())):
            await _Exchange(self, scope, receive, send).run()


class _Exchange:
    """One request and its answer."""

    def __init__(self, front: Front, scope: Scope, receive: Receive, send: Send) -> None:
        self.front, self.scope, self._receive, self._send = front, scope, receive, send
        self.status = 0
        self.received = 0
        self.too_large = False

    async def run(self) -> None:
        begun = time.perf_counter()
        try:
            self._refuse_declared_size()
            await self.front.app(self.scope, self.receive, self.send)
        except TooLarge:
            self.too_large = True
        except Exception as error:  # noqa: BLE001 - the edge of the process: a bug ends the request, not the program
            await self._answer(internal(error))
        if self.too_large:
            await self._answer(TooLarge(extra={"limit_bytes": self.front.limit}))
        self._measure(time.perf_counter() - begun)

    def _refuse_declared_size(self) -> None:
        for name, value in self.scope["headers"]:
            if name == b"content-length" and value.isdigit() and int(value) > self.front.limit:
                raise TooLarge

    async def receive(self) -> Message:
        message = await self._receive()
        self.received += len(message.get("body", b""))
        if self.received > self.front.limit:
            self.too_large = True
            raise TooLarge
        return message

    async def send(self, message: Message) -> None:
        if self.too_large:
            return  # the framework takes the interruption for a malformed body; the true reason is told after it
        await self._pass_on(message)

    async def _pass_on(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = [*message.get("headers", ()), *self.front.headers]
            if not any(name == b"cache-control" for name, _ in headers):
                headers.append((b"cache-control", b"no-store"))
            message = {**message, "headers": headers}
        await self._send(message)

    async def _answer(self, refusal: Refusal) -> None:
        if self.status:
            return  # the answer has begun; the server closes the connection
        await problem(refusal, Request(self.scope))(self.scope, self._receive, self._pass_on)

    def _measure(self, seconds: float) -> None:
        route: Any = self.scope.get("route")
        # The template, not the path: paths hold ids, and their number has no bound.
        name = getattr(route, "path", "none")
        method = self.scope["method"]
        REQUESTS.labels(method, name, str(self.status)).inc()
        SECONDS.labels(method, name).observe(seconds)
        log.debug("Request answered.", method=method, route=name, status=self.status, ms=round(seconds * 1000, 1))
