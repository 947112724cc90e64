"""The log: JSON, static sentences, no personal data."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from centrala.kit.logging import get_logger, personal_data_in, scrub, set_up, traced


@pytest.fixture(autouse=True)
def _as_it_was() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.captureWarnings(capture=False)
    logging.getLogger("uvicorn.access").disabled = False


def start(*, level: str = "info", personal: bool = False) -> io.StringIO:
    stream = io.StringIO()
    set_up(process="app", level=level, personal=personal, stream=stream)
    return stream


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_line_is_a_sentence_with_fields() -> None:
    stream = start()
    get_logger("room").info("Call answered.", leg="a", waited_ms=1200)
    (line,) = lines(stream)
    assert line.pop("at").endswith("+00:00")
    assert line == {
        "level": "info",
        "process": "app",
        "logger": "room",
        "message": "Call answered.",
        "leg": "a",
        "waited_ms": 1200,
    }


def test_personal_field_is_redacted_unless_the_setting_says_otherwise() -> None:
    stream = start()
    get_logger("room").info("Call answered.", pii={"caller": "+37322123456"})
    assert lines(stream)[0]["pii.caller"] == "[redacted]"
    stream = start(personal=True)
    get_logger("room").info("Call answered.", pii={"caller": "+37322123456"})
    assert lines(stream)[0]["pii.caller"] == "+37322123456"


def test_field_cannot_forge_the_level_or_the_sentence() -> None:
    stream = start()
    get_logger("room").info("Said.", level="error", message="Other.")
    assert (lines(stream)[0]["level"], lines(stream)[0]["message"]) == ("info", "Said.")


def test_line_end_in_a_value_makes_no_second_line() -> None:
    stream = start()
    get_logger("room").info("Said.", value='x\n{"level": "error"}')
    assert len(lines(stream)) == 1


def test_library_lines_are_json_and_scrubbed() -> None:
    stream = start()
    logging.getLogger("uvicorn.error").warning("Refused %s of %s", "+373 22 123-456", "ion@host.md")
    assert lines(stream)[0]["message"] == "Refused [redacted] of [redacted]"


def test_request_lines_of_the_web_server_are_off() -> None:
    stream = start()
    logging.getLogger("uvicorn.access").info("GET /api/employees?q=Ion+Popescu")
    assert stream.getvalue() == ""


def fail() -> None:
    raise ValueError("duplicate key\nDETAIL: Key (phone)=(+37322123456) already exists")


def test_exception_shows_where_and_what_but_not_the_row() -> None:
    stream = start()
    try:
        fail()
    except ValueError:
        get_logger("room").exception("Saving failed.")
    (line,) = lines(stream)
    assert (line["error"], line["error_text"]) == ("ValueError", "duplicate key")
    assert line["stack"][0].endswith("test_exception_shows_where_and_what_but_not_the_row")
    assert line["stack"][-1].endswith("fail")
    assert not personal_data_in(stream.getvalue())


def test_trace_is_on_every_line_inside() -> None:
    stream = start()
    with traced("call-7"):
        get_logger("room").info("Inside.")
    get_logger("room").info("Outside.")
    assert [line.get("trace") for line in lines(stream)] == ["call-7", None]


def test_level_below_the_setting_is_silent() -> None:
    stream = start(level="warning")
    get_logger("room").info("Said.")
    assert stream.getvalue() == ""


@pytest.mark.parametrize(
    "text",
    [
        "+37322123456",
        "+373 (22) 123-456",
        "022 123 456",
        "call 8 800 555 35 35 now",
        "ion.popescu+x@exemplu.md",
        "sip:+37322123456@10.0.0.1",
    ],
)
def test_scan_finds_personal_data(text: str) -> None:
    assert personal_data_in(text)
    assert personal_data_in(json.dumps({"message": text}))
    assert not personal_data_in(scrub(text))


@pytest.mark.parametrize(
    "text",
    [
        "019a8f7e-1234-7123-8123-123456789012",
        "12345678-1234-7123-8123-123456789012",
        "2026-11-22T05:20:11.123456+00:00",
        "listening on 127.0.0.1:8080",
        "took 0.123456789 s, 1234567 rows",
        "centrala 0.1.0 on 10.20.30.40",
        '{"bytes": 123456789012}',
    ],
)
def test_scan_leaves_ids_times_and_figures_alone(text: str) -> None:
    assert personal_data_in(text) == []
