"""Personal fields: marked in the model, masked by role, revealed with a trace, erasable, never in a log.

A model marks a column with `info=personal(Kind.PHONE)`. Whatever has to know which columns hold personal data - the
masking of answers, the erasure of a person, the scan of exports - reads the mark; nothing keeps a second list.
"""

from collections.abc import Iterator
from enum import StrEnum
from typing import Any, Final

from pydantic import BaseModel, Field
from sqlalchemy import Column, MetaData, Table


class Kind(StrEnum):
    """What sort of personal data a column holds; decides how it is masked."""

    NAME = "name"
    PHONE = "phone"
    EMAIL = "email"
    TEXT = "text"


_MARK: Final = "personal"
_DOTS: Final = "•••"


def personal(kind: Kind) -> dict[str, Any]:
    """The `info` of a column that holds personal data."""
    return {_MARK: kind}


def kind_of(column: Column[Any]) -> Kind | None:
    """The mark of a column, or None where it holds nothing personal."""
    kind = column.info.get(_MARK)
    return kind if isinstance(kind, Kind) else None


def personal_columns(metadata: MetaData) -> Iterator[tuple[Table, Column[Any], Kind]]:
    """Every personal column of the store."""
    for table in metadata.sorted_tables:
        for column in table.columns:
            kind = kind_of(column)
            if kind is not None:
                yield table, column, kind


def mask(kind: Kind, value: str) -> str:
    """As much of `value` as helps to recognise it, and no more.

    >>> mask(Kind.PHONE, "+37369123456")
    '+373 ••• 56'
    >>> mask(Kind.EMAIL, "ana.rusu@example.md")
    'a••• @ e•••.md'
    """
    if not value:
        return ""
    if kind is Kind.PHONE:
        return f"{value[:4]} {_DOTS} {value[-2:]}" if len(value) > 8 else _DOTS
    if kind is Kind.EMAIL and "@" in value:
        local, _, host = value.partition("@")
        top = host.rpartition(".")[2]
        return f"{local[:1]}{_DOTS} @ {host[:1]}{_DOTS}.{top}"
    return f"{value[:1]}{_DOTS}"


class Masked(BaseModel):
    """A personal field as an answer carries it: masked, with the word whether the reader may reveal it."""

    masked: str = Field(description="The value with its middle hidden; empty when there is none.")
    revealable: bool = Field(description="Whether this reader may ask for the full value.")

    @classmethod
    def of(cls, kind: Kind, value: str | None, *, revealable: bool) -> "Masked":
        return cls(masked=mask(kind, value or ""), revealable=revealable and bool(value))
