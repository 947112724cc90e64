"""Nodes that the caller does not notice: hours, set, test, lookup, http, sub-flows; and those that only speak."""

from centrala.ivr.machine import commands as c
from centrala.ivr.machine import definition as d
from centrala.ivr.machine import events as e
from centrala.ivr.machine.mechanics import MAX_DEPTH, Mechanics
from centrala.ivr.machine.values import (
    as_number,
    as_text,
    case_holds,
    filled,
    filled_header,
    filled_json,
    filled_url,
    taken,
)

# Say and hang up


def enter_say(run: Mechanics, node: d.SayNode) -> None:
    sounds = run.saying.prompt(node.prompt)
    if sounds:
        run.play(sounds, interruptible=node.interruptible)
    else:
        run.leave(node, "next")


def on_say(run: Mechanics, node: d.SayNode, event: e.Event) -> None:
    if isinstance(event, e.PlayedEvent | e.FailedEvent):
        run.leave(node, "next")


def enter_hang_up(run: Mechanics, node: d.HangUpNode) -> None:
    sounds = run.saying.prompt(node.prompt)
    if sounds:
        run.play(sounds, interruptible=False)
    else:
        run.hang_up(why="flow", cause=node.cause)


def on_hang_up(run: Mechanics, node: d.HangUpNode, event: e.Event) -> None:
    if isinstance(event, e.PlayedEvent | e.FailedEvent):
        run.hang_up(why="flow", cause=node.cause)


# Hours


def enter_hours(run: Mechanics, node: d.HoursNode) -> None:
    if node.calendar_id is None:
        run.leave(node, "open")
    else:
        run.send(c.HoursCommand(id=run.fresh(), calendar_id=node.calendar_id))


def on_hours(run: Mechanics, node: d.HoursNode, event: e.Event) -> None:
    if isinstance(event, e.HoursAreEvent):
        run.leave(node, event.state)
    elif isinstance(event, e.FailedEvent):
        run.leave(node, "open")  # a calendar that cannot be read must not turn callers away


# Variables


def enter_set(run: Mechanics, node: d.SetNode) -> None:
    for assignment in node.assignments:
        _assign(run, assignment)
    run.leave(node, "next")


def _assign(run: Mechanics, assignment: d.Assignment) -> None:
    name, value = assignment.variable, assignment.value
    if isinstance(value, str):
        value = filled(value, run.state.variables)
    if assignment.how is d.SetHow.CLEAR:
        value = None
    elif assignment.how is d.SetHow.ADD:
        value = (as_number(run.state.variables.get(name)) or 0.0) + (as_number(value) or 0.0)
    if name != "language":
        run.set(name, value)
    elif len(as_text(value)) == 2:
        run.speak_language(as_text(value).lower())


def enter_test(run: Mechanics, node: d.TestNode) -> None:
    for case in node.cases:
        if case_holds(case, run.state.variables):
            run.leave(node, f"case:{case.id}")
            return
    run.leave(node, "else")


# Asking others


def enter_lookup(run: Mechanics, node: d.LookupNode) -> None:
    number = as_text(run.state.variables.get(node.variable))
    if number:
        run.send(c.LookupCommand(id=run.fresh(), number=number))
    else:
        run.leave(node, "not_found")


def on_lookup(run: Mechanics, node: d.LookupNode, event: e.Event) -> None:
    if isinstance(event, e.FailedEvent) or (isinstance(event, e.FoundEvent) and event.failed):
        run.leave(node, "failed")
    elif isinstance(event, e.FoundEvent):
        if event.customer_id is None:
            run.leave(node, "not_found")
            return
        run.set("customer_id", event.customer_id)
        run.set("customer_name", event.name, secret=True)  # to be said, and shown to nobody who simulates or logs
        run.set("customer_language", event.language)
        run.leave(node, "found")


def enter_http(run: Mechanics, node: d.HttpNode) -> None:
    variables = run.state.variables
    run.send(
        c.HttpCommand(
            id=run.fresh(),
            method=node.method,
            url=filled_url(node.url, variables),
            headers={header.name: filled_header(header.value, variables) for header in node.headers},
            body=filled_json(node.body, variables) if node.body and node.method != "GET" else None,
            timeout_seconds=node.timeout_seconds,
        )
    )


def on_http(run: Mechanics, node: d.HttpNode, event: e.Event) -> None:
    if isinstance(event, e.HttpAnsweredEvent):
        run.set("http_status", float(event.status))
        for result in node.results:
            run.set(result.variable, taken(event.body, result.path))
        run.leave(node, "next" if 200 <= event.status < 300 else "refused")
    elif isinstance(event, e.HttpFailedEvent | e.FailedEvent):
        run.leave(node, "failed")


# Flows in flows


def enter_flow(run: Mechanics, node: d.SubFlowNode) -> None:
    state = run.state
    inner = run.version.subflows.get(node.flow_id) if node.flow_id is not None else None
    if inner is None or inner.start is None:
        run.leave(node, "next")
    elif len(state.stack) >= MAX_DEPTH:
        run.hang_up(why="steps")
    else:
        state.stack.append((state.flow, node.id))
        state.flow = node.flow_id
        run.go(inner.start)


def enter_return(run: Mechanics, _node: d.ReturnNode) -> None:
    state = run.state
    if not state.stack:
        run.hang_up(why="flow")
        return
    state.flow, caller = state.stack.pop()
    run.leave(run.ways.nodes[caller], "next")


def enter_goto(run: Mechanics, node: d.GoToNode) -> None:
    if node.node in run.ways.nodes and node.node is not None:
        run.go(node.node)
    else:
        run.end_with("goodbye", why="nowhere")
