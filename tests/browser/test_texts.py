"""The desk has words for everything that the server may say by a code."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

import centrala.web.app as _every_room
from browser.desk import ROOT
from centrala.kit.access import Permission
from centrala.kit.errors import Refusal
from centrala.kit.settings import ProcessState
from centrala.security.service import Role

TEXTS = ROOT / "desk/src"


def texts(file: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((TEXTS / file).read_text(encoding="utf-8"))
    return loaded


def said(tree: dict[str, Any], code: str) -> bool:
    at: Any = tree
    for part in code.split("."):
        at = at.get(part) if isinstance(at, dict) else None
    return isinstance(at, str)


def refusals(kind: type[Refusal] = Refusal) -> Iterator[type[Refusal]]:
    for child in kind.__subclasses__():
        yield child
        yield from refusals(child)


@pytest.mark.parametrize("language", ["en", "ru", "ro"])
def test_every_refusal_has_a_sentence(language: str) -> None:
    assert _every_room.TITLE
    # The telephony's refusals go to other programs, not to people.
    codes = {
        one.code for one in refusals() if one.__module__.startswith("centrala.") and ".telephony." not in one.__module__
    }
    assert len(codes) > 30
    known = texts(f"shared/i18n/errors/{language}.json")
    assert sorted(code for code in codes if not said(known, code)) == []


@pytest.mark.parametrize("language", ["en", "ru", "ro"])
def test_every_permission_role_and_state_has_a_name(language: str) -> None:
    common = texts(f"shared/i18n/common/{language}.json")
    assert sorted(one for one in Permission if not said(common["permission"], one)) == []
    assert sorted(one for one in Role if not said(common["role"], one)) == []
    system = texts(f"features/system/i18n/{language}.json")
    assert sorted(one for one in ProcessState if not said(system["processState"], one)) == []


@pytest.mark.parametrize("language", ["en", "ru", "ro"])
def test_every_action_of_the_audit_trail_has_a_name(language: str) -> None:
    sources = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "src/centrala").rglob("*.py"))
    actions = set(re.findall(r'\.trace\(\s*"([a-z_]+\.[a-z_]+)"', sources))
    assert len(actions) > 30
    common = texts(f"shared/i18n/common/{language}.json")
    assert sorted(action for action in actions if not said(common["action"], action)) == []
