"""The command line. Only the parser is loaded at once; each command brings what it needs."""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

from centrala.node.errors import REFUSED, StartRefused

Command = Callable[[argparse.Namespace], int]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code: 0 well, 1 failed, 2 refused with a remedy, 130 interrupted."""
    parser = build_parser()
    given = parser.parse_args(arguments)
    command: Command | None = getattr(given, "command", None)
    if command is None:
        parser.print_help()
        return REFUSED
    try:
        return command(given)
    except StartRefused as refused:
        print(f"centrala: {refused}", file=sys.stderr)  # noqa: T201 - for the person at the terminal
        return REFUSED
    except KeyboardInterrupt:
        return 130


def build_parser() -> argparse.ArgumentParser:
    """All commands with their help."""
    parser = argparse.ArgumentParser(prog="centrala", description="A self-hosted contact centre.")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")

    def add(name: str, command: Command, text: str) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=text, description=text)
        made.add_argument("--data", type=Path, help="the data folder (CENTRALA_DATA)")
        made.add_argument("--config", type=Path, help="the settings file (CENTRALA_CONFIG)")
        made.set_defaults(command=command)
        return made

    add("serve", serve, "Run the contact centre.")
    add("demo", demo, "Run a sample centre with people and projects, in a folder of its own.")
    add("doctor", doctor, "Check everything that a start needs, and print a table.")
    add("settings", settings, "Print the settings in force; secrets are hidden.")
    made = add("backup", backup, "Save database and files into one file; works while Centrala runs.")
    made.add_argument("file", type=Path, help="the file to write")
    made = add("restore", restore, "Bring back what a backup saved; Centrala must not run.")
    made.add_argument("file", type=Path, help="the file that backup wrote")
    made.add_argument("--replace", action="store_true", help="delete what is in the data folder now")
    made = add("audit", audit, "Prove that nobody has changed the audit trail.")
    made.add_argument("what", choices=["verify"])
    made = add("reports", reports, "Make what reports count anew from the timelines of contacts.")
    made.add_argument("what", choices=["rebuild"])
    made.add_argument("--since", type=date.fromisoformat, help="the first day (UTC), as 2026-01-31; without: all")
    add("setup-link", setup_link, "Print a new link that creates the first administrator.")
    made = commands.add_parser("simulate", help="Run a scenario of customers and operators; see docs/routing.md.")
    made.add_argument("scenario", type=Path, help="a TOML file")
    made.add_argument("--seed", type=int, help="another draw of chance than the scenario's")
    form = made.add_mutually_exclusive_group()
    form.add_argument("--csv", action="store_const", const="csv", dest="form", help="a line for queue and interval")
    form.add_argument("--json", action="store_const", const="json", dest="form", help="everything")
    made.set_defaults(command=simulate, form="table")
    made = commands.add_parser("version", help="Print the versions of the parts.")
    made.set_defaults(command=version)
    return parser


def data_folder(given: argparse.Namespace) -> Path:
    """--data, CENTRALA_DATA, or the default of this account."""
    from centrala.node.settings import default_data_folder  # noqa: PLC0415 - see the module's first line

    named = given.data or os.environ.get("CENTRALA_DATA")
    return Path(named).absolute() if named else default_data_folder()


def config_file(given: argparse.Namespace) -> Path | None:
    """--config, CENTRALA_CONFIG, or None for the file in the data folder."""
    named = given.config or os.environ.get("CENTRALA_CONFIG")
    return Path(named).absolute() if named else None


def serve(given: argparse.Namespace) -> int:
    return _serve(data_folder(given), config_file(given), demo=False)


def demo(given: argparse.Namespace) -> int:
    data = data_folder(given)
    if given.data is None:  # the demo never touches the real centre
        data /= "demo"
    return _serve(data, config_file(given), demo=True)


def _serve(data: Path, config: Path | None, *, demo: bool) -> int:
    from centrala.node.serve import serve as run  # noqa: PLC0415
    from centrala.node.supervisor import GaveUp  # noqa: PLC0415

    try:
        run(data, config, demo=demo)
    except GaveUp as error:
        print(f"centrala: {error}", file=sys.stderr)  # noqa: T201
        return 1
    return 0


def doctor(given: argparse.Namespace) -> int:
    from centrala.node.doctor import examine  # noqa: PLC0415

    return examine(data_folder(given), config_file(given))


def settings(given: argparse.Namespace) -> int:
    from centrala.node.settings import load, values  # noqa: PLC0415

    for key, value in values(load(data_folder(given), config_file(given))):
        print(f"{key} = {value}")  # noqa: T201
    return 0


def backup(given: argparse.Namespace) -> int:
    from centrala.node.backup import backup as save  # noqa: PLC0415

    save(data_folder(given), config_file(given), given.file.absolute())
    return 0


def restore(given: argparse.Namespace) -> int:
    from centrala.node.restore import restore as bring_back  # noqa: PLC0415

    bring_back(data_folder(given), config_file(given), given.file.absolute(), replace=given.replace)
    return 0


def audit(given: argparse.Namespace) -> int:
    from centrala.node.upkeep import verify_audit  # noqa: PLC0415

    return verify_audit(data_folder(given), config_file(given))


def reports(given: argparse.Namespace) -> int:
    from centrala.node.upkeep import rebuild_reports  # noqa: PLC0415

    return rebuild_reports(data_folder(given), config_file(given), given.since)


def setup_link(given: argparse.Namespace) -> int:
    from centrala.node.upkeep import print_setup_link  # noqa: PLC0415

    return print_setup_link(data_folder(given), config_file(given))


def simulate(given: argparse.Namespace) -> int:
    from centrala.routing.simulate.command import simulate as run  # noqa: PLC0415

    return run(given.scenario, seed=given.seed, form=given.form)


def version(_: argparse.Namespace) -> int:
    from centrala.node.versions import print_versions  # noqa: PLC0415

    return print_versions()


if __name__ == "__main__":
    sys.exit(main())
