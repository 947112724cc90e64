"""The state diagrams in docs/sip.md are those of the tables.

`python tests/telephony/sip/test_docs.py` writes them anew.
"""

import re
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest

from centrala.telephony.sip import dialog, registration
from centrala.telephony.sip.agent import attempt, session
from centrala.telephony.sip.transaction import (
    client_invite,
    client_non_invite,
    server_invite,
    server_non_invite,
)
from centrala.telephony.sip.transaction.machine import Move

Table = Mapping[Any, Move | StrEnum]  # from (state, event); each with enums of its own
PAGE = Path(__file__).parents[3] / "docs" / "sip.md"
TABLES: dict[str, Table] = {
    "invite-client": client_invite.TABLE,
    "non-invite-client": client_non_invite.TABLE,
    "invite-server": server_invite.TABLE,
    "non-invite-server": server_non_invite.TABLE,
    "dialog": dialog.TABLE,
    "offer": session.OFFERS,
    "attempt": attempt.TABLE,
    "registration": registration.TABLE,
}


def node(state: StrEnum) -> str:
    return re.sub(r"[^A-Za-z]", "", state.value.title())


def diagram(table: Table) -> str:
    """Return a Mermaid state diagram; moves that change and do nothing are left out."""
    first = next(iter(table))[0]
    lines = ["stateDiagram-v2", f"    [*] --> {node(first)}"]
    states = [state for state in dict.fromkeys(s for s, _ in table) if node(state) != state.value]
    lines += [f"    {node(state)}: {state.value}" for state in states]
    edges: dict[tuple[str, str], list[str]] = {}
    for (state, event), move in table.items():
        to, extras = move, ""
        if isinstance(move, Move):
            to, done = move.to, [*move.do, *(f"start {t.value}" for t in move.start)]
            extras = f" / {', '.join(done)}" if done else ""
        if to == state and not extras:
            continue
        assert isinstance(to, StrEnum)
        edges.setdefault((node(state), node(to)), []).append(f"{event.value}{extras}")
    for (start, end), labels in edges.items():
        lines.append(f"    {start} --> {end}: {'<br>'.join(labels)}")
    return "\n".join(lines)


def block(name: str) -> str:
    return f"<!-- diagram {name} -->\n```mermaid\n{diagram(TABLES[name])}\n```\n<!-- end -->"


@pytest.mark.parametrize("name", TABLES)
def test_diagram_in_the_docs_is_the_table(name: str) -> None:
    assert block(name) in PAGE.read_text()


def rewrite() -> None:
    """Put the diagrams of the tables into the page."""
    text = PAGE.read_text()
    for name in TABLES:
        pattern = rf"<!-- diagram {name} -->.*?<!-- end -->"
        text = re.sub(pattern, lambda _, name=name: block(name), text, flags=re.DOTALL)  # type: ignore[misc]
    PAGE.write_text(text)


if __name__ == "__main__":
    rewrite()
