from typing import Annotated
from uuid import UUID

from fastapi import Depends, Response, status

from centrala.kit.access import Permission
from centrala.kit.forms import CSV_ANSWER
from centrala.kit.http import IfMatch, Routes, csv_download, problems, reading, tag, working
from centrala.kit.listing import ListQuery, Page, list_query
from centrala.kit.work import Work
from centrala.people import service
from centrala.people.schemas import SkillChange, SkillIn, SkillOut

router = Routes(prefix="/skills", tags=["skills"], responses=problems())

Reading = Annotated[Work, Depends(reading(Permission.EMPLOYEES_READ), scope="function")]
Exporting = Annotated[Work, Depends(working(Permission.EMPLOYEES_READ), scope="function")]
Writing = Annotated[Work, Depends(working(Permission.SKILLS_WRITE), scope="function")]
Listing = Annotated[ListQuery, Depends(list_query)]


def _tagged(response: Response, skill: SkillOut) -> SkillOut:
    tag(response, skill.version)
    return skill


@router.get("", operation_id="list_skills")
async def list_skills(work: Reading, query: Listing) -> Page[SkillOut]:
    """Skills. Sort by `name`."""
    found = await service.list_skills(work, query)
    return found.page(query, lambda skill: skill)


@router.get("/export", operation_id="export_skills", response_class=Response, responses=CSV_ANSWER)
async def export_skills(work: Exporting, query: Listing) -> Response:
    """The same list as CSV; needs the permission `export` too and leaves a trace."""
    return csv_download("skills", await service.export_skills(work, query))


@router.post("", operation_id="create_skill", status_code=status.HTTP_201_CREATED, responses=problems(409))
async def create_skill(work: Writing, form: SkillIn, response: Response) -> SkillOut:
    return _tagged(response, await service.create_skill(work, form))


@router.get("/{skill_id}", operation_id="read_skill")
async def read_skill(work: Reading, skill_id: UUID, response: Response) -> SkillOut:
    return _tagged(response, await service.read_skill(work, skill_id))


@router.patch("/{skill_id}", operation_id="change_skill", responses=problems(409, 412, 428))
async def change_skill(work: Writing, skill_id: UUID, form: SkillChange, read: IfMatch, response: Response) -> SkillOut:
    """Only the fields that are sent are changed."""
    return _tagged(response, await service.change_skill(work, skill_id, form, read=read))


@router.delete(
    "/{skill_id}",
    operation_id="remove_skill",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problems(409, 412, 428),
)
async def remove_skill(work: Writing, skill_id: UUID, read: IfMatch) -> None:
    """Refused while people have it; those who were dismissed do not count."""
    await service.remove_skill(work, skill_id, read=read)
