"""What is published is what is computed."""

from pathlib import Path

from centrala.reports.texts import DEFINITIONS

PAGE = Path(__file__).parents[3] / "docs/measures.md"


def test_the_page_of_measures_names_every_definition() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert [one.id for one in DEFINITIONS if f"`{one.id}`" not in text] == []
