"""`centrala version`."""

import platform
import subprocess

import centrala
from centrala.node.postgres import program_folder
from centrala.node.serve import media_program


def print_versions() -> int:
    """Print the versions of program, engine, database and Python."""
    print(f"centrala {centrala.__version__}")  # noqa: T201
    for program in (media_program(), program_folder() / "bin" / "postgres"):
        said = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)  # noqa: S603
        print(said.stdout.strip())  # noqa: T201
    print(f"Python {platform.python_version()}")  # noqa: T201
    return 0
