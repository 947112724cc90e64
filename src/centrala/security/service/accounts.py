"""Accounts: opened, closed, erased; what roles and projects they hold."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Text, Uuid, delete, func, select

from centrala.kit.errors import InvalidField
from centrala.kit.ids import new_id
from centrala.kit.personal import personal_columns
from centrala.kit.work import Work
from centrala.security import passwords
from centrala.security.errors import LastAdministrator, LoginTaken
from centrala.security.models import (
    Account,
    AccountProject,
    AccountRole,
    ApiToken,
    RecoveryCode,
    SavedView,
    SignInSession,
)
from centrala.security.permissions import Role


async def open_account(
    work: Work,
    *,
    login: str,
    given_name: str,
    family_name: str,
    language: str,
    roles: Collection[Role],
    password: str | None = None,
    time_zone: str = "UTC",
) -> Account:
    """Make an account; a given password is a temporary one. Raises `LoginTaken`."""
    await refuse_taken_login(work, login)
    account = Account(
        id=new_id(),
        login=login,
        given_name=given_name,
        family_name=family_name,
        language=language,
        time_zone=time_zone,
    )
    work.session.add(account)
    await work.session.flush()
    if password is not None:
        await set_password(work, account, password, must_change=True)
    await set_roles(work, account.id, roles)
    work.trace("account.opened", "account", account.id)
    return account


async def refuse_taken_login(work: Work, login: str, *, except_id: UUID | None = None) -> None:
    """Raise `LoginTaken` when another account has the login, in whatever case it is written."""
    query = select(Account.id).where(func.lower(Account.login) == login.lower(), Account.id != except_id)
    if await work.session.scalar(query) is not None:
        raise LoginTaken


async def set_password(
    work: Work, account: Account, password: str, *, must_change: bool, field: str = "password"
) -> None:
    """Replace the password; every session of the account ends but the one that asks."""
    passwords.check_rules(password, login=account.login, field=field)
    account.password_hash = await passwords.hashed(password)
    account.password_changed_at = work.now
    account.must_change_password = must_change
    account.version += 1
    work.trace("account.password_set", "account", account.id, temporary=must_change)


async def set_roles(work: Work, account_id: UUID, roles: Collection[Role]) -> None:
    """Give the account exactly these roles. Raises `LastAdministrator`."""
    held = set((await roles_of(work, [account_id]))[account_id])
    wanted = set(roles)
    if Role.ADMINISTRATOR in held - wanted:
        await refuse_last_administrator(work, account_id)
    if held == wanted:
        return
    await work.session.execute(
        delete(AccountRole).where(AccountRole.account_id == account_id, AccountRole.role.in_(held - wanted))
    )
    work.session.add_all(AccountRole(account_id=account_id, role=role) for role in sorted(wanted - held))
    await work.session.flush()
    work.trace("account.roles_set", "account", account_id, given=sorted(wanted - held), taken=sorted(held - wanted))


async def refuse_last_administrator(work: Work, account_id: UUID) -> None:
    """Raise `LastAdministrator` when nobody else could administer the centre.

    The rows of all administrators are locked, so that two of them cannot dismiss each other at one time.
    """
    query = (
        select(Account.id)
        .join(AccountRole, AccountRole.account_id == Account.id)
        .where(AccountRole.role == Role.ADMINISTRATOR, Account.closed_at.is_(None))
        .with_for_update()
    )
    if set((await work.session.scalars(query)).all()) <= {account_id}:
        raise LastAdministrator


async def set_projects(work: Work, account_id: UUID, project_ids: Collection[UUID]) -> list[UUID]:
    """Put the account on exactly these of the projects that the actor sees; returns those that it left.

    Projects behind the actor's wall stay as they are. Raises `InvalidField` for a project that is not the actor's.
    """
    held = set((await projects_of(work, [account_id]))[account_id])
    wanted = set(project_ids)
    visible = work.access.wall.projects if work.access else wanted | held
    if not wanted <= visible:
        raise InvalidField("project_ids", "unknown_project", "A project in this list does not exist.")
    left = held - wanted
    await work.session.execute(
        delete(AccountProject).where(AccountProject.account_id == account_id, AccountProject.project_id.in_(left))
    )
    work.session.add_all(AccountProject(account_id=account_id, project_id=project) for project in wanted - held)
    await work.session.flush()
    if left or wanted - held:
        work.trace(
            "account.projects_set",
            "account",
            account_id,
            joined=sorted(str(project) for project in wanted - held),
            left=sorted(str(project) for project in left),
        )
    return sorted(left)


async def close_account(work: Work, account: Account) -> None:
    """Nobody signs in by it any more; its sessions and tokens end now. Raises `LastAdministrator`."""
    if Role.ADMINISTRATOR in (await roles_of(work, [account.id]))[account.id]:
        await refuse_last_administrator(work, account.id)
    account.closed_at = work.now
    account.version += 1
    await end_sessions(work, account.id)
    await work.session.execute(delete(ApiToken).where(ApiToken.account_id == account.id))
    work.trace("account.closed", "account", account.id)


async def reopen_account(work: Work, account: Account) -> None:
    account.closed_at = None
    account.version += 1
    work.trace("account.reopened", "account", account.id)


async def erase_account(work: Work, account: Account) -> None:
    """Take the person out of an account: names, login, secrets; its id stays, so that figures keep their sums."""
    for table, column, _kind in personal_columns(Account.metadata):
        if table is Account.__table__:
            setattr(account, column.key, "")
    account.login = f"erased-{account.id}"
    account.password_hash = account.totp_secret = None
    account.totp_enabled = False
    account.closed_at = account.closed_at or work.now
    account.erased_at = work.now
    account.version += 1
    for owned in (SignInSession, ApiToken, RecoveryCode, SavedView):
        await work.session.execute(delete(owned).where(owned.account_id == account.id))
    work.trace("account.erased", "account", account.id)


async def end_sessions(work: Work, account_id: UUID, *, keep: UUID | None = None) -> int:
    """End the sessions of an account but `keep`; returns how many ended."""
    query = delete(SignInSession).where(SignInSession.account_id == account_id)
    if keep is not None:
        query = query.where(SignInSession.id != keep)
    ended = await work.session.execute(query.returning(SignInSession.id))
    return len(ended.all())


def roles_array(account: ColumnElement[UUID]) -> ColumnElement[Sequence[str]]:
    """The roles of `account` as a column of a statement about many people."""
    held = select(AccountRole.role).where(AccountRole.account_id == account).order_by(AccountRole.role)
    return func.array(held.scalar_subquery(), type_=ARRAY(Text))


def projects_array(account: ColumnElement[UUID]) -> ColumnElement[Sequence[UUID]]:
    """The projects of `account`, as far as the actor sees them, as such a column."""
    on = select(AccountProject.project_id).where(AccountProject.account_id == account)
    return func.array(on.order_by(AccountProject.project_id).scalar_subquery(), type_=ARRAY(Uuid))


async def people_on(work: Work, project_id: UUID, *roles: Role) -> list[UUID]:
    """The people of a project who hold one of these roles and may sign in, in a lasting order."""
    query = (
        select(AccountProject.account_id)
        .join(Account, Account.id == AccountProject.account_id)
        .join(AccountRole, AccountRole.account_id == AccountProject.account_id)
        .where(AccountProject.project_id == project_id, Account.closed_at.is_(None), AccountRole.role.in_(roles))
        .order_by(AccountProject.account_id)
        .distinct()
    )
    return list((await work.session.scalars(query)).all())


async def roles_of(work: Work, ids: Iterable[UUID]) -> dict[UUID, list[Role]]:
    """The roles of each account; an account without roles has an empty list."""
    found: dict[UUID, list[Role]] = defaultdict(list)
    query = select(AccountRole.account_id, AccountRole.role).where(AccountRole.account_id.in_(list(ids)))
    for account_id, role in await work.session.execute(query):
        found[account_id].append(Role(role))
    return found


async def projects_of(work: Work, ids: Iterable[UUID]) -> dict[UUID, list[UUID]]:
    """The projects of each account, as far as the actor sees them."""
    found: dict[UUID, list[UUID]] = defaultdict(list)
    query = (
        select(AccountProject.account_id, AccountProject.project_id)
        .where(AccountProject.account_id.in_(list(ids)))
        .order_by(AccountProject.project_id)
    )
    for account_id, project_id in await work.session.execute(query):
        found[account_id].append(project_id)
    return found
