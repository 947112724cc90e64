"""What processes write arrives as one line of JSON each, whatever they write."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from centrala.node.output import LAST_WORDS, MAX_LINE, Lines, for_terminal


class Reader:
    """Collects what `Lines` passes on."""

    def __init__(self) -> None:
        self.raw: list[bytes] = []
        self.lines = Lines("media", self.raw.append)

    @property
    def told(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.raw]


def test_own_lines_are_passed_on_as_they_are() -> None:
    reader = Reader()
    line = b'{"at": "2026-11-22T05:00:00.000+00:00", "message": "Call answered."}'
    reader.lines.feed(line + b"\n")
    assert reader.raw == [line]


def test_lines_of_the_engine_get_the_form_of_ours() -> None:
    reader = Reader()
    reader.lines.feed(
        b'{"level":"info","msg":"Engine listens.","process":"media","ts":1795325881907,"version":"0.1.0"}\n'
    )
    assert reader.told == [
        {
            "at": "2026-11-22T05:38:01.907+00:00",
            "level": "info",
            "process": "media",
            "logger": "media",
            "message": "Engine listens.",
            "version": "0.1.0",
        }
    ]


def test_other_text_is_wrapped_and_scrubbed() -> None:
    reader = Reader()
    reader.lines.feed(b"17 FATAL:  no entry for +37322123456\n")
    (told,) = reader.told
    assert (told["level"], told["text"]) == ("error", "17 FATAL:  no entry for [redacted]")


def test_line_in_pieces_is_one_line() -> None:
    reader = Reader()
    for piece in (b"one ", b"line\ntw", b"o\n", b"rest", b""):
        reader.lines.feed(piece)
    assert [told["text"] for told in reader.told] == ["one line", "two", "rest"]


def test_endless_line_is_cut_and_what_follows_is_read() -> None:
    reader = Reader()
    for _ in range(5):
        reader.lines.feed(b"x" * MAX_LINE)
    reader.lines.feed(b"\nnext\n")
    texts = [told["text"] for told in reader.told]
    assert [len(text) for text in texts] == [MAX_LINE, 4]
    assert texts[-1] == "next"


def test_last_words_are_remembered_up_to_a_cap() -> None:
    reader = Reader()
    for number in range(LAST_WORDS + 10):
        reader.lines.feed(f"line {number}\n".encode())
    assert len(reader.lines.last) == LAST_WORDS
    assert reader.lines.last[-1] == f"line {LAST_WORDS + 9}"


@given(st.lists(st.binary(max_size=60)))
def test_any_bytes_become_lines_of_json(pieces: list[bytes]) -> None:
    reader = Reader()
    for piece in [*pieces, b""]:
        reader.lines.feed(piece)
    for line in reader.raw:
        assert b"\n" not in line
        if not (line.startswith(b'{"at": ') and line.endswith(b"}")):
            json.loads(line)


def test_terminal_shows_time_level_process_sentence_and_fields() -> None:
    line = b'{"at": "2026-11-22T05:38:01.9+00:00", "level": "info", "process": "app", "message": "Answered.", "leg": 7}'
    assert for_terminal(line) == b"05:38:01 info    app      Answered. leg=7"
    assert for_terminal(b"no JSON") == b"no JSON"
