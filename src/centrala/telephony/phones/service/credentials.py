"""Who may register: looks up what a digest is checked against."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from centrala.kit.access import CENTRE
from centrala.kit.clock import Clock
from centrala.kit.database import Database
from centrala.kit.vault import Vault
from centrala.telephony.phones.keys import REALM, BrowserKeys, BrowserUser
from centrala.telephony.phones.models import Phone
from centrala.telephony.phones.service.phones import PURPOSE, accounts
from centrala.telephony.sip.digest import Algorithm, make_ha1


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose phone it is. `aor` is the user part of the only address of record that it may register."""

    person_id: UUID
    phone_id: UUID | None
    aor: str

    @property
    def device_id(self) -> UUID:
        """What a leg names as its phone: a person's browsers are one phone, under the person's id."""
        return self.phone_id or self.person_id


@dataclass(frozen=True, slots=True)
class Known:
    """A user that may register, with H(user:realm:password)."""

    owner: Owner
    ha1: str


class Credentials:
    """The lookup for `DigestServer.check`; its realm is `keys.REALM`."""

    def __init__(self, database: Database, secret: str, clock: Clock) -> None:
        """`secret` is the installation's `secret_key`."""
        self._database = database
        self._vault = Vault(secret, purpose=PURPOSE)
        self._browsers = BrowserKeys(secret)
        self._clock = clock

    async def find(self, user: str, algorithm: Algorithm) -> Known | None:
        """None: nobody, disabled, dismissed, or past its time; the peer must not learn which."""
        browser = BrowserUser.read(user)
        return await (self._desk(user, algorithm) if browser is None else self._browser(browser, algorithm))

    async def _browser(self, user: BrowserUser, algorithm: Algorithm) -> Known | None:
        if user.expires_at <= self._clock():
            return None
        query = select(accounts.c.id).where(accounts.c.id == user.person_id, accounts.c.closed_at.is_(None))
        async with self._database.begin(CENTRE) as session:
            if await session.scalar(query) is None:
                return None
        ha1 = make_ha1(algorithm, str(user), REALM, self._browsers.password(user))
        return Known(Owner(user.person_id, None, user.aor_user), ha1)

    async def _desk(self, user: str, algorithm: Algorithm) -> Known | None:
        sealed = Phone.ha1_sha256 if algorithm is Algorithm.SHA256 else Phone.ha1_md5
        query = (
            select(Phone.id, Phone.person_id, sealed.label("sealed"))
            .join(accounts, accounts.c.id == Phone.person_id)
            .where(Phone.user == user, Phone.disabled_at.is_(None), accounts.c.closed_at.is_(None))
        )
        async with self._database.begin(CENTRE) as session:
            row = (await session.execute(query)).one_or_none()
        if row is None:
            return None
        return Known(Owner(row.person_id, row.id, user), self._vault.open(row.sealed, owner=row.id.bytes).decode())
