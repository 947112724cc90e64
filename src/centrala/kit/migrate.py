"""Brings the schema of a database to the one that this program knows.

The check that nothing is to be done costs one query and does not load Alembic, so that a second start is quick.
"""

import re
from pathlib import Path
from typing import Final

import psycopg

_PACKAGED: Final = Path(__file__).parents[1] / "_migrations"
_SOURCE: Final = Path(__file__).parents[3] / "migrations"


class DatabaseNewer(RuntimeError):
    """The database was brought up by a newer program; this one would not understand it."""

    def __init__(self, found: str, known: str) -> None:
        super().__init__(
            f"The database is at revision {found}, this program knows up to {known}:"
            " install the newer Centrala, or restore a backup that this one made."
        )
        self.found, self.known = found, known


def folder() -> Path:
    """Where the migrations are: inside an installed package, or beside the sources."""
    return _PACKAGED if _PACKAGED.is_dir() else _SOURCE


def revisions() -> list[str]:
    """All revisions in their order; a migration's file is named `<four digits>_<what it does>.py`."""
    names = (path.name for path in (folder() / "versions").iterdir())
    return sorted(match[1] for name in names if (match := re.fullmatch(r"(\d{4})_\w+\.py", name)))


def current(owner_url: str) -> str | None:
    """The revision of the database, None for an empty one."""
    with psycopg.connect(conninfo(owner_url), connect_timeout=10) as connection:
        if connection.execute("SELECT to_regclass('alembic_version')").fetchone() == (None,):
            return None
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        return str(row[0]) if row else None


def upgrade(owner_url: str) -> bool:
    """Bring the database to the newest revision; returns whether something was to be done.

    Raises `DatabaseNewer` when the database is at a revision that this program does not have.
    """
    known, found = revisions(), current(owner_url)
    if found == known[-1]:
        return False
    if found is not None and found not in known:
        raise DatabaseNewer(found, known[-1])
    _run_alembic(owner_url)
    return True


def _run_alembic(owner_url: str) -> None:
    # Loaded late: see the module's first lines.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(folder()).replace("%", "%%"))
    config.set_main_option("sqlalchemy.url", owner_url.replace("%", "%%"))
    command.upgrade(config, "head")


def conninfo(url: str) -> str:
    """A SQLAlchemy address as libpq takes it."""
    return url.replace("postgresql+psycopg://", "postgresql://", 1)
