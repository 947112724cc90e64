"""Makes the store ready before app and worker use it: database, role, schema, sample data.

A process of its own that ends when it is done, so that the supervisor never loads a database driver. On every start but
the first it costs three queries; what takes long to load is loaded only when there is something to do.
"""

import re
import sys

from centrala.kit.logging import get_logger
from centrala.kit.migrate import DatabaseNewer, upgrade
from centrala.node import roles
from centrala.node.assembly import app_password, app_settings, owner_url
from centrala.node.errors import REFUSED, StartRefused
from centrala.node.postgres import APP_ROLE
from centrala.node.process import Given, begin

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
    # The link of an earlier run is void as soon as the app makes another one.
    folders.setup_link.unlink(missing_ok=True)
    if given.demo:
        seed_demo(given)


def seed_demo(given: Given) -> None:
    """Fill the demo centre the first time; later, keep the address in its sign-in links current."""
    settings = app_settings(given.settings, given.folders)
    links = given.folders.demo_sign_in
    if not links.exists():
        from centrala.node import demo_data  # noqa: PLC0415 - heavy, and the first time only

        demo_data.seed_once(settings)
        return
    text = links.read_text(encoding="utf-8")
    current = re.sub(r"https?://\S+?(?=/sign-in#)", lambda _: settings.web.url, text)
    if current != text:
        links.write_text(current, encoding="utf-8")


def main() -> int:
    try:
        prepare(begin("prepare"))
    except StartRefused as refused:
        print(refused, file=sys.stderr)  # noqa: T201 - the supervisor reads it
        return REFUSED
    return 0
