"""The sample centre's lines: 1001, 1002 and 1003 reach its projects for any caller on this machine, as no real centre
lets anybody in."""

import ipaddress
from collections.abc import Callable, Mapping
from typing import Final

from sqlalchemy import select

from centrala.kit.access import CENTRE, Wall
from centrala.kit.database import Database
from centrala.projects.service import all_project_ids
from centrala.projects.service.sight import Number, Project
from centrala.telephony.calls.events import Party
from centrala.telephony.calls.ports import Origin
from centrala.telephony.exchange.ways import DESK_PHONE
from centrala.telephony.sip.agent.events import IncomingCall
from centrala.telephony.sip.identity import caller_of, number_in

LINES: Final = {"1001": "ORB", "1002": "TAXI", "1003": "CARD"}
"""Codes of projects by what is dialled."""

LOOPBACK: Final = ("127.0.0.0/8", "::1/128")


async def demo_lines(database: Database) -> dict[str, str]:
    """The number of each line's project; empty where there are no such projects."""
    async with database.begin(CENTRE) as session:
        projects = frozenset(await all_project_ids(session))
    query = (
        select(Project.code, Number.e164)
        .join(Number, Number.project_id == Project.id)
        .where(Project.code.in_(LINES.values()))
        .order_by(Number.e164.desc())
    )
    async with database.begin(Wall(centre=True, projects=projects)) as session:
        numbers = {code: e164 for code, e164 in await session.execute(query)}  # noqa: C416 - rows; the lowest wins
    return {dialled: numbers[code] for dialled, code in LINES.items() if code in numbers}


def guest_of(lines: Mapping[str, str]) -> Callable[[IncomingCall], Origin | None]:
    """Lets callers on this machine in who dial a line."""

    def guest(event: IncomingCall) -> Origin | None:
        number = lines.get(number_in(event.request.uri))
        if number is None or not ipaddress.ip_address(event.flow.remote[0]).is_loopback:
            return None
        caller = caller_of(event.request, trusted=True)
        return Origin(
            caller=Party(number=caller.number, display=caller.display, hidden=caller.hidden),
            callee=number,
            policy=DESK_PHONE,
        )

    return guest
