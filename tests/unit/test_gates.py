"""Nothing new slips past a gate: a new room, table, module or language has to be entered in its check."""

import inspect
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from centrala.web.app import ROUTES

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "centrala"


def contracts() -> list[dict[str, Any]]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    found: list[dict[str, Any]] = project["tool"]["importlinter"]["contracts"]
    return found


def rooms_with_tables() -> list[str]:
    return sorted(".".join(path.parent.relative_to(PACKAGE).parts) for path in PACKAGE.rglob("models.py"))


@pytest.mark.parametrize("room", rooms_with_tables())
def test_a_room_with_tables_has_a_front_door(room: str) -> None:
    protected = {
        module
        for contract in contracts()
        if contract["type"] == "protected"
        for module in contract["protected_modules"]
    }
    assert f"centrala.{room}.models" in protected


def test_every_pure_core_is_held_pure() -> None:
    pure = next(contract for contract in contracts() if contract["name"].startswith("Pure cores"))["source_modules"]
    cores = {
        ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts)
        for name in ("core.py", "machine.py")
        for path in PACKAGE.rglob(name)
        if "sip" not in path.parts  # the whole package is named
    }
    assert cores <= set(pure)


def test_layers_are_exhaustive() -> None:
    layers = next(contract for contract in contracts() if contract["name"].startswith("Rooms import"))
    assert layers["exhaustive"] is True


def test_every_test_folder_is_collected() -> None:
    """A file that is not called test_*.py or conftest.py is a helper, and helpers live in support."""
    helpers = {"support", "browser", "vectors", "__pycache__"}
    strays = [
        path.relative_to(ROOT)
        for path in (ROOT / "tests").rglob("*.py")
        if not path.name.startswith("test_") and path.name not in {"conftest.py", "__init__.py"}
        if not helpers & set(path.parts)
    ]
    assert [stray for stray in strays if "telephony" not in stray.parts] == []


def callables_of(dependant: Dependant) -> Iterator[Any]:
    """What FastAPI calls for a request: the route and all that it depends on."""
    yield dependant.call
    for one in dependant.dependencies:
        yield from callables_of(one)


def test_no_route_runs_in_a_thread() -> None:
    """FastAPI gives plain functions to a thread, which then waits up to 5 ms for its turn at the interpreter."""
    plain = set()
    for router in ROUTES:
        for route in router.routes:
            assert isinstance(route, APIRoute)
            for call in callables_of(route.dependant):
                function = call if inspect.isfunction(call) else type(call).__call__
                if not (inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function)):
                    plain.add(f"{function.__module__}.{function.__qualname__}")
    assert plain == set()
