"""Where a flow leads, and where it turns in circles. Pure."""

from collections.abc import Iterable, Mapping
from typing import Final

from centrala.ivr.machine import definition as d
from centrala.ivr.machine.exits import Ways, exits_of

WAITS_FOR_CALLER: Final = frozenset({"menu", "language", "collect", "rate", "callback"})
TAKES_ITS_TIME: Final = frozenset({"queue", "transfer", "voicemail"})
"""Nodes in which time passes that costs nobody anything: a way through them is no endless loop."""

_ON_SILENCE: Final = frozenset({"no_input", "declined"})

Graph = Mapping[str, list[str]]


def targets(ways: Ways, node: d.Node, *, only: frozenset[str] | None = None) -> list[str]:
    """The nodes behind the exits of a node."""
    if isinstance(node, d.GoToNode):
        return [node.node] if node.node in ways.nodes and node.node is not None else []
    found = (ways.leads(node, one.name) for one in exits_of(node) if only is None or one.name in only)
    return [target for target in dict.fromkeys(found) if target is not None]


def reached(flow: d.FlowDefinition) -> set[str]:
    """The nodes that a call can come to. Nodes that only a queue's rule names are not among them."""
    ways = Ways(flow)
    seen: set[str] = set()
    waiting = [flow.start] if flow.start in ways.nodes and flow.start is not None else []
    while waiting:
        one = waiting.pop()
        if one not in seen:
            seen.add(one)
            waiting += targets(ways, ways.nodes[one])
    return seen


def circles(flow: d.FlowDefinition, *, on_silence: bool) -> list[list[str]]:
    """Nodes that lead back to themselves without the caller, each circle once, in the order of the drawing.

    With `on_silence` the exits that a silent caller takes count as well.
    """
    ways = Ways(flow)
    graph: dict[str, list[str]] = {}
    for node in flow.nodes:
        if node.kind in TAKES_ITS_TIME:
            graph[node.id] = []
        elif node.kind in WAITS_FOR_CALLER:
            graph[node.id] = targets(ways, node, only=_ON_SILENCE) if on_silence else []
        else:
            graph[node.id] = targets(ways, node)
    return _circles(graph)


def _circles(graph: Graph) -> list[list[str]]:
    """Strongly connected parts with a way back: what each node reaches, and is reached by."""
    reach = {node: _closure(graph, graph[node]) for node in graph}
    done: set[str] = set()
    found = []
    for node in graph:
        if node in done or node not in reach[node]:
            continue
        part = [other for other in graph if other in reach[node] and node in reach[other]]
        done.update(part)
        found.append(part)
    return found


def _closure(graph: Graph, first: Iterable[str]) -> set[str]:
    seen: set[str] = set()
    waiting = list(first)
    while waiting:
        one = waiting.pop()
        if one not in seen:
            seen.add(one)
            waiting += graph.get(one, [])
    return seen
