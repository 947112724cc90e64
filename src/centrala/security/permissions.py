"""Who may do what: the one table of roles and permissions."""

from enum import StrEnum
from typing import Final

from centrala.kit.access import Permission

P = Permission


class Role(StrEnum):
    """What a person is in the centre. A person may hold several."""

    OPERATOR = "operator"
    SENIOR = "senior"
    SUPERVISOR = "supervisor"
    QUALITY = "quality"
    PLANNER = "planner"
    PERSONNEL = "personnel"
    MANAGER = "manager"
    ADMINISTRATOR = "administrator"
    CLIENT = "client"


_COLLEAGUE: Final = {P.EMPLOYEES_READ, P.PROJECTS_READ, P.CALENDARS_READ, P.PHONE_OWN}

PERMITTED: Final[dict[Role, frozenset[P]]] = {
    Role.OPERATOR: frozenset(_COLLEAGUE),
    Role.SENIOR: frozenset(_COLLEAGUE | {P.CALLS_READ}),
    Role.SUPERVISOR: frozenset(
        _COLLEAGUE
        | {
            P.CALENDARS_WRITE,
            P.EMPLOYEES_REVEAL,
            P.PHONES_READ,
            P.CALLS_READ,
            P.CALLS_REVEAL,
            P.CALLS_CONTROL,
            P.EXPORT,
        }
    ),
    Role.QUALITY: frozenset(_COLLEAGUE | {P.CALLS_READ, P.EXPORT}),
    Role.PLANNER: frozenset(_COLLEAGUE | {P.CALENDARS_WRITE, P.TEAMS_WRITE, P.EXPORT}),
    Role.PERSONNEL: frozenset(
        _COLLEAGUE
        | {
            P.EMPLOYEES_WRITE,
            P.EMPLOYEES_REVEAL,
            P.EMPLOYEES_ERASE,
            P.TEAMS_WRITE,
            P.SKILLS_WRITE,
            P.ROLES_READ,
            P.EXPORT,
        }
    ),
    Role.MANAGER: frozenset(
        _COLLEAGUE
        | {
            P.COMPANIES_READ,
            P.COMPANIES_WRITE,
            P.PROJECTS_WRITE,
            P.CALENDARS_WRITE,
            P.EMPLOYEES_REVEAL,
            P.TEAMS_WRITE,
            P.SKILLS_WRITE,
            P.ROLES_READ,
            P.AUDIT_READ,
            P.TRUNKS_READ,
            P.DIALLING_READ,
            P.PHONES_READ,
            P.CALLS_READ,
            P.CALLS_REVEAL,
            P.EXPORT,
            P.TOKENS_OWN,
        }
    ),
    Role.ADMINISTRATOR: frozenset(P),
    Role.CLIENT: frozenset({P.COMPANIES_READ, P.PROJECTS_READ, P.CALENDARS_READ}),
}

CENTRE_ROLES: Final = frozenset({Role.PLANNER, Role.PERSONNEL, Role.MANAGER, Role.ADMINISTRATOR})
"""Roles that work for the centre as a whole: they see all people and all projects."""


def permissions_of(roles: frozenset[Role]) -> frozenset[P]:
    """All that the holder of these roles may do."""
    return frozenset().union(*(PERMITTED[role] for role in roles))


def roles_with(permission: P) -> list[Role]:
    """The roles that hold a permission, in the table's order."""
    return [role for role, held in PERMITTED.items() if permission in held]
