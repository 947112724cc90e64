"""People for tests: accounts with roles and sessions, made without the cost of a password."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import httpx

from centrala.kit.access import CENTRE, Wall
from centrala.kit.clock import Clock
from centrala.kit.database import Database
from centrala.kit.ids import ProjectId, new_id
from centrala.kit.work import work
from centrala.people.models import Employee
from centrala.projects.models import Company, Project
from centrala.security.models import Account, AccountProject, AccountRole, SignInSession
from centrala.security.service import COOKIE, Role
from centrala.security.service.secrets import digest, new_secret


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who is signed in. `headers` are those that the desk sends with a change."""

    id: UUID
    login: str
    cookie: str
    csrf: str

    @property
    def headers(self) -> dict[str, str]:
        return {"X-CSRF-Token": self.csrf}

    def sign(self, client: httpx.AsyncClient) -> httpx.AsyncClient:
        client.cookies.set(COOKIE, self.cookie, path="/api")
        client.headers.update(self.headers)
        return client


async def make_person(
    database: Database, clock: Clock, *roles: Role, projects: tuple[UUID, ...] = (), given_name: str = "Ana"
) -> Person:
    """An employee with an account, roles, projects and a session."""
    secret, csrf, account_id = new_secret(), new_secret(), new_id()
    wall = Wall(centre=True, projects=frozenset(ProjectId(project) for project in projects))
    async with work(database, wall, clock=clock) as unit:
        login = f"p{account_id.hex[-12:]}"
        unit.session.add(Account(id=account_id, login=login, given_name=given_name, family_name="Rusu"))
        await unit.session.flush()
        unit.session.add(Employee(id=account_id, number=login))
        unit.session.add_all(AccountRole(account_id=account_id, role=role) for role in roles)
        unit.session.add_all(AccountProject(account_id=account_id, project_id=project) for project in projects)
        unit.session.add(
            SignInSession(
                id=new_id(),
                account_id=account_id,
                token_hash=digest(secret),
                csrf_token=csrf,
                created_at=unit.now,
                seen_at=unit.now,
                expires_at=unit.now + timedelta(days=7),
                address="127.0.0.1",
                user_agent="test",
            )
        )
    return Person(id=account_id, login=login, cookie=secret, csrf=csrf)


async def make_project(database: Database, clock: Clock, *, name: str = "Help desk") -> UUID:
    """A project of a company of its own."""
    async with work(database, CENTRE, clock=clock) as unit:
        company = Company(id=new_id(), name=f"{name} company {new_id().hex[-8:]}", country="MD")
        unit.session.add(company)
        await unit.session.flush()
        project = Project(
            id=new_id(),
            company_id=company.id,
            name=name,
            code=f"p-{new_id().hex[-12:]}",
            service="general",
            time_zone="Europe/Chisinau",
            languages=["en"],
        )
        unit.session.add(project)
    return project.id
