"""Our own registration with a carrier, kept alive: when to send which REGISTER (RFC 3261 10.2).

The core decides; the agent sends what `due` returns and the outcome comes back by `on_reply`.
Failures are tried again after the growing, scattered waits of RFC 5626 4.5.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from centrala.telephony.sip.agent.plain import Message
from centrala.telephony.sip.digest import DigestClient
from centrala.telephony.sip.errors import ParseError
from centrala.telephony.sip.flow import Flow
from centrala.telephony.sip.headers.address import NameAddr
from centrala.telephony.sip.headers.small import parse_retry_after
from centrala.telephony.sip.limits import MAX_SECONDS
from centrala.telephony.sip.message import Response
from centrala.telephony.sip.tokens import TokenSource
from centrala.telephony.sip.uri import Uri

FIRST_WAIT: Final = 30.0  # seconds after the first failure (RFC 5626 4.5)
LONGEST_WAIT: Final = 1_800.0  # seconds
MARGIN: Final = 0.85  # of the granted time after which we refresh
SHORTEST: Final = 5.0  # seconds between refreshes, whatever the carrier grants
_STEP: Final = 10  # CSeq numbers left free for the answers to challenges


class State(StrEnum):
    """What we know of the registration."""

    OFF = "Off"
    TRYING = "Trying"
    REGISTERED = "Registered"
    FAILED = "Failed"


class Event(StrEnum):
    """What moves it."""

    START = "started"
    SUCCESS = "200"
    FAILURE = "refused or not answered"
    STOP = "stopped"


_S, _E = State, Event
TABLE: Final[dict[tuple[State, Event], State]] = {
    (_S.OFF, _E.START): _S.TRYING,
    (_S.OFF, _E.STOP): _S.OFF,
    (_S.OFF, _E.SUCCESS): _S.OFF,  # the answer to our removal, or one that came too late
    (_S.OFF, _E.FAILURE): _S.OFF,
    (_S.TRYING, _E.SUCCESS): _S.REGISTERED,
    (_S.TRYING, _E.FAILURE): _S.FAILED,
    (_S.TRYING, _E.START): _S.TRYING,
    (_S.TRYING, _E.STOP): _S.OFF,
    (_S.REGISTERED, _E.SUCCESS): _S.REGISTERED,
    (_S.REGISTERED, _E.FAILURE): _S.FAILED,
    (_S.REGISTERED, _E.START): _S.REGISTERED,
    (_S.REGISTERED, _E.STOP): _S.OFF,
    (_S.FAILED, _E.SUCCESS): _S.REGISTERED,
    (_S.FAILED, _E.FAILURE): _S.FAILED,
    (_S.FAILED, _E.START): _S.TRYING,
    (_S.FAILED, _E.STOP): _S.OFF,
}


@dataclass(slots=True)
class Registration:
    """One account at one carrier. `expires` in seconds is what we ask for."""

    registrar: Uri
    account: NameAddr
    tokens: TokenSource
    digest: DigestClient | None = None
    flow: Flow | None = None
    hop: str | None = None
    expires: int = 300
    state: State = State.OFF
    status: int = 0  # of the last answer, for the screen
    deadline: float | None = None  # when `due` has something to send
    _call_id: str = ""
    _cseq: int = 0
    _failures: int = 0
    _asked: int = 0

    def _move(self, event: Event) -> None:
        self.state = TABLE[self.state, event]

    def start(self, now: float) -> None:
        """Begin to register."""
        self._move(Event.START)
        self._call_id = self._call_id or self.tokens.token(128)
        self.deadline = now

    def due(self, now: float) -> Message | None:
        """Return the REGISTER to send now, or None."""
        if self.deadline is None or now < self.deadline:
            return None
        self.deadline = None
        return self._message(self.expires)

    def stop(self) -> Message | None:
        """End the registration; return the REGISTER that removes it, if there may be one."""
        known = self.state is not State.OFF and self._asked > 0
        self._move(Event.STOP)
        self.deadline = None
        return self._message(0) if known else None

    def _message(self, expires: int) -> Message:
        self._asked += 1
        self._cseq += _STEP
        return Message(
            "REGISTER",
            self.registrar,
            self.account,
            remote=self.account,
            flow=self.flow,
            hop=self.hop,
            headers=(("Expires", str(expires)), ("Supported", "path")),
            digest=self.digest,
            call_id=self._call_id,
            cseq=self._cseq,
            contact=True,
        )

    def on_reply(self, response: Response | None, status: int, now: float) -> None:
        """Take the outcome of the last REGISTER."""
        self.status = status
        if self.state is State.OFF:
            return
        if response is not None and 200 <= status < 300:
            self._failures = 0
            self._move(Event.SUCCESS)
            self.deadline = now + max(SHORTEST, self._granted(response) * MARGIN)
            return
        if status == 423 and response is not None and self._raise(response):
            self.deadline = now
            return
        self._failures += 1
        self._move(Event.FAILURE)
        self.deadline = now + self._wait(response)

    def _granted(self, response: Response) -> int:
        """Return the shortest time among the bindings listed: ours is one of them."""
        try:
            times = [c.number_param("expires", cap=MAX_SECONDS) for c in response.contacts]
            general = response.number("expires")
        except ParseError:
            return self.expires
        known = [time for time in times if time is not None and time > 0]
        return min(known) if known else (general or self.expires)

    def _raise(self, response: Response) -> bool:
        try:
            least = response.number("min-expires")
        except ParseError:
            return False
        if least is None or least <= self.expires:
            return False
        self.expires = least
        return True

    def _wait(self, response: Response | None) -> float:
        """Return the seconds until the next try: doubling, 50 to 100 % of it, or Retry-After."""
        longest = min(FIRST_WAIT * 2.0 ** min(self._failures - 1, 10), LONGEST_WAIT)
        wait = longest * (500 + self.tokens.below(501)) / 1000
        asked = None if response is None else response.headers.get("retry-after")
        if asked is not None:
            try:
                wait = max(wait, min(float(parse_retry_after(asked)), LONGEST_WAIT))
            except ParseError:
                return wait
        return wait
