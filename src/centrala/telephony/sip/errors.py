"""Refusals of the other side's input. Each knows the SIP status that answers it (RFC 3261 section
21)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from centrala.telephony.sip.message import Request, Response


class SipError(Exception):
    """Something the peer sent cannot be taken. `status` answers it; 0 when nothing may be
    answered."""

    status: int = 400

    def __init__(
        self,
        reason: str,
        *,
        status: int | None = None,
        headers: tuple[tuple[str, str], ...] = (),
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.headers = headers  # to be put into the response, as Unsupported or Retry-After
        if status is not None:
            self.status = status


class ParseError(SipError):
    """The bytes are not SIP, or a value breaks its grammar.

    `message` holds what could be read, so that a response can still be addressed; None if nothing.
    """

    message: Request | Response | None = None

    def about(self, message: Request | Response | None) -> Self:
        """Remember the message that the error was found in."""
        self.message = message
        return self


class FramingError(ParseError):
    """The stream has lost its message boundaries: answer if possible, then close the connection."""


class SdpError(SipError):
    """A session description that cannot be read (400) or cannot be met (488)."""


class NotAllowed(Exception):
    """A command does not fit the state: our own caller's mistake or a lost race, never the
    peer's."""
