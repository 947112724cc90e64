"""PostgreSQL's own programs, run against the store of this installation."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict

from centrala.kit.settings import Folders
from centrala.node import checks, lock
from centrala.node.assembly import embedded, owner_url
from centrala.node.errors import StartRefused
from centrala.node.postgres import last_words, program_folder
from centrala.node.roles import plain_url
from centrala.node.settings import Settings

SERVICE = "centrala"


@contextmanager
def store(settings: Settings, folders: Folders) -> Iterator[str]:
    """The owner's address of a store that answers; an embedded server that is not up is started for a while."""
    server = embedded(settings, folders)
    if server is None or lock.holder(folders.data) is not None:
        yield owner_url(settings, folders)
        return
    checks.refuse_foreign(folders.data)
    held = lock.FolderLock.take(folders.data)
    try:
        server.start()
        yield server.owner_url
    finally:
        server.stop()
        held.release()


def run(program: str, *arguments: str, url: str) -> None:
    """Run `pg_dump` or `pg_restore` on `url`. Raises `StartRefused` with the program's own words."""
    with tempfile.TemporaryDirectory(prefix="centrala-") as folder:
        # A service file: an address among the arguments would show the password to everybody on this machine.
        service = Path(folder) / "service.conf"
        service.touch(mode=0o600)
        lines = [f"{name}={value}" for name, value in conninfo_to_dict(plain_url(url)).items() if value is not None]
        service.write_text("\n".join([f"[{SERVICE}]", *lines]) + "\n", encoding="utf-8")
        done = subprocess.run(  # noqa: S603 - argv is ours
            [str(_find(program, url)), *arguments, "--dbname", f"service={SERVICE}"],
            env={"PATH": os.defpath, "PGSERVICEFILE": str(service), "LC_ALL": "C"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
    if done.returncode != 0:
        raise StartRefused(f"{program} failed: {last_words(done.stderr)}", "Nothing was changed")


def _find(program: str, url: str) -> Path:
    # The wheel's programs know no TLS, which a server elsewhere may ask for; the system's do.
    elsewhere = not str(conninfo_to_dict(plain_url(url)).get("host") or "/").startswith("/")
    found = shutil.which(program) if elsewhere else None
    return Path(found) if found else program_folder() / "bin" / program
