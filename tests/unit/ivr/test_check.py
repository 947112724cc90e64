"""A flow in which a caller would be lost is not published, and says where."""

from uuid import UUID

import pytest

from centrala.ivr.check import FlowFrame, check
from centrala.ivr.machine import definition as d
from centrala.ivr.schemas import Severity
from support.drawn import CALENDAR, LANGUAGES, QUEUE, drawn, words

SUB = UUID(int=5)
OWN = UUID(int=6)
PROMPT = UUID(int=8)
BYE = {"id": "bye", "kind": "hangup"}


def frame(**more: object) -> FlowFrame:
    known: dict[str, object] = {
        "languages": LANGUAGES,
        "voices": frozenset({"en", *LANGUAGES}),
        "queues": {QUEUE},
        "calendars": {CALENDAR},
        "people": set(),
        "skills": set(),
        "own": OWN,
        "hosts": {"crm.example"},
    }
    return FlowFrame(**{**known, **more})  # type: ignore[arg-type]  # a table of what tests change


def codes(flow: d.FlowDefinition, **more: object) -> set[tuple[str, str | None]]:
    return {(finding.code, finding.node_id) for finding in check(flow, frame(**more))}


def test_a_sound_flow_has_no_findings() -> None:
    menu = {"id": "menu", "kind": "menu", "prompt": words("one"), "choices": [{"key": "1"}]}
    queue = {"id": "queue", "kind": "queue", "queue_id": str(QUEUE)}
    assert (
        codes(
            drawn(
                menu,
                queue,
                BYE,
                edges="menu key:1 > queue, menu no_input > bye, menu wrong > bye, queue overflow > bye",
            )
        )
        == set()
    )


@pytest.mark.parametrize(
    ("node", "code"),
    [
        ({"kind": "say"}, "prompt_missing"),
        ({"kind": "say", "prompt": [{"kind": "text", "text": {"ro": "Bună"}}]}, "text_missing"),
        ({"kind": "say", "prompt": [{"kind": "text", "text": {"ro": "x", "ru": "x", "de": "Tag"}}]}, "no_voice"),
        ({"kind": "say", "prompt": [{"kind": "prompt"}]}, "prompt_unknown"),
        ({"kind": "menu", "prompt": words("x")}, "no_choices"),
        ({"kind": "menu", "prompt": words("x"), "choices": [{"key": "1"}, {"key": "1"}]}, "key_twice"),
        (
            {"kind": "language", "prompt": words("x"), "choices": [{"key": "1", "language": "de"}]},
            "language_of_no_project",
        ),
        ({"kind": "collect", "prompt": words("x"), "least": 5, "most": 4}, "least_above_most"),
        ({"kind": "collect", "prompt": words("x"), "check": {"kind": "range", "least": 5, "most": 4}}, "range_empty"),
        (
            {"kind": "collect", "prompt": words("x"), "most": 3, "check": {"kind": "mask", "mask": "####"}},
            "length_does_not_fit",
        ),
        ({"kind": "collect", "prompt": words("x"), "most": 4, "check": {"kind": "date"}}, "length_does_not_fit"),
        ({"kind": "hours"}, "calendar_missing"),
        ({"kind": "hours", "calendar_id": str(SUB)}, "calendar_unknown"),
        ({"kind": "test"}, "no_cases"),
        ({"kind": "test", "cases": [{"id": "a"}]}, "case_empty"),
        ({"kind": "test", "cases": [{"id": "a", "conditions": [{"variable": "sum"}]}]}, "variable_never_set"),
        ({"kind": "test", "cases": [{"id": "a", "conditions": [{"variable": "caller"}]}] * 2}, "case_twice"),
        ({"kind": "http", "url": "ftp://crm.example/"}, "url_wrong"),
        ({"kind": "http", "url": "https://{host}/"}, "url_wrong"),
        ({"kind": "http", "url": "https://user@crm.example/"}, "url_wrong"),
        ({"kind": "http", "url": "https://169.254.169.254/"}, "host_not_allowed"),
        ({"kind": "queue"}, "queue_missing"),
        ({"kind": "queue", "queue_id": str(SUB)}, "queue_unknown"),
        ({"kind": "queue", "queue_id": str(QUEUE), "skills": [{"skill_id": str(SUB)}]}, "skill_unknown"),
        ({"kind": "callback"}, "queue_missing"),
        ({"kind": "transfer"}, "person_missing"),
        ({"kind": "transfer", "to": {"kind": "person", "person_id": str(SUB)}}, "person_unknown"),
        ({"kind": "transfer", "to": {"kind": "number"}}, "number_missing"),
        ({"kind": "flow"}, "flow_missing"),
        ({"kind": "flow", "flow_id": str(SUB)}, "flow_unknown"),
        ({"kind": "flow", "flow_id": str(OWN)}, "flow_in_itself"),
        ({"kind": "goto"}, "goto_nowhere"),
    ],
)
def test_what_is_wrong_with_a_node_is_found(node: dict[str, object], code: str) -> None:
    assert (code, "it") in codes(drawn({"id": "it", **node}))


