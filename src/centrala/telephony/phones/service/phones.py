"""Desk phones: made, changed, disabled, removed; their secrets."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import DateTime as Moment
from sqlalchemy import Row, Select, Uuid, column, delete, func, select, table

from centrala.kit.access import Permission
from centrala.kit.errors import InvalidField, NotFound
from centrala.kit.http import same_version
from centrala.kit.ids import new_id
from centrala.kit.listing import ListQuery, Slice, Sorts, all_rows, csv_text, fetch
from centrala.kit.search import folded, matches
from centrala.kit.vault import Vault
from centrala.kit.verbs import assign, require, require_centre
from centrala.kit.work import Work
from centrala.telephony.phones.errors import AlreadyDisabled, NotDisabled, TooManyPhones
from centrala.telephony.phones.events import phone_changed, phone_removed
from centrala.telephony.phones.keys import both_ha1, new_secret, new_user
from centrala.telephony.phones.models import Contact, Phone
from centrala.telephony.phones.schemas import PhoneChange, PhoneIn, PhoneOut
from centrala.telephony.sip.digest import Algorithm

PURPOSE: Final = "phone"
"""The vault's purpose for the hashes of secrets."""

MAX_PHONES: Final = 10  # of one person

accounts: Final = table(
    "accounts",
    column("id", Uuid()),
    column("given_name"),
    column("family_name"),
    column("closed_at", Moment(timezone=True)),
)
"""Whose phones they are, by name only: the room of accounts stands above this one."""

_name: Final = func.trim(accounts.c.given_name + " " + accounts.c.family_name)
_live: Final = (
    select(Contact.phone_id, func.max(Contact.expires_at).label("until"))
    .where(Contact.phone_id.is_not(None))
    .group_by(Contact.phone_id)
    .subquery("live")
)

SORTS: Final[Sorts] = {
    "label": folded(Phone.label),
    "person_name": folded(_name),
    "user": Phone.user,
    "registered_at": Phone.registered_at,
}
_HEADER: Final = ("person_name", "label", "model", "user", "disabled_at", "registered_at", "registered_until")


def _matching(query: ListQuery, *, person_id: UUID | None, disabled: bool | None) -> Select[Phone]:
    statement = select(Phone).join(accounts, accounts.c.id == Phone.person_id)
    if person_id is not None:
        statement = statement.where(Phone.person_id == person_id)
    if disabled is not None:
        statement = statement.where(Phone.disabled_at.is_not(None) if disabled else Phone.disabled_at.is_(None))
    return statement.where(matches(query.q, Phone.label, Phone.user, Phone.model, _name)) if query.q else statement


async def list_phones(
    work: Work, query: ListQuery, *, person_id: UUID | None = None, disabled: bool | None = None
) -> Slice[PhoneOut]:
    found = await fetch(work.session, _matching(query, person_id=person_id, disabled=disabled), query, SORTS, Phone.id)
    return Slice(rows=await _shown(work, found.rows), total=found.total)


async def export_phones(
    work: Work, query: ListQuery, *, person_id: UUID | None = None, disabled: bool | None = None
) -> str:
    """The list as CSV, with a trace."""
    require(work, Permission.EXPORT)
    statement = _matching(query, person_id=person_id, disabled=disabled)
    phones = [phone async for phone in all_rows(work.session, statement, query, SORTS, Phone.id)]
    work.trace("phones.exported", "phones", "*", rows=len(phones))
    return csv_text(_HEADER, [tuple(getattr(one, name) for name in _HEADER) for one in await _shown(work, phones)])


async def read_phone(work: Work, phone_id: UUID) -> PhoneOut:
    phone = await work.session.get(Phone, phone_id)
    if phone is None:
        raise NotFound
    return (await _shown(work, [phone]))[0]


async def create_phone(work: Work, vault: Vault, form: PhoneIn) -> tuple[PhoneOut, str]:
    """A phone and its secret, which is known this once."""
    require_centre(work)
    await _hold_person(work, form.person_id)
    phone = Phone(id=new_id(), **form.model_dump(), user=await _free_user(work))
    secret = _give_secret(work, vault, phone)
    work.session.add(phone)
    await work.session.flush()
    work.trace("phone.created", "phone", phone.id, person_id=str(phone.person_id))
    work.tell(phone_changed(phone.id))
    return (await _shown(work, [phone]))[0], secret


async def change_phone(work: Work, phone_id: UUID, form: PhoneChange, *, read: int) -> PhoneOut:
    """Change what was sent; a phone that goes to somebody else rings for them from its next registration on."""
    phone = await _locked(work, phone_id, read=read)
    sent = form.sent()
    if sent.get("person_id", phone.person_id) != phone.person_id:
        await _hold_person(work, form.person_id)
        await _unregister(work, phone)
    changed = assign(phone, sent)
    if changed:
        _touch(work, phone, "changed", fields=changed)
    return (await _shown(work, [phone]))[0]


