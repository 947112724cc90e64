"""A digest judged under the guard's eyes: guessing is slowed, and looks the same for accounts that exist and do not."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from centrala.telephony.sip.digest import Algorithm, DigestServer, Verdict
from centrala.telephony.sip.flow import Flow
from centrala.telephony.sip.message import Request
from centrala.telephony.transport.guard import Guard

K = TypeVar("K")


@dataclass(frozen=True, slots=True)
class Judged(Generic[K]):
    """`known` is what was found for the user, only when the verdict is OK. `banned`: this failure shut the peer out."""

    verdict: Verdict
    user: str | None = None
    known: K | None = None
    banned: bool = False


class Door(Generic[K]):
    """`find` looks a user up for an algorithm; `ha1` reads H(user:realm:password) from what was found."""

    def __init__(
        self,
        digest: DigestServer,
        guard: Guard,
        find: Callable[[str, Algorithm], Awaitable[K | None]],
        ha1: Callable[[K], str],
    ) -> None:
        self._digest = digest
        self._guard = guard
        self._find = find
        self._ha1 = ha1

    async def judge(self, request: Request, flow: Flow, now: Callable[[], float]) -> Judged[K]:
        """Judge a request's credentials. Anything but OK is answered by `challenge`."""
        claim = self._digest.claim(request)
        if claim is None:
            return Judged(Verdict.MISSING)
        address = flow.remote[0]
        if not self._digest.issued(claim.value.get("nonce")):
            # Not our nonce, as after a change of the secret, or a forged address that has never seen one: no guess.
            return Judged(Verdict.STALE, claim.user)
        if not self._guard.may_try(address, claim.user, now()):
            return Judged(Verdict.MISSING, claim.user)
        known = await self._find(claim.user, claim.algorithm)
        verdict = self._digest.check(request, claim, None if known is None else self._ha1(known), now())
        if verdict is Verdict.WRONG:
            return Judged(verdict, claim.user, banned=self._guard.failed(address, claim.user, now()))
        if verdict is not Verdict.OK:
            return Judged(verdict, claim.user)
        self._guard.passed(address, claim.user)
        return Judged(verdict, claim.user, known)

    def challenge(self, judged: Judged[K], now: float) -> list[tuple[str, str]]:
        """The headers of the 401 for a verdict that is not OK."""
        return self._digest.challenges(now, stale=judged.verdict is Verdict.STALE)
