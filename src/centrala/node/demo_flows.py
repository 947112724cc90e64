"""What callers of the sample centre meet: a flow for each project, mapped to the project's numbers.

The keys that they ask for are those that the simulated customers press; see `crowd.customers`.
"""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from centrala.ivr import schemas as forms
from centrala.ivr import service as ivr
from centrala.kit.listing import ListQuery
from centrala.kit.work import Work
from centrala.node.demo_people import CARD, ORBITA, TAXI
from centrala.projects import service as projects

Words = tuple[str, str, str]
"""English, Romanian, Russian."""

LANGUAGES: Final[dict[str, tuple[tuple[str, str], ...]]] = {
    ORBITA: (("1", "ro"), ("2", "ru"), ("3", "en")),
    TAXI: (("1", "ro"), ("2", "ru")),
    CARD: (("1", "ro"), ("2", "ru"), ("3", "en")),
}
"""Which key chooses which language."""

PROMPTS: Final[dict[str, tuple[str, Words]]] = {
    ORBITA: (
        "Greeting",
        (
            "Welcome to Orbita. Calls are recorded.",
            "Bine ați venit la Orbita. Convorbirile sunt înregistrate.",
            "Добро пожаловать в Орбиту. Разговоры записываются.",
        ),
    ),
    TAXI: (
        "Greeting",
        ("Taxi Rapid.", "Taxi Rapid, bună ziua.", "Такси Рапид, здравствуйте."),
    ),
    CARD: (
        "Greeting",
        (
            "Banca Codru, card line. Calls are recorded.",
            "Banca Codru, linia cardurilor. Convorbirile sunt înregistrate.",
            "Банк Кодру, карточная линия. Разговоры записываются.",
        ),
    ),
}

CHOOSE: Final[Words] = (
    "For English, press 3.",
    "Pentru limba română, apăsați 1.",
    "Для русского языка нажмите 2.",
)
ORBITA_MENU: Final[Words] = (
    "For bills, press 1. For faults, press 2. For a new connection, press 3.",
    "Pentru facturi, apăsați 1. Pentru defecțiuni, apăsați 2. Pentru o conexiune nouă, apăsați 3.",
    "Вопросы по счетам: нажмите 1. Неисправности: нажмите 2. Новое подключение: нажмите 3.",
)
ORBITA_CLOSED: Final[Words] = (
    "We answer from 8 in the morning to 10 in the evening. Faults are taken round the clock.",
    "Vă răspundem de la ora 8 dimineața până la ora 22. Defecțiunile le preluăm non-stop.",
    "Мы отвечаем с восьми утра до десяти вечера. Неисправности принимаем круглосуточно.",
)
CARD_DIGITS: Final[Words] = (
    "Enter the last four digits of your card.",
    "Introduceți ultimele patru cifre ale cardului.",
    "Введите последние четыре цифры карты.",
)
CARD_MENU: Final[Words] = (
    "If your card is lost or stolen, press 1. For payments and limits, press 2 or wait. For loans, press 3.",
    "Dacă ați pierdut cardul, apăsați 1. Pentru plăți și limite, apăsați 2 sau așteptați. Pentru credite, apăsați 3.",
    "Если карта утеряна, нажмите 1. Платежи и лимиты: нажмите 2 или подождите. Кредиты: нажмите 3.",
)


async def make_flows(unit: Work, *, projects_made: Mapping[str, UUID], queues: Mapping[tuple[str, str], UUID]) -> None:
    """Prompts and flows, published; all numbers of each project lead to its flow."""
    for code, draw in ((ORBITA, _orbita), (TAXI, _taxi), (CARD, _card)):
        project = await projects.read_project(unit, projects_made[code])
        own = {name: str(queue) for (owner, name), queue in queues.items() if owner == code}
        calendar = await _calendar(unit, project.id)
        greeting = await _greeting(unit, code, project.id, project.languages)
        definition = draw(project.languages, own, calendar, greeting)
        form = {
            "project_id": project.id,
            "name": project.name,
            "note": "Of the sample centre",
            "definition": definition,
        }
        flow = await ivr.create_flow(unit, forms.FlowIn.model_validate(form))
        await ivr.publish_flow(unit, flow.id, forms.PublishIn(note="First version"), read=flow.version)
        for number in project.numbers:
            await ivr.route_number(unit, number.id, flow.id)


async def _calendar(unit: Work, project: UUID) -> str:
    found = await projects.list_calendars(unit, ListQuery(), project_id=project)
    return str(found.rows[0].id)


async def _greeting(unit: Work, code: str, project: UUID, languages: list[str]) -> str:
    name, words = PROMPTS[code]
    texts = _texts(words, languages)
    prompt = await ivr.create_prompt(unit, forms.PromptIn(project_id=project, name=name, texts=texts))
    return str(prompt.id)


# The drawings


def _orbita(languages: list[str], queues: Mapping[str, str], calendar: str, greeting: str) -> dict[str, Any]:
    nodes = [
        _language(ORBITA, languages),
        _say("welcome", "Greeting", [{"kind": "prompt", "prompt_id": greeting}], 1),
        _menu("menu", ORBITA_MENU, languages, {"1": "Bills", "2": "Faults", "3": "New connection"}, 2),
        _node("hours_bills", "hours", 3, 0, label="Office hours", calendar_id=calendar),
        _node("hours_new", "hours", 3, 2, label="Office hours", calendar_id=calendar),
        _queue("bills", "Bills", queues["Bills"], 4, 0),
        _queue("faults", "Faults", queues["Faults"], 4, 1),
        _queue("new", "New connections", queues["New connections"], 4, 2, demand_language=False),
        _say("closed", "Closed", _text(ORBITA_CLOSED, languages), 4, 3),
        _node("back", "callback", 5, 1, label="Offer a call-back", queue_id=queues["Faults"]),
        _node("mail", "voicemail", 5, 3, label="Message", box="Office"),
        *_ending("1-5"),
    ]
    edges = """
        language next > welcome, welcome next > menu,
        menu key:1 > hours_bills, menu key:2 > faults, menu key:3 > hours_new,
        menu no_input > faults, menu wrong > faults,
        hours_bills open > bills, hours_bills closed > closed, hours_new open > new, hours_new closed > closed,
        bills after > rate, bills overflow > mail, bills closed > closed,
        faults after > rate, faults overflow > back, faults callback > bye,
        new after > rate, new overflow > mail, new closed > closed,
        back ordered > bye, back declined > mail, closed next > mail, mail next > bye,
        rate next > thanks, thanks next > bye
    """
    return _flow(nodes, edges)


