"""Trunks: created, changed, removed."""

import ipaddress
from collections.abc import Iterable, Mapping
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, select

from centrala.kit.access import Permission
from centrala.kit.errors import InvalidField, NotFound
from centrala.kit.http import same_version
from centrala.kit.ids import new_id
from centrala.kit.listing import ListQuery, Slice, Sorts, all_rows, csv_text, fetch
from centrala.kit.search import folded, matches
from centrala.kit.vault import Vault
from centrala.kit.verbs import assign, refusing, require, require_centre
from centrala.kit.work import Work
from centrala.telephony.trunks.errors import TrunkBusy, TrunkNameTaken
from centrala.telephony.trunks.events import trunk_changed, trunk_removed
from centrala.telephony.trunks.models import Trunk, TrunkHealth, TrunkKind
from centrala.telephony.trunks.numbers import knows
from centrala.telephony.trunks.schemas import HealthOut, HealthState, TrunkChange, TrunkIn, TrunkOut

PURPOSE: Final = "trunk"
"""The vault's purpose for the passwords of trunks."""

SORTS: Final[Sorts] = {
    "name": folded(Trunk.name),
    "priority": Trunk.priority,
    "host": Trunk.host,
    "transport": Trunk.transport,
}
_TAKEN: Final = {"uq_trunks_name": TrunkNameTaken}
_HEADER: Final = (
    "name", "enabled", "kind", "transport", "host", "port", "user", "sources", "srtp", "codecs", "priority", "weight",
    "max_calls", "max_rate", "country", "number_out", "number_in", "identity", "default_number", "note",
)  # fmt: skip


def _matching(query: ListQuery, *, enabled: bool | None) -> Select[Trunk]:
    statement = select(Trunk)
    if enabled is not None:
        statement = statement.where(Trunk.enabled.is_(enabled))
    return statement.where(matches(query.q, Trunk.name, Trunk.host)) if query.q else statement


async def list_trunks(work: Work, query: ListQuery, *, enabled: bool | None = None) -> Slice[TrunkOut]:
    found = await fetch(work.session, _matching(query, enabled=enabled), query, SORTS, Trunk.id)
    health = await health_of(work, (trunk.id for trunk in found.rows))
    return Slice(rows=[shown(trunk, health.get(trunk.id)) for trunk in found.rows], total=found.total)


async def export_trunks(work: Work, query: ListQuery, *, enabled: bool | None = None) -> str:
    """The list as CSV, with a trace; without passwords."""
    require(work, Permission.EXPORT)
    found = all_rows(work.session, _matching(query, enabled=enabled), query, SORTS, Trunk.id)
    rows = [tuple(getattr(trunk, column) for column in _HEADER) async for trunk in found]
    work.trace("trunks.exported", "trunks", "*", rows=len(rows))
    return csv_text(_HEADER, rows)


async def read_trunk(work: Work, trunk_id: UUID) -> TrunkOut:
    trunk = await work.session.get(Trunk, trunk_id)
    if trunk is None:
        raise NotFound
    return await _with_health(work, trunk)


async def create_trunk(work: Work, vault: Vault, form: TrunkIn) -> TrunkOut:
    require_centre(work)
    values = form.model_dump(mode="json", exclude={"password"})
    trunk = Trunk(id=new_id(), **values)
    _seal(vault, trunk, form.password)
    _check(trunk)
    async with refusing(work, _TAKEN):
        work.session.add(trunk)
    work.trace("trunk.created", "trunk", trunk.id)
    work.tell(trunk_changed(trunk.id))
    return shown(trunk, None)


async def change_trunk(work: Work, vault: Vault, trunk_id: UUID, form: TrunkChange, *, read: int) -> TrunkOut:
    """Change what was sent; rules and lists are replaced as a whole, the password only when one is sent."""
    trunk = await _locked(work, trunk_id, read=read)
    values: dict[str, Any] = form.model_dump(mode="json", include=form.model_fields_set - {"password"})
    async with refusing(work, _TAKEN):
        changed = assign(trunk, values)
        if "password" in form.model_fields_set:
            _seal(vault, trunk, form.password)
            changed.append("password")
        _check(trunk)
        if changed:
            trunk.version += 1
            work.trace("trunk.changed", "trunk", trunk.id, fields=sorted(changed))
            work.tell(trunk_changed(trunk.id))
    return await _with_health(work, trunk)


async def remove_trunk(work: Work, trunk_id: UUID, *, read: int) -> None:
    """Refused while calls go over it."""
    trunk = await _locked(work, trunk_id, read=read)
    health = (await health_of(work, [trunk.id])).get(trunk.id)
    if health is not None and health.calls:
        raise TrunkBusy(extra={"calls": health.calls})
    await work.session.delete(trunk)
    work.trace("trunk.removed", "trunk", trunk.id, name=trunk.name)
    work.tell(trunk_removed(trunk.id))


async def health_of(work: Work, ids: Iterable[UUID]) -> Mapping[UUID, TrunkHealth]:
    rows = await work.session.scalars(select(TrunkHealth).where(TrunkHealth.trunk_id.in_(list(ids))))
    return {row.trunk_id: row for row in rows}


def shown(trunk: Trunk, health: TrunkHealth | None) -> TrunkOut:
    values = {name: getattr(trunk, name) for name in TrunkOut.model_fields if name not in {"health", "has_password"}}
    return TrunkOut(**values, has_password=trunk.password is not None, health=health_out(trunk, health))


def health_out(trunk: Trunk, health: TrunkHealth | None) -> HealthOut:
    """What is known; of a trunk that nothing is known of, whether something will be."""
    if health is not None and trunk.enabled:
        return HealthOut.model_validate(health)
    state = HealthState.STARTING if trunk.enabled else HealthState.OFF
    return HealthOut(
        state=state,
        registered=None,
        reachable=None,
        reason="not_started" if trunk.enabled else "disabled",
        status=0,
        failures=0,
        calls=health.calls if health else 0,
        since=None,
        checked_at=None,
        next_at=None,
    )


def open_password(vault: Vault, trunk: Trunk) -> str:
    """The password that the carrier gave; empty when there is none. Raises `vault.Unreadable`."""
    return "" if trunk.password is None else vault.open(trunk.password, owner=trunk.id.bytes).decode()


def _seal(vault: Vault, trunk: Trunk, password: str | None) -> None:
    trunk.password = vault.seal(password.encode(), owner=trunk.id.bytes) if password else None


def _check(trunk: Trunk) -> None:
    """What each kind of trunk needs, whichever way it came to be."""
    if not knows(trunk.country):
        raise InvalidField("country", "unknown_country", "There is no numbering plan of this country.")
    if trunk.kind == TrunkKind.REGISTER:
        if not trunk.user:
            raise InvalidField("user", "required", "A trunk that registers needs its user.")
        if trunk.password is None:
            raise InvalidField("password", "required", "A trunk that registers needs its password.")
    elif not trunk.sources and not _is_address(trunk.host):
        raise InvalidField("sources", "sources_missing", "Name the addresses from which the carrier calls.")


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


async def _with_health(work: Work, trunk: Trunk) -> TrunkOut:
    return shown(trunk, (await health_of(work, [trunk.id])).get(trunk.id))


async def _locked(work: Work, trunk_id: UUID, *, read: int) -> Trunk:
    require_centre(work)
    trunk = await work.session.scalar(select(Trunk).where(Trunk.id == trunk_id).with_for_update())
    if trunk is None:
        raise NotFound

    async def current() -> TrunkOut:
        return await _with_health(work, trunk)

    await same_version(trunk, read, current)
    return trunk
