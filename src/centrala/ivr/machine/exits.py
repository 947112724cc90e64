"""Which exits a node has, and where an exit leads that nobody has connected."""

from dataclasses import dataclass

from centrala.ivr.machine import definition as d


@dataclass(frozen=True, slots=True)
class Exit:
    """`instead` is the exit that is taken when this one leads nowhere; without one the call is hung up.

    `needed`: a flow that leaves it unconnected is not published.
    """

    name: str
    needed: bool = True
    instead: str | None = None


NEXT = Exit("next")
_NO_INPUT = (Exit("no_input", needed=False), Exit("wrong", needed=False))
_AFTER = Exit("after", needed=False)

_FIXED: dict[str, tuple[Exit, ...]] = {
    "say": (NEXT,),
    "menu": _NO_INPUT,
    "language": (NEXT, *(Exit(name, needed=False, instead="next") for name in ("no_input", "wrong"))),
    "collect": (NEXT, *_NO_INPUT),
    "hours": (Exit("open"), Exit("closed"), Exit("holiday", needed=False, instead="closed")),
    "set": (NEXT,),
    "test": (Exit("else"),),
    "lookup": (Exit("found"), Exit("not_found"), Exit("failed", needed=False, instead="not_found")),
    "http": (NEXT, Exit("refused", needed=False, instead="failed"), Exit("failed")),
    "queue": (
        _AFTER,
        Exit("overflow", needed=False),
        Exit("closed", needed=False, instead="overflow"),
        Exit("no_operator", needed=False, instead="overflow"),
        Exit("voicemail", needed=False),
        Exit("callback", needed=False),
        Exit("failed", needed=False, instead="overflow"),
    ),
    "transfer": (
        _AFTER,
        Exit("busy", needed=False, instead="failed"),
        Exit("no_answer", needed=False, instead="failed"),
        Exit("failed"),
    ),
    "voicemail": (NEXT, Exit("empty", needed=False, instead="next")),
    "callback": (Exit("ordered"), Exit("declined"), Exit("failed", needed=False, instead="declined")),
    "rate": (NEXT, Exit("no_input", needed=False, instead="next")),
    "flow": (NEXT,),
    "return": (),
    "goto": (),
    "hangup": (),
}


def exits_of(node: d.Node) -> tuple[Exit, ...]:
    """All exits of a node, in the order in which an editor shows them."""
    fixed = _FIXED[node.kind]
    if isinstance(node, d.MenuNode):
        return (*(Exit(f"key:{key}") for key in dict.fromkeys(choice.key for choice in node.choices)), *fixed)
    if isinstance(node, d.TestNode):
        return (*(Exit(f"case:{case}") for case in dict.fromkeys(case.id for case in node.cases)), *fixed)
    return fixed


class Ways:
    """Where the exits of one flow lead."""

    def __init__(self, flow: d.FlowDefinition) -> None:
        self.nodes: dict[str, d.Node] = {node.id: node for node in flow.nodes}
        self.edges = {(edge.source, edge.exit): edge.target for edge in flow.edges}

    def leads(self, node: d.Node, exit_name: str) -> str | None:
        """The node behind an exit or behind what is taken instead; None: nowhere."""
        instead = {one.name: one.instead for one in exits_of(node)}
        name: str | None = exit_name
        while name is not None:
            target = self.edges.get((node.id, name))
            if target in self.nodes:
                return target
            name = instead.get(name)
        return None
