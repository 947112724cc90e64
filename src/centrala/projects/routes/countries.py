import asyncio
from typing import Annotated

from fastapi import Depends

from centrala.kit.http import Routes, problems, reading
from centrala.kit.work import Work
from centrala.projects import service
from centrala.projects.schemas import CountryOut

router = Routes(prefix="/countries", tags=["countries"], responses=problems())

Reading = Annotated[Work, Depends(reading(), scope="function")]


@router.get("", operation_id="list_countries")
async def list_countries(work: Reading) -> list[CountryOut]:  # noqa: ARG001 - signed in is all that it takes
    """All countries, with the subdivisions that have public holidays of their own. Names are the reader's to know."""
    # The first call of a process reads some hundred modules.
    return [CountryOut.model_validate(country) for country in await asyncio.to_thread(service.countries)]
