"""The state diagram in docs/calls.md is that of the table.

`python tests/telephony/calls/test_docs.py` writes it anew.
"""

import re
from pathlib import Path

from centrala.telephony.calls.machine import TABLE, LegState

PAGE = Path(__file__).parents[3] / "docs" / "calls.md"
_MARKED = re.compile(r"(<!-- diagram leg -->\n).*?(<!-- end -->)", re.DOTALL)


def diagram() -> str:
    """A Mermaid state diagram; moves that change nothing are left out."""
    lines = ["```mermaid", "stateDiagram-v2", f"    [*] --> {LegState.NEW}"]
    edges: dict[tuple[str, str], list[str]] = {}
    for (state, event), to in TABLE.items():
        if to is not state:
            edges.setdefault((state.value, to.value), []).append(event.value)
    lines += [f"    {start} --> {end}: {'<br>'.join(events)}" for (start, end), events in edges.items()]
    return "\n".join([*lines, "```"])


def with_diagram(page: str) -> str:
    return _MARKED.sub(lambda found: f"{found[1]}{diagram()}\n{found[2]}", page)


def test_the_diagram_in_the_docs_is_that_of_the_table() -> None:
    page = PAGE.read_text()
    assert "<!-- diagram leg -->" in page
    assert with_diagram(page) == page


if __name__ == "__main__":
    PAGE.write_text(with_diagram(PAGE.read_text()))
