"""The first start: the page behind the printed link makes the first administrator."""

from typing import Annotated, Final

from fastapi import Request, Response
from pydantic import BaseModel, Field

from centrala.kit.access import CENTRE
from centrala.kit.forms import Form, TimeZone
from centrala.kit.http import Routes, problems
from centrala.kit.work import work
from centrala.people.schemas import DeskLanguage, EmployeeIn, Login, PersonName
from centrala.people.service import create_employee
from centrala.security.routes import enter
from centrala.security.service import NewPassword, Role, SessionOut, is_needed, same_site, set_password, take_link

router: Final = Routes(tags=["setup"], responses=problems(409))

FIRST_NUMBER: Final = "1"
"""Personnel number of the first administrator."""


class SetupNeeded(BaseModel):
    needed: bool


class SetupIn(Form):
    """The first administrator."""

    token: Annotated[str, Field(min_length=1, max_length=100, description="From the printed link.")]
    login: Login
    password: NewPassword
    given_name: PersonName
    family_name: PersonName
    language: DeskLanguage = "en"
    time_zone: TimeZone = "UTC"


@router.get("/setup")
async def read_setup(request: Request) -> SetupNeeded:
    """Whether the centre still lacks its first administrator."""
    state = request.app.state
    async with work(state.database, CENTRE, clock=state.clock) as unit:
        return SetupNeeded(needed=await is_needed(unit))


@router.post("/setup")
async def set_up(request: Request, response: Response, body: SetupIn) -> SessionOut:
    """Make the first administrator by the link that the first start printed, and sign them in."""
    same_site(request)
    state = request.app.state
    form = EmployeeIn(
        login=body.login,
        given_name=body.given_name,
        family_name=body.family_name,
        number=FIRST_NUMBER,
        language=body.language,
        time_zone=body.time_zone,
        roles=[Role.ADMINISTRATOR],
    )
    async with work(state.database, CENTRE, clock=state.clock, way="setup") as unit:
        await take_link(unit, body.token)
        person = await create_employee(unit, form)
        await set_password(unit, person.employee.account, body.password, must_change=False)
    return await enter(request, response, login=body.login, password=body.password, code=None)
