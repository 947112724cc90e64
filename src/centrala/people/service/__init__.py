"""The front door of people."""

from centrala.people.service.change import change_employee
from centrala.people.service.colleagues import Colleague, active_colleagues
from centrala.people.service.create import create_employee
from centrala.people.service.dismiss import dismiss_employee, reinstate_employee
from centrala.people.service.erase import erase_employee
from centrala.people.service.password import set_temporary_password
from centrala.people.service.read import (
    Filters,
    Person,
    export_employees,
    list_employees,
    person_by_number,
    read_employee,
)
from centrala.people.service.reveal import reveal
from centrala.people.service.skills import (
    change_skill,
    create_skill,
    export_skills,
    list_skills,
    read_skill,
    remove_skill,
)
from centrala.people.service.teams import change_team, create_team, export_teams, list_teams, read_team, remove_team

__all__ = [
    "Colleague",
    "Filters",
    "Person",
    "active_colleagues",
    "change_employee",
    "change_skill",
    "change_team",
    "create_employee",
    "create_skill",
    "create_team",
    "dismiss_employee",
    "erase_employee",
    "export_employees",
    "export_skills",
    "export_teams",
    "list_employees",
    "list_skills",
    "list_teams",
    "person_by_number",
    "read_employee",
    "read_skill",
    "read_team",
    "reinstate_employee",
    "remove_skill",
    "remove_team",
    "reveal",
    "set_temporary_password",
]
