"""Ways to somebody: the phones of a person, and a number by a trunk."""

from typing import Final
from uuid import UUID

from centrala.kit.vault import Vault
from centrala.telephony.calls.events import Party
from centrala.telephony.calls.ports import Target
from centrala.telephony.calls.streams import BROWSER, LegKind, MediaPolicy
from centrala.telephony.exchange.carriers import policy_of
from centrala.telephony.exchange.registrations import Registrations
from centrala.telephony.media.types import Nat
from centrala.telephony.sip.flow import WEB, Flow, Transport
from centrala.telephony.sip.headers.address import NameAddr
from centrala.telephony.sip.identity import identity_headers
from centrala.telephony.sip.tokens import TokenSource
from centrala.telephony.sip.uri import SipUri, parse_uri
from centrala.telephony.trunks.keeper import carrier_uri, digest_of, hop_of
from centrala.telephony.trunks.service.dialling import Route
from centrala.telephony.trunks.service.watched import watched

DESK_PHONE: Final = MediaPolicy(kinds=(LegKind.PLAIN, LegKind.SDES), nat=Nat.ANY)
"""A phone behind NAT tells an address of its own network, so the first that sends is taken."""

SECURE_PHONE: Final = MediaPolicy(kinds=(LegKind.SDES, LegKind.PLAIN), nat=Nat.ANY)


def policy_for(flow: Flow | None) -> MediaPolicy:
    """What audio a phone gets, by the way it registered."""
    if flow is None:
        return DESK_PHONE
    if flow.transport in WEB:
        return BROWSER
    return SECURE_PHONE if flow.transport is Transport.TLS else DESK_PHONE


class Ways:
    """Makes `Target`s. `host` is the name by which we call ourselves in From."""

    def __init__(self, registrations: Registrations, vault: Vault, tokens: TokenSource, *, host: str) -> None:
        self._registrations = registrations
        self._vault = vault
        self._tokens = tokens
        self._host = host

    def to_person(self, person_id: UUID, shown: Party) -> list[Target]:
        """All phones of a person that can be called now; none: nobody is there."""
        return [
            Target(
                uri=parse_uri(binding.contact),
                local=self._identity(shown),
                peer=Party(number=owner.aor),
                flow=binding.flow,
                hop=binding.path[0] if binding.path else None,
                policy=policy_for(binding.flow),
                phone_id=owner.device_id,
            )
            for owner, binding in self._registrations.of_person(person_id)
        ]

    def by_trunk(self, route: Route, number: str, *, hidden: bool = False) -> Target:
        """A number by a carrier, with the number that this carrier shows to whom is called."""
        one = watched(self._vault, route.trunk)
        shown = NameAddr(
            SipUri(self._host if route.trunk.kind == "address" else one.host, route.shown or one.user or None)
        )
        local, headers = identity_headers(shown, hidden=hidden, trusted=route.trunk.identity == "pai")
        return Target(
            uri=carrier_uri(one, user=route.sent),
            local=local,
            peer=Party(number=number),
            hop=hop_of(one),
            digest=digest_of(one, self._tokens),
            headers=tuple(headers),
            policy=policy_of(route.trunk),
            trunk_id=route.trunk.id,
        )

    def _identity(self, shown: Party) -> NameAddr:
        number = "anonymous" if shown.hidden else shown.number
        return NameAddr(SipUri(self._host, number or "anonymous"), "" if shown.hidden else shown.display)
