"""Makes the store ready before app and worker use it: database, role, schema, first-run link, demo.

A process of its own that ends when it is done, so that the supervisor never loads a database driver. On every start but
the first it costs three queries; what takes long to load is loaded only when there is something to do.
"""

import asyncio
import sys

from centrala.kit.logging import get_logger
from centrala.kit.migrate import DatabaseNewer, upgrade
from centrala.node import roles
from centrala.node.assembly import app_password, app_settings, app_url, owner_url
from centrala.node.errors import REFUSED, StartRefused
from centrala.node.postgres import APP_ROLE
from centrala.node.process import Given, begin

SET_UP = "set-up"
"""File among the secrets that says that there is an administrator, so that nobody need ask."""

log = get_logger(__name__)


def prepare(given: Given) -> None:
    """Bring the store to where this program needs it. Raises `StartRefused`."""
    settings, folders = given.settings, given.folders
    url = owner_url(settings, folders)
    if settings.database.url is None:
        roles.ensure_database(url)
    if settings.database.app_url is None:
        roles.ensure_roles(url, app_role=APP_ROLE, password=app_password(folders))
    try:
        changed = upgrade(url)
    except DatabaseNewer as error:
        raise StartRefused(
            f"The database is newer than this program (revision {error.found}, known up to {error.known})",
            "Install the newer Centrala, or restore a backup made with this one",
        ) from error
    log.info("The store is ready.", schema_changed=changed)
    if given.demo:
        seed_demo(given)
    write_setup_link(given)


def write_setup_link(given: Given) -> None:
    """On a centre without an administrator: the link that creates one, for the supervisor to print."""
    file = given.folders.setup_link
    file.unlink(missing_ok=True)
    known = given.folders.secrets / SET_UP
    if known.exists():
        return
    link = new_setup_link(given)
    if link is None:
        known.touch(mode=0o600)
        return
    file.touch(mode=0o600)
    file.write_text(link + "\n", encoding="utf-8")


def new_setup_link(given: Given) -> str | None:
    """A fresh link, which ends the ones before it; None when there is an administrator."""
    from centrala.kit.database import Database  # noqa: PLC0415 - heavy, and the first time only
    from centrala.security.service import make_link  # noqa: PLC0415

    async def make() -> str | None:
        database = Database(app_url(given.settings, given.folders), connections=1)
        try:
            return await make_link(database)
        finally:
            await database.close()

    token = asyncio.run(make())
    return None if token is None else f"{given.settings.web.url}/setup#token={token}"


def seed_demo(given: Given) -> None:
    """Fill the demo centre, the first time."""
    from centrala.node import demo_data  # noqa: PLC0415 - heavy, and the first time only

    demo_data.seed_once(app_settings(given.settings, given.folders))


def main() -> int:
    try:
        prepare(begin("prepare"))
    except StartRefused as refused:
        print(refused, file=sys.stderr)  # noqa: T201 - the supervisor reads it
        return REFUSED
    return 0
