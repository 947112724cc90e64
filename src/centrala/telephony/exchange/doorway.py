"""Digest at the door: REGISTER and the first INVITE of a phone.

Whether an account exists is not told: an unknown user, a wrong password, a disabled phone and who has guessed too often
get the same challenge.
"""

import hashlib
from collections.abc import Sequence
from typing import Final

from centrala.kit.access import CENTRE
from centrala.kit.clock import Clock
from centrala.kit.database import Database
from centrala.kit.logging import get_logger
from centrala.kit.work import work
from centrala.telephony.phones.service import REALM, Credentials, Known
from centrala.telephony.sip.digest import Algorithm, DigestServer
from centrala.telephony.sip.flow import WEB, Flow
from centrala.telephony.sip.message import Request
from centrala.telephony.sip.tokens import TokenSource
from centrala.telephony.transport import Door, Endpoint

log = get_logger(__name__)

Challenge = list[tuple[str, str]]
"""Fields of a 401."""

_NONCES: Final = b"nonces of SIP digest"


class Doorway:
    """Checks requests of phones. `secret` is the installation's `secret_key`: nonces hold across restarts."""

    def __init__(
        self,
        database: Database,
        secret: str,
        clock: Clock,
        tokens: TokenSource,
        endpoint: Endpoint,
        *,
        algorithms: Sequence[Algorithm],
    ) -> None:
        """`algorithms` are offered to desk phones, the best liked first."""
        self._database = database
        self._clock = clock
        self._endpoint = endpoint
        credentials = Credentials(database, secret, clock)
        seal = hashlib.sha256(_NONCES + secret.encode()).digest()

        def door(offered: Sequence[Algorithm]) -> Door[Known]:
            digest = DigestServer(REALM, seal, tokens, tuple(offered))
            return Door(digest, endpoint.guard, credentials.find, lambda known: known.ha1)

        self._desks = door(algorithms)
        self._browsers = door((Algorithm.MD5,))  # JsSIP knows no other

    async def check(self, request: Request, flow: Flow) -> Known | Challenge:
        """Whose phone has sent a request, or the fields of the challenge that it gets."""
        door = self._browsers if flow.transport in WEB else self._desks
        judged = await door.judge(request, flow, self._endpoint.now)
        if judged.known is not None:
            return judged.known
        if judged.banned:
            await self._trace_ban()
        return door.challenge(judged, self._endpoint.now())

    async def _trace_ban(self) -> None:
        """Tell administrators that somebody guesses. The trail is for ever, so it names no address; the log does."""
        log.warning("An address is shut out of SIP: too many wrong passwords.")
        async with work(self._database, CENTRE, way="sip", clock=self._clock) as unit:
            unit.trace("phone.address_banned", "phone", "*")


def has_credentials(request: Request) -> bool:
    """Whether a request claims to be from one of our phones."""
    return any(f'realm="{REALM}"' in value for value in request.headers.all("authorization"))
