"""`centrala restore`: brings back what a backup saved, into an empty folder or in place of what is there."""

import shutil
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from centrala.kit import migrate
from centrala.kit.settings import Folders
from centrala.node import archive, checks, lock, roles, tools
from centrala.node.assembly import app_password, embedded
from centrala.node.backup import files_of
from centrala.node.errors import StartRefused
from centrala.node.postgres import APP_ROLE
from centrala.node.settings import Settings, load


def restore(data: Path, config: Path | None, file: Path, *, replace: bool) -> None:
    """Bring back `file`. Raises `StartRefused`, and then the folder is as it was.

    A folder that is not empty, or a database elsewhere that has tables, is replaced only with `replace`.
    """
    manifest = archive.verified(file)
    if manifest.revision not in migrate.revisions():
        raise StartRefused(
            f"The backup was made by a newer Centrala ({manifest.centrala}, revision {manifest.revision})",
            f"Install Centrala {manifest.centrala} or newer",
        )
    if is_used(data) and not replace:
        raise StartRefused(f"The folder {data} is not empty", "Restore into another one with --data, or add --replace")
    folders = checks.ready_folder(data)
    held = lock.FolderLock.take(folders.data)
    try:
        _enough_space(folders.data, manifest)
        with _aside(folders.data):
            _unpack(file, folders.data)
            settings = load(folders.data, config)
            _load(settings, folders, file, replace=replace)
    finally:
        held.release()
    print(f"Restored {data} as it was at {manifest.made_at}.")  # noqa: T201 - the command's answer


def is_used(data: Path) -> bool:
    """Whether there is anything in the folder that a restore would overwrite."""
    if not data.exists():
        return False
    return (data / "postgres" / "cluster").exists() or any(True for _ in files_of(data))


def _enough_space(data: Path, manifest: archive.Manifest) -> None:
    # The dump is compressed; a cluster takes about five times as much.
    needed = sum(member.size * (5 if member.name == archive.DATABASE else 1) for member in manifest.members)
    free = shutil.disk_usage(data).free
    if free < needed:
        raise StartRefused(
            f"The disk of {data} has {free // checks.MB} MB free, the backup needs about {needed // checks.MB} MB",
            "Free some space",
        )


@contextmanager
def _aside(data: Path) -> Iterator[None]:
    """Move what is in the folder aside; back when the restore fails, away when it is done."""
    old = data / f"replaced-{datetime.now(UTC):%Y%m%dT%H%M%S}"
    old.mkdir(mode=0o711)
    stays = {"run", old.name, *(path.name for path in data.iterdir() if checks.is_other_centre(path))}
    for path in data.iterdir():
        if path.name not in stays:
            path.rename(old / path.name)
    try:
        yield
    except BaseException:
        for path in data.iterdir():
            if path.name not in stays:
                shutil.rmtree(path) if path.is_dir() else path.unlink()
        for path in old.iterdir():
            path.rename(data / path.name)
        old.rmdir()
        raise
    shutil.rmtree(old)


def _unpack(file: Path, data: Path) -> None:
    with tarfile.open(file, "r:") as tar:
        for info in tar:
            if not info.name.startswith(archive.FILES):
                continue
            path = data / info.name.removeprefix(archive.FILES)
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            content = tar.extractfile(info)
            assert content is not None  # noqa: S101 - verified: only regular files
            with path.open("xb") as target:
                path.chmod(info.mode & 0o700)
                shutil.copyfileobj(content, target, archive.BLOCK)
    checks.ready_folder(data)


def _load(settings: Settings, folders: Folders, file: Path, *, replace: bool) -> None:
    with tempfile.TemporaryDirectory(dir=folders.run, prefix="restore-") as draft:
        dump = Path(draft) / archive.DATABASE
        with tarfile.open(file, "r:") as tar, dump.open("xb") as target:
            content = tar.extractfile(archive.DATABASE)
            assert content is not None  # noqa: S101 - verified: only regular files
            shutil.copyfileobj(content, target, archive.BLOCK)
        server = embedded(settings, folders)
        try:
            if server is None:
                assert settings.database.url is not None  # noqa: S101 - there is no other way to None
                url = settings.database.url.get_secret_value()
                _refuse_tables(url, replace=replace)
            else:
                server.start()
                url = server.owner_url
            if settings.database.app_url is None:
                roles.ensure_roles(url, app_role=APP_ROLE, password=app_password(folders))
            tools.run(
                "pg_restore",
                *("--single-transaction", "--exit-on-error", "--no-owner"),
                *(("--clean", "--if-exists") if server is None else ()),
                str(dump),
                url=url,
            )
        finally:
            if server is not None:
                server.stop()


def _refuse_tables(url: str, *, replace: bool) -> None:
    with roles.connected(url) as connection:
        row = connection.execute("SELECT to_regclass('public.alembic_version') IS NOT NULL").fetchone()
    if row == (True,) and not replace:
        raise StartRefused("The database already holds a centre", "Add --replace to overwrite it")
