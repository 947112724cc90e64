"""Lists count right on every page, and never run what a request names as a sort order."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from centrala.kit.access import CENTRE
from centrala.kit.database import Database
from centrala.kit.errors import InvalidField
from centrala.kit.listing import ListQuery, csv_text, fetch
from centrala.people.models import Skill

SORTS = {"name": Skill.name}


@pytest.fixture
async def seven(database: Database) -> AsyncIterator[AsyncSession]:
    """A session on seven skills."""
    async with database.begin(CENTRE) as session:
        session.add_all(Skill(name=f"Skill {number}") for number in range(7))
        await session.flush()
        yield session


@pytest.mark.parametrize(
    ("page", "size", "names"),
    [
        (1, 50, 7),  # all on one page
        (1, 7, 7),  # exactly full
        (1, 3, 3),
        (2, 3, 3),
        (3, 3, 1),  # the rest
        (4, 3, 0),  # past the end
        (9, 3, 0),
    ],
)
async def test_the_total_is_the_same_on_every_page(seven: AsyncSession, page: int, size: int, names: int) -> None:
    found = await fetch(seven, select(Skill), ListQuery(page=page, page_size=size), SORTS, Skill.id)
    assert (len(found.rows), found.total) == (names, 7)


async def test_an_empty_list_has_a_total_of_nothing(database: Database) -> None:
    async with database.begin(CENTRE) as session:
        found = await fetch(session, select(Skill), ListQuery(), SORTS, Skill.id)
    assert (found.rows, found.total) == ([], 0)


async def test_pages_together_are_the_list_in_its_order(seven: AsyncSession) -> None:
    names: list[str] = []
    for page in (1, 2, 3):
        query = ListQuery(page=page, page_size=3, sort="-name")
        names += [skill.name for skill in (await fetch(seven, select(Skill), query, SORTS, Skill.id)).rows]
    assert names == [f"Skill {number}" for number in reversed(range(7))]


@pytest.mark.parametrize("sort", ["id", "name; DROP TABLE skills", "--name", "-"])
async def test_a_sort_order_that_is_not_listed_is_refused(seven: AsyncSession, sort: str) -> None:
    with pytest.raises(InvalidField):
        await fetch(seven, select(Skill), ListQuery(sort=sort), SORTS, Skill.id)


def test_a_cell_that_a_spreadsheet_would_run_is_text() -> None:
    text = csv_text(["name"], [["=1+1"], ["+373"], ["@cmd"], ["plain, with comma"], [-5], [True], [["a", "b"]], [None]])
    assert text.splitlines() == [
        "\ufeffname",
        "'=1+1",
        "'+373",
        "'@cmd",
        '"plain, with comma"',
        "-5",
        "True",
        '"a, b"',
        '""',
    ]
