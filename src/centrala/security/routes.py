"""Sign-in, one's own account, roles and the audit trail over HTTP."""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any, Final
from uuid import UUID

import segno
from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import AwareDatetime
from sqlalchemy import func, select

from centrala.kit.access import CENTRE, Permission
from centrala.kit.audit import AuditRow
from centrala.kit.http import IfMatch, Working, csv_download, problems, same_version, tag, working
from centrala.kit.listing import ListQuery, Page, all_rows, csv_text, fetch, list_query
from centrala.kit.vault import Vault
from centrala.kit.work import Work, work
from centrala.projects.service import projects_of_session
from centrala.security import schemas as s
from centrala.security.models import Account, AccountRole, ApiToken, SavedView
from centrala.security.permissions import CENTRE_ROLES, Role, roles_with
from centrala.security.service import COOKIE, Attempt, Doorkeeper, SignIn, profile, trail
from centrala.security.service.entry import check_origin
from centrala.security.service.sign_in import SESSION_LIFE

router: Final = APIRouter(responses=problems())

Own = Annotated[Work, Depends(working(), scope="function")]
OwnTokens = Annotated[Work, Depends(working(Permission.TOKENS_OWN), scope="function")]
ReadingRoles = Annotated[Work, Depends(working(Permission.ROLES_READ), scope="function")]
ReadingAudit = Annotated[Work, Depends(working(Permission.AUDIT_READ), scope="function")]
Listing = Annotated[ListQuery, Depends(list_query)]


def _vault(request: Request) -> Vault:
    return Vault(request.app.state.settings.secret_key.get_secret_value(), purpose="totp")


Secrets = Annotated[Vault, Depends(_vault)]
