"""What a phone must be told, on paper and as a QR code; and what the desk's own phone needs."""

from datetime import timedelta
from typing import Final
from urllib.parse import urlsplit
from uuid import UUID

import segno
from sqlalchemy import select

from centrala.kit.errors import NotFound
from centrala.kit.settings import AppSettings
from centrala.kit.work import Work
from centrala.telephony.phones.keys import REALM, BrowserKeys, BrowserUser
from centrala.telephony.phones.schemas import BrowserPhone, PhoneOut, Provisioning
from centrala.telephony.phones.service.phones import accounts

BROWSER_LIFE: Final = timedelta(minutes=10)
"""How long the desk's credentials are taken; it renews them while somebody is signed in."""

REGISTER_SECONDS: Final = 60  # a closed tab is noticed after so long, if its connection did not end properly
CODECS: Final = ("PCMA", "PCMU", "G722")
WS_PATH: Final = "/api/sip"
ECHO: Final = "*43"  # as many PBXs have it
_EVERYWHERE: Final = frozenset({"0.0.0.0", "::", ""})  # noqa: S104 - compared, not bound


def sip_host(settings: AppSettings) -> str:
    """Under which name phones reach us: where SIP listens, or where the desk is when that is every address."""
    host = settings.sip.host
    return (urlsplit(settings.web.url).hostname or "localhost") if host in _EVERYWHERE else host


def provisioning(settings: AppSettings, phone: PhoneOut, secret: str) -> Provisioning:
    """Everything that the phone has to know."""
    host = sip_host(settings)
    shown = f"[{host}]" if ":" in host else host
    port = "" if settings.sip.udp_port == 5060 else f":{settings.sip.udp_port}"
    uri = f"sip:{phone.user}:{secret}@{shown}{port}"
    return Provisioning(
        server=host,
        ports={"udp": settings.sip.udp_port, "tcp": settings.sip.tcp_port, "tls": settings.sip.tls_port},
        user=phone.user,
        password=secret,
        realm=REALM,
        display_name=phone.person_name,
        uri=uri,
        qr_svg=segno.make(uri, error="m").svg_inline(scale=4, border=2),
    )


async def browser_phone(work: Work, settings: AppSettings) -> BrowserPhone:
    """Credentials for the phone in the browser of who asks."""
    if work.access is None:
        raise NotFound
    person_id: UUID = work.access.account_id
    query = select(accounts.c.given_name, accounts.c.family_name).where(accounts.c.id == person_id)
    names = (await work.session.execute(query)).one()
    user = BrowserUser(person_id, (work.now + BROWSER_LIFE).replace(microsecond=0))
    keys = BrowserKeys(settings.secret_key.get_secret_value())
    return BrowserPhone(
        ws_url=WS_PATH,
        aor=f"sip:{user.aor_user}@{sip_host(settings)}",
        user=str(user),
        password=keys.password(user),
        realm=REALM,
        display_name=" ".join(name for name in names if name),
        codecs=list(CODECS),
        expires_at=user.expires_at,
        register_seconds=REGISTER_SECONDS,
        echo=ECHO,
    )
