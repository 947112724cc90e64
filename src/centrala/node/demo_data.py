"""Fills the sample centre: three client companies' projects and the people who serve them.

Everything goes through the rooms' own verbs in one transaction: either the whole centre is there or nothing, and its
audit trail tells how it came to be.
"""

import asyncio
import os
import secrets
from datetime import date, time
from typing import Final
from urllib.parse import quote
from uuid import UUID

from centrala.kit.access import CENTRE, Wall
from centrala.kit.database import Database, raise_wall
from centrala.kit.ids import ProjectId
from centrala.kit.settings import AppSettings
from centrala.kit.work import Work, work
from centrala.node.demo_flows import make_flows
from centrala.node.demo_interactions import make_interactions
from centrala.node.demo_people import CARD, LEADS, ORBITA, PEOPLE, SHOWN, SKILLS, TAXI, TEAMS, Sample
from centrala.node.demo_routing import make_routing
from centrala.node.demo_telephony import make_telephony
from centrala.people import schemas as people_forms
from centrala.people import service as people
from centrala.projects import schemas as forms
from centrala.projects import service as projects
from centrala.security import service as security

ZONE: Final = "Europe/Chisinau"
PASSWORD_BYTES: Final = 12
WEEK: Final = range(7)

COMPANIES: Final = (
    ("Orbita", "Orbita Net SRL", "Internet provider", ORBITA, "Support line", "help_desk", ["ro", "ru", "en"], 10),
    ("Taxi Rapid", "Taxi Rapid SRL", "Taxi service", TAXI, "Orders by telephone", "orders", ["ru", "ro"], 20),
    ("Banca Codru", "Banca Codru SA", "Bank", CARD, "Card line", "general", ["ro", "ru", "en"], 30),
)


def seed_once(settings: AppSettings) -> None:
    """Fill an empty demo centre and write the sign-in links."""
    asyncio.run(_seed(settings))


async def _seed(settings: AppSettings) -> None:
    database = Database(settings.database_url.get_secret_value(), connections=1)
    try:
        async with work(database, CENTRE, way="demo") as unit:
            if await security.is_needed(unit):
                passwords = await fill(unit, settings.secret_key.get_secret_value())
                # Before the commit: a centre whose passwords nobody knows is worse than a second try.
                write_links(settings, passwords)
    finally:
        await database.close()


async def fill(unit: Work, secret_key: str | None = None) -> dict[str, str]:
    """Make everything; returns the password of each person whose link is shown, by name.

    What is sealed, as the secrets of phones, opens in the installation of `secret_key` only (None: nowhere).
    """
    ids = await _make_projects(unit)
    await raise_wall(unit.session, Wall(centre=True, projects=frozenset(ProjectId(one) for one in ids.values())))
    await _make_lines(unit, ids)
    skills = {
        name: (await people.create_skill(unit, people_forms.SkillIn(name=name, note=note))).id
        for name, note in SKILLS.items()
    }
    teams = {
        name: (await people.create_team(unit, people_forms.TeamIn(name=name, note=note))).id
        for name, note in TEAMS.items()
    }
    made: dict[str, UUID] = {}
    for number, sample in enumerate(PEOPLE, start=1001):
        form = _form(sample, number, ids=ids, skills=skills, teams=teams, made=made)
        made[sample.name] = (await people.create_employee(unit, form)).employee.id
    for team, lead in LEADS.items():
        await people.change_team(unit, teams[team], people_forms.TeamChange(lead_id=made[lead]), read=1)
    await make_telephony(unit, secret_key or secrets.token_hex(), projects=ids, people=made)
    await make_interactions(unit, ids)
    queues = await make_routing(unit, projects_made=ids, skills=skills, people=made)
    await make_flows(unit, projects_made=ids, queues=queues)
    return await _set_passwords(unit, made)


async def _make_projects(unit: Work) -> dict[str, UUID]:
    ids = {}
    for name, legal_name, note, code, line, service, languages, _ in COMPANIES:
        company = await projects.create_company(
            unit, forms.CompanyIn(name=name, legal_name=legal_name, country="MD", note=note)
        )
        form = forms.ProjectIn.model_validate(
            {
                "company_id": company.id,
                "name": line,
                "code": code,
                "service": service,
                "time_zone": ZONE,
                "languages": languages,
            }
        )
        project = await projects.create_project(unit, form)
        ids[code] = project.id
    return ids


async def _make_lines(unit: Work, ids: dict[str, UUID]) -> None:
    day = (time(0), time(0))
    opening = {ORBITA: (time(8), time(22)), TAXI: day, CARD: day}
    for *_, code, line, _, _, tens in COMPANIES:
        for last, label in ((1, line), (2, "From abroad")):
            number = forms.NumberIn(number=f"+44 1632 9600{tens + last}", label=label)
            await projects.add_number(unit, ids[code], number)
        opens, closes = opening[code]
        await projects.create_calendar(
            unit,
            forms.CalendarIn(
                project_id=ids[code],
                name=line,
                time_zone=ZONE,
                country="MD",
                observe_holidays=code == ORBITA,
                hours=[forms.HoursSpan(weekday=weekday, opens=opens, closes=closes) for weekday in WEEK],
            ),
        )


def _form(
    sample: Sample,
    number: int,
    *,
    ids: dict[str, UUID],
    skills: dict[str, UUID],
    teams: dict[str, UUID],
    made: dict[str, UUID],
) -> people_forms.EmployeeIn:
    given, family = sample.name.split()
    superior = LEADS.get(sample.superior, sample.superior)  # a team's name stands for its lead
    return people_forms.EmployeeIn.model_validate(
        {
            "login": sample.login,
            "given_name": given,
            "family_name": family,
            "number": str(number),
            "phone": f"+44 7700 900{number - 1000:03}",
            "email": f"{sample.login}@example.org",
            "language": sample.desk,
            "time_zone": ZONE,
            "languages": [
                dict(zip(("language", "level"), known.split(":"), strict=True)) for known in sample.languages.split()
            ],
            "skills": [{"skill_id": skills[name], "level": level} for name, level in sample.skills],
            "team_id": teams.get(sample.team),
            "superior_id": made.get(superior),
            "roles": sample.roles,
            "project_ids": [ids[code] for code in sample.projects],
            "hired_on": date(2021 + number % 5, 1 + number % 12, 1 + number % 28),
        }
    )


async def _set_passwords(unit: Work, made: dict[str, UUID]) -> dict[str, str]:
    passwords = {}
    for name in SHOWN.values():
        account = await unit.session.get_one(security.Account, made[name])
        passwords[name] = secrets.token_urlsafe(PASSWORD_BYTES)
        await security.set_password(unit, account, passwords[name], must_change=False)
    return passwords


def write_links(settings: AppSettings, passwords: dict[str, str]) -> None:
    """Write a line for each role: role, person, link."""
    logins = {sample.name: sample.login for sample in PEOPLE}
    lines = ["Sign in to the demo as:"]
    for role, name in SHOWN.items():
        fragment = f"login={quote(logins[name])}&password={quote(passwords[name])}"
        lines.append(f"  {role:<14} {name:<17} {settings.web.url}/sign-in#{fragment}")
    file = settings.folders.demo_sign_in
    lines.append(f"These lines are kept in {file}")
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as target:
        target.write("\n".join(lines) + "\n")
