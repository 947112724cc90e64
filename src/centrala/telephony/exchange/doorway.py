"""Digest at the door: REGISTER and the first INVITE of a phone.

Whether an account exists is not told: an unknown user, a wrong password and a disabled phone get the same challenge
after the same work.
"""

import hashlib
from collections.abc import Sequence
from typing import Final

from centrala.kit.clock import Clock
from centrala.kit.database import Database
from centrala.telephony.phones.service import REALM, Credentials, Known
from centrala.telephony.sip.digest import Algorithm, DigestServer, Verdict
from centrala.telephony.sip.flow import WEB, Flow
from centrala.telephony.sip.message import Request
from centrala.telephony.sip.tokens import TokenSource

Challenge = list[tuple[str, str]]
"""Fields of a 401."""

_NONCES: Final = b"nonces of SIP digest"


class Doorway:
    """Checks requests of phones. `secret` is the installation's `secret_key`: nonces hold across restarts."""

    def __init__(
        self, database: Database, secret: str, clock: Clock, tokens: TokenSource, *, algorithms: Sequence[Algorithm]
    ) -> None:
        """`algorithms` are offered to desk phones, the best liked first."""
        self._credentials = Credentials(database, secret, clock)
        self._clock = clock
        seal = hashlib.sha256(_NONCES + secret.encode()).digest()
        self._desks = DigestServer(REALM, seal, tokens, tuple(algorithms))
        self._browsers = DigestServer(REALM, seal, tokens, (Algorithm.MD5,))  # JsSIP knows no other
        self.wrong = 0

    async def check(self, request: Request, flow: Flow) -> Known | Challenge:
        """Whose phone has sent a request, or the fields of the challenge that it gets."""
        now = self._clock().timestamp()
        digest = self._browsers if flow.transport in WEB else self._desks
        claim = digest.claim(request)
        known = None if claim is None else await self._credentials.find(claim.user, claim.algorithm)
        verdict = digest.check(request, claim, None if known is None else known.ha1, now)
        if verdict is Verdict.OK and known is not None:
            return known
        self.wrong += verdict is Verdict.WRONG
        return digest.challenges(now, stale=verdict is Verdict.STALE)

    def claimed(self, request: Request) -> str | None:
        """The user that a request claims to be from, unchecked; None without credentials."""
        claim = self._desks.claim(request) or self._browsers.claim(request)
        return None if claim is None else claim.user
