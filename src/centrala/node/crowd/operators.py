"""Simulated operators: each signs in to the desk, is ready, answers, talks, notes what it was about, takes breaks."""

import asyncio
import contextlib
import json
import random
from functools import partial
from typing import Any, Final

import httpx
import websockets
from websockets.exceptions import WebSocketException

from centrala.kit.logging import get_logger
from centrala.node.crowd.clips import OPERATORS
from centrala.node.crowd.customers import Customers, talk_time
from centrala.node.crowd.lines import Line
from centrala.node.crowd.phones import REGISTER_SECONDS, Account
from centrala.node.crowd.scene import Scene
from centrala.telephony.sip.dialog import DialogId

log = get_logger(__name__)

PING: Final = 5.0  # seconds between signs of life, as the desk's page gives them
AGAIN: Final = 5.0  # seconds until the next try after trouble, as when the app restarts
PATIENCE: Final = 60.0  # seconds for an answer; the centre may be starting
LOOK: Final = 1.0  # seconds between two looks at the mix
BREAK_CHANCE: Final = 0.08  # after a contact
BREAK_SECONDS: Final = (40.0, 120.0)
ANSWER_SECONDS: Final = (1.0, 4.0)
WRAP_UP_SECONDS: Final = (2.0, 8.0)
MAX_MESSAGE: Final = 1_000_000  # bytes of one document of the desk
NOTES: Final = {
    "ro": (
        "Linia verificată, clientul a fost ajutat.",
        "Factura explicată.",
        "Comanda preluată, mașina vine în 5 minute.",
    ),
    "ru": ("Проверили линию, всё работает.", "Объяснила счёт за месяц.", "Заказ принят, машина будет через 5 минут."),
    "en": ("Checked the account; all is in order.", "Card blocked, a new one is ordered.", "Explained the payment."),
}
TROUBLE: Final = (httpx.HTTPError, OSError, WebSocketException, TimeoutError, KeyError, ValueError)


class Operator:
    """One of them, from signing in to signing out."""

    def __init__(self, crew: "Operators", login: str, password: str) -> None:
        self._crew = crew
        self._login, self._password = login, password
        self._chance = random.Random(login)  # noqa: S311 - a simulation
        self._document: dict[str, Any] = {}
        self._news = asyncio.Event()
        self._talk: Talk | None = None
        self._dispositions: dict[str, tuple[list[str], list[str]]] = {}

    async def run(self) -> None:
        """Work until cancelled, whatever happens to the centre meanwhile."""
        while True:
            try:
                if self._crew.scene.board.mix().on:
                    await self._shift()
            except TROUBLE as error:
                log.info("A simulated operator starts anew.", error=type(error).__name__)
            await asyncio.sleep(AGAIN)

    async def _shift(self) -> None:
        crew = self._crew
        async with httpx.AsyncClient(base_url=crew.url, timeout=PATIENCE) as http:
            async with crew.door:
                answer = await http.post("/api/session", json={"login": self._login, "password": self._password})
            answer.raise_for_status()
            http.headers["X-CSRF-Token"] = answer.json()["csrf_token"]
            cookies = "; ".join(f"{name}={value}" for name, value in http.cookies.items())
            live = crew.url.replace("http", "ws", 1) + "/api/work/live"
            async with (
                websockets.connect(
                    live, additional_headers={"Cookie": cookies, "Origin": crew.url}, max_size=MAX_MESSAGE
                ) as socket,
                asyncio.TaskGroup() as group,
            ):
                group.create_task(self._read(socket))
                group.create_task(self._ping(socket))
                group.create_task(self._register(http))
                group.create_task(self._work(http))

    async def _read(self, socket: websockets.ClientConnection) -> None:
        async for text in socket:
            self._document = json.loads(text)
            self._news.set()
        raise OSError("the desk's socket has closed")

    async def _ping(self, socket: websockets.ClientConnection) -> None:
        while True:
            await socket.send('{"type":"ping"}')
            await asyncio.sleep(PING)

    async def _register(self, http: httpx.AsyncClient) -> None:
        """A phone of the desk's kind, by UDP instead of a WebSocket; its credentials live for minutes only."""
        account: Account | None = None
        while True:
            told = (await http.get("/api/phone")).raise_for_status().json()
            user = told["aor"].removeprefix("sip:").partition("@")[0]
            if account is None:
                account = Account(told["user"], user, told["password"])
            account.user, account.password = told["user"], told["password"]
            status: asyncio.Future[int] = asyncio.get_running_loop().create_future()
            self._crew.scene.phones.register(account, self, partial(_settle, status))
            if await asyncio.wait_for(status, 40) != 200:
                raise OSError("the phone was not registered")
            await asyncio.sleep(REGISTER_SECONDS / 2)

    # The work

    async def _work(self, http: httpx.AsyncClient) -> None:
        crew = self._crew
        rested = 0.0
        while True:
            with contextlib.suppress(TimeoutError):
                # Not `wait_for`: until Python 3.12 it loses a cancellation that comes together with what it waits for.
                async with asyncio.timeout(LOOK):
                    await self._news.wait()
            self._news.clear()
            state = self._document.get("state", {}).get("state", "off")
            contacts = self._document.get("contacts", [])
            wrap_up = [one for one in contacts if one["phase"] == "wrap_up"]
            loop_time = asyncio.get_running_loop().time()
            if wrap_up:
                await self._wrap_up(http, wrap_up[0])
                if self._chance.random() < BREAK_CHANCE:
                    rested = loop_time + self._chance.uniform(*BREAK_SECONDS)
                    await self._take_break(http)
            elif not contacts:
                on = crew.scene.board.mix().on
                if state != "off" and not on:
                    await http.put("/api/work/state", json={"state": "off"})
                elif on and state != "ready" and loop_time > rested and self._document.get("phone"):
                    await http.put("/api/work/state", json={"state": "ready"})

    async def _take_break(self, http: httpx.AsyncClient) -> None:
        reasons = (await http.get("/api/breaks")).raise_for_status().json()
        short = min(reasons, key=lambda one: one["planned_minutes"], default=None)
        if short is not None:
            await http.put("/api/work/state", json={"state": "break", "break_id": short["id"]})

    async def _wrap_up(self, http: httpx.AsyncClient, contact: dict[str, Any]) -> None:
        await asyncio.sleep(self._chance.uniform(*WRAP_UP_SECONDS))
        name, project = contact["id"], contact["project_id"]
        current = (await http.get(f"/api/interactions/{name}")).raise_for_status()
        note = self._chance.choice(NOTES.get(contact.get("language") or "en", NOTES["en"]))
        tagged = {"If-Match": current.headers.get("ETag", '"1"')}
        noted = await http.put(f"/api/interactions/{name}/note", json={"note": note, "final": True}, headers=tagged)
        causes, outcomes = await self._choices(http, project)
        if causes and outcomes and noted.is_success:
            given = {"cause_id": self._chance.choice(causes), "outcome_id": self._chance.choice(outcomes), "fields": {}}
            tagged = {"If-Match": noted.headers.get("ETag", '"1"')}
            await http.put(f"/api/interactions/{name}/disposition", json=given, headers=tagged)
        await http.post(f"/api/work/contacts/{name}/finish")

    async def _choices(self, http: httpx.AsyncClient, project: str) -> tuple[list[str], list[str]]:
        """Causes and outcomes without further fields, leaves of the project's trees."""
        if project not in self._dispositions:
            answer = (await http.get("/api/dispositions", params={"project_id": project})).raise_for_status().json()
            nodes = answer["items"] if isinstance(answer, dict) else answer
            parents = {one["parent_id"] for one in nodes}
            leaves = [one for one in nodes if one["id"] not in parents and not one["required_fields"]]
            self._dispositions[project] = (
                [one["id"] for one in leaves if one["kind"] == "cause"],
                [one["id"] for one in leaves if one["kind"] == "outcome"],
            )
        return self._dispositions[project]

    # The phone

    def rings(self, session: DialogId, caller: str, offer: bytes | None) -> "Talk":
        offered = [one for one in self._document.get("contacts", []) if one["phase"] == "offered"]
        language = (offered[0].get("language") if offered else None) or "ro"
        self._talk = Talk(self._crew, session, caller, offer, language=language, chance=self._chance)
        return self._talk


