"""Trunks as the keeper and the choice take them, and what they learn as the pages show it."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select

from centrala.kit.vault import Vault
from centrala.kit.work import Work
from centrala.telephony.trunks.core import Candidate, Usable
from centrala.telephony.trunks.events import trunk_health
from centrala.telephony.trunks.keeper import Watched
from centrala.telephony.trunks.machine import Health, State
from centrala.telephony.trunks.models import Trunk, TrunkHealth, TrunkKind
from centrala.telephony.trunks.service.trunks import open_password

__all__ = [
    "Trunk",
    "TrunkKind",
    "all_trunks",
    "all_watched",
    "candidate",
    "record_health",
    "stored_usable",
    "watched",
]


def watched(vault: Vault, trunk: Trunk) -> Watched:
    """A trunk as the keeper takes it, with its password in the clear."""
    return Watched(
        id=trunk.id,
        enabled=trunk.enabled,
        registers=trunk.kind == TrunkKind.REGISTER,
        transport=trunk.transport,
        host=trunk.host,
        port=trunk.port,
        proxy=trunk.proxy,
        user=trunk.user,
        realm=trunk.realm,
        password=open_password(vault, trunk),
        expires=trunk.expires,
        watch_seconds=trunk.watch_seconds,
    )


async def all_watched(work: Work, vault: Vault) -> list[Watched]:
    """Every trunk, for the keeper."""
    return [watched(vault, trunk) for trunk in await work.session.scalars(select(Trunk).order_by(Trunk.id))]


def candidate(trunk: Trunk, usable: Usable) -> Candidate:
    """A trunk as the choice takes it."""
    return Candidate(
        id=trunk.id,
        name=trunk.name,
        enabled=trunk.enabled,
        priority=trunk.priority,
        weight=trunk.weight,
        max_calls=trunk.max_calls,
        failover=None if trunk.failover is None else frozenset(trunk.failover),
        usable=usable,
        registers=trunk.kind == TrunkKind.REGISTER,
    )


def stored_usable(trunk: Trunk, health: TrunkHealth | None) -> Usable:
    """What the last written health says of a trunk."""
    if health is None or health.state == State.STARTING:
        return Usable.UNKNOWN
    return Usable.YES if health.state == State.UP and trunk.enabled else Usable.NO


async def all_trunks(work: Work) -> Sequence[tuple[Trunk, TrunkHealth | None]]:
    query = select(Trunk, TrunkHealth).outerjoin(TrunkHealth, TrunkHealth.trunk_id == Trunk.id).order_by(Trunk.id)
    return [(trunk, health) for trunk, health in await work.session.execute(query)]


async def record_health(
    work: Work, found: Mapping[UUID, tuple[Health, float | None]], calls: Mapping[UUID, int], *, now: float
) -> None:
    """Write what the keeper knows: `found` by trunk with the moment of the next attempt, both on the clock `now` of.

    Trunks that were removed meanwhile are left out.
    """
    known = set(await work.session.scalars(select(Trunk.id).where(Trunk.id.in_(list(found)))))
    for trunk_id in known:
        health, next_at = found[trunk_id]
        row = await work.session.get(TrunkHealth, trunk_id)
        if row is None:
            row = TrunkHealth(trunk_id=trunk_id)
            work.session.add(row)
        row.state, row.reason, row.status = health.state.value, health.reason.value, health.status
        row.registered = health.registered if health.registers else None
        row.reachable, row.failures = health.reachable, health.failures
        row.calls = calls.get(trunk_id, 0)
        row.since = _moment(work, health.since, now)
        row.checked_at = None if health.checked_at is None else _moment(work, health.checked_at, now)
        row.next_at = None if next_at is None else _moment(work, next_at, now)
        work.tell(trunk_health(trunk_id, state=row.state))


def _moment(work: Work, at: float, now: float) -> datetime:
    return work.now + timedelta(seconds=at - now)
