"""SIPp with its built-in scenarios and those in the folder beside."""

from collections.abc import Awaitable, Callable
from pathlib import Path

from interop.sip.support.programs import Program
from support.ports import free_port

SCENARIOS = Path(__file__).parents[1] / "scenarios"
UDP, TCP = "u1", "t1"  # SIPp's names; Debian builds it without TLS

Sipp = Callable[..., Awaitable[Program]]


async def start_sipp(
    scenario: str, *more: str, target: int, folder: Path, mode: str = UDP, calls: int = 1, port: int | None = None
) -> Program:
    """Start it towards a port of loopback, or waiting for calls when the scenario is a called party's."""
    file = SCENARIOS / f"{scenario}.xml"
    what = ["-sf", file] if file.exists() else ["-sn", scenario]
    where = ["-i", "127.0.0.1", "-p", str(port or free_port()), "-t", mode]
    limits = ["-m", str(calls), "-nostdin", "-timeout", "15s", "-timeout_error", "-trace_err"]
    program = Program("sipp", [f"127.0.0.1:{target}", *what, *where, *limits, *more], folder / scenario)
    await program.start()
    return program


async def well(program: Program) -> None:
    """SIPp ends with 0 when every call went by its scenario."""
    code = await program.wait(18.0)
    errors = "".join(path.read_text(errors="replace")[:3000] for path in program.folder.glob("*_errors.log"))
    assert code == 0, errors or program.output[-3000:]
