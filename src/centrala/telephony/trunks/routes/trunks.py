from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request, Response, status

from centrala.kit.access import Permission
from centrala.kit.forms import CSV_ANSWER
from centrala.kit.http import IfMatch, Routes, csv_download, problems, reading, tag, working
from centrala.kit.listing import ListQuery, Page, list_query
from centrala.kit.vault import Vault
from centrala.kit.work import Work
from centrala.telephony.trunks import service
from centrala.telephony.trunks.schemas import (
    ExampleIn,
    ExampleOut,
    FailoverOut,
    TestOut,
    TrunkChange,
    TrunkIn,
    TrunkOut,
)

router = Routes(prefix="/trunks", tags=["trunks"], responses=problems())


async def _vault(request: Request) -> Vault:
    return Vault(request.app.state.settings.secret_key.get_secret_value(), purpose=service.PURPOSE)


Reading = Annotated[Work, Depends(reading(Permission.TRUNKS_READ), scope="function")]
Exporting = Annotated[Work, Depends(working(Permission.TRUNKS_READ), scope="function")]
Writing = Annotated[Work, Depends(working(Permission.TRUNKS_WRITE), scope="function")]
Listing = Annotated[ListQuery, Depends(list_query)]
Passwords = Annotated[Vault, Depends(_vault)]


def _tagged(response: Response, trunk: TrunkOut) -> TrunkOut:
    tag(response, trunk.version)
    return trunk


@router.get("", operation_id="list_trunks")
async def list_trunks(work: Reading, query: Listing, enabled: bool | None = None) -> Page[TrunkOut]:  # noqa: FBT001 - a filter of the address
    """Trunks with their health. Sort by `name`, `priority`, `host` or `transport`."""
    found = await service.list_trunks(work, query, enabled=enabled)
    return found.page(query, lambda trunk: trunk)


@router.get("/export", operation_id="export_trunks", response_class=Response, responses=CSV_ANSWER)
async def export_trunks(work: Exporting, query: Listing, enabled: bool | None = None) -> Response:  # noqa: FBT001
    """The same list as CSV; needs the permission `export` too and leaves a trace."""
    return csv_download("trunks", await service.export_trunks(work, query, enabled=enabled))


@router.get("/failover", operation_id="list_failover")
async def list_failover(work: Reading) -> list[FailoverOut]:  # noqa: ARG001 - the permission is all that it takes
    """The causes after which the next trunk is tried, unless a trunk says otherwise."""
    return service.usual_failover()


@router.post("/example", operation_id="try_number_format")
async def try_number_format(work: Reading, form: ExampleIn) -> ExampleOut:  # noqa: ARG001
    """A number through the rules of a trunk that need not be saved yet."""
    return service.example(form)


@router.post("", operation_id="create_trunk", status_code=status.HTTP_201_CREATED, responses=problems(409))
async def create_trunk(work: Writing, vault: Passwords, form: TrunkIn, response: Response) -> TrunkOut:
    return _tagged(response, await service.create_trunk(work, vault, form))


@router.get("/{trunk_id}", operation_id="read_trunk")
async def read_trunk(work: Reading, trunk_id: UUID, response: Response) -> TrunkOut:
    return _tagged(response, await service.read_trunk(work, trunk_id))


@router.patch("/{trunk_id}", operation_id="change_trunk", responses=problems(409, 412, 428))
async def change_trunk(
    work: Writing, vault: Passwords, trunk_id: UUID, *, form: TrunkChange, read: IfMatch, response: Response
) -> TrunkOut:
    """Only the fields that are sent are changed; rules and lists are replaced as a whole."""
    return _tagged(response, await service.change_trunk(work, vault, trunk_id, form, read=read))


@router.delete(
    "/{trunk_id}",
    operation_id="remove_trunk",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problems(409, 412, 428),
)
async def remove_trunk(work: Writing, trunk_id: UUID, read: IfMatch) -> None:
    """Refused while calls go over it."""
    await service.remove_trunk(work, trunk_id, read=read)


@router.post("/{trunk_id}/test", operation_id="test_trunk")
async def test_trunk(work: Writing, vault: Passwords, trunk_id: UUID) -> TestOut:
    """What would be sent to the carrier, and what stands in the way. Nothing is sent."""
    return await service.test_trunk(work, vault, trunk_id)
