"""Puts together what the processes need out of the settings and the data folder."""

import os
import tempfile
from hashlib import sha256
from pathlib import Path
from typing import Final
from urllib.parse import quote, urlsplit, urlunsplit

from pydantic import SecretStr

from centrala.kit.settings import AppSettings, Folders
from centrala.node import secret_files
from centrala.node.postgres import APP_ROLE, EmbeddedPostgres
from centrala.node.settings import Settings

OTHER_CONNECTIONS: Final = 40
MAX_SOCKET_PATH: Final = 100  # bytes; sun_path holds 107


def embedded(settings: Settings, folders: Folders) -> EmbeddedPostgres | None:
    """The database server of the data folder, or None when the settings name one elsewhere."""
    if settings.database.url is not None:
        return None
    # The app's pool at its peak, and the worker, the live feed, backups and people with psql.
    return EmbeddedPostgres(folders.data, connections=2 * settings.database.connections + OTHER_CONNECTIONS)


def owner_url(settings: Settings, folders: Folders) -> str:
    """Address of the role that owns the schema: for migrations, backup and restore."""
    if settings.database.url is not None:
        return sqlalchemy_url(settings.database.url.get_secret_value())
    return EmbeddedPostgres(folders.data).owner_url


def app_password(folders: Folders) -> str:
    """Password of the role `centrala_app`, ours on any server."""
    return secret_files.read_or_create(folders.secrets / "database-app")


def app_url(settings: Settings, folders: Folders) -> str:
    """Address of the role under row-level security."""
    if settings.database.app_url is not None:
        return sqlalchemy_url(settings.database.app_url.get_secret_value())
    if settings.database.url is None:
        return EmbeddedPostgres(folders.data).app_url()
    parts = urlsplit(sqlalchemy_url(settings.database.url.get_secret_value()))
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{APP_ROLE}:{quote(app_password(folders))}@{host}"))


def sqlalchemy_url(url: str) -> str:
    """`url` with the driver that we use, however the administrator wrote its scheme."""
    scheme, _, rest = url.partition("://")
    return f"postgresql+psycopg://{rest}" if scheme in {"postgres", "postgresql"} else url


def media_control(folders: Folders) -> str:
    """Where the media engine listens for the app."""
    path = folders.run / "media.sock"
    if len(os.fsencode(path)) > MAX_SOCKET_PATH:
        name = sha256(os.fsencode(folders.data)).hexdigest()[:16]
        folder = Path(tempfile.gettempdir()) / f"centrala-{os.geteuid()}-{name}-run"
        folder.mkdir(mode=0o700, exist_ok=True)
        path = folder / path.name
    return f"unix:{path}"


def app_settings(settings: Settings, folders: Folders, *, demo: bool = False) -> AppSettings:
    """What app and worker get."""
    return AppSettings(
        web=settings.web,
        sip=settings.sip,
        media=settings.media,
        log=settings.log,
        limits=settings.limits,
        storage=settings.storage,
        flows=settings.flows,
        retention=settings.retention,
        folders=folders,
        database_url=SecretStr(app_url(settings, folders)),
        database_connections=settings.database.connections,
        secret_key=SecretStr(secret_files.read_or_create(folders.secrets / "application")),
        media_control=media_control(folders),
        demo=demo,
    )
