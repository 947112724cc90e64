"""Which permission each route asks for. A route that is missing here fails CI; so does a line without a route."""

from typing import Final

from centrala.kit.access import Permission

P = Permission

ANYBODY: Final = "anybody"
"""Answered without a sign-in."""

SIGNED_IN: Final = "signed in"
"""One's own things: answered to every role."""

LOCAL: Final = "local"
"""Answered to this machine, or to a token."""

ROUTES: Final[dict[str, P | str]] = {
    "read_session": SIGNED_IN,
    "sign_in": ANYBODY,
    "sign_out": SIGNED_IN,
    "read_setup": ANYBODY,
    "set_up": ANYBODY,
    "read_me": SIGNED_IN,
    "change_me": SIGNED_IN,
    "change_my_password": SIGNED_IN,
    "begin_totp": SIGNED_IN,
    "confirm_totp": SIGNED_IN,
    "turn_totp_off": SIGNED_IN,
    "list_my_sessions": SIGNED_IN,
    "end_my_other_sessions": SIGNED_IN,
    "end_my_session": SIGNED_IN,
    "list_my_tokens": P.TOKENS_OWN,
    "make_my_token": P.TOKENS_OWN,
    "delete_my_token": P.TOKENS_OWN,
    "list_my_views": SIGNED_IN,
    "save_my_view": SIGNED_IN,
    "delete_my_view": SIGNED_IN,
    "read_roles": P.ROLES_READ,
    "list_audit": P.AUDIT_READ,
    "export_audit": P.AUDIT_READ,
    "verify_audit": P.AUDIT_READ,
    "list_companies": P.COMPANIES_READ,
    "export_companies": P.COMPANIES_READ,
    "read_company": P.COMPANIES_READ,
    "create_company": P.COMPANIES_WRITE,
    "change_company": P.COMPANIES_WRITE,
    "archive_company": P.COMPANIES_WRITE,
    "restore_company": P.COMPANIES_WRITE,
    "list_projects": P.PROJECTS_READ,
    "export_projects": P.PROJECTS_READ,
    "read_project": P.PROJECTS_READ,
    "create_project": P.PROJECTS_WRITE,
    "change_project": P.PROJECTS_WRITE,
    "archive_project": P.PROJECTS_WRITE,
    "restore_project": P.PROJECTS_WRITE,
    "list_numbers": P.PROJECTS_READ,
    "add_number": P.PROJECTS_WRITE,
    "change_number": P.PROJECTS_WRITE,
    "remove_number": P.PROJECTS_WRITE,
    "list_calendars": P.CALENDARS_READ,
    "export_calendars": P.CALENDARS_READ,
    "read_calendar": P.CALENDARS_READ,
    "list_calendar_days": P.CALENDARS_READ,
    "create_calendar": P.CALENDARS_WRITE,
    "change_calendar": P.CALENDARS_WRITE,
    "remove_calendar": P.CALENDARS_WRITE,
    "list_countries": SIGNED_IN,
    "list_employees": P.EMPLOYEES_READ,
    "export_employees": P.EMPLOYEES_READ,
    "read_employee": P.EMPLOYEES_READ,
    "create_employee": P.EMPLOYEES_WRITE,
    "change_employee": P.EMPLOYEES_WRITE,
    "dismiss_employee": P.EMPLOYEES_WRITE,
    "reinstate_employee": P.EMPLOYEES_WRITE,
    "set_employee_password": P.EMPLOYEES_WRITE,
    "reveal_employee_field": P.EMPLOYEES_REVEAL,
    "erase_employee": P.EMPLOYEES_ERASE,
    "list_teams": P.EMPLOYEES_READ,
    "export_teams": P.EMPLOYEES_READ,
    "read_team": P.EMPLOYEES_READ,
    "create_team": P.TEAMS_WRITE,
    "change_team": P.TEAMS_WRITE,
    "remove_team": P.TEAMS_WRITE,
    "list_skills": P.EMPLOYEES_READ,
    "export_skills": P.EMPLOYEES_READ,
    "read_skill": P.EMPLOYEES_READ,
    "create_skill": P.SKILLS_WRITE,
    "change_skill": P.SKILLS_WRITE,
    "remove_skill": P.SKILLS_WRITE,
    "read_system": P.SYSTEM_READ,
    "healthz": ANYBODY,
    "readyz": ANYBODY,
    "metrics": LOCAL,
}

EXPORTS: Final = frozenset(name for name in ROUTES if name.startswith("export_"))
"""Routes that ask for `export` too."""
