"""An operator's work as it changes: `/api/work/live`.

The server sends the whole document (`{"type": "work", ...}`, as `GET /api/work`) on every change; the desk sends
`{"type": "ping"}` every five seconds, which is the heartbeat by which the operator is present.
"""

from fastapi import WebSocket

from centrala.flows.desk.desks import BUSY, ENDED, Desks
from centrala.kit.access import Permission
from centrala.kit.errors import Refusal
from centrala.security.service import COOKIE
from centrala.web import errors
from centrala.web.sockets import same_site

FORBIDDEN = 4403


async def work_live(socket: WebSocket) -> None:
    """For who has work of their own; by the session's cookie, from the desk's own page."""
    secret = socket.cookies.get(COOKIE)
    await socket.accept()
    if not secret or not same_site(socket):
        await socket.close(ENDED)
        return
    try:
        key = await socket.app.state.entry.find(secret)
    except Refusal:
        await socket.close(ENDED)
        return
    except Exception as error:
        await socket.close(BUSY)
        if errors.is_away(error):
            return
        raise
    if not key.access().may(Permission.WORK_OWN):
        await socket.close(FORBIDDEN)
        return
    desks: Desks = socket.app.state.desks
    await desks.serve(socket, key, secret)
