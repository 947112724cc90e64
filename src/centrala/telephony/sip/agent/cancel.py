"""CANCEL of an INVITE of ours, whichever made it: a new call or a change within one (RFC 3261 9.1)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from centrala.telephony.sip.agent.context import Context, Failure
from centrala.telephony.sip.errors import NotAllowed
from centrala.telephony.sip.flow import Flow
from centrala.telephony.sip.headers.small import Reason
from centrala.telephony.sip.limits import DEFAULT_MAX_FORWARDS
from centrala.telephony.sip.message import Headers, Request, Response
from centrala.telephony.sip.transaction.machine import ClientTransaction, Transaction


@dataclass(slots=True)
class Silent:
    """Owns a request whose outcome is of no interest."""

    def on_response(self, _transaction: ClientTransaction, _response: Response, _now: float) -> None:
        """Ignore it."""

    def on_failure(self, _transaction: Transaction, _failure: Failure, _now: float) -> None:
        """Ignore it."""


def send_cancel(context: Context, sent: Request, flow: Flow, now: float, reasons: Iterable[Reason] = ()) -> None:
    """Cancel an INVITE that has a provisional response and no final one, on the flow that it went by."""
    fields = [
        ("Via", str(sent.via)),
        *(("Route", value) for value in sent.headers.all("route")),
        ("Max-Forwards", str(DEFAULT_MAX_FORWARDS)),
        ("From", sent.headers.get("from") or ""),
        ("To", sent.headers.get("to") or ""),
        ("Call-ID", sent.call_id),
        ("CSeq", f"{sent.cseq.number} CANCEL"),
        *(("Reason", str(reason)) for reason in reasons),
    ]
    cancel = Request("CANCEL", sent.target, Headers(fields))
    try:
        transaction = context.layer.send(cancel, flow, now)
    except NotAllowed:
        context.counters["cancels_not_sent"] += 1  # at the cap of transactions; the INVITE ends by its own deadline
        return
    context.owners[id(transaction)] = Silent()
    context.pump(now)
