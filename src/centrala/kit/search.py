"""Search and order as people expect them: without regard to case and to the marks on Romanian and Russian letters."""

from typing import Any, Final

from sqlalchemy import ColumnElement, and_, func, or_, true
from sqlalchemy.orm import InstrumentedAttribute

_MARKED: Final = "ăâîșşțţё"
_PLAIN: Final = "aaissttе"
_FOLD: Final = str.maketrans(_MARKED, _PLAIN)
_WILDCARDS: Final = str.maketrans({"\\": r"\\", "%": r"\%", "_": r"\_", "\x00": " "})  # PostgreSQL has no NUL in text

Text = ColumnElement[str] | InstrumentedAttribute[str] | InstrumentedAttribute[str | None]


def folded(column: Text) -> ColumnElement[Any]:
    """The column as it is compared and sorted."""
    return func.translate(func.lower(column), _MARKED, _PLAIN)


def matches(q: str, *columns: Text) -> ColumnElement[bool]:
    """Every word of `q` stands somewhere in one of the columns."""
    words = q.lower().translate(_FOLD).translate(_WILDCARDS).split()
    return and_(
        true(), *(or_(*(folded(column).like(f"%{word}%", escape="\\") for column in columns)) for word in words)
    )
