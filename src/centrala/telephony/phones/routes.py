"""The room over HTTP; `web` puts `ROUTES` under `/api`."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Request, Response, status

from centrala.kit.access import Permission
from centrala.kit.forms import CSV_ANSWER
from centrala.kit.http import IfMatch, Routes, csv_download, problems, reading, tag, working
from centrala.kit.listing import ListQuery, Page, list_query
from centrala.kit.settings import AppSettings
from centrala.kit.vault import Vault
from centrala.kit.work import Work
from centrala.telephony.phones import service
from centrala.telephony.phones.schemas import BrowserPhone, NewPhone, PhoneChange, PhoneIn, PhoneOut

router = Routes(prefix="/phones", tags=["phones"], responses=problems())
own = Routes(prefix="/phone", tags=["phones"], responses=problems())
ROUTES = (router, own)


async def _settings(request: Request) -> AppSettings:
    settings: AppSettings = request.app.state.settings
    return settings


async def _vault(request: Request) -> Vault:
    return Vault((await _settings(request)).secret_key.get_secret_value(), purpose=service.PURPOSE)


Reading = Annotated[Work, Depends(reading(Permission.PHONES_READ), scope="function")]
Exporting = Annotated[Work, Depends(working(Permission.PHONES_READ), scope="function")]
Writing = Annotated[Work, Depends(working(Permission.PHONES_WRITE), scope="function")]
Own = Annotated[Work, Depends(working(Permission.PHONE_OWN), scope="function")]
Listing = Annotated[ListQuery, Depends(list_query)]
Hashes = Annotated[Vault, Depends(_vault)]
Centre = Annotated[AppSettings, Depends(_settings)]
Disabled = Annotated[bool | None, Query(description="Only those that are disabled, or only those that are not.")]


def _tagged(response: Response, phone: PhoneOut) -> PhoneOut:
    tag(response, phone.version)
    return phone


def _told(response: Response, settings: AppSettings, made: tuple[PhoneOut, str]) -> NewPhone:
    phone, secret = made
    tag(response, phone.version)
    response.headers["Cache-Control"] = "no-store"
    return NewPhone(phone=phone, provisioning=service.provisioning(settings, phone, secret))


@own.get("", operation_id="read_my_phone")
async def read_my_phone(work: Own, settings: Centre, response: Response) -> BrowserPhone:
    """Credentials for the phone in the browser; they last minutes and are asked for again."""
    response.headers["Cache-Control"] = "no-store"
    return await service.browser_phone(work, settings)


@router.get("", operation_id="list_phones")
async def list_phones(
    work: Reading, query: Listing, person_id: UUID | None = None, *, disabled: Disabled = None
) -> Page[PhoneOut]:
    """Desk phones. Sort by `label`, `person_name`, `user` or `registered_at`."""
    found = await service.list_phones(work, query, person_id=person_id, disabled=disabled)
    return found.page(query, lambda phone: phone)


@router.get("/export", operation_id="export_phones", response_class=Response, responses=CSV_ANSWER)
async def export_phones(
    work: Exporting, query: Listing, person_id: UUID | None = None, *, disabled: Disabled = None
) -> Response:
    """The same list as CSV; needs the permission `export` too and leaves a trace."""
    return csv_download("phones", await service.export_phones(work, query, person_id=person_id, disabled=disabled))


@router.post("", operation_id="create_phone", status_code=status.HTTP_201_CREATED, responses=problems(409))
async def create_phone(
    work: Writing, vault: Hashes, settings: Centre, *, form: PhoneIn, response: Response
) -> NewPhone:
    """A phone with its secret, which is shown this once."""
    return _told(response, settings, await service.create_phone(work, vault, form))


@router.get("/{phone_id}", operation_id="read_phone")
async def read_phone(work: Reading, phone_id: UUID, response: Response) -> PhoneOut:
    return _tagged(response, await service.read_phone(work, phone_id))


@router.patch("/{phone_id}", operation_id="change_phone", responses=problems(409, 412, 428))
async def change_phone(work: Writing, phone_id: UUID, form: PhoneChange, read: IfMatch, response: Response) -> PhoneOut:
    """Only the fields that are sent are changed."""
    return _tagged(response, await service.change_phone(work, phone_id, form, read=read))


@router.delete(
    "/{phone_id}",
    operation_id="remove_phone",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problems(409, 412, 428),
)
async def remove_phone(work: Writing, phone_id: UUID, read: IfMatch) -> None:
    await service.remove_phone(work, phone_id, read=read)


@router.post("/{phone_id}/secret", operation_id="reset_phone_secret", responses=problems(409, 412, 428))
async def reset_phone_secret(
    work: Writing, vault: Hashes, settings: Centre, *, phone_id: UUID, read: IfMatch, response: Response
) -> NewPhone:
    """A new secret with its QR code, shown this once; the old secret ends, and the phone has to be set up again."""
    return _told(response, settings, await service.reset_secret(work, vault, phone_id, read=read))


@router.post("/{phone_id}/disable", operation_id="disable_phone", responses=problems(409, 412, 428))
async def disable_phone(work: Writing, phone_id: UUID, read: IfMatch, response: Response) -> PhoneOut:
    return _tagged(response, await service.disable_phone(work, phone_id, read=read))


@router.post("/{phone_id}/enable", operation_id="enable_phone", responses=problems(409, 412, 428))
async def enable_phone(work: Writing, phone_id: UUID, read: IfMatch, response: Response) -> PhoneOut:
    return _tagged(response, await service.enable_phone(work, phone_id, read=read))