async def reset_secret(work: Work, vault: Vault, phone_id: UUID, *, read: int) -> tuple[PhoneOut, str]:
    """A new secret, shown this once; the old one is worth nothing from now on."""
    phone = await _locked(work, phone_id, read=read)
    if phone.disabled_at is not None:
        raise AlreadyDisabled("Enable the phone first.")
    secret = _give_secret(work, vault, phone)
    await _unregister(work, phone)
    _touch(work, phone, "secret_reset")
    return (await _shown(work, [phone]))[0], secret


async def disable_phone(work: Work, phone_id: UUID, *, read: int) -> PhoneOut:
    phone = await _locked(work, phone_id, read=read)
    if phone.disabled_at is not None:
        raise AlreadyDisabled
    phone.disabled_at = work.now
    await _unregister(work, phone)
    _touch(work, phone, "disabled")
    return (await _shown(work, [phone]))[0]


async def enable_phone(work: Work, phone_id: UUID, *, read: int) -> PhoneOut:
    phone = await _locked(work, phone_id, read=read)
    if phone.disabled_at is None:
        raise NotDisabled
    phone.disabled_at = None
    _touch(work, phone, "enabled")
    return (await _shown(work, [phone]))[0]


async def remove_phone(work: Work, phone_id: UUID, *, read: int) -> None:
    phone = await _locked(work, phone_id, read=read)
    await work.session.delete(phone)
    work.trace("phone.removed", "phone", phone.id, label=phone.label)
    work.tell(phone_removed(phone.id))


async def forget_person(work: Work, person_id: UUID) -> None:
    """Somebody is erased: their phones go, with where they were registered from."""
    await work.session.execute(delete(Contact).where(Contact.person_id == person_id))
    gone = await work.session.scalars(delete(Phone).where(Phone.person_id == person_id).returning(Phone.id))
    for phone_id in gone.all():
        work.tell(phone_removed(phone_id))


async def _free_user(work: Work) -> str:
    while await work.session.scalar(select(Phone.id).where(Phone.user == (user := new_user()))):
        pass
    return user


def _give_secret(work: Work, vault: Vault, phone: Phone) -> str:
    secret = new_secret()
    hashes = both_ha1(phone.user, secret)
    phone.ha1_md5 = vault.seal(hashes[Algorithm.MD5].encode(), owner=phone.id.bytes)
    phone.ha1_sha256 = vault.seal(hashes[Algorithm.SHA256].encode(), owner=phone.id.bytes)
    phone.secret_at = work.now
    return secret


async def _unregister(work: Work, phone: Phone) -> None:
    await work.session.execute(delete(Contact).where(Contact.phone_id == phone.id))


async def _hold_person(work: Work, person_id: UUID) -> None:
    """The person is there, works here, and may have one phone more."""
    held = select(accounts.c.closed_at).where(accounts.c.id == person_id).with_for_update(key_share=True)
    row = (await work.session.execute(held)).one_or_none()
    if row is None or row.closed_at is not None:
        raise InvalidField("person_id", "unknown_reference", "There is no such employee.")
    count = await work.session.scalar(select(func.count()).where(Phone.person_id == person_id)) or 0
    if count >= MAX_PHONES:
        raise TooManyPhones(extra={"limit": MAX_PHONES})


async def _locked(work: Work, phone_id: UUID, *, read: int) -> Phone:
    phone = await work.session.scalar(select(Phone).where(Phone.id == phone_id).with_for_update())
    if phone is None:
        raise NotFound
    require_centre(work)

    async def current() -> PhoneOut:
        return (await _shown(work, [phone]))[0]

    await same_version(phone, read, current)
    return phone


def _touch(work: Work, phone: Phone, happened: str, **details: Any) -> None:
    phone.version += 1
    work.trace(f"phone.{happened}", "phone", phone.id, **details)
    work.tell(phone_changed(phone.id))


async def _shown(work: Work, phones: Sequence[Phone]) -> list[PhoneOut]:
    query = (
        select(Phone.id, _name.label("name"), _live.c.until)
        .join(accounts, accounts.c.id == Phone.person_id)
        .outerjoin(_live, _live.c.phone_id == Phone.id)
        .where(Phone.id.in_([phone.id for phone in phones]))
    )
    beside = {row.id: row for row in await work.session.execute(query)}
    return [_out(work, phone, beside[phone.id]) for phone in phones]


def _out(work: Work, phone: Phone, beside: Row[Any]) -> PhoneOut:
    until = beside.until if beside.until is not None and beside.until > work.now else None
    return PhoneOut(
        id=phone.id,
        person_id=phone.person_id,
        person_name=beside.name,
        label=phone.label,
        model=phone.model,
        user=phone.user,
        secret_at=phone.secret_at,
        disabled_at=phone.disabled_at,
        registered_until=until,
        registered_at=phone.registered_at,
        address=phone.address,
        user_agent=phone.user_agent,
        version=phone.version,
    )
