"""Events of the SIP agent, and what they mean for calls."""

from collections.abc import Callable, Coroutine, Mapping
from typing import Any

from centrala.telephony.calls.causes import of_end
from centrala.telephony.calls.service.context import Context
from centrala.telephony.calls.service.dialing import Dialer
from centrala.telephony.calls.service.endings import Endings
from centrala.telephony.calls.service.incoming import Incoming
from centrala.telephony.calls.service.offers import Offers
from centrala.telephony.calls.service.sounds import Sounds
from centrala.telephony.calls.service.transfers import Transfers
from centrala.telephony.calls.state import Leg
from centrala.telephony.sip.agent import events as sip

Step = Callable[[Leg, Any], Coroutine[Any, Any, None]]


class AgentEvents:
    """Finds the leg of an event and lets the right part work, in the background and in the order of the events."""

    def __init__(
        self,
        context: Context,
        *,
        endings: Endings,
        incoming: Incoming,
        dialer: Dialer,
        offers: Offers,
        sounds: Sounds,
        transfers: Transfers,
    ) -> None:
        self._context = context
        self._endings = endings
        self._incoming = incoming
        self._dialer = dialer
        self._transfers = transfers
        self._handlers: Mapping[type[Any], Callable[[Any], None]] = {
            sip.IncomingCall: incoming.receive,
            sip.Progress: lambda event: self._of_attempt(event, dialer.progress),
            sip.Answered: self._answered,
            sip.AttemptFailed: lambda event: self._of_attempt(event, dialer.failed),
            sip.Acknowledged: self._acknowledged,
            sip.SessionEnded: lambda event: self._of_session(event, self._end),
            sip.Reoffer: lambda event: self._of_session(event, offers.receive),
            sip.ReofferAnswered: lambda event: self._of_session(event, offers.answered),
            sip.ReofferRefused: lambda event: self._of_session(event, offers.refused),
            sip.DtmfReceived: lambda event: self._at_once(event, sounds.informed),
            sip.TransferRequested: self._transfer,
            sip.TransferProgress: lambda event: self._at_once(event, transfers.progressed),
        }

    def handle(self, event: sip.Event) -> None:
        handler = self._handlers.get(type(event))
        if handler is not None:
            handler(event)

    def _of_attempt(self, event: Any, step: Step) -> None:
        leg = self._context.by_attempt.get(event.attempt)
        if leg is not None:
            self._context.spawn(leg.call, step(leg, event))

    def _of_session(self, event: Any, step: Step) -> None:
        leg = self._context.by_session.get(event.session)
        if leg is not None:
            self._context.spawn(leg.call, step(leg, event))

    def _at_once(self, event: Any, step: Callable[[Leg, Any], None]) -> None:
        leg = self._context.by_session.get(event.session)
        if leg is not None:
            step(leg, event)

    def _answered(self, event: sip.Answered) -> None:
        leg = self._context.by_attempt.get(event.attempt)
        if leg is None:  # nobody knows it any more
            endpoint = self._context.endpoint
            endpoint.agent.hang_up(event.session, self._context.now())
            endpoint.flush()
            return
        # At once: its BYE may be in the same train of packets, and must find the leg.
        leg.session = event.session
        self._context.by_session[event.session] = leg
        self._context.spawn(leg.call, self._dialer.answered(leg, event))

    def _acknowledged(self, event: sip.Acknowledged) -> None:
        leg = self._context.by_session.get(event.session)
        if leg is not None and event.answer is not None:
            self._context.spawn(leg.call, self._incoming.acknowledged(leg, event.answer))

    def _transfer(self, event: sip.TransferRequested) -> None:
        leg = self._context.by_session.get(event.session)
        if leg is not None:
            self._transfers.requested(leg, event)

    async def _end(self, leg: Leg, event: sip.SessionEnded) -> None:
        async with self._context.turn(leg):
            await self._endings.over(leg, of_end(event.cause, answered=leg.answered_at is not None))
