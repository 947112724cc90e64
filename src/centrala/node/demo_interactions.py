"""What the sample centre's operators work with: dispositions, scripts, customers.

The customers' names are made up, their numbers are those that Ofcom keeps for fiction.
"""

from typing import Any, Final
from uuid import UUID

from centrala.customers import schemas as customer_forms
from centrala.customers import service as customers
from centrala.interactions import schemas as forms
from centrala.interactions import service as interactions
from centrala.kit.work import Work
from centrala.node.demo_people import CARD, ORBITA, TAXI

# Nodes: code, labels in English, Russian and Romanian, and the nodes below.

CAUSES: Final[dict[str, tuple[Any, ...]]] = {
    ORBITA: (
        (
            "fault",
            ("Fault", "Неисправность", "Defecțiune"),
            (
                ("no-internet", ("No internet", "Нет интернета", "Fără internet")),
                ("slow", ("Slow internet", "Медленный интернет", "Internet lent")),
                ("television", ("Television", "Телевидение", "Televiziune")),
                ("router", ("Router or cable", "Роутер или кабель", "Router sau cablu")),
            ),
        ),
        (
            "bill",
            ("Bill", "Счёт", "Factură"),
            (
                ("bill-question", ("Question about a bill", "Вопрос по счёту", "Întrebare despre factură")),
                ("payment", ("Payment not seen", "Платёж не виден", "Plată nevăzută")),
            ),
        ),
        ("tariff", ("Change of tariff", "Смена тарифа", "Schimbarea tarifului")),
        ("leaving", ("Wants to leave", "Хочет уйти", "Vrea să plece")),
    ),
    TAXI: (
        ("order", ("Order of a car", "Заказ машины", "Comandă de mașină")),
        ("where", ("Where is the car", "Где машина", "Unde este mașina")),
        ("cancel", ("Cancels the order", "Отмена заказа", "Anularea comenzii")),
        ("lost", ("Lost thing", "Забытая вещь", "Lucru uitat")),
        ("complaint", ("Complaint", "Жалоба", "Reclamație")),
    ),
    CARD: (
        ("block", ("Card lost or stolen", "Карта утеряна или украдена", "Card pierdut sau furat")),
        ("limit", ("Limits", "Лимиты", "Limite")),
        ("disputed", ("Disputed payment", "Спорный платёж", "Plată contestată")),
        ("balance", ("Balance or statement", "Остаток или выписка", "Sold sau extras")),
        ("app", ("Application", "Приложение", "Aplicație")),
    ),
}

OUTCOMES: Final[dict[str, tuple[Any, ...]]] = {
    ORBITA: (
        ("solved", ("Solved at once", "Решено сразу", "Rezolvat pe loc")),
        ("visit", ("A technician comes", "Выезд мастера", "Vine tehnicianul")),
        ("passed-on", ("Passed on", "Передано дальше", "Transmis mai departe")),
        ("call-back", ("Call-back promised", "Обещан звонок", "Apel promis")),
        ("dropped", ("Line dropped", "Связь прервалась", "Legătura s-a întrerupt")),
    ),
    TAXI: (
        ("ordered", ("Car ordered", "Машина заказана", "Mașină comandată")),
        ("no-car", ("No car free", "Нет машин", "Nicio mașină liberă")),
        ("cancelled", ("Cancelled", "Отменено", "Anulat")),
        ("told", ("Information given", "Дана справка", "Informație dată")),
    ),
    CARD: (
        ("blocked", ("Card blocked", "Карта заблокирована", "Card blocat")),
        ("told", ("Information given", "Дана справка", "Informație dată")),
        ("case", ("Case opened", "Заведено обращение", "Sesizare deschisă")),
        ("refused", ("Not identified", "Личность не подтверждена", "Neidentificat")),
    ),
}

