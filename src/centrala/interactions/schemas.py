"""The HTTP shapes of contacts, dispositions, scripts, promises and keeping. Those of recordings: `schemas_audio.py`."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from centrala.interactions.core import Result, TimelineKind
from centrala.interactions.schemas_audio import RecordingOut
from centrala.kit.forms import Change, Form, LanguageCode, Line, Name, Note, unsent
from centrala.kit.live import Card
from centrala.kit.personal import Masked

MAX_CONTACT_NOTE: Final = 10_000  # characters
MAX_SCRIPT: Final = 20_000  # characters
MAX_FIELDS: Final = 20  # that a disposition asks for
MAX_CHOICES: Final = 50  # of one such field
MAX_VALUE: Final = 500  # characters of one such field
MAX_POSITION: Final = 10_000
MAX_SIBLINGS: Final = 1_000  # dispositions below one
MAX_MONTHS: Final = 240
MAX_QUOTA: Final = 100_000_000  # MB
MAX_PHONE_INPUT: Final = 40  # characters as typed

Position = Annotated[int, Field(strict=True, ge=0, le=MAX_POSITION)]
Months = Annotated[int, Field(strict=True, ge=1, le=MAX_MONTHS)]


class Channel(StrEnum):
    VOICE = "voice"
    CHAT = "chat"
    MAIL = "mail"
    CALLBACK = "callback"


class Direction(StrEnum):
    IN = "in"
    OUT = "out"
    INTERNAL = "internal"


class Shown(BaseModel):
    """An answer, made from a row of the store."""

    model_config = ConfigDict(from_attributes=True)


class InteractionOut(Shown):
    """A contact as lists show it."""

    id: UUID
    project_id: UUID
    channel: Channel
    direction: Direction
    party: Masked = Field(description="The customer's number.")
    party_name: str = Field(description="As the call showed it; masked for those who see no customers.")
    customer_id: UUID | None
    customer_name: str | None = Field(description="Masked for those who see no customers.")
    called_number: str
    language: str | None
    queue_id: UUID | None = Field(description="The last queue that it was in.")
    operator_id: UUID | None = Field(description="Who answered last.")
    call_id: UUID | None
    came_at: datetime
    queued_at: datetime | None
    offered_at: datetime | None
    answered_at: datetime | None
    ended_at: datetime | None
    wrap_up_ended_at: datetime | None
    result: Result | None = Field(description="None while it goes on.")
    wait_seconds: float = Field(description="In queues, until the first answer.")
    talk_seconds: float
    hold_seconds: float
    wrap_up_seconds: float
    holds: int
    transfers: int
    rating: int | None
    rating_scale: int | None
    menu_path: list[str]
    escalated: bool
    note: str
    note_by: UUID | None
    noted_at: datetime | None
    note_final: bool
    cause_id: UUID | None
    outcome_id: UUID | None
    recordings: int = Field(description="How many recordings there are.")
    version: int


class TimelineEntry(BaseModel):
    id: UUID
    at: datetime
    kind: TimelineKind
    person_id: UUID | None
    queue_id: UUID | None
    details: dict[str, Any] = Field(description="What belongs to the kind; numbers and texts of the customer masked.")


class InteractionDetails(InteractionOut):
    disposition_fields: dict[str, Any]
    disposed_by: UUID | None
    disposed_at: datetime | None
    timeline: list[TimelineEntry]
    audio: list[RecordingOut]
    may_write: bool = Field(description="Whether this reader may write the note and the disposition.")


class InteractionPage(BaseModel):
    """One page of contacts. Nobody pages through millions: the count stops where it stops to help."""

    items: list[InteractionOut]
    total: int
    total_capped: bool = Field(description="There are more than `total`; narrow the search.")
    page: int
    page_size: int


class InteractionRevealed(BaseModel):
    """The customer's number and name in the clear, and what was typed or dialled on the way."""

    party_number: str
    party_name: str
    events: dict[UUID, dict[str, Any]] = Field(description="Details of the timeline in the clear, by entry.")


