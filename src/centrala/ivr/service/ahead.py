"""Texts that are known before anybody calls."""

from collections.abc import Iterator

from centrala.ivr.machine.definition import FlowDefinition, TextPiece
from centrala.ivr.machine.walk import pieces_of


def texts_of(flow: FlowDefinition) -> Iterator[tuple[str, str]]:
    """Text and language of all that a flow says without a variable in it, as the machine would say it."""
    for piece in pieces_of(flow):
        if isinstance(piece, TextPiece):
            for language, text in piece.text.items():
                if text.strip() and "{" not in text:
                    yield text.strip(), language
