"""What people write about a contact: the note, the disposition, who it was."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from centrala.customers import service as customers
from centrala.interactions.core import TimelineKind
from centrala.interactions.errors import CustomerOfAnotherProject, FieldsMissing, WrongDisposition
from centrala.interactions.events import interaction_changed
from centrala.interactions.models import Disposition, Interaction, TimelineRow
from centrala.interactions.schemas import (
    MAX_VALUE,
    CustomerGiven,
    DispositionGiven,
    DispositionKind,
    FieldType,
    InteractionDetails,
    NoteIn,
    RequiredField,
)
from centrala.interactions.service.reading import details, load_interaction, refuse_others
from centrala.kit.errors import FieldError, InvalidField, NotFound
from centrala.kit.http import same_version
from centrala.kit.ids import new_id
from centrala.kit.work import Work


async def write_note(work: Work, interaction_id: UUID, form: NoteIn, *, read: int) -> InteractionDetails:
    """Save the note; a draft leaves no line in the timeline, or every pause of a typist would."""
    row = await _hold(work, interaction_id, read=read)
    if (row.note, row.note_final) == (form.note, form.final):
        return await details(work, row)
    row.note, row.note_final = form.note, form.final
    row.note_by, row.noted_at = _actor(work), work.now
    if form.final:
        _tell_timeline(work, row, TimelineKind.NOTED, length=len(form.note))
        work.trace("interaction.noted", "interaction", row.id, project_id=row.project_id)
    return await _saved(work, row)


async def give_disposition(
    work: Work, interaction_id: UUID, form: DispositionGiven, *, read: int
) -> InteractionDetails:
    """Cause and outcome must be the project's, in use, and leaves of its tree; their fields must be filled."""
    row = await _hold(work, interaction_id, read=read)
    cause = await _chosen(work, row, form.cause_id, DispositionKind.CAUSE)
    outcome = await _chosen(work, row, form.outcome_id, DispositionKind.OUTCOME)
    asked = {one.name: one for node in (cause, outcome) if node is not None for one in _fields(node)}
    values = _checked(asked, form.fields)
    row.cause_id, row.outcome_id, row.disposition_fields = form.cause_id, form.outcome_id, values
    row.disposed_by, row.disposed_at = _actor(work), work.now
    codes = (cause.code if cause else None, outcome.code if outcome else None)
    _tell_timeline(work, row, TimelineKind.DISPOSED, cause=codes[0], outcome=codes[1])
    work.trace("interaction.disposed", "interaction", row.id, project_id=row.project_id, codes=codes)
    return await _saved(work, row)


async def link_customer(work: Work, interaction_id: UUID, form: CustomerGiven, *, read: int) -> InteractionDetails:
    row = await _hold(work, interaction_id, read=read)
    if form.customer_id is not None:
        try:
            customer = await customers.read_customer(work, form.customer_id)
        except NotFound as error:
            raise CustomerOfAnotherProject from error
        if customer.project_id != row.project_id:
            raise CustomerOfAnotherProject
    if row.customer_id == form.customer_id:
        return await details(work, row)
    row.customer_id = form.customer_id
    work.trace("interaction.linked", "interaction", row.id, project_id=row.project_id)
    return await _saved(work, row)


async def _hold(work: Work, interaction_id: UUID, *, read: int) -> Interaction:
    row = await load_interaction(work, interaction_id, lock=True)
    await refuse_others(work, row)

    async def current() -> InteractionDetails:
        return await details(work, row)

    await same_version(row, read, current)
    return row


async def _saved(work: Work, row: Interaction) -> InteractionDetails:
    row.version += 1
    await work.session.flush()
    work.tell(interaction_changed(row.id, project_id=row.project_id))
    return await details(work, row)


def _actor(work: Work) -> UUID | None:
    return work.access.account_id if work.access else None


def _tell_timeline(work: Work, row: Interaction, kind: TimelineKind, **more: Any) -> None:
    work.session.add(
        TimelineRow(
            id=new_id(),
            project_id=row.project_id,
            interaction_id=row.id,
            at=work.now,
            kind=kind,
            person_id=_actor(work),
            details=more,
        )
    )


async def _chosen(work: Work, row: Interaction, node_id: UUID | None, kind: DispositionKind) -> Disposition | None:
    if node_id is None:
        return None
    field = f"{kind}_id"
    node = await work.session.scalar(select(Disposition).where(Disposition.id == node_id))
    if node is None or node.project_id != row.project_id or node.kind != kind:
        raise WrongDisposition(field)
    if node.archived_at is not None and node_id not in {row.cause_id, row.outcome_id}:
        raise InvalidField(field, "archived", "This disposition is not in use any more.")
    below = select(func.count()).where(Disposition.parent_id == node_id, Disposition.archived_at.is_(None))
    if await work.session.scalar(below):
        raise InvalidField(field, "not_a_leaf", "Choose one of the dispositions below this one.")
    return node


def _fields(node: Disposition) -> list[RequiredField]:
    return [RequiredField.model_validate(one) for one in node.required_fields]


def _checked(asked: Mapping[str, RequiredField], given: Mapping[str, Any]) -> dict[str, Any]:
    """What was given for the fields that are asked for; raises `FieldsMissing` naming every fault."""
    values = {}
    errors = [
        FieldError(field=f"fields.{name}", code="unknown_field", message="Nobody asks for this.")
        for name in sorted(given.keys() - asked.keys())
    ]
    for name, field in asked.items():
        value = given.get(name)
        if value is None or value == "":
            if field.required:
                errors.append(FieldError(field=f"fields.{name}", code="missing", message="This is needed."))
            continue
        fault = _fault(field, value)
        if fault is not None:
            errors.append(FieldError(field=f"fields.{name}", code=fault, message="This value does not fit."))
        values[name] = value
    if errors:
        raise FieldsMissing(errors)
    return values


def _fault(field: RequiredField, value: Any) -> str | None:
    """The code of what is wrong with a value, None when it fits."""
    if field.type is FieldType.NUMBER:
        return None if isinstance(value, int | float) and not isinstance(value, bool) else "number_expected"
    if not isinstance(value, str) or len(value) > MAX_VALUE or "\x00" in value:
        return "text_expected"
    if field.type is FieldType.CHOICE and value not in field.choices:
        return "not_a_choice"
    if field.type is FieldType.DATE and not _is_date(value):
        return "iso_date"
    if field.type is FieldType.PHONE:
        return _phone_fault(value)
    return None


def _is_date(value: str) -> bool:
    try:
        return date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def _phone_fault(value: str) -> str | None:
    try:
        customers.normal_number(value)
    except InvalidField as error:
        return error.errors[0].code
    return None
