"""Loops and spirals, as far as a back-to-back agent can see them (RFC 3261 16.3, 8.2.2.2).

A request that meets itself through proxies still carries our Via; one that went through another
back-to-back agent carries only Max-Forwards. So a bridged call must take over what is left of it.
"""

from __future__ import annotations

from collections.abc import Collection

from centrala.telephony.sip.errors import SipError
from centrala.telephony.sip.limits import DEFAULT_MAX_FORWARDS
from centrala.telephony.sip.message import Request

MAX_SPIRALS = 3  # times that a request may pass us on its way, each time for another target


def own_vias(request: Request, addresses: Collection[str]) -> int:
    """Return how many Via values below the top name one of our addresses (`host:port`)."""
    return sum(via.sent_by in addresses for via in request.vias[1:])


def check_loop(request: Request, addresses: Collection[str]) -> None:
    """Raise `SipError` 482 when a request has passed us too often on its way here, or we have sent it to ourselves."""
    if request.via.sent_by in addresses or own_vias(request, addresses) > MAX_SPIRALS:
        raise SipError("Loop", status=482)


def forwards_left(request: Request) -> int:
    """Return Max-Forwards for the calls that bridge this one; 0: none may be made, their caller is told 483."""
    left = request.max_forwards
    if left is None:
        return DEFAULT_MAX_FORWARDS  # an RFC 2543 peer
    return max(0, min(left, DEFAULT_MAX_FORWARDS) - 1)
