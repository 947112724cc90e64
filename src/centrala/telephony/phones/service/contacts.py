"""Where phones are registered, kept so that a restarted app can call them at once."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from centrala.kit.ids import new_id
from centrala.kit.work import Work
from centrala.telephony.phones.events import presence
from centrala.telephony.phones.models import Contact, Phone
from centrala.telephony.phones.service.credentials import Owner
from centrala.telephony.sip.flow import Flow
from centrala.telephony.sip.registrar import Binding, Change, Changed, Registrar

_HERE = frozenset({Change.ADDED, Change.REFRESHED})


async def save(work: Work, changes: Sequence[Changed], owner_of: Callable[[str], Owner | None], *, now: float) -> None:
    """Write what a registrar changed. `now` is the moment on the registrar's clock that `work.now` is on the wall's.

    An address of record without an owner is left out: its phone was removed meanwhile.
    """
    for changed in changes:
        owner = owner_of(changed.aor)
        if owner is None:
            continue
        if changed.change in _HERE:
            await _keep(work, changed, owner, now)
        else:
            await _drop(work, changed, owner)


async def _keep(work: Work, changed: Changed, owner: Owner, now: float) -> None:
    values = _values(work, changed.binding, now)
    fresh = {"id": new_id(), "aor": changed.aor, "person_id": owner.person_id, "phone_id": owner.phone_id, **values}
    statement = insert(Contact).values(**fresh, registered_at=work.now)
    kept = {name: statement.excluded[name] for name in (*values, "person_id", "phone_id")}
    await work.session.execute(statement.on_conflict_do_update(index_elements=["aor", "contact"], set_=kept))
    if changed.change is Change.ADDED:
        if owner.phone_id is not None:
            seen = {"registered_at": work.now, "address": _address(changed.binding.flow)}
            query = update(Phone).where(Phone.id == owner.phone_id)
            await work.session.execute(query.values(**seen, user_agent=changed.binding.user_agent))
        work.tell(presence(person_id=owner.person_id, phone_id=owner.phone_id, here=True))


async def _drop(work: Work, changed: Changed, owner: Owner) -> None:
    gone = (Contact.aor == changed.aor, Contact.contact == changed.binding.contact)
    await work.session.execute(delete(Contact).where(*gone))
    left = await work.session.scalar(select(func.count()).where(Contact.aor == changed.aor))
    if not left:
        work.tell(presence(person_id=owner.person_id, phone_id=owner.phone_id, here=False))


def _values(work: Work, binding: Binding, now: float) -> dict[str, Any]:
    return {
        "contact": binding.contact,
        "q": binding.q,
        "expires_at": work.now + timedelta(seconds=binding.ends - now),
        "call_id": binding.call_id,
        "cseq": binding.cseq,
        "flow": None if binding.flow is None else binding.flow.to_dict(),
        "path": list(binding.path),
        "instance": binding.instance,
        "reg_id": binding.reg_id,
        "user_agent": binding.user_agent,
    }


def _address(flow: Flow | None) -> str:
    return "" if flow is None else flow.remote[0]


async def restore(work: Work, registrar: Registrar, *, now: float) -> dict[str, Owner]:
    """Take up what was registered before a restart; returns the owner of each address of record.

    Contacts behind a connection ended with the process that held it (RFC 5626 section 5.3); they and those whose time
    is over are deleted, and the phones come back by themselves.
    """
    await work.session.execute(delete(Contact).where(Contact.expires_at <= work.now))
    owners: dict[str, Owner] = {}
    bindings: dict[str, list[Binding]] = {}
    lost: list[UUID] = []
    for row in await work.session.scalars(select(Contact).order_by(Contact.aor, Contact.registered_at)):
        flow = None if row.flow is None else Flow.from_dict(row.flow)
        if flow is not None and flow.reliable:
            lost.append(row.id)
            continue
        owners[row.aor] = Owner(row.person_id, row.phone_id, row.aor)
        bindings.setdefault(row.aor, []).append(_binding(work, row, flow, now))
    await work.session.execute(delete(Contact).where(Contact.id.in_(lost)))
    for aor, kept in bindings.items():
        registrar.restore(aor, kept)
    return owners


def _binding(work: Work, row: Contact, flow: Flow | None, now: float) -> Binding:
    return Binding(
        contact=row.contact,
        q=row.q,
        ends=now + (row.expires_at - work.now).total_seconds(),
        call_id=row.call_id,
        cseq=row.cseq,
        flow=flow,
        path=tuple(row.path),
        instance=row.instance,
        reg_id=row.reg_id,
        user_agent=row.user_agent,
    )


async def phone_is_registered(work: Work, phone_id: UUID) -> bool:
    """Whether a desk phone may be called: a change of its secret or state takes its contacts away."""
    query = select(Contact.id).where(Contact.phone_id == phone_id, Contact.expires_at > work.now).limit(1)
    return await work.session.scalar(query) is not None


async def phones_of(work: Work, person_id: UUID) -> list[Owner]:
    """Everything that rings when a person is called: addresses of record that are registered now."""
    query = (
        select(Contact.aor, Contact.phone_id)
        .where(Contact.person_id == person_id, Contact.expires_at > work.now)
        .distinct()
    )
    return [Owner(person_id, phone_id, aor) for aor, phone_id in await work.session.execute(query)]
