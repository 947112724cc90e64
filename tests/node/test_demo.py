"""The sample centre: somebody to look at in every role, and a link to sign in by."""

import re
from urllib.parse import parse_qs

import httpx
import pytest
from sqlalchemy import func, select

from centrala.kit.access import CENTRE
from centrala.kit.clock import Clock
from centrala.kit.database import Database
from centrala.kit.settings import AppSettings, WebSettings
from centrala.kit.work import work
from centrala.node.demo_data import fill, write_links
from centrala.node.demo_people import PEOPLE, SHOWN
from centrala.node.prepare import seed_demo
from centrala.node.process import Given
from centrala.node.settings import Settings
from centrala.people.models import Employee, EmployeeSkill
from centrala.projects.models import Project
from centrala.security.service import Role


@pytest.fixture
async def links(database: Database, clock: Clock, settings: AppSettings) -> list[str]:
    """The lines of a centre that was just filled."""
    async with work(database, CENTRE, clock=clock, way="demo") as unit:
        write_links(settings, await fill(unit))
    return settings.folders.demo_sign_in.read_text().splitlines()


async def test_every_role_can_sign_in_by_its_link(links: list[str], client: httpx.AsyncClient) -> None:
    fragments = {line.split()[0]: line.rpartition("#")[2] for line in links if "/sign-in#" in line}
    assert set(fragments) == {role.value for role in Role}
    for role, fragment in fragments.items():
        (login,), (password,) = parse_qs(fragment)["login"], parse_qs(fragment)["password"]
        client.cookies.clear()
        answer = await client.post("/api/session", json={"login": login, "password": password})
        assert answer.status_code == 200, (role, answer.text)
        assert role in answer.json()["roles"]


async def test_centre_has_three_projects_and_about_thirty_people(links: list[str], database: Database) -> None:
    async with database.begin(CENTRE) as session:
        assert await session.scalar(select(func.count()).select_from(Employee)) == len(PEOPLE) == 31
        assert await session.scalar(select(func.count(EmployeeSkill.skill_id.distinct()))) == 5
        assert sorted((await session.scalars(select(Project.code))).all()) == ["CARD", "ORB", "TAXI"]


def test_links_are_for_the_owner_only_and_follow_the_address(settings: AppSettings) -> None:
    write_links(settings, dict.fromkeys(SHOWN.values(), "secret"))
    assert settings.folders.demo_sign_in.stat().st_mode & 0o777 == 0o600
    moved = Settings(web=WebSettings(port=9999))
    seed_demo(Given(settings=moved, folders=settings.folders, demo=True, _ready=None, listen=None))
    text = settings.folders.demo_sign_in.read_text()
    assert len(re.findall(r"http://127\.0\.0\.1:9999/sign-in#", text)) == len(SHOWN)


def test_logins_are_plain_letters() -> None:
    assert all(re.fullmatch(r"[a-z]+\.[a-z]+", sample.login) for sample in PEOPLE)
    assert len({sample.login for sample in PEOPLE}) == len(PEOPLE)
