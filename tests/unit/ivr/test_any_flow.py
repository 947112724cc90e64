"""Whatever somebody draws and whatever happens, a run never crashes and never turns in circles: it waits or ends."""

from typing import Any
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from centrala.ivr.check import FlowFrame, check
from centrala.ivr.machine import definition as d
from centrala.ivr.machine import events as e
from centrala.ivr.machine.exits import exits_of
from centrala.ivr.machine.mechanics import MAX_IDLE_STEPS, Version
from centrala.ivr.machine.run import Run
from centrala.ivr.schemas import Severity
from support.drawn import CALENDAR, LANGUAGES, QUEUE

IDS = [f"n{number}" for number in range(7)]
OTHER = UUID(int=9)
FRAME = FlowFrame(languages=LANGUAGES, voices=frozenset(LANGUAGES), queues={QUEUE}, calendars={CALENDAR})

keys = st.sampled_from("0123456789*#")
texts = st.sampled_from(["", "hello {name}", "{digits}"])
prompts = st.lists(
    st.one_of(
        st.builds(lambda text: {"kind": "text", "text": {"ro": text}}, texts),
        st.builds(
            lambda name, how: {"kind": "value", "variable": name, "spoken_as": how},
            st.sampled_from(["digits", "name", "none"]),
            st.sampled_from(list(d.SpokenAs)),
        ),
        st.just({"kind": "prompt", "prompt_id": str(OTHER)}),
        st.just({"kind": "pause"}),
    ),
    max_size=2,
)
checks = st.sampled_from(
    [
        {"kind": "any"},
        {"kind": "range", "least": 3, "most": 90},
        {"kind": "phone", "country": "MD"},
        {"kind": "luhn"},
        {"kind": "mask", "mask": "4#"},
        *({"kind": "date", "order": order} for order in d.DateOrder),
    ]
)
values = st.sampled_from(["", "1", "ro", "{digits}", 2.5, True, None])
queues = st.sampled_from([None, str(QUEUE)])
names = st.sampled_from(["digits", "name", "language"])
asking = {"prompt": prompts, "attempts": st.integers(1, 3), "interruptible": st.booleans()}