def test_an_exit_that_a_caller_needs_must_lead_somewhere() -> None:
    findings = check(drawn({"id": "say", "kind": "say", "prompt": words("x")}), frame())
    assert [(one.code, one.params["exit"], one.severity) for one in findings] == [
        ("exit_nowhere", "next", Severity.ERROR)
    ]


def test_an_edge_to_a_node_that_is_gone_leads_nowhere() -> None:
    flow = drawn({"id": "say", "kind": "say", "prompt": words("x")}, edges="say next > gone")
    assert ("exit_nowhere", "say") in codes(flow)


def test_exits_and_ids_stand_once() -> None:
    say = {"id": "say", "kind": "say", "prompt": words("x")}
    assert ("exit_twice", "say") in codes(drawn(say, BYE, edges="say next > bye, say next > say"))
    assert ("id_twice", "bye") in codes(drawn(BYE, BYE))
    assert ("exit_unknown", "bye") in codes(drawn(BYE, edges="bye next > bye"))


def test_a_flow_begins_somewhere() -> None:
    assert ("no_start", None) in codes(d.FlowDefinition())
    assert ("start_unknown", None) in codes(drawn(BYE, start="gone"))


def test_what_no_call_comes_to_is_told() -> None:
    assert ("unreachable", "menu") in codes(drawn(BYE, {"id": "menu", "kind": "menu"}))


def test_a_goto_reaches_its_node() -> None:
    assert ("unreachable", "bye") not in codes(drawn({"id": "go", "kind": "goto", "node": "bye"}, BYE))


def test_circles_without_the_caller_are_errors_and_circles_of_silence_warnings() -> None:
    say = {"id": "say", "kind": "say", "prompt": words("x")}
    menu = {"id": "menu", "kind": "menu", "prompt": words("x"), "choices": [{"key": "1"}]}
    queue = {"id": "queue", "kind": "queue", "queue_id": str(QUEUE)}
    assert ("loop_without_input", "say") in codes(drawn(say, edges="say next > say"))
    silence = codes(drawn(menu, say, BYE, edges="menu no_input > say, say next > menu, menu key:1 > bye"))
    assert ("loop_on_silence", "menu") in silence
    assert "loop_without_input" not in {code for code, _ in silence}
    waits = codes(drawn(queue, say, edges="queue overflow > say, say next > queue"))
    assert {code for code, _ in waits} == set()


def test_an_uploaded_sound_needs_no_text() -> None:
    say = {"id": "say", "kind": "say", "prompt": [{"kind": "prompt", "prompt_id": str(PROMPT)}]}
    flow = drawn(say, BYE, edges="say next > bye")
    assert codes(flow, prompts={PROMPT: set(LANGUAGES)}) == set()
    assert ("text_missing", "say") in codes(flow, prompts={PROMPT: {"ro"}})


def test_a_flow_that_runs_this_one_again_through_another_is_found() -> None:
    other = drawn({"id": "sub", "kind": "flow", "flow_id": str(OWN)})
    flow = drawn({"id": "sub", "kind": "flow", "flow_id": str(SUB)}, BYE, edges="sub next > bye")
    assert ("flow_in_itself", "sub") in codes(flow, flows={SUB: other})


def test_errors_come_first() -> None:
    flow = drawn(BYE, {"id": "menu", "kind": "menu"}, {"id": "say", "kind": "say"})
    severities = [one.severity for one in check(flow, frame())]
    assert severities == sorted(severities, key=lambda one: one is not Severity.ERROR)
    assert len(set(severities)) == 2
