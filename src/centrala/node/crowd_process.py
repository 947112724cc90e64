"""The crowd of the sample centre; started by `centrala.node.launch` beside app and worker of `centrala demo`."""

import asyncio
import contextlib
import logging
import secrets
import signal
import sys
import time
from typing import Final

from sqlalchemy import select

from centrala.kit.access import CENTRE
from centrala.kit.database import Database
from centrala.kit.work import work
from centrala.node.assembly import app_settings, app_url
from centrala.node.crowd.customers import Customers
from centrala.node.crowd.operators import Operators
from centrala.node.crowd.phones import Phones
from centrala.node.crowd.scene import Scene
from centrala.node.demo_people import PEOPLE, SHOWN
from centrala.node.errors import REFUSED, StartRefused
from centrala.node.process import Given, begin, wait_for_release
from centrala.security import service as security
from centrala.security.service import Role
from centrala.web.demo_mix import Board

PASSWORD_BYTES: Final = 24


async def open_accounts(database: Database) -> dict[str, str]:
    """Fresh passwords for the sample operators that nobody signs in as, by login; kept in memory only."""
    shown = set(SHOWN.values())
    logins = [one.login for one in PEOPLE if Role.OPERATOR in one.roles and one.name not in shown]
    made: dict[str, str] = {}
    async with work(database, CENTRE, way="demo") as unit:
        accounts = await unit.session.scalars(select(security.Account).where(security.Account.login.in_(logins)))
        for account in accounts:
            made[account.login] = secrets.token_urlsafe(PASSWORD_BYTES)
            await security.set_password(unit, account, made[account.login], must_change=False)
    return made


async def crowd(given: Given) -> None:
    """Live until SIGTERM."""
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    settings = app_settings(given.settings, given.folders)
    database = Database(app_url(given.settings, given.folders), connections=1)
    try:
        logins = await open_accounts(database)
    finally:
        await database.close()
    port = given.settings.sip.udp_port
    scene = Scene(Board(given.folders.data), callers=Phones(port), phones=Phones(port))
    await scene.callers.start()
    await scene.phones.start()
    customers = Customers(scene)
    operators = Operators(settings.web.url, scene, customers)
    given.tell_ready()
    steps = [scene.lines.run(), customers.run(), operators.run(logins), tell(scene)]
    tasks = [asyncio.create_task(step) for step in steps]
    await stopped.wait()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await scene.callers.stop()
    await scene.phones.stop()


async def tell(scene: Scene) -> None:
    while True:
        scene.said.at = time.time()
        with contextlib.suppress(OSError):  # a full disk
            scene.board.tell(scene.said)
        await asyncio.sleep(1)


def main() -> int:
    try:
        given = begin("crowd")
        logging.getLogger("httpx").setLevel(logging.WARNING)  # a line for each request of each operator
        wait_for_release()
        asyncio.run(crowd(given))
    except StartRefused as refused:
        print(refused, file=sys.stderr)  # noqa: T201 - the supervisor reads it
        return REFUSED
    return 0
