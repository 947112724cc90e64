"""The front door of security: accounts, sign-in, sessions, tokens, the audit trail."""

from centrala.kit.http import COOKIE
from centrala.security.errors import LoginTaken
from centrala.security.models import Account, AccountProject, AccountRole
from centrala.security.permissions import CENTRE_ROLES, Role, outranks, permissions_of, roles_with
from centrala.security.schemas import NewPassword, SessionOut
from centrala.security.service.accounts import (
    close_account,
    end_sessions,
    erase_account,
    open_account,
    people_on,
    projects_array,
    refuse_last_administrator,
    refuse_taken_login,
    reopen_account,
    roles_array,
    roles_of,
    set_password,
    set_projects,
    set_roles,
)
from centrala.security.service.entry import Doorkeeper, Key, same_site
from centrala.security.service.setup import is_needed, make_link, take_link
from centrala.security.service.sign_in import Attempt, NewSession, SignIn
from centrala.security.service.trail import anchor, verify_audit

__all__ = [
    "CENTRE_ROLES",
    "COOKIE",
    "Account",
    "AccountProject",
    "AccountRole",
    "Attempt",
    "Doorkeeper",
    "Key",
    "LoginTaken",
    "NewPassword",
    "NewSession",
    "Role",
    "SessionOut",
    "SignIn",
    "anchor",
    "close_account",
    "end_sessions",
    "erase_account",
    "is_needed",
    "make_link",
    "open_account",
    "outranks",
    "people_on",
    "permissions_of",
    "projects_array",
    "refuse_last_administrator",
    "refuse_taken_login",
    "reopen_account",
    "roles_array",
    "roles_of",
    "roles_with",
    "same_site",
    "set_password",
    "set_projects",
    "set_roles",
    "take_link",
    "verify_audit",
]
