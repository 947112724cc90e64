"""Goes through what a flow says."""

from collections.abc import Iterator
from uuid import UUID

from centrala.ivr.machine import definition as d


def said_by(node: d.Node) -> Iterator[tuple[str, list[d.Piece]]]:
    """The prompts of a node, each with the name of its field."""
    for name in ("prompt", "no_input_prompt", "wrong_prompt"):
        prompt: list[d.Piece] = getattr(node, name, [])
        if prompt:
            yield name, prompt


def pieces_of(flow: d.FlowDefinition) -> Iterator[d.Piece]:
    """All that a flow says, in the order of its nodes."""
    for node in flow.nodes:
        for _, prompt in said_by(node):
            yield from prompt


def prompts_of(flow: d.FlowDefinition) -> set[UUID]:
    """The prompts of the library that a flow says."""
    return {
        piece.prompt_id for piece in pieces_of(flow) if isinstance(piece, d.PromptPiece) and piece.prompt_id is not None
    }
