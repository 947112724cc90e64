"""The front door of projects."""

from centrala.projects.public_holidays import Country, countries
from centrala.projects.service.calendars import (
    change_calendar,
    create_calendar,
    export_calendars,
    list_calendars,
    read_calendar,
    remove_calendar,
)
from centrala.projects.service.companies import (
    archive_company,
    change_company,
    create_company,
    export_companies,
    list_companies,
    read_company,
    restore_company,
)
from centrala.projects.service.days import days_of_calendar, hours_state, is_calendar_open, plan_of
from centrala.projects.service.numbers import add_number, change_number, remove_number
from centrala.projects.service.projects import (
    archive_project,
    change_project,
    create_project,
    export_projects,
    list_projects,
    read_project,
    restore_project,
    unknown_projects,
)
from centrala.projects.service.sight import all_project_ids, in_sight

__all__ = [
    "Country",
    "add_number",
    "all_project_ids",
    "archive_company",
    "archive_project",
    "change_calendar",
    "change_company",
    "change_number",
    "change_project",
    "countries",
    "create_calendar",
    "create_company",
    "create_project",
    "days_of_calendar",
    "export_calendars",
    "export_companies",
    "export_projects",
    "hours_state",
    "in_sight",
    "is_calendar_open",
    "list_calendars",
    "list_companies",
    "list_projects",
    "plan_of",
    "read_calendar",
    "read_company",
    "read_project",
    "remove_calendar",
    "remove_number",
    "restore_company",
    "restore_project",
    "unknown_projects",
]
