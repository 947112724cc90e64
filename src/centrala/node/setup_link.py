"""The link that creates the first administrator: made by the app, printed by the supervisor."""

from centrala.kit.database import Database
from centrala.kit.settings import Folders, WebSettings
from centrala.security.service import make_link

SET_UP = "set-up"
"""File among the secrets that says that there is an administrator, so that nobody need ask again."""


async def write_setup_link(database: Database, folders: Folders, web: WebSettings) -> None:
    """On a centre without an administrator: make the link of this run and leave it in the run folder."""
    known = folders.secrets / SET_UP
    if known.exists() or folders.setup_link.exists():
        return
    token = await make_link(database)
    if token is None:
        known.touch(mode=0o600)
        return
    folders.setup_link.touch(mode=0o600)
    folders.setup_link.write_text(f"{web.url}/setup#token={token}\n", encoding="utf-8")
