"""Carriers as an INVITE is judged: whose packets these are, at once and without asking the store."""

import asyncio
import ipaddress
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from centrala.kit.access import CENTRE
from centrala.kit.clock import Clock
from centrala.kit.database import Database
from centrala.kit.logging import get_logger
from centrala.kit.work import work
from centrala.telephony.calls.events import Party
from centrala.telephony.calls.ports import Origin
from centrala.telephony.calls.streams import CODECS, LegKind, MediaPolicy
from centrala.telephony.sip.agent.events import IncomingCall
from centrala.telephony.sip.identity import caller_of, diversions, number_in, number_of
from centrala.telephony.sip.uri import SipUri
from centrala.telephony.trunks.numbers import Rule, Style, inward
from centrala.telephony.trunks.schemas import RuleForm
from centrala.telephony.trunks.service.examples import rules_of
from centrala.telephony.trunks.service.watched import Trunk, TrunkKind, all_trunks

log = get_logger(__name__)

LOOKUP_PATIENCE: Final = 3.0  # seconds for the addresses of a carrier's name
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_KINDS: Final = {
    "off": (LegKind.PLAIN,),
    "optional": (LegKind.PLAIN, LegKind.SDES),
    "required": (LegKind.SDES,),
}


def policy_of(trunk: Trunk) -> MediaPolicy:
    """What audio a carrier gets and may offer."""
    codecs = tuple(name for name in trunk.codecs if name in CODECS)
    return MediaPolicy(kinds=_KINDS[trunk.srtp], codecs=codecs or MediaPolicy().codecs)


@dataclass(frozen=True, slots=True)
class Carrier:
    """A trunk and the addresses that it calls from."""

    trunk: Trunk
    networks: tuple[Network, ...]
    rules_in: tuple[Rule, ...]
    policy: MediaPolicy

    def sends_from(self, ip: str) -> bool:
        try:
            address = ipaddress.ip_address(ip)
        except ValueError:
            return False
        return any(address in network for network in self.networks)

    def number(self, text: str) -> str:
        """What the carrier wrote as E.164 where it is a number, else as it came."""
        trunk = self.trunk
        return inward(text, style=Style(trunk.number_in), country=trunk.country, rules=self.rules_in) or text


class Carriers:
    """All enabled trunks. `load` after each change."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._carriers: tuple[Carrier, ...] = ()

    async def load(self) -> None:
        async with work(self._database, CENTRE, clock=self._clock) as unit:
            trunks = [trunk for trunk, _ in await all_trunks(unit) if trunk.enabled]
            unit.session.expunge_all()
        self._carriers = tuple(await asyncio.gather(*(self._carrier(trunk) for trunk in trunks)))

    async def _carrier(self, trunk: Trunk) -> Carrier:
        networks = _networks(trunk.sources) if trunk.sources else await self._addresses(trunk)
        rules = tuple(rules_of([RuleForm.model_validate(rule) for rule in trunk.rules_in]))
        return Carrier(trunk, networks, rules, policy_of(trunk))

    async def _addresses(self, trunk: Trunk) -> tuple[Network, ...]:
        """Where the name of the carrier points; what was known before when the name cannot be looked up."""
        try:
            async with asyncio.timeout(LOOKUP_PATIENCE):
                found = await asyncio.get_running_loop().getaddrinfo(
                    trunk.host.strip("[]"), None, type=socket.SOCK_DGRAM
                )
        except (OSError, TimeoutError):
            log.warning("The name of a carrier cannot be looked up.", trunk_id=str(trunk.id))
            known = next((one for one in self._carriers if one.trunk.id == trunk.id), None)
            return () if known is None else known.networks
        return _networks(str(address[0]) for *_, address in found)

    @property
    def networks(self) -> list[str]:
        """Where carriers call from."""
        return [str(network) for one in self._carriers for network in one.networks]

    def sends_from(self, ip: str) -> bool:
        """Whether a carrier has this address."""
        return any(one.sends_from(ip) for one in self._carriers)

    def of(self, event: IncomingCall) -> Carrier | None:
        """The carrier that an INVITE comes from: by address; among several by the account it is sent to."""
        ip = event.flow.remote[0]
        fitting = [one for one in self._carriers if one.sends_from(ip)]
        user = event.request.uri.user_text if isinstance(event.request.uri, SipUri) else ""
        ours = [one for one in fitting if one.trunk.kind == TrunkKind.REGISTER and one.trunk.user == user]
        return next(iter(ours or fitting), None)

    def origin(self, event: IncomingCall) -> Origin | None:
        """What a call is when it comes from a carrier."""
        carrier = self.of(event)
        if carrier is None:
            return None
        caller = caller_of(event.request, trusted=True)
        diverted = diversions(event.request)
        return Origin(
            caller=Party(number=carrier.number(caller.number), display=caller.display, hidden=caller.hidden),
            callee=carrier.number(_dialled(event, carrier.trunk)),
            trunk_id=carrier.trunk.id,
            policy=carrier.policy,
            diverted_from=carrier.number(diverted[0].number) if diverted else "",
        )


def _dialled(event: IncomingCall, trunk: Trunk) -> str:
    """The number that was called. Carriers that call our account put it into To only."""
    user = number_in(event.request.uri)
    if user and not (trunk.kind == TrunkKind.REGISTER and user == trunk.user):
        return user
    return number_of(event.request.to) or user


def _networks(texts: Iterable[str]) -> tuple[Network, ...]:
    return tuple(ipaddress.ip_network(text, strict=False) for text in texts)
