"""A call's dialog with what INVITE adds to it: offers, session timer, what the peer can do."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from centrala.telephony.sip.dialog import Dialog, DialogId
from centrala.telephony.sip.digest import DigestClient
from centrala.telephony.sip.errors import ParseError
from centrala.telephony.sip.flow import Flow
from centrala.telephony.sip.message import Message
from centrala.telephony.sip.session_timer import SessionTimer
from centrala.telephony.sip.transaction.machine import IllegalMove, ServerTransaction


class Offer(StrEnum):
    """Whose offer is open (RFC 3264 4: one at a time)."""

    NONE = "no open offer"
    OURS = "our offer open"
    THEIRS = "their offer open"


class OfferEvent(StrEnum):
    """What moves the offer state."""

    WE_OFFER = "we offer"
    THEY_OFFER = "they offer"
    ANSWERED = "answer"
    REFUSED = "refusal"


_S, _E = Offer, OfferEvent
OFFERS: Final[dict[tuple[Offer, OfferEvent], Offer]] = {
    (_S.NONE, _E.WE_OFFER): _S.OURS,
    (_S.NONE, _E.THEY_OFFER): _S.THEIRS,
    (_S.OURS, _E.ANSWERED): _S.NONE,
    (_S.OURS, _E.REFUSED): _S.NONE,
    (_S.THEIRS, _E.ANSWERED): _S.NONE,
    (_S.THEIRS, _E.REFUSED): _S.NONE,
}


@dataclass(slots=True)
class Session:
    """One call, early or established. Only `to_dict`'s part outlives the process."""

    dialog: Dialog
    offer: Offer = Offer.NONE
    offered: bytes = b""  # the open offer, ours or theirs
    local_sdp: bytes = b""  # what is in force
    remote_sdp: bytes = b""
    timer: SessionTimer | None = None
    refreshed: float = 0.0  # monotonic seconds of the last refresh
    peer_allows: frozenset[str] = frozenset()
    peer_supports: frozenset[str] = frozenset()
    # Not stored
    digest: DigestClient | None = None
    attempt: str | None = None  # our INVITE that this early session belongs to
    invite: ServerTransaction | None = None  # their INVITE, unanswered or not acknowledged
    last_ack: tuple[int, Flow, bytes] | None = None
    inviting: bool = False  # an INVITE of ours within the call is under way
    remote_rseq: int | None = None  # RFC 3262: the last reliable response taken

    @property
    def id(self) -> DialogId:
        """The dialog's identity."""
        return self.dialog.id

    def move_offer(self, event: OfferEvent) -> None:
        """Change the offer state. Raises `IllegalMove` and changes nothing without such a move."""
        to = OFFERS.get((self.offer, event))
        if to is None:
            raise IllegalMove(f"offer: {event} with {self.offer}")
        self.offer = to

    def we_offer(self, sdp: bytes) -> None:
        """Note an offer of ours. Raises `IllegalMove` while another is open."""
        self.move_offer(OfferEvent.WE_OFFER)
        self.offered = sdp

    def they_offer(self, sdp: bytes) -> None:
        """Note an offer of theirs. Raises `IllegalMove` while another is open."""
        self.move_offer(OfferEvent.THEY_OFFER)
        self.offered = sdp

    def answered(self, sdp: bytes) -> None:
        """Note the answer to the open offer. Raises `IllegalMove` without one."""
        ours = self.offer is Offer.OURS
        self.move_offer(OfferEvent.ANSWERED)
        self.local_sdp, self.remote_sdp = (self.offered, sdp) if ours else (sdp, self.offered)
        self.offered = b""

    def offer_refused(self) -> None:
        """Forget the open offer, if any."""
        if self.offer is not Offer.NONE:
            self.move_offer(OfferEvent.REFUSED)
        self.offered = b""

    def learn(self, message: Message) -> None:
        """Take Allow and Supported from a message of the peer."""
        try:
            allows, supports = message.tokens("allow"), message.tokens("supported")
        except ParseError:
            return
        if allows:
            self.peer_allows = frozenset(allows)
        if supports:
            self.peer_supports = frozenset(supports)

    def to_dict(self, now: float) -> dict[str, Any]:
        """Return what is needed to go on in another process, as JSON values."""
        return {
            "dialog": self.dialog.to_dict(),
            "local_sdp": self.local_sdp.decode(errors="replace"),
            "remote_sdp": self.remote_sdp.decode(errors="replace"),
            "timer": None if self.timer is None else self.timer.to_dict(),
            "refreshed_ago": now - self.refreshed,
            "peer_allows": sorted(self.peer_allows),
            "peer_supports": sorted(self.peer_supports),
        }

    @classmethod
    def from_dict(cls, kept: dict[str, Any], now: float, *, elapsed: float = 0.0) -> Session:
        """Read what `to_dict` wrote; `elapsed` seconds have passed since, by the wall clock."""
        timer = kept["timer"]
        return cls(
            dialog=Dialog.from_dict(kept["dialog"]),
            local_sdp=kept["local_sdp"].encode(),
            remote_sdp=kept["remote_sdp"].encode(),
            timer=None if timer is None else SessionTimer.from_dict(timer),
            refreshed=now - float(kept["refreshed_ago"]) - elapsed,
            peer_allows=frozenset(kept["peer_allows"]),
            peer_supports=frozenset(kept["peer_supports"]),
        )


@dataclass(slots=True)
class Pending:
    """An exchange that our side must still answer: a re-INVITE, UPDATE or PRACK with an offer."""

    session: DialogId
    transaction: ServerTransaction
    offer: bytes | None
    headers: list[tuple[str, str]] = field(default_factory=list)