def one(kind: str, **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({"kind": st.just(kind), **fields})


nodes = st.one_of(
    one("say", prompt=prompts),
    one("menu", choices=st.lists(st.builds(lambda key: {"key": key}, keys), max_size=3), **asking),
    one(
        "language", choices=st.lists(st.builds(lambda key: {"key": key, "language": "ru"}, keys), max_size=2), **asking
    ),
    one("collect", least=st.integers(1, 4), most=st.integers(1, 12), check=checks, read_back=st.booleans(), **asking),
    one("hours", calendar_id=st.sampled_from([None, str(CALENDAR)])),
    one(
        "set",
        assignments=st.lists(
            st.fixed_dictionaries({"variable": names, "how": st.sampled_from(list(d.SetHow)), "value": values}),
            max_size=2,
        ),
    ),
    one(
        "test",
        cases=st.lists(
            st.fixed_dictionaries(
                {
                    "id": st.sampled_from(["a", "b"]),
                    "match": st.sampled_from(["all", "any"]),
                    "conditions": st.lists(
                        st.fixed_dictionaries(
                            {
                                "variable": names,
                                "compare": st.sampled_from(list(d.Compare)),
                                "compare_as": st.sampled_from(list(d.CompareAs)),
                                "value": values,
                            }
                        ),
                        max_size=2,
                    ),
                }
            ),
            max_size=2,
        ),
    ),
    one("lookup"),
    one("http", url=st.sampled_from(["", "https://x.example/{digits}"]), body=texts),
    one("queue", queue_id=queues),
    one(
        "transfer",
        to=st.sampled_from([{"kind": "number", "number": "{digits}"}, {"kind": "person", "person_id": str(OTHER)}]),
    ),
    one("voicemail", prompt=prompts),
    one("callback", queue_id=queues, number=st.sampled_from(list(d.CallbackNumber))),
    one("rate", scale=st.sampled_from(["1-5", "0-10"])),
    one("flow", flow_id=st.sampled_from([None, str(OTHER)])),
    one("return"),
    one("goto", node=st.sampled_from([None, *IDS])),
    one("hangup", prompt=prompts),
)


silent = [
    one("say"),
    one("set", assignments=st.just([{"variable": "name", "how": "add", "value": 1}])),
    one("goto", node=st.sampled_from(IDS)),
    one("test", cases=st.just([{"id": "a", "conditions": [{"variable": "name", "compare": "empty"}]}])),
]
"""Nodes that are gone through at once."""


@st.composite
def flows(draw: st.DrawFn, kinds: st.SearchStrategy[dict[str, Any]] = nodes) -> d.FlowDefinition:
    made = [{"id": name, **draw(kinds)} for name in IDS[: draw(st.integers(1, len(IDS)))]]
    parsed = d.FlowDefinition.model_validate({"nodes": made})
    ends = st.sampled_from([node.id for node in parsed.nodes])
    edges = [
        {"source": node.id, "exit": way.name, "target": draw(ends)}
        for node in parsed.nodes
        for way in exits_of(node)
        if draw(st.integers(0, 4))
    ]
    return d.FlowDefinition.model_validate({"start": made[0]["id"], "nodes": made, "edges": edges})


def answers(number: int) -> st.SearchStrategy[Any]:
    """Something that happens; most of it answers the command of that number."""
    known = st.sampled_from([number, number, number, number - 1])
    left = st.sampled_from(["overflow", "closed", "no_operator", "voicemail", "number", "node", "hang_up", "failed"])
    return st.one_of(
        st.builds(e.StartedEvent, id=known),
        st.builds(e.PlayedEvent, id=known, digit=st.sampled_from(["", "1"])),
        st.builds(e.DigitsEvent, id=known, digits=st.text("0123456789*#", max_size=6)),
        st.builds(e.NoInputEvent, id=known),
        st.builds(e.ConnectedEvent, id=known),
        st.builds(e.FinishedEvent, id=known),
        st.builds(e.QueueLeftEvent, id=known, how=left, target=st.sampled_from(["", "n1", "+37369123456"])),
        st.builds(e.CallbackOfferedEvent, id=known),
        st.builds(e.TransferFailedEvent, id=known, how=st.sampled_from(["busy", "no_answer", "failed"])),
        st.builds(e.RecordedEvent, id=known, seconds=st.sampled_from([0.0, 3.0])),
        st.builds(e.CallbackOrderedEvent, id=known, ok=st.booleans()),
        st.builds(e.FoundEvent, id=known, customer_id=st.sampled_from([None, "c1"]), failed=st.booleans()),
        st.builds(e.HoursAreEvent, id=known, state=st.sampled_from(["open", "closed", "holiday"])),
        st.builds(e.HttpAnsweredEvent, id=known, status=st.sampled_from([200, 404])),
        st.builds(e.HttpFailedEvent, id=known),
        st.builds(e.FailedEvent, id=known),
        st.builds(e.TimePassedEvent),
        st.builds(e.BeginEvent),
    )


ANY = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


@ANY
@given(flow=flows(), sub=flows(), data=st.data())
def test_a_run_waits_for_something_or_has_ended_whatever_happens(
    flow: d.FlowDefinition, sub: d.FlowDefinition, data: st.DataObject
) -> None:
    version = Version(flow, LANGUAGES, {OTHER: sub})
    run, twin = Run(version, {"name": "Ana"}), Run(version, {"name": "Ana"})
    now, event = 1_800_000_000.0, e.BeginEvent()
    for _ in range(data.draw(st.integers(1, 25))):
        entered = run.state.steps
        heard = run.feed(event, now)
        twin = Run.restored(version, twin.dump())
        assert twin.feed(event, now) == heard, "a run that was dumped goes on as the other"
        assert run.state.steps - entered <= MAX_IDLE_STEPS + 1
        if run.ended is not None:
            assert not run.waiting
            assert heard[-1].kind == "hang_up"
            return
        assert run.waiting, "a run that has not ended waits"
        number = data.draw(st.sampled_from([command.id for command in run.waiting]))
        event = data.draw(answers(number))
        now += data.draw(st.sampled_from([0.0, 1.0, 700.0, -5.0]))


@ANY
@given(flow=flows(), sub=flows())
def test_every_flow_is_checked_without_a_fault(flow: d.FlowDefinition, sub: d.FlowDefinition) -> None:
    findings = check(
        flow, FlowFrame(languages=LANGUAGES, voices=frozenset(LANGUAGES), flows={OTHER: sub}, own=UUID(int=1))
    )
    severities = [finding.severity for finding in findings]
    assert severities == sorted(severities, key=lambda one: one is not Severity.ERROR)


@ANY
@given(flow=flows(st.one_of(silent)))
def test_whoever_turns_in_circles_was_warned(flow: d.FlowDefinition) -> None:
    run = Run(Version(flow, LANGUAGES))
    run.feed(e.BeginEvent(), 0.0)
    if run.ended == "steps":
        assert "loop_without_input" in {finding.code for finding in check(flow, FRAME)}
