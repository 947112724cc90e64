"""Numbers, waits and dates with the right plural and gender in each language."""

from datetime import date, time

import pytest

from centrala.ivr.sentences import REPLACEABLE, SENTENCES
from centrala.ivr.spoken import clock, day, digits, hours, minutes, number, queue_sentences, rounded_minutes, sentence

LANGUAGES = ("en", "ru", "ro")


@pytest.mark.parametrize(
    ("value", "en", "ru", "ro"),
    [
        (1, "one minute", "одна минута", "un minut"),
        (2, "two minutes", "две минуты", "două minute"),
        (5, "five minutes", "пять минут", "cinci minute"),
        (11, "eleven minutes", "одиннадцать минут", "unsprezece minute"),
        (12, "twelve minutes", "двенадцать минут", "douăsprezece minute"),
        (19, "nineteen minutes", "девятнадцать минут", "nouăsprezece minute"),
        (20, "twenty minutes", "двадцать минут", "douăzeci de minute"),
        (21, "twenty-one minutes", "двадцать одна минута", "douăzeci și unu de minute"),
        (22, "twenty-two minutes", "двадцать две минуты", "douăzeci și două de minute"),
        (25, "twenty-five minutes", "двадцать пять минут", "douăzeci și cinci de minute"),
    ],
)
def test_minutes(value: int, en: str, ru: str, ro: str) -> None:
    assert [minutes(value, language) for language in LANGUAGES] == [en, ru, ro]


def test_hours_are_feminine_in_romanian_only() -> None:
    assert [hours(21, language) for language in LANGUAGES] == [
        "twenty-one hours",
        "двадцать один час",
        "douăzeci și una de ore",
    ]


def test_numbers_beyond_ninety_nine_stay_digits() -> None:
    assert [number(value, "ru") for value in (0, 40, 99, 100, -1)] == ["ноль", "сорок", "девяносто девять", "100", "-1"]


@pytest.mark.parametrize(
    ("seconds", "about"), [(0, 0), (59, 0), (60, 1), (61, 2), (600, 10), (601, 15), (1_501, 30), (1_801, 35)]
)
def test_waits_are_rounded_up_and_the_more_the_longer(seconds: float, about: int) -> None:
    assert rounded_minutes(seconds) == about


@pytest.mark.parametrize(
    ("position", "wait", "names"),
    [
        (1, None, ["position_first"]),
        (3, 30.0, ["position", "expected_wait_short"]),
        (3, 170.0, ["position", "expected_wait"]),
        (None, 9_000.0, ["expected_wait_long"]),
        (None, None, []),
    ],
)
def test_a_place_and_a_wait_are_told_as_far_as_they_are_known(
    position: int | None, wait: float | None, names: list[str]
) -> None:
    assert [name for name, _ in queue_sentences(position, wait)] == names


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_announcement_can_be_said(language: str) -> None:
    for position in (1, 2, 57):
        for wait in (10.0, 65.0, 700.0, 5_000.0):
            said = [sentence(name, language, values) for name, values in queue_sentences(position, wait)]
            assert all(text and "{" not in text for text in said)


def test_a_language_without_sentences_hears_english() -> None:
    assert sentence("expected_wait", "de", {"minutes": 3}) == "The expected wait is about three minutes."


def test_every_sentence_is_there_in_every_language_with_the_same_places() -> None:
    for name, texts in SENTENCES.items():
        assert set(texts) == set(LANGUAGES), name
        assert len({"{" in text for text in texts.values()}) == 1, name
    assert "position" not in REPLACEABLE
    assert "closed" in REPLACEABLE


def test_digits_are_said_one_by_one() -> None:
    assert digits("4 0*9", "en") == "four, zero, nine"


def test_days_and_times() -> None:
    third = date(2026, 3, 3)
    assert [day(third, language) for language in LANGUAGES] == [
        "3rd of March 2026",
        "третье марта, год 2026",
        "trei martie 2026",
    ]
    assert [day(date(2026, 3, 11), "en"), day(date(2026, 3, 1), "ro")] == ["11th of March 2026", "întâi martie 2026"]
    assert [clock(time(15, 5), language) for language in LANGUAGES] == [
        "15 05",
        "пятнадцать часов пять минут",
        "cincisprezece ore cinci minute",
    ]
    assert [clock(time(9), language) for language in LANGUAGES] == ["9 o'clock", "девять часов", "nouă ore"]
