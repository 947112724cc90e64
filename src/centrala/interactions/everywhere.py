"""The wall of the program's own work on contacts: it looks into all projects."""

from centrala.kit.access import CENTRE, Wall
from centrala.kit.database import Database
from centrala.projects.service import all_project_ids


async def everywhere(database: Database) -> Wall:
    """A wall behind which all projects are seen."""
    async with database.begin(CENTRE) as session:
        return Wall(centre=True, projects=frozenset(await all_project_ids(session)))