class NoteIn(Form):
    note: Annotated[Note, Field(max_length=MAX_CONTACT_NOTE)]
    final: bool = Field(False, description="Not a draft any more.")  # noqa: FBT003 - a default


class DispositionGiven(Form):
    cause_id: UUID | None = Field(None, description="Why they called.")
    outcome_id: UUID | None = Field(None, description="What came of it.")
    fields: Annotated[
        dict[Annotated[str, Field(max_length=40)], str | int | float | bool | None], Field(max_length=2 * MAX_FIELDS)
    ] = Field(default_factory=dict)


class CustomerGiven(Form):
    customer_id: UUID | None


class DispositionKind(StrEnum):
    CAUSE = "cause"
    OUTCOME = "outcome"


class FieldType(StrEnum):
    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    PHONE = "phone"
    CHOICE = "choice"


class Labels(Form):
    """A text in the desk's languages; what is missing is shown in English."""

    en: Annotated[Line, Field(min_length=1, max_length=120)]
    ru: Annotated[Line, Field(max_length=120)] = ""
    ro: Annotated[Line, Field(max_length=120)] = ""


class RequiredField(Form):
    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$", max_length=40)]
    labels: Labels
    type: FieldType = FieldType.TEXT
    required: bool = True
    choices: Annotated[list[Annotated[Line, Field(min_length=1, max_length=120)]], Field(max_length=MAX_CHOICES)] = (
        Field(default_factory=list)
    )

    @model_validator(mode="after")
    def _a_choice_has_choices(self) -> "RequiredField":
        if (self.type is FieldType.CHOICE) != bool(self.choices):
            raise ValueError("choices belong to the type choice, and it needs them")
        return self


Fields = Annotated[list[RequiredField], Field(max_length=MAX_FIELDS)]
Code = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_.-]*$", max_length=60)]


class DispositionIn(Form):
    project_id: UUID
    kind: DispositionKind
    code: Code = Field(description="Stable, for reports; unique among its kind in the project.")
    labels: Labels
    parent_id: UUID | None = None
    required_fields: Fields = Field(default_factory=list)
    position: Position = 0


class DispositionChange(Change):
    code: Code = unsent()
    labels: Labels = unsent()
    parent_id: UUID | None = unsent()
    required_fields: Fields = unsent()
    position: Position = unsent()


class DispositionOrder(Form):
    """All nodes in use that stand below one parent, in their new order."""

    project_id: UUID
    kind: DispositionKind
    parent_id: UUID | None = None
    ids: Annotated[list[UUID], Field(min_length=1, max_length=MAX_SIBLINGS)]


class DispositionOut(Shown):
    """A node of a project's tree; `parent_id` makes the tree."""

    id: UUID
    project_id: UUID
    parent_id: UUID | None
    kind: DispositionKind
    code: str
    labels: Labels
    required_fields: list[RequiredField]
    position: int
    archived_at: datetime | None
    version: int


class ScriptIn(Form):
    project_id: UUID
    queue_id: UUID | None = Field(None, description="None: for every queue of the project.")
    language: LanguageCode | None = Field(None, description="None: for every language.")
    title: Name
    text: Annotated[Note, Field(max_length=MAX_SCRIPT)]
    position: Position = 0


class ScriptChange(Change):
    queue_id: UUID | None = unsent()
    language: LanguageCode | None = unsent()
    title: Name = unsent()
    text: Annotated[Note, Field(max_length=MAX_SCRIPT)] = unsent()
    position: Position = unsent()


class ScriptOut(Shown):
    id: UUID
    project_id: UUID
    queue_id: UUID | None
    language: str | None
    title: str
    text: str
    position: int
    version: int


class PromiseIn(Form):
    interaction_id: UUID = Field(description="The contact in which it was promised.")
    due_at: AwareDatetime
    owner_id: UUID | None = Field(None, description="Who calls back; None: who promises.")
    number: Annotated[Line, Field(max_length=MAX_PHONE_INPUT)] = Field(
        "", description="With + and the country code; empty: the number of the contact."
    )
    note: Note = ""