def _settle(future: "asyncio.Future[int]", status: int) -> None:
    if not future.done():
        future.set_result(status)


class Talk:
    """One conversation, from the ring to the end."""

    def __init__(
        self,
        crew: "Operators",
        session: DialogId,
        caller: str,
        offer: bytes | None,
        *,
        language: str,
        chance: random.Random,
    ) -> None:
        self._crew = crew
        self._session = session
        self._caller = caller
        self._offer = offer
        self._language = language if language in OPERATORS else "en"
        self._chance = chance
        self._line: Line | None = None
        self._task = asyncio.create_task(self._run())

    async def _run(self) -> None:
        crew = self._crew
        await asyncio.sleep(self._chance.uniform(*ANSWER_SECONDS))
        self._line = line = await crew.scene.lines.open()
        line.connect(self._offer)
        line.say(crew.scene.clips.frames(self._language, OPERATORS[self._language]))
        crew.scene.phones.answer(self._session, line.description())
        customer = crew.customers.by_number(self._caller)
        if customer is not None:
            customer.served()
        code = "" if customer is None else customer.code
        await asyncio.sleep(talk_time(crew.scene.board.mix(), code, self._chance))
        crew.scene.phones.hang_up(self._session)
        await asyncio.sleep(3.0)  # the beginning of the question
        if customer is not None:
            customer.asked()

    def answered(self, session: DialogId, answer: bytes | None) -> None:
        """Not of calls that come."""

    def ended(self, status: int) -> None:  # noqa: ARG002 - the protocol's shape
        if self._line is None:
            self._task.cancel()
        else:
            self._crew.scene.lines.close(self._line)

    def reoffered(self) -> bytes:
        return b"" if self._line is None else self._line.description()


class Operators:
    """The crew."""

    def __init__(self, url: str, scene: Scene, customers: Customers) -> None:
        self.url, self.scene, self.customers = url, scene, customers
        self.door = asyncio.Lock()  # a password is dear to check, on purpose: one after the other

    async def run(self, logins: dict[str, str]) -> None:
        """Let these work, by login and password, until cancelled."""
        self.scene.said.operators = len(logins)
        async with asyncio.TaskGroup() as group:
            for login, password in logins.items():
                group.create_task(Operator(self, login, password).run())
