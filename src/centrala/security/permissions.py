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
_SERVES: Final = {P.WORK_OWN, P.QUEUES_READ, P.INTERACTIONS_READ, P.CUSTOMERS_READ, P.CUSTOMERS_WRITE}
_WATCHES: Final = {P.QUEUES_READ, P.BOARD_READ, P.FLOWS_READ, P.INTERACTIONS_READ, P.CUSTOMERS_READ, P.REPORTS_READ}

PERMITTED: Final[dict[Role, frozenset[P]]] = {
    Role.OPERATOR: frozenset(_COLLEAGUE | _SERVES),
    Role.SENIOR: frozenset(_COLLEAGUE | _SERVES | {P.CALLS_READ, P.BOARD_READ, P.SUPERVISE}),
    Role.SUPERVISOR: frozenset(
        _COLLEAGUE
        | _SERVES
        | _WATCHES
        | {
            P.QUEUES_WRITE,
            P.OPERATORS_CONTROL,
            P.SUPERVISE,
            P.FLOWS_WRITE,
            P.INTERACTIONS_REVEAL,
            P.INTERACTIONS_WRITE,
            P.RECORDINGS_PLAY,
            P.RECORDINGS_DOWNLOAD,
            P.DISPOSITIONS_WRITE,
            P.CALENDARS_WRITE,
            P.EMPLOYEES_REVEAL,
            P.PHONES_READ,
            P.CALLS_READ,
            P.CALLS_REVEAL,
            P.CALLS_CONTROL,
            P.EXPORT,
        }
    ),
    Role.QUALITY: frozenset(_COLLEAGUE | _WATCHES | {P.CALLS_READ, P.RECORDINGS_PLAY, P.RECORDINGS_DOWNLOAD, P.EXPORT}),
    Role.PLANNER: frozenset(
        _COLLEAGUE | {P.CALENDARS_WRITE, P.TEAMS_WRITE, P.QUEUES_READ, P.BOARD_READ, P.REPORTS_READ, P.EXPORT}
    ),
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
        | _WATCHES
        | {
            P.QUEUES_WRITE,
            P.BREAKS_WRITE,
            P.FLOWS_WRITE,
            P.INTERACTIONS_REVEAL,
            P.RECORDINGS_PLAY,
            P.DISPOSITIONS_WRITE,
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
    Role.CLIENT: frozenset({P.COMPANIES_READ, P.PROJECTS_READ, P.CALENDARS_READ, P.INTERACTIONS_READ, P.REPORTS_READ}),
}


def outranks(roles: frozenset[Role], held: frozenset[P]) -> bool:
    """Whether the holder of these roles may do more than somebody with `held`, beside serving contacts.

    What every operator may do is nobody's privilege: who looks after the accounts of operators need not be one.
    """
    return not permissions_of(roles) - PERMITTED[Role.OPERATOR] <= held


CENTRE_ROLES: Final = frozenset({Role.PLANNER, Role.PERSONNEL, Role.MANAGER, Role.ADMINISTRATOR})
"""Roles that work for the centre as a whole: they see all people and all projects."""


def permissions_of(roles: frozenset[Role]) -> frozenset[P]:
    """All that the holder of these roles may do."""
    return frozenset().union(*(PERMITTED[role] for role in roles))


def roles_with(permission: P) -> list[Role]:
    """The roles that hold a permission, in the table's order."""
    return [role for role, held in PERMITTED.items() if permission in held]