def _taxi(languages: list[str], queues: Mapping[str, str], _calendar: str, greeting: str) -> dict[str, Any]:
    nodes = [
        _say("welcome", "Greeting", [{"kind": "prompt", "prompt_id": greeting}], 0),
        {**_language(TAXI, languages), "attempts": 1, "x": SPACE},
        _queue("orders", "Orders", queues["Orders"], 2),
        _node("bye", "hangup", 3),
    ]
    edges = """
        welcome next > language, language next > orders,
        orders after > bye, orders overflow > bye, orders callback > bye
    """
    return _flow(nodes, edges)


def _card(languages: list[str], queues: Mapping[str, str], _calendar: str, greeting: str) -> dict[str, Any]:
    identified = [{"variable": "identified", "value": True}]
    nodes = [
        _language(CARD, languages),
        _say("welcome", "Greeting", [{"kind": "prompt", "prompt_id": greeting}], 1),
        _node(
            "card",
            "collect",
            2,
            label="Last four digits of the card",
            prompt=_text(CARD_DIGITS, languages),
            variable="card_digits",
            least=4,
            most=4,
            attempts=2,
            secret=True,
            check={"kind": "mask", "mask": "####"},
        ),
        _node("identified", "set", 3, label="Identified", assignments=identified),
        {**_menu("menu", CARD_MENU, languages, {"1": "Lost card", "2": "Payments", "3": "Loans"}, 4), "attempts": 1},
        _queue("lost", "Lost cards", queues["Lost cards"], 5, 0, priority=3),
        _queue("payments", "Payments", queues["Payments"], 5, 1),
        _queue("loans", "Loans", queues["Loans"], 5, 2, demand_language=False),
        *_ending("0-10"),
    ]
    edges = """
        language next > welcome, welcome next > card, card next > identified, card no_input > menu, card wrong > menu,
        identified next > menu, menu key:1 > lost, menu key:2 > payments, menu key:3 > loans, menu no_input > payments,
        menu wrong > payments, lost after > bye, payments after > rate, loans after > rate, payments callback > bye,
        rate next > thanks, thanks next > bye
    """
    return _flow(nodes, edges)


# Pieces of drawings

SPACE: Final = 300  # pixels of the editor between two columns
ROW: Final = 160  # pixels between two rows


def _flow(nodes: list[dict[str, Any]], edges: str) -> dict[str, Any]:
    """`edges` as in `menu key:1 > bills, ...`; the first node begins."""
    lines = (line.split(">") for line in edges.split(",") if line.strip())
    parsed = [(left.split()[0], left.split()[1], right.strip()) for left, right in lines]
    return {
        "start": nodes[0]["id"],
        "nodes": nodes,
        "edges": [{"source": source, "exit": way, "target": target} for source, way, target in parsed],
    }


def _node(name: str, kind: str, column: int, row: int = 0, **fields: Any) -> dict[str, Any]:
    return {"id": name, "kind": kind, "x": column * SPACE, "y": row * ROW, **fields}


def _texts(words: Words, languages: list[str]) -> dict[str, str]:
    spoken = dict(zip(("en", "ro", "ru"), words, strict=True))
    return {language: spoken[language] for language in languages}


def _text(words: Words, languages: list[str]) -> list[dict[str, Any]]:
    return [{"kind": "text", "text": _texts(words, languages)}]


def _say(name: str, label: str, prompt: list[dict[str, Any]], column: int, row: int = 0) -> dict[str, Any]:
    return _node(name, "say", column, row, label=label, prompt=prompt)


def _language(code: str, languages: list[str]) -> dict[str, Any]:
    choices = [{"key": key, "language": language} for key, language in LANGUAGES[code]]
    prompt = _text(CHOOSE, languages)
    return _node("language", "language", 0, label="Language", prompt=prompt, choices=choices, attempts=2)


def _menu(name: str, words: Words, languages: list[str], choices: dict[str, str], column: int) -> dict[str, Any]:
    keys = [{"key": key, "label": label} for key, label in choices.items()]
    return _node(name, "menu", column, label="Topic", prompt=_text(words, languages), choices=keys, attempts=2)


def _queue(name: str, label: str, queue: str, column: int, row: int = 0, **fields: Any) -> dict[str, Any]:
    return _node(name, "queue", column, row, label=label, queue_id=queue, **fields)


def _ending(scale: str) -> list[dict[str, Any]]:
    """A mark after the call, thanks, the end."""
    return [
        _node("rate", "rate", 6, 0, label="Rating", scale=scale, attempts=1),
        _say("thanks", "Thanks", [{"kind": "text", "text": THANKS}], 7),
        _node("bye", "hangup", 8),
    ]


THANKS: Final = {"en": "Thank you. Goodbye.", "ro": "Vă mulțumim. La revedere.", "ru": "Спасибо. До свидания."}
