"""What changed between two definitions of a flow."""

from typing import Any, Final

from centrala.ivr.machine.definition import FlowDefinition
from centrala.ivr.schemas import MAX_IDS, FlowDifference

_PLACE: Final = {"x", "y"}
"""Where a node stands in the editor means nothing to a call."""


def difference(before: FlowDefinition, after: FlowDefinition) -> FlowDifference:
    old, new = _content(before), _content(after)
    return FlowDifference(
        added=[node for node in new if node not in old][:MAX_IDS],
        changed=[node for node, content in new.items() if node in old and old[node] != content][:MAX_IDS],
        removed=[node for node in old if node not in new][:MAX_IDS],
    )


def same(before: FlowDefinition, after: FlowDefinition) -> bool:
    """Whether a call would run them the same way."""
    return _content(before) == _content(after) and before.max_seconds == after.max_seconds


def _content(flow: FlowDefinition) -> dict[str, Any]:
    """What each node does, where its exits lead, and whether a call begins with it."""
    return {
        node.id: (
            node.model_dump(exclude=_PLACE),
            sorted((edge.exit, edge.target) for edge in flow.edges if edge.source == node.id),
            flow.start == node.id,
        )
        for node in flow.nodes
    }
