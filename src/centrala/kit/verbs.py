"""What the verbs of the rooms have in common."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy.exc import IntegrityError

from centrala.kit.access import Permission
from centrala.kit.errors import Forbidden, Refusal
from centrala.kit.work import Work, changes, constraint_of


def require(work: Work, permission: Permission) -> None:
    """A permission beyond the one that the route asked for; the program itself may do everything."""
    if work.access is not None:
        work.access.require(permission)


def may(work: Work, permission: Permission) -> bool:
    return work.access is None or work.access.may(permission)


def require_centre(work: Work) -> None:
    """Things of the centre are changed by its people only; PostgreSQL would refuse, this says why."""
    if work.access is not None and not work.access.wall.centre:
        raise Forbidden("Only people who work for the centre as a whole may change this.")


def assign(row: object, values: Mapping[str, Any]) -> list[str]:
    """Set the attributes that differ; returns their names for the audit trail."""
    before = {name: getattr(row, name) for name in values}
    changed = changes(before, values)
    for name in changed:
        setattr(row, name, values[name])
    return changed


@asynccontextmanager
async def refusing(work: Work, refusals: Mapping[str, Callable[[], Refusal]]) -> AsyncIterator[None]:
    """Write what the block changed; a constraint that PostgreSQL names is answered by its refusal.

    A refusal ends the unit of work, so the broken transaction is rolled back and no savepoint is needed.
    """
    try:
        yield
        await work.session.flush()
    except IntegrityError as error:
        refusal = refusals.get(constraint_of(error) or "")
        if refusal is None:
            raise
        raise refusal() from error