class PromiseChange(Change):
    due_at: AwareDatetime = unsent()
    owner_id: UUID = unsent()
    note: Note = unsent()


class PromiseOut(BaseModel):
    id: UUID
    project_id: UUID
    interaction_id: UUID | None
    customer_id: UUID | None
    customer_name: str | None
    owner_id: UUID
    number: Masked
    note: str
    due_at: datetime
    reminded_at: datetime | None
    done_at: datetime | None
    done_by: UUID | None
    created_at: datetime
    version: int


class RetentionIn(Form):
    record_calls: bool = Field(description="Calls of the project are recorded, and missing audio is a finding.")
    recording_months: Months | None = Field(description="Recordings older than this go each night; None: never.")
    personal_months: Months | None = Field(
        description="Numbers, names and notes of contacts older than this are wiped each night; None: never."
    )
    quota_mb: Annotated[int, Field(strict=True, ge=1, le=MAX_QUOTA)] | None = Field(
        description="More than this (MB of 10^6 bytes) is told, once a night; None: no quota."
    )
    oldest_first: bool = Field(description="Beyond the quota the oldest recordings go; otherwise it is only told.")


class RetentionOut(RetentionIn):
    model_config = ConfigDict(from_attributes=True)

    project_id: UUID
    used_bytes: int
    version: int


class RetentionRow(RetentionOut):
    """A project's rules beside what it has."""

    recordings: int = Field(description="Stored ones.")
    oldest_at: datetime | None = Field(description="When the oldest of them began.")


class RetentionEffect(BaseModel):
    """What the next night would do by these rules, were they agreed on now."""

    recordings: int = Field(description="Recordings that go: by their age, and beyond the quota if that is agreed.")
    bytes: int = Field(description="What they take in the store.")
    contacts: int = Field(description="Contacts whose numbers, names and notes are wiped.")
    over_quota_bytes: int = Field(description="What is beyond the quota once the old ones are gone; 0: nothing.")


class AuditRunOut(Shown):
    """The last audit of recordings."""

    asked_at: datetime
    asked_by: UUID | None = Field(description="None: it was the night's.")
    began_at: datetime | None = Field(description="None: it waits for the worker.")
    ended_at: datetime | None = Field(description="None: it runs, or the worker died with it.")
    store_answered: bool = Field(
        description="False: the store was away; of some recordings nobody knows whether there is audio."
    )


class FindingKind(StrEnum):
    CALL_WITHOUT_AUDIO = "call_without_audio"
    AUDIO_MISSING = "audio_missing"
    AUDIO_WITHOUT_CALL = "audio_without_call"
    FILE_WITHOUT_ROW = "file_without_row"


class FindingOut(Shown):
    """One finding of the nightly audit."""

    id: UUID
    project_id: UUID | None
    kind: FindingKind
    interaction_id: UUID | None
    recording_id: UUID | None
    file: str | None = Field(description="Relative to the folder of recordings.")
    happened_at: datetime | None
    found_at: datetime


class InteractionCard(Card):
    """What desks follow of a contact; no personal data."""

    project_id: UUID
    channel: Channel
    direction: Direction
    queue_id: UUID | None
    operator_id: UUID | None
    language: str | None
    came_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None
    result: Result | None
    outcome_id: UUID | None


class DispositionCard(Card):
    model_config = ConfigDict(from_attributes=True)

    project_id: UUID
    kind: DispositionKind
    archived_at: datetime | None


class ScriptCard(Card):
    model_config = ConfigDict(from_attributes=True)

    project_id: UUID
    queue_id: UUID | None


class PromiseCard(Card):
    """What desks follow of a promise: whose, when, and whether its time has come."""

    model_config = ConfigDict(from_attributes=True)

    project_id: UUID
    owner_id: UUID
    interaction_id: UUID | None
    due_at: datetime
    reminded_at: datetime | None
    done_at: datetime | None


PromiseWhose = Literal["mine", "all"]
PromiseState = Literal["open", "done", "all"]
