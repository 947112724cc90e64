"""What the forms of the rooms accept, and how they tell "left out" from "empty"."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from centrala.kit.errors import InvalidField
from centrala.kit.forms import accepted_languages
from centrala.kit.phones import phone_number
from centrala.people.schemas import EmployeeChange, EmployeeIn
from centrala.projects.schemas import CalendarChange, CompanyChange, CompanyIn, ExceptionDay, HoursSpan

EMPLOYEE = {"login": "ana.rusu", "given_name": "Ana", "family_name": "Rusu", "number": "7"}


def errors_of(form: type[Any], body: dict[str, Any]) -> list[tuple[tuple[int | str, ...], str]]:
    with pytest.raises(ValidationError) as caught:
        form.model_validate(body)
    return [(error["loc"], error["type"]) for error in caught.value.errors()]


def test_a_change_holds_only_what_was_sent() -> None:
    assert CompanyChange.model_validate({}).sent() == {}
    assert CompanyChange.model_validate({"note": ""}).sent() == {"note": ""}
    assert CalendarChange.model_validate({"country": None}).sent() == {"country": None}


def test_null_is_refused_where_a_field_may_not_be_empty() -> None:
    assert errors_of(CompanyChange, {"name": None}) == [(("name",), "string_type")]


def test_unknown_fields_are_refused() -> None:
    assert errors_of(CompanyIn, {"name": "A", "country": "MD", "nmae": ""}) == [(("nmae",), "extra_forbidden")]


@pytest.mark.parametrize("name", ["", "   ", "x" * 121, "a\nb", "a\x00b", "a\x1bb"])
def test_a_name_is_one_printable_line(name: str) -> None:
    assert [loc for loc, _ in errors_of(CompanyIn, {"name": name, "country": "MD"})] == [("name",)]


@pytest.mark.parametrize("clock", ["9:00", "24:00", "09:60", "09:00:00", "09:00Z", "", "noon", 540])
def test_times_are_hours_and_minutes(clock: object) -> None:
    assert errors_of(HoursSpan, {"weekday": 0, "opens": clock, "closes": "18:00"})[0][0] == ("opens",)


def test_times_leave_as_they_came() -> None:
    span = HoursSpan.model_validate({"weekday": 6, "opens": "09:05", "closes": "00:00"})
    assert span.model_dump(mode="json") == {"weekday": 6, "opens": "09:05", "closes": "00:00"}


def test_an_exception_has_both_times_or_none() -> None:
    assert errors_of(ExceptionDay, {"date": "2026-12-31", "opens": "09:00"}) == [((), "both_times_or_none")]


@pytest.mark.parametrize(
    "day", ["0001-01-01", "1899-12-31", "2201-01-01", "2026-02-30", "20261231", "2026-12-31T00:00:00", 0]
)
def test_dates_far_away_are_refused(day: object) -> None:
    assert errors_of(ExceptionDay, {"date": day})[0][0] == ("date",)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("login", "a"),
        ("login", "ana rusu"),
        ("login", ".ana"),
        ("email", "ana"),
        ("email", "ana@host"),
        ("email", "Ana <ana@example.md>"),
        ("number", ""),
        ("number", "1 2"),
        ("language", "de"),
        ("time_zone", "Mars/Base"),
        ("time_zone", "../../etc/passwd"),
        ("roles", ["king"]),
        ("skills", [{"skill_id": "01890a5d-ac96-774b-bcce-b302099a8057", "level": 11}]),
        ("languages", [{"language": "ro", "level": "C3"}]),
        ("hired_on", "soon"),
    ],
)
def test_what_cannot_be_of_an_employee_is_refused_beside_its_field(field: str, value: object) -> None:
    assert {loc[0] for loc, _ in errors_of(EmployeeIn, {**EMPLOYEE, field: value})} == {field}
    assert {loc[0] for loc, _ in errors_of(EmployeeChange, {field: value})} == {field}


@pytest.mark.parametrize(
    ("header", "languages"),
    [
        (None, []),
        ("", []),
        ("ro", ["ro"]),
        ("en;q=0.5, ro-MD, ru;q=0.8, *;q=0.1", ["ro", "ru", "en"]),
        ("en;q=0", []),
        ("en, EN-gb", ["en"]),
        ("x" * 200, []),
        (";;q=,,", []),
    ],
)
def test_accepted_languages_come_in_the_order_of_their_weight(header: str | None, languages: list[str]) -> None:
    assert accepted_languages(header) == languages


@given(st.text(max_size=200))
def test_no_language_header_breaks_the_parser(header: str) -> None:
    assert all(language.isascii() for language in accepted_languages(header))


@pytest.mark.parametrize(
    ("text", "region", "e164"),
    [
        ("+373 22 123-456", None, "+37322123456"),
        ("022 123 456", "MD", "+37322123456"),
        ("(0722) 123 456", "RO", "+40722123456"),
        ("8 (495) 123-45-67", "RU", "+74951234567"),
        ("00 44 20 7946 0000", "MD", "+442079460000"),
        ("٠٢٢١٢٣٤٥٦", "MD", "+37322123456"),
    ],
)
def test_numbers_as_people_write_them_become_e164(text: str, region: str | None, e164: str) -> None:
    assert phone_number(text, region=region, field="number") == e164


@pytest.mark.parametrize(
    ("text", "region", "code"),
    [
        ("022 123 456", None, "phone_country_missing"),
        ("022 123 456", "AQ", "phone_country_missing"),
        ("+999 123 456", None, "phone_country_missing"),
        ("abc", "MD", "phone_invalid"),
        ("+", "MD", "phone_invalid"),
        ("12", "MD", "phone_too_short"),
        ("+373 22 123 456 789", None, "phone_too_long"),
        ("+373 22 123 456 ext. 7", None, "phone_extension"),
    ],
)
def test_what_is_no_number_is_refused_with_its_reason(text: str, region: str | None, code: str) -> None:
    with pytest.raises(InvalidField) as caught:
        phone_number(text, region=region, field="number")
    assert [(error.field, error.code) for error in caught.value.errors] == [("number", code)]


@given(st.text(max_size=40))
def test_any_text_is_a_number_or_refused(text: str) -> None:
    try:
        e164 = phone_number(text, region="MD", field="number")
    except InvalidField:
        return
    assert e164.startswith("+")
    assert e164[1:].isascii()
    assert e164[1:].isdigit()