FIELDS: Final[dict[tuple[str, str], list[dict[str, Any]]]] = {
    (ORBITA, "visit"): [
        {
            "name": "address",
            "labels": {"en": "Address", "ru": "Адрес", "ro": "Adresă"},
        },
        {
            "name": "day",
            "labels": {"en": "Day", "ru": "День", "ro": "Ziua"},
            "type": "date",
        },
    ],
    (TAXI, "ordered"): [
        {"name": "from", "labels": {"en": "From", "ru": "Откуда", "ro": "De unde"}},
        {"name": "to", "labels": {"en": "To", "ru": "Куда", "ro": "Încotro"}, "required": False},
    ],
    (CARD, "disputed"): [
        {"name": "amount", "labels": {"en": "Amount", "ru": "Сумма", "ro": "Suma"}, "type": "number"},
    ],
    (CARD, "blocked"): [
        {
            "name": "reason",
            "labels": {"en": "Reason", "ru": "Причина", "ro": "Motivul"},
            "type": "choice",
            "choices": ["lost", "stolen", "fraud"],
        },
    ],
}

SCRIPTS: Final[dict[str, tuple[tuple[str | None, str, str], ...]]] = {
    ORBITA: (
        ("ro", "Salut", "Orbita, bună ziua! Mă numesc {operator}. Cu ce vă pot ajuta?"),
        ("ru", "Приветствие", "Орбита, добрый день! Меня зовут {operator}. Чем могу помочь?"),
        (None, "Fault", "1. Which lamps of the router are on?\n2. Is it the same by cable?\n3. Since when?"),
    ),
    TAXI: (
        ("ru", "Заказ", "Такси Рапид, слушаю вас! Откуда едем? Куда? Сколько человек?"),
        ("ro", "Comandă", "Taxi Rapid, bună ziua! De unde plecăm? Încotro? Câte persoane?"),
    ),
    CARD: (
        (
            None,
            "Identification",
            """Before anything about an account: full name, date of birth, the last four digits of the card.
Never ask for the PIN or the CVV. Pause the recording before the number of a card is said.""",
        ),
        ("ro", "Salut", "Banca Codru, linia cardurilor, bună ziua! Cu ce vă pot ajuta?"),
    ),
}

CUSTOMERS: Final = (
    (ORBITA, "Maria Ceban", "ro", "none", "Fibre, 300 Mbit/s; router in the hall", 501),
    (ORBITA, "Oleg Tkachenko", "ru", "vip", "Two flats on one contract", 502),
    (ORBITA, "Ludmila Grosu", "ro", "careful", "Complained twice about the bill", 503),
    (TAXI, "Andrei Botnari", "ru", "none", "Usually from the railway station", 511),
    (TAXI, "Natalia Cojocaru", "ro", "vip", "With a child's seat", 512),
    (CARD, "Elena Ursu", "ro", "none", "", 521),
    (CARD, "Viktor Melnik", "ru", "careful", "Somebody has called in his name before", 522),
)


async def make_interactions(unit: Work, projects: dict[str, UUID]) -> None:
    """Two trees of dispositions for each project, what operators say, and some customers."""
    for code, project in projects.items():
        for kind, trees in ((forms.DispositionKind.CAUSE, CAUSES), (forms.DispositionKind.OUTCOME, OUTCOMES)):
            await _make_tree(unit, code, trees[code], project=project, kind=kind)
        for position, (language, title, text) in enumerate(SCRIPTS[code]):
            form = forms.ScriptIn(project_id=project, language=language, title=title, text=text, position=position)
            await interactions.create_script(unit, form)
    for code, name, language, mark, note, last in CUSTOMERS:
        customer = customer_forms.CustomerIn.model_validate(
            {
                "project_id": projects[code],
                "name": name,
                "language": language,
                "mark": mark,
                "note": note,
                "phones": [{"number": f"+44 7700 900{last}", "label": "Mobile"}],
            }
        )
        await customers.create_customer(unit, customer)


async def _make_tree(
    unit: Work,
    code: str,
    nodes: tuple[Any, ...],
    *,
    project: UUID,
    kind: forms.DispositionKind,
    parent: UUID | None = None,
) -> None:
    for position, (own, labels, *below) in enumerate(nodes):
        form = forms.DispositionIn.model_validate(
            {
                "project_id": project,
                "kind": kind,
                "code": own,
                "labels": dict(zip(("en", "ru", "ro"), labels, strict=True)),
                "parent_id": parent,
                "required_fields": FIELDS.get((code, own), []),
                "position": position,
            }
        )
        made = await interactions.create_disposition(unit, form)
        if below:
            await _make_tree(unit, code, below[0], project=project, kind=kind, parent=made.id)
