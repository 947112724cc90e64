"""What the WebSockets of the app share."""

from starlette.websockets import WebSocket


def same_site(socket: WebSocket) -> bool:
    """Browsers send cookies with a WebSocket of any site; only the desk's own page may open one."""
    origin = socket.headers.get("Origin", "")
    host = origin.partition("://")[2]
    public = str(socket.app.state.settings.web.url).partition("://")[2]
    return host in {socket.headers.get("Host", ""), public}
