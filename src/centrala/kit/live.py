"""What a room shows live: a topic is a snapshot plus the facts that the server committed since.

Facts carry ids, not contents, because they are never erased; the feed loads the fresh card of what a fact is about
once for all desks and sends it to those who may see it. A card may therefore be newer than its fact, never older.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession

from centrala.kit.access import Permission, Wall

MAX_SNAPSHOT: Final = 5_000  # cards of one topic in one snapshot; past it the desk pages


class Card(BaseModel):
    """One thing of a topic as everybody may see it who sees it at all; no personal data beyond names of colleagues."""

    id: UUID
    version: int


@dataclass(frozen=True, slots=True)
class Scoped:
    """A card and the projects whose people see it; the centre's people see every card."""

    card: Card
    projects: frozenset[UUID]

    def visible_behind(self, wall: Wall) -> bool:
        return wall.centre or not self.projects.isdisjoint(wall.projects)


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """A set of cards that desks follow.

    `kinds` are the kinds of facts about its things; a fact's `aggregate_id` is the id of the card.
    `load` returns the cards of the given ids (None: all, at most `MAX_SNAPSHOT`), as far as the session's wall shows
    them; what it leaves out does not exist any more.
    A fact's payload may hold `left_projects`, a list of project ids whose people saw the card before and do not now.
    """

    name: str
    permission: Permission
    kinds: frozenset[str]
    load: Callable[[AsyncSession, Sequence[UUID] | None], Awaitable[list[Scoped]]]
