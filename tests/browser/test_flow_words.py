"""The editor of call flows knows what the server knows: kinds of steps, their exits, findings, ends of a call."""

import json
import re
from typing import Any, Final, get_args

import pytest

from browser.desk import ROOT
from centrala.ivr.machine import definition
from centrala.ivr.machine.exits import exits_of

FLOWS: Final = ROOT / "desk/src/features/flows"
ROOM: Final = ROOT / "src/centrala/ivr"
LANGUAGES: Final = ("en", "ru", "ro")


def texts(language: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FLOWS / f"i18n/{language}.json").read_text(encoding="utf-8"))
    return found


def nodes() -> dict[str, Any]:
    """A fresh node of each kind."""
    kinds = get_args(get_args(definition.Node)[0])
    made = [kind(id="one") for kind in kinds]
    return {node.kind: node for node in made}


def test_each_kind_of_step_has_the_exits_that_the_server_gives_it() -> None:
    table = re.search(r"const FIXED[^=]*= \{(.*?)\n\};", (FLOWS / "exits.ts").read_text(encoding="utf-8"), re.DOTALL)
    assert table
    drawn = {
        kind: re.findall(r"'(\w+)'", exits)
        for kind, exits in re.findall(r"^  (\w+): \[(.*?)\],$", table[1], re.MULTILINE)
    }
    assert drawn == {kind: [one.name for one in exits_of(node)] for kind, node in nodes().items()}


def test_an_exit_that_leads_nowhere_is_answered_by_the_same_other_one() -> None:
    table = re.search(r"const INSTEAD[^=]*= \{(.*?)\n\};", (FLOWS / "exits.ts").read_text(encoding="utf-8"), re.DOTALL)
    assert table
    drawn = {
        kind: dict(re.findall(r"(\w+): '(\w+)'", pairs))
        for kind, pairs in re.findall(r"^  (\w+): \{(.*?)\},$", table[1], re.MULTILINE)
    }
    there = {kind: {one.name: one.instead for one in exits_of(node) if one.instead} for kind, node in nodes().items()}
    assert drawn == {kind: instead for kind, instead in there.items() if instead}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_exit_and_finding_has_its_words(language: str) -> None:
    known = texts(language)
    checks = (ROOM / "check.py").read_text(encoding="utf-8")
    findings = set(re.findall(r"(?:error|warning)\(\s*\"(\w+)\"", checks))
    findings |= {
        f"{what}_{how}" for what in re.findall(r"_reference\(node, \"(\w+)\"", checks) for how in ("missing", "unknown")
    }
    assert len(findings) > 30
    assert sorted(findings - set(known["finding"])) == []
    assert sorted(set(nodes()) - set(known["kind"])) == []
    exits = {one.name for node in nodes().values() for one in exits_of(node)}
    assert sorted(exits - set(known["exit"])) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_end_of_a_call_has_its_words(language: str) -> None:
    code = "\n".join(path.read_text(encoding="utf-8") for path in (ROOM / "machine").glob("*.py"))
    ends = set(re.findall(r"why=\"(\w+)\"", code))
    assert len(ends) > 5
    assert sorted(ends - set(texts(language)["ended"])) == []
