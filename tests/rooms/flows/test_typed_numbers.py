"""Numbers that operators type for a call or a transfer: read as in the project's country, and refused with a reason."""

from collections.abc import Awaitable, Callable
from uuid import UUID

import httpx
import pytest

from centrala.flows.contacts.numbers import outside_number
from centrala.kit.access import CENTRE
from centrala.kit.database import Database
from centrala.kit.errors import InvalidField
from centrala.kit.work import work
from centrala.projects.models import Company, Project
from conftest import TurnedClock

ClientAs = Callable[..., Awaitable[httpx.AsyncClient]]


Read = Callable[[str], Awaitable[str]]


@pytest.fixture
async def read(client_as: ClientAs, database: Database, clock: TurnedClock, project: UUID) -> Read:
    """Reads for the project, in a centre that stands in Moldova and may call Romania."""
    administrator = await client_as("administrator")
    form = {"scope": "centre", "country": "MD", "countries": ["RO"]}
    assert (await administrator.post("/api/dialling/rules", json=form)).status_code == 201
    return lambda typed: outside_number(database, clock, typed, person_id=None, project_id=project)


@pytest.fixture
async def romanian(database: Database, clock: TurnedClock, project: UUID) -> None:
    """The project is that of a company in Romania."""
    async with work(database, CENTRE, clock=clock) as unit:
        row = await unit.session.get_one(Project, project)
        (await unit.session.get_one(Company, row.company_id)).country = "RO"


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("069123456", "+37369123456"),
        ("0 (69) 123-456", "+37369123456"),
        ("+373 69 123 456", "+37369123456"),
        ("0040 721 234 567", "+40721234567"),
        ("112", "112"),
    ],
)
async def test_a_number_is_read_as_it_is_written_in_the_projects_country(read: Read, typed: str, number: str) -> None:
    assert await read(typed) == number


@pytest.mark.parametrize(
    ("typed", "number"), [("0721 234 567", "+40721234567"), ("+37369123456", "+37369123456"), ("112", "112")]
)
async def test_the_projects_country_counts_not_the_centres(read: Read, romanian: None, typed: str, number: str) -> None:
    assert await read(typed) == number


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("0691234", "phone_too_short"),
        ("06912345678", "phone_too_long"),
        ("tomorrow", "phone_invalid"),
        ("", "phone_invalid"),
        ("12345678901234567890", "phone_too_long"),
        ("+44 20 7946 0000", "dialling.country"),
        ("0900 12345", "dialling.premium"),
    ],
)
async def test_what_is_no_number_or_may_not_be_called_is_refused_beside_the_field(
    read: Read, typed: str, code: str
) -> None:
    with pytest.raises(InvalidField) as refused:
        await read(typed)
    assert [(one.field, one.code) for one in refused.value.errors] == [("number", code)]
