"""Who acts, what they may do, and which projects they see.

The names of the permissions stand here because every room asks for them; which role holds which permission stands in
one table, `security/permissions.py`.
"""

from dataclasses import dataclass, replace
from enum import StrEnum

from centrala.kit.errors import Forbidden, NotFound
from centrala.kit.ids import AccountId, ProjectId


class Permission(StrEnum):
    """What a person may do, as `<object>.<verb>`."""

    EMPLOYEES_READ = "employees.read"
    EMPLOYEES_WRITE = "employees.write"
    EMPLOYEES_REVEAL = "employees.reveal"
    EMPLOYEES_ERASE = "employees.erase"
    TEAMS_WRITE = "teams.write"
    SKILLS_WRITE = "skills.write"
    ROLES_READ = "roles.read"
    ROLES_ASSIGN = "roles.assign"
    COMPANIES_READ = "companies.read"
    COMPANIES_WRITE = "companies.write"
    PROJECTS_READ = "projects.read"
    PROJECTS_WRITE = "projects.write"
    CALENDARS_READ = "calendars.read"
    CALENDARS_WRITE = "calendars.write"
    AUDIT_READ = "audit.read"
    SYSTEM_READ = "system.read"
    TRUNKS_READ = "trunks.read"
    TRUNKS_WRITE = "trunks.write"
    DIALLING_READ = "dialling.read"
    DIALLING_WRITE = "dialling.write"
    PHONES_READ = "phones.read"
    PHONES_WRITE = "phones.write"
    PHONE_OWN = "phone.own"
    CALLS_READ = "calls.read"
    CALLS_REVEAL = "calls.reveal"
    CALLS_CONTROL = "calls.control"
    TRACE_READ = "trace.read"
    QUEUES_READ = "queues.read"
    QUEUES_WRITE = "queues.write"
    BREAKS_WRITE = "breaks.write"
    BOARD_READ = "board.read"
    OPERATORS_CONTROL = "operators.control"
    WORK_OWN = "work.own"
    SUPERVISE = "supervise"
    FLOWS_READ = "flows.read"
    FLOWS_WRITE = "flows.write"
    INTERACTIONS_READ = "interactions.read"
    INTERACTIONS_REVEAL = "interactions.reveal"
    INTERACTIONS_WRITE = "interactions.write"
    RECORDINGS_PLAY = "recordings.play"
    RECORDINGS_DOWNLOAD = "recordings.download"
    DISPOSITIONS_WRITE = "dispositions.write"
    CUSTOMERS_READ = "customers.read"
    CUSTOMERS_WRITE = "customers.write"
    REPORTS_READ = "reports.read"
    DEMO_CONTROL = "demo.control"
    EXPORT = "export"
    TOKENS_OWN = "tokens.own"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wall:
    """What the database lets a transaction see.

    `projects` are the client companies' projects whose rows are visible; an empty set sees nothing of any project.
    `centre` opens the rows that belong to the centre as a whole (people, teams, the audit trail). `person` is who
    looks: their own account is always visible to them.
    """

    projects: frozenset[ProjectId] = frozenset()
    centre: bool = False
    person: AccountId | None = None


NOTHING = Wall()
"""The wall of a request that nobody has signed in to: no row is visible."""

CENTRE = Wall(centre=True)
"""The wall of the program's own work on centre-wide rows, such as the first start and the delivery of facts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """A signed-in person (or their token) for the length of one request."""

    account_id: AccountId
    permissions: frozenset[Permission]
    wall: Wall
    actor: str
    """How the audit trail names the way in: `session` or `token:<id>`."""

    def may(self, permission: Permission) -> bool:
        return permission in self.permissions

    def require(self, permission: Permission) -> None:
        if permission not in self.permissions:
            raise Forbidden(f"This needs the permission {permission}.")

    def narrowed_to(self, project_id: ProjectId) -> "Access":
        """The same person looking at one project; one that is not theirs does not exist for them."""
        if project_id not in self.wall.projects:
            raise NotFound
        return replace(self, wall=replace(self.wall, projects=frozenset({project_id})))
