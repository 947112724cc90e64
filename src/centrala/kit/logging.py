"""The log: one JSON object a line, a static sentence with fields, no personal data.

    log = get_logger(__name__)
    log.info("Call answered.", leg=leg_id, waited_ms=1200, pii={"caller": number})

Personal data goes under `pii` and is written as `[redacted]` unless the setting `log.personal`
says otherwise. Text that is not ours (libraries, messages of exceptions) is scrubbed of telephone
numbers and mail addresses; `personal_data_in` is the same search for tests.
"""

import json
import logging
import re
import sys
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, Final, LiteralString, Protocol

REDACTED: Final = "[redacted]"
MAX_FRAMES: Final = 20  # innermost calls written of a traceback
MAX_TEXT: Final = 2_000  # characters of a text that is not ours
_RESERVED: Final = frozenset({"at", "level", "process", "logger", "message", "trace"})

_trace: ContextVar[str | None] = ContextVar("trace", default=None)

# What looks like a telephone number and is none: ids, times, network addresses, fractions.
_HARMLESS: Final = re.compile(
    r"[0-9a-fA-F]{8}-?(?:[0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}"
    r"|\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?)?"
    r"|(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d.])"
    r"|(?<![\d.])\d+\.\d+(?![\d.])"
)
_PHONE: Final = re.compile(r"(?<![\w.,:=/+-])\+?\(?\d(?:[ ().-]{0,2}\d){8,14}(?![\w:/-])|\+\d{7,15}")
_MAIL: Final = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+", re.UNICODE)


class Logger:
    """A named logger. `sentence` is static, so that lines can be counted; what varies is a field."""

    __slots__ = ("_logger",)

    def __init__(self, name: str) -> None:
        self._logger = logging.getLogger(name)

    def debug(self, sentence: LiteralString, /, *, pii: Mapping[str, Any] | None = None, **fields: Any) -> None:
        self._write(logging.DEBUG, sentence, pii, fields)

    def info(self, sentence: LiteralString, /, *, pii: Mapping[str, Any] | None = None, **fields: Any) -> None:
        self._write(logging.INFO, sentence, pii, fields)

    def warning(self, sentence: LiteralString, /, *, pii: Mapping[str, Any] | None = None, **fields: Any) -> None:
        self._write(logging.WARNING, sentence, pii, fields)

    def error(self, sentence: LiteralString, /, *, pii: Mapping[str, Any] | None = None, **fields: Any) -> None:
        self._write(logging.ERROR, sentence, pii, fields)

    def exception(self, sentence: LiteralString, /, *, pii: Mapping[str, Any] | None = None, **fields: Any) -> None:
        """An error with the exception that is being handled."""
        self._write(logging.ERROR, sentence, pii, fields, with_exception=True)

    def _write(
        self,
        level: int,
        sentence: str,
        pii: Mapping[str, Any] | None,
        fields: dict[str, Any],
        *,
        with_exception: bool = False,
    ) -> None:
        if self._logger.isEnabledFor(level):
            extra = {"own": True, "fields": fields, "pii": pii or {}}
            self._logger.log(level, sentence, extra=extra, exc_info=with_exception)


def get_logger(name: str) -> Logger:
    """The logger of a module: `get_logger(__name__)`."""
    return Logger(name)


@contextmanager
def traced(trace: str) -> Iterator[None]:
    """Lines written inside, in tasks started inside too, carry this id of a call, request or job."""
    token = _trace.set(trace)
    try:
        yield
    finally:
        _trace.reset(token)


def current_trace() -> str | None:
    """The id that the present lines carry."""
    return _trace.get()


class JsonFormatter(logging.Formatter):
    """Turns a record into one line."""

    def __init__(self, *, process: str, personal: bool) -> None:
        super().__init__()
        self._process = process
        self._personal = personal

    def format(self, record: logging.LogRecord) -> str:
        own = getattr(record, "own", False)
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "process": self._process,
            "logger": record.name,
            "message": record.msg if own else self._foreign(record.getMessage()),
        }
        if (trace := _trace.get()) is not None:
            line["trace"] = trace
        if own:
            for name, value in record.__dict__["fields"].items():
                line[f"{name}_" if name in _RESERVED else name] = value
            for name, value in record.__dict__["pii"].items():
                line[f"pii.{name}"] = value if self._personal else REDACTED
        if record.exc_info and record.exc_info[1] is not None:
            line.update(self._exception(record.exc_info[1]))
        return json.dumps(line, ensure_ascii=False, default=str)

    def _exception(self, error: BaseException) -> dict[str, Any]:
        # Only the first line: PostgreSQL's next ones quote the row ("Key (phone)=(...)").
        text = (str(error).splitlines() or [""])[0]
        frames = traceback.extract_tb(error.__traceback__)[-MAX_FRAMES:]
        found = {
            "error": type(error).__qualname__,
            "error_text": self._foreign(text),
            "stack": [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames],
        }
        if error.__cause__ is not None:
            found["caused_by"] = type(error.__cause__).__qualname__
        return found

    def _foreign(self, text: str) -> str:
        return text[:MAX_TEXT] if self._personal else scrub(text[:MAX_TEXT])


class Stream(Protocol):
    """Where lines go."""

    def write(self, text: str, /) -> object: ...

    def flush(self) -> object: ...


def set_up(*, process: str, level: str, personal: bool = False, stream: Stream | None = None) -> None:
    """Send the log of everything in this process to `stream` (default: standard error)."""
    handler = logging.StreamHandler[Stream](stream or sys.stderr)
    handler.setFormatter(JsonFormatter(process=process, personal=personal))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    logging.captureWarnings(capture=True)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access", "sqlalchemy", "procrastinate"):
        library = logging.getLogger(name)
        library.handlers.clear()
        library.propagate = True
    # Query strings hold what people search for; the app counts requests itself.
    logging.getLogger("uvicorn.access").disabled = True
    for chatty in ("sqlalchemy", "procrastinate", "alembic", "asyncio"):
        logging.getLogger(chatty).setLevel(max(logging.WARNING, root.level))


def scrub(text: str) -> str:
    """`text` with what looks like a telephone number or a mail address redacted."""
    spans = list(_personal_spans(text))
    for start, end in reversed(spans):
        text = text[:start] + REDACTED + text[end:]
    return text


def personal_data_in(log: str) -> list[str]:
    """What looks like a telephone number or a mail address in a log, line by line. For tests.

    In JSON only text is searched: a number of bytes is as long as a telephone number.
    """
    found: list[str] = []
    for line in log.splitlines():
        try:
            texts = list(_texts(json.loads(line)))
        except ValueError:
            texts = [line]
        for text in texts:
            found += [text[start:end] for start, end in _personal_spans(text)]
    return found


def _personal_spans(text: str) -> list[tuple[int, int]]:
    # Blanked out at the same length, so that the places stay right.
    bare = _HARMLESS.sub(lambda match: "#" * len(match[0]), text)
    spans = [match.span() for match in _MAIL.finditer(bare)]
    for match in _PHONE.finditer(bare):
        if not any(start < match.end() and match.start() < end for start, end in spans):
            spans.append(match.span())
    return sorted(spans)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield str(name)
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)
