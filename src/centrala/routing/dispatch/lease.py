"""Which process routes: a row that its owner beats; taken over when it is silent, or when the same node comes again."""

from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from centrala.kit.access import CENTRE
from centrala.kit.database import Database
from centrala.kit.ids import new_id

LEASE: Final = 10.0  # seconds of silence after which another node takes over
BEAT: Final = 2.0  # seconds between signs of life

# A node runs one app: who comes under its name has taken the place of one that was killed, and need not wait.
_TAKE: Final = text(
    "INSERT INTO router_leases (name, node, token, beat_at) VALUES (:name, :node, :token, clock_timestamp()) "
    "ON CONFLICT (name) DO UPDATE SET node = EXCLUDED.node, token = EXCLUDED.token, beat_at = EXCLUDED.beat_at "
    "WHERE (router_leases.node = EXCLUDED.node AND NOT :lost) "
    "OR router_leases.beat_at < clock_timestamp() - make_interval(secs => :lease) RETURNING token"
)
_BEAT: Final = text(
    "UPDATE router_leases SET beat_at = clock_timestamp() WHERE name = :name AND token = :token RETURNING token"
)
_GIVE_UP: Final = text("DELETE FROM router_leases WHERE name = :name AND token = :token")


class LeaseLost(Exception):
    """Another process routes now."""


class Lease:
    """One process's claim on a router."""

    def __init__(self, database: Database, *, node: str, name: str = "centre") -> None:
        self.name, self.node = name, node
        self._token = new_id()
        self._lost = False
        self._database = database

    async def take(self) -> bool:
        """Whether this process routes from now on.

        Who has lost it to a newer process of the same node does not take it back while that one lives.
        """
        parameters = {"name": self.name, "node": self.node, "token": self._token, "lease": LEASE, "lost": self._lost}
        async with self._database.begin(CENTRE) as session:
            return (await session.execute(_TAKE, parameters)).one_or_none() is not None

    async def beat(self) -> None:
        """A sign of life. Raises `LeaseLost`."""
        async with self._database.begin(CENTRE) as session:
            await self.beat_in(session)

    async def beat_in(self, session: AsyncSession) -> None:
        """The same in a transaction, which then commits only if the lease is still held."""
        found = await session.execute(_BEAT, {"name": self.name, "token": self._token})
        if found.one_or_none() is None:
            self._lost = True
            raise LeaseLost

    async def give_up(self) -> None:
        """Let the next one begin at once."""
        async with self._database.begin(CENTRE) as session:
            await session.execute(_GIVE_UP, {"name": self.name, "token": self._token})
