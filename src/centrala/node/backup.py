"""`centrala backup`: the database as PostgreSQL dumps it, and the files of the data folder, in one tar file.

The database is dumped first. A file that a row names was there before the row, so every row of the dump finds its file,
unless it was erased while the backup ran.
"""

import os
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import centrala
from centrala.kit import migrate
from centrala.kit.settings import Folders
from centrala.node import archive, tools
from centrala.node.checks import MB, is_other_centre
from centrala.node.errors import StartRefused
from centrala.node.roles import connected
from centrala.node.settings import load

LEFT_OUT: Final = {"postgres", "run"}
"""Folders at the top that are not files: the cluster is dumped, the other one is made at each start."""


def backup(data: Path, config: Path | None, file: Path) -> None:
    """Write `file`, which must not exist. Works while the centre runs. Raises `StartRefused`."""
    settings = load(data, config)
    folders = Folders(data=data)
    if not folders.secrets.is_dir():
        raise StartRefused(f"There is no centre in {data}", "Name its data folder with --data")
    if file.exists():
        raise StartRefused(f"{file} exists", "Choose another name, or remove it")
    try:
        with tools.store(settings, folders) as url:
            _write(url, folders, file)
    except OSError as error:
        raise StartRefused(
            f"The backup cannot be written: {error.filename or file}: {error.strerror}",
            "Check the rights and the free space there",
        ) from error
    print(f"Saved {data} in {file} ({file.stat().st_size / MB:.1f} MB).")  # noqa: T201 - the command's answer
    print("It holds the secrets of this installation: keep it where nobody else can read it.")  # noqa: T201


def _write(url: str, folders: Folders, file: Path) -> None:
    with archive.writing(file) as writer, tempfile.TemporaryDirectory(dir=file.parent, prefix=".centrala-") as draft:
        dump = Path(draft) / archive.DATABASE
        tools.run("pg_dump", "--format=custom", "--no-owner", f"--file={dump}", url=url)
        writer.add(dump, archive.DATABASE)
        dump.unlink()
        for path in files_of(folders.data, but=file):
            _add(writer, path, folders.data)
        writer.finish(
            archive.Manifest(
                centrala=centrala.__version__,
                postgres=_server_version(url),
                revision=migrate.current(url) or "",
                made_at=datetime.now(UTC).isoformat(timespec="seconds"),
                members=tuple(writer.members),
            )
        )


def _add(writer: archive.Writer, path: Path, data: Path) -> None:
    try:
        writer.add(path, archive.FILES + path.relative_to(data).as_posix())
    except FileNotFoundError:
        return  # erased while we worked


def files_of(data: Path, *, but: Path | None = None) -> Iterator[Path]:
    """The regular files that a backup holds; not those of another centre in a folder below."""
    for folder, folders, names in os.walk(data):
        here = Path(folder)
        folders[:] = sorted(
            name for name in folders if not (here == data and name in LEFT_OUT) and not is_other_centre(here / name)
        )
        for name in sorted(names):
            path = here / name
            if path.is_file() and not path.is_symlink() and path != but and not name.endswith(".part"):
                yield path


def _server_version(url: str) -> str:
    with connected(url) as connection:
        row = connection.execute("SHOW server_version").fetchone()
    return str(row[0]) if row else ""
