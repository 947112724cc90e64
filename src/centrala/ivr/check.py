"""What is wrong with a flow, before a caller finds out. Pure: what the flow refers to comes in a `FlowFrame`.

An error keeps a flow from being published: a caller would be lost in it. A warning is what somebody may have meant.
"""

from collections.abc import Callable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from centrala.ivr.loops import circles, reached
from centrala.ivr.machine import definition as d
from centrala.ivr.machine.exits import Ways, exits_of
from centrala.ivr.machine.walk import said_by
from centrala.ivr.schemas import FlowFinding, Severity

MAX_FINDINGS: Final = 200  # of one answer; whoever has more begins with these

_SPEAKING: Final = frozenset({"say", "menu", "language", "collect"})
"""Kinds of nodes that need a prompt of their own; the others have a sentence of the system."""

_BUILT_IN: Final = frozenset(
    {"caller", "called", "language", "digits", "customer_id", "customer_name", "customer_language", "http_status"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowFrame:
    """What there is beside the flow: in its project, and voices, hosts and skills of the centre.

    `prompts` have the languages that they can be said in; `flows` are the published ones. None: not known, not checked.
    """

    languages: tuple[str, ...]
    voices: AbstractSet[str]
    queues: AbstractSet[UUID] | None = None
    calendars: AbstractSet[UUID] | None = None
    people: AbstractSet[UUID] | None = None
    skills: AbstractSet[UUID] | None = None
    prompts: Mapping[UUID, AbstractSet[str]] = field(default_factory=dict)
    flows: Mapping[UUID, d.FlowDefinition] = field(default_factory=dict)
    own: UUID | None = None
    hosts: AbstractSet[str] | None = None


def check(flow: d.FlowDefinition, frame: FlowFrame) -> list[FlowFinding]:
    """The findings, errors first, then in the order of the nodes."""
    found = [*_shape(flow), *_loops(flow), *_variables(flow)]
    for node in flow.nodes:
        found += _exits(flow, node)
        found += _prompts(node, frame)
        special = _SPECIAL.get(node.kind)
        found += special(node, frame) if special else ()
    order = {node.id: place for place, node in enumerate(flow.nodes)}
    found.sort(key=lambda one: (one.severity is not Severity.ERROR, order.get(one.node_id or "", -1)))
    return found[:MAX_FINDINGS]


def error(code: str, node: str | None = None, **params: Any) -> FlowFinding:
    return FlowFinding(code=code, severity=Severity.ERROR, node_id=node, params=params)


def warning(code: str, node: str | None = None, **params: Any) -> FlowFinding:
    return FlowFinding(code=code, severity=Severity.WARNING, node_id=node, params=params)


# The drawing


def _shape(flow: d.FlowDefinition) -> Iterator[FlowFinding]:
    ids = [node.id for node in flow.nodes]
    yield from (error("id_twice", one) for one in dict.fromkeys(ids) if ids.count(one) > 1)
    if flow.start is None:
        yield error("no_start")
        return
    if flow.start not in ids:
        yield error("start_unknown", None, start=flow.start)
        return
    seen = reached(flow)
    yield from (warning("unreachable", node.id) for node in flow.nodes if node.id not in seen)


def _exits(flow: d.FlowDefinition, node: d.Node) -> Iterator[FlowFinding]:
    ways = Ways(flow)
    leaving = [edge for edge in flow.edges if edge.source == node.id]
    names = [edge.exit for edge in leaving]
    yield from (error("exit_twice", node.id, exit=one) for one in dict.fromkeys(names) if names.count(one) > 1)
    exits = exits_of(node)
    known = {one.name for one in exits}
    for edge in leaving:
        if edge.exit not in known:
            yield warning("exit_unknown", node.id, exit=edge.exit)
        elif edge.target not in ways.nodes:
            yield error("exit_nowhere", node.id, exit=edge.exit)
    for one in exits:
        if (node.id, one.name) not in ways.edges and ways.leads(node, one.name) is None and one.needed:
            yield error("exit_nowhere", node.id, exit=one.name)


def _loops(flow: d.FlowDefinition) -> Iterator[FlowFinding]:
    for circle in circles(flow, on_silence=False):
        yield error("loop_without_input", circle[0], nodes=circle)
    certain = {frozenset(circle) for circle in circles(flow, on_silence=False)}
    for circle in circles(flow, on_silence=True):
        if frozenset(circle) not in certain:
            yield warning("loop_on_silence", circle[0], nodes=circle)


# What is said


def _prompts(node: d.Node, frame: FlowFrame) -> Iterator[FlowFinding]:
    said = dict(said_by(node))
    if node.kind in _SPEAKING and "prompt" not in said:
        yield error("prompt_missing", node.id)
    languages = frame.languages
    if isinstance(node, d.LanguageNode):
        languages = tuple(dict.fromkeys(choice.language for choice in node.choices))
    for name, pieces in said.items():
        for piece in pieces:
            yield from _piece(node, name, piece, languages, frame)


def _piece(
    node: d.Node, name: str, piece: d.Piece, languages: tuple[str, ...], frame: FlowFrame
) -> Iterator[FlowFinding]:
    if isinstance(piece, d.TextPiece):
        there = {language for language, text in piece.text.items() if text.strip()}
        yield from (error("text_missing", node.id, field=name, language=one) for one in languages if one not in there)
        silent = sorted(there - frame.voices)
        yield from (error("no_voice", node.id, field=name, language=one) for one in silent)
    elif isinstance(piece, d.PromptPiece):
        if piece.prompt_id is None or piece.prompt_id not in frame.prompts:
            yield error("prompt_unknown", node.id, field=name)
            return
        there = set(frame.prompts[piece.prompt_id])
        missing = [one for one in languages if one not in there]
        yield from (
            error("text_missing", node.id, field=name, language=one, prompt_id=str(piece.prompt_id)) for one in missing
        )


# Kinds of nodes


def _menu(node: d.MenuNode, _frame: FlowFrame) -> Iterator[FlowFinding]:
    yield from _keys(node, [choice.key for choice in node.choices])


def _language(node: d.LanguageNode, frame: FlowFrame) -> Iterator[FlowFinding]:
    yield from _keys(node, [choice.key for choice in node.choices])
    offered = dict.fromkeys(choice.language for choice in node.choices)
    yield from (
        warning("language_of_no_project", node.id, language=one) for one in offered if one not in frame.languages
    )


def _keys(node: d.Node, keys: list[str]) -> Iterator[FlowFinding]:
    if not keys:
        yield error("no_choices", node.id)
    yield from (error("key_twice", node.id, key=key) for key in dict.fromkeys(keys) if keys.count(key) > 1)


def _collect(node: d.CollectNode, _frame: FlowFrame) -> Iterator[FlowFinding]:
    if node.least > node.most:
        yield error("least_above_most", node.id, least=node.least, most=node.most)
    match node.check:
        case d.RangeCheck() if node.check.least > node.check.most:
            yield error("range_empty", node.id, least=node.check.least, most=node.check.most)
        case d.MaskCheck() if not node.least <= len(node.check.mask) <= node.most:
            yield error("length_does_not_fit", node.id, length=len(node.check.mask))
        case d.DateCheck() if not node.least <= len(node.check.order.value) <= node.most:
            yield error("length_does_not_fit", node.id, length=len(node.check.order.value))


def _hours(node: d.HoursNode, frame: FlowFrame) -> Iterator[FlowFinding]:
    yield from _reference(node, "calendar", node.calendar_id, frame.calendars)


def _test(node: d.TestNode, _frame: FlowFrame) -> Iterator[FlowFinding]:
    if not node.cases:
        yield error("no_cases", node.id)
    names = [case.id for case in node.cases]
    yield from (error("case_twice", node.id, case=one) for one in dict.fromkeys(names) if names.count(one) > 1)
    yield from (error("case_empty", node.id, case=case.id) for case in node.cases if not case.conditions)


def _http(node: d.HttpNode, frame: FlowFrame) -> Iterator[FlowFinding]:
    scheme, _, rest = node.url.partition("://")
    host = rest.partition("/")[0]
    if scheme not in {"http", "https"} or not host or "{" in host or "@" in host:
        yield error("url_wrong", node.id)
    elif frame.hosts is not None and not {host, host.partition(":")[0]} & frame.hosts:
        yield error("host_not_allowed", node.id, host=host)


def _queue(node: d.QueueNode, frame: FlowFrame) -> Iterator[FlowFinding]:
    yield from _reference(node, "queue", node.queue_id, frame.queues)
    for skill in node.skills:
        if frame.skills is not None and skill.skill_id not in frame.skills:
            yield error("skill_unknown", node.id, skill_id=str(skill.skill_id))


def _callback(node: d.CallbackNode, frame: FlowFrame) -> Iterator[FlowFinding]:
    yield from _reference(node, "queue", node.queue_id, frame.queues)


def _transfer(node: d.TransferNode, frame: FlowFrame) -> Iterator[FlowFinding]:
    if isinstance(node.to, d.ToPerson):
        yield from _reference(node, "person", node.to.person_id, frame.people)
    elif not node.to.number.strip():
        yield error("number_missing", node.id)


def _subflow(node: d.SubFlowNode, frame: FlowFrame) -> Iterator[FlowFinding]:
    yield from _reference(node, "flow", node.flow_id, frozenset(frame.flows) | ({frame.own} - {None}))
    if frame.own is not None and node.flow_id is not None and frame.own in _runs(node.flow_id, frame):
        yield error("flow_in_itself", node.id)


def _runs(flow_id: UUID, frame: FlowFrame) -> set[UUID]:
    """The flow and all that it runs, however deep."""
    found: set[UUID] = set()
    waiting = [flow_id]
    while waiting:
        one = waiting.pop()
        if one in found:
            continue
        found.add(one)
        inner = frame.flows.get(one) if one != frame.own else None
        waiting += [
            node.flow_id
            for node in (inner.nodes if inner else ())
            if isinstance(node, d.SubFlowNode) and node.flow_id is not None
        ]
    return found


def _goto(node: d.GoToNode, _frame: FlowFrame) -> Iterator[FlowFinding]:
    if node.node is None:
        yield error("goto_nowhere", node.id)


def _reference(
    node: d.Node, what: str, value: UUID | None, known: AbstractSet[UUID] | AbstractSet[UUID | None] | None
) -> Iterator[FlowFinding]:
    if value is None:
        yield error(f"{what}_missing", node.id)
    elif known is not None and value not in known:
        yield error(f"{what}_unknown", node.id)


_SPECIAL: Final[Mapping[str, Callable[[Any, FlowFrame], Iterator[FlowFinding]]]] = {
    "menu": _menu,
    "language": _language,
    "collect": _collect,
    "hours": _hours,
    "test": _test,
    "http": _http,
    "queue": _queue,
    "callback": _callback,
    "transfer": _transfer,
    "flow": _subflow,
    "goto": _goto,
}


# Variables


def _variables(flow: d.FlowDefinition) -> Iterator[FlowFinding]:
    """A variable that is tested and set nowhere is a typing error, or comes from another flow."""
    known = set(_BUILT_IN)
    for node in flow.nodes:
        known |= _sets(node)
    for node in flow.nodes:
        if isinstance(node, d.TestNode):
            named = [condition.variable for case in node.cases for condition in case.conditions]
            for name in dict.fromkeys(named):
                if name not in known:
                    yield warning("variable_never_set", node.id, variable=name)


def _sets(node: d.Node) -> set[str]:
    match node:
        case d.CollectNode():
            return {node.variable}
        case d.RateNode():
            return {node.question}
        case d.SetNode():
            return {assignment.variable for assignment in node.assignments}
        case d.HttpNode():
            return {result.variable for result in node.results}
        case _:
            return set()
