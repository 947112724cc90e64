"""The HTTP shapes of customers."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Final
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from centrala.kit.forms import Change, Form, Label, LanguageCode, Line, Name, Note, unsent
from centrala.kit.live import Card
from centrala.kit.personal import Masked

MAX_PHONES: Final = 20  # of one customer
MAX_PHONE_INPUT: Final = 40  # characters as typed, with spaces and brackets

PhoneInput = Annotated[
    Line,
    Field(
        min_length=1,
        max_length=MAX_PHONE_INPUT,
        description="With + and the country code. Stored as E.164.",
        examples=["+373 69 123 456"],
    ),
]


class Mark(StrEnum):
    """What an operator should know at the first glance."""

    NONE = "none"
    VIP = "vip"
    CAREFUL = "careful"
    BLOCKED = "blocked"


class CustomerPhoneIn(Form):
    number: PhoneInput
    label: Label = ""


class CustomerPhoneOut(BaseModel):
    id: UUID
    number: Masked
    label: str


class CustomerIn(Form):
    project_id: UUID
    name: Name
    language: LanguageCode | None = None
    note: Note = ""
    mark: Mark = Mark.NONE
    phones: Annotated[list[CustomerPhoneIn], Field(max_length=MAX_PHONES)] = Field(default_factory=list)


class CustomerChange(Change):
    name: Name = unsent()
    language: LanguageCode | None = unsent()
    note: Note = unsent()
    mark: Mark = unsent()


class CustomerOut(BaseModel):
    """A customer's card; telephone numbers are masked."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    project_id: UUID
    name: str
    language: str | None
    note: str
    mark: Mark
    phones: list[CustomerPhoneOut]
    created_at: datetime
    merged_into: UUID | None = Field(description="The card that goes on, when this one was joined with it.")
    erased_at: datetime | None
    version: int


class CustomerPhoneClear(BaseModel):
    id: UUID
    number: str


class CustomerRevealed(BaseModel):
    """The telephone numbers of a customer in the clear."""

    phones: list[CustomerPhoneClear]


class MergeIn(Form):
    into: UUID = Field(description="The card that goes on; numbers and contacts move to it.")


class EraseCustomerIn(Form):
    confirm: Annotated[Line, Field(max_length=120, description="The customer's name, typed by hand.")]


class CustomerCard(Card):
    """What desks follow: that a card has changed. What it says is read when it is shown."""

    model_config = ConfigDict(from_attributes=True)

    project_id: UUID
    mark: Mark
