"""The SIP core reaches no clock, socket, randomness or task, and stays in small files."""

import ast
import subprocess
import sys
from pathlib import Path

import centrala.telephony.sip as package

FOLDER = Path(package.__file__).parent
FORBIDDEN = {"asyncio", "socket", "ssl", "time", "random", "secrets", "threading", "select"}
MAX_LINES = 400


def imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return found


def test_no_module_imports_the_outside_world() -> None:
    for path in FOLDER.rglob("*.py"):
        for name in imports(path):
            assert name.partition(".")[0] not in FORBIDDEN, f"{path.name}: {name}"


def test_only_the_standard_library_and_itself_are_imported() -> None:
    for path in FOLDER.rglob("*.py"):
        for name in imports(path):
            ours = name.startswith("centrala.telephony.sip")
            assert ours or name.partition(".")[0] in sys.stdlib_module_names, name


def test_importing_it_loads_no_clock_socket_or_randomness_indirectly() -> None:
    """Whatever the standard library pulls in, none of these may be among it."""
    modules = [
        ".".join(("centrala.telephony.sip", *path.relative_to(FOLDER).with_suffix("").parts))
        for path in FOLDER.rglob("*.py")
        if path.name != "__init__.py"
    ]
    code = (
        "import sys; before = set(sys.modules); import importlib\n"
        f"[importlib.import_module(m) for m in {modules!r}]\n"
        f"print(sorted((set(sys.modules) - before) & {FORBIDDEN!r}))"
    )
    run = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": str(FOLDER.parents[2])},
    )
    assert run.stdout.strip() == "[]"


def test_modules_stay_small() -> None:
    for path in FOLDER.rglob("*.py"):
        assert len(path.read_text().splitlines()) < MAX_LINES, path.name
