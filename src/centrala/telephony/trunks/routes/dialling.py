from typing import Annotated
from uuid import UUID

from fastapi import Depends, Response, status

from centrala.kit.access import Permission
from centrala.kit.http import IfMatch, Routes, problems, reading, tag, working
from centrala.kit.listing import ListQuery, Page, list_query
from centrala.kit.work import Work
from centrala.telephony.trunks import service
from centrala.telephony.trunks.schemas_dialling import (
    AlarmOut,
    CallerIdIn,
    CallerIdOut,
    CheckIn,
    CheckOut,
    DiallingOut,
    PriceOut,
    PricesIn,
    RuleChange,
    RuleIn,
    RuleOut,
)

router = Routes(prefix="/dialling", tags=["dialling"], responses=problems())

Reading = Annotated[Work, Depends(reading(Permission.DIALLING_READ), scope="function")]
Writing = Annotated[Work, Depends(working(Permission.DIALLING_WRITE), scope="function")]
Listing = Annotated[ListQuery, Depends(list_query)]


@router.get("", operation_id="read_dialling")
async def read_dialling(work: Reading) -> DiallingOut:
    """What holds for the centre where no rule says otherwise, and the emergency numbers."""
    return await service.read_dialling(work)


@router.post("/check", operation_id="check_number")
async def check_number(work: Reading, form: CheckIn) -> CheckOut:
    """May this person call this number, and by which trunk? Changes nothing."""
    return await service.check(work, form)


@router.get("/rules", operation_id="list_dialling_rules")
async def list_dialling_rules(work: Reading) -> list[RuleOut]:
    """All rules, the widest scope first."""
    return [RuleOut.model_validate(rule) for rule in await service.list_rules(work)]


@router.post(
    "/rules", operation_id="create_dialling_rule", status_code=status.HTTP_201_CREATED, responses=problems(409)
)
async def create_dialling_rule(work: Writing, form: RuleIn, response: Response) -> RuleOut:
    rule = await service.create_rule(work, form)
    tag(response, rule.version)
    return RuleOut.model_validate(rule)


@router.get("/rules/{rule_id}", operation_id="read_dialling_rule")
async def read_dialling_rule(work: Reading, rule_id: UUID, response: Response) -> RuleOut:
    rule = await service.read_rule(work, rule_id)
    tag(response, rule.version)
    return RuleOut.model_validate(rule)


@router.patch("/rules/{rule_id}", operation_id="change_dialling_rule", responses=problems(412, 428))
async def change_dialling_rule(
    work: Writing, rule_id: UUID, form: RuleChange, read: IfMatch, response: Response
) -> RuleOut:
    """Only the fields that are sent are changed; null leaves the word to the wider scope."""
    rule = await service.change_rule(work, rule_id, form, read=read)
    tag(response, rule.version)
    return RuleOut.model_validate(rule)


@router.delete(
    "/rules/{rule_id}",
    operation_id="remove_dialling_rule",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problems(412, 428),
)
async def remove_dialling_rule(work: Writing, rule_id: UUID, read: IfMatch) -> None:
    await service.remove_rule(work, rule_id, read=read)


@router.get("/caller-ids", operation_id="list_caller_ids")
async def list_caller_ids(work: Reading, project_id: UUID | None = None) -> list[CallerIdOut]:
    """Which numbers projects show to those they call."""
    return list(await service.list_caller_ids(work, project_id=project_id))


@router.post(
    "/caller-ids", operation_id="create_caller_id", status_code=status.HTTP_201_CREATED, responses=problems(409)
)
async def create_caller_id(work: Writing, form: CallerIdIn) -> CallerIdOut:
    return await service.create_caller_id(work, form)


@router.delete("/caller-ids/{caller_id}", operation_id="remove_caller_id", status_code=status.HTTP_204_NO_CONTENT)
async def remove_caller_id(work: Writing, caller_id: UUID) -> None:
    await service.remove_caller_id(work, caller_id)


@router.get("/prices", operation_id="list_dial_prices")
async def list_dial_prices(work: Reading, query: Listing) -> Page[PriceOut]:
    """The price table. Sort by `prefix`, `name` or `per_minute`."""
    found = await service.list_prices(work, query)
    return found.page(query, PriceOut.model_validate)


@router.put("/prices", operation_id="replace_dial_prices")
async def replace_dial_prices(work: Writing, form: PricesIn) -> DiallingOut:
    """Replaces the whole table; answers what holds then."""
    await service.replace_prices(work, form)
    return await service.read_dialling(work)


@router.get("/alarms", operation_id="list_dialling_alarms")
async def list_dialling_alarms(work: Reading) -> list[AlarmOut]:
    """Caps that were hit, the newest first."""
    return [AlarmOut.model_validate(alarm) for alarm in await service.list_alarms(work)]
