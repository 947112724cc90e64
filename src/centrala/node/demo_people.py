"""Who works in the sample centre. The names are made up; the numbers are those that Ofcom keeps for fiction."""

from dataclasses import dataclass
from typing import Final

from centrala.security.service import Role

ORBITA, TAXI, CARD = "ORB", "TAXI", "CARD"
"""Codes of the three projects."""

SKILLS: Final = {
    "Internet faults": "Lines, routers, television at home",
    "Tariffs and bills": "Invoices, payments, changes of tariff",
    "Taxi orders": "Taking and changing orders, complaints about rides",
    "Cards": "Blocking, limits, disputed payments",
    "Sales": "Offers and contracts over the telephone",
}

TEAMS: Final = {
    "Orbita support": "Internet and television, in Romanian and Russian",
    "Taxi line": "Round the clock, short calls",
    "Card line": "Round the clock, with identification of the caller",
    "Office": "Planning, quality, personnel",
}


@dataclass(frozen=True, slots=True)
class Sample:
    """A person. `languages` are the best known first; `skills` by name with a level from 1 to 10."""

    name: str
    roles: tuple[Role, ...]
    team: str
    projects: tuple[str, ...]
    languages: str
    skills: tuple[tuple[str, int], ...] = ()
    desk: str = "en"
    superior: str = ""

    @property
    def login(self) -> str:
        given, family = self.name.lower().split()
        return f"{given}.{family}".translate(_PLAIN)


_PLAIN: Final = str.maketrans("ăâîșț", "aaist")
_OP, _SENIOR = (Role.OPERATOR,), (Role.OPERATOR, Role.SENIOR)
_NET, _BILL, _RIDE, _CARDS, _SALES = SKILLS
_HELP, _CARS, _BANK, _OFFICE = TEAMS
_ALL: Final = (ORBITA, TAXI, CARD)

LEADS: Final = {_HELP: "Irina Moraru", _CARS: "Oleg Bondari", _BANK: "Natalia Ceban", _OFFICE: "Victor Lupan"}

PEOPLE: Final = (
    Sample("Victor Lupan", (Role.ADMINISTRATOR,), _OFFICE, (), "ro:C2 en:C1 ru:C2"),
    Sample("Elena Sandu", (Role.MANAGER,), _OFFICE, (), "ro:C2 ru:C2 en:B2", desk="ro"),
    Sample("Daniela Rotaru", (Role.PLANNER,), _OFFICE, (), "ro:C2 ru:C1", desk="ro", superior="Elena Sandu"),
    Sample("Tatiana Cojocaru", (Role.PERSONNEL,), _OFFICE, (), "ru:C2 ro:C1", desk="ru", superior="Elena Sandu"),
    Sample("Pavel Grosu", (Role.QUALITY,), _OFFICE, _ALL, "ro:C2 ru:C2 en:B1", superior="Elena Sandu"),
    Sample("Irina Moraru", (Role.SUPERVISOR,), _HELP, (ORBITA,), "ro:C2 ru:C1", ((_NET, 9),), "ro", "Elena Sandu"),
    Sample("Oleg Bondari", (Role.SUPERVISOR,), _CARS, (TAXI,), "ru:C2 ro:B2", ((_RIDE, 9),), "ru", "Elena Sandu"),
    Sample("Natalia Ceban", (Role.SUPERVISOR,), _BANK, (CARD,), "ro:C2 en:C1", ((_CARDS, 10),), "ro", "Elena Sandu"),
    Sample("Andrei Munteanu", _SENIOR, _HELP, (ORBITA,), "ro:C2 ru:C1 en:B2", ((_NET, 9), (_BILL, 7)), "ro", _HELP),
    Sample("Cristina Balan", _OP, _HELP, (ORBITA,), "ro:C2 ru:B2", ((_NET, 6), (_BILL, 8)), "ro", _HELP),
    Sample("Mihai Ursu", _OP, _HELP, (ORBITA,), "ro:C2 en:B1", ((_NET, 7),), "ro", _HELP),
    Sample("Olga Smirnova", _OP, _HELP, (ORBITA,), "ru:C2 ro:B1", ((_BILL, 6), (_NET, 4)), "ru", _HELP),
    Sample("Doina Vieru", _OP, _HELP, (ORBITA,), "ro:C2 ru:C1", ((_BILL, 9), (_SALES, 5)), "ro", _HELP),
    Sample("Ion Popa", _OP, _HELP, (ORBITA,), "ro:C2 ru:C2", ((_NET, 8),), "ro", _HELP),
    Sample("Svetlana Guțu", _OP, _HELP, (ORBITA,), "ru:C2 ro:C1", ((_NET, 5), (_BILL, 5)), "ru", _HELP),
    Sample("Radu Botnari", _OP, _HELP, (ORBITA, CARD), "ro:C2 en:C1", ((_NET, 6), (_CARDS, 4)), "ro", _HELP),
    Sample("Sergei Volkov", _SENIOR, _CARS, (TAXI,), "ru:C2 ro:C1", ((_RIDE, 10),), "ru", _CARS),
    Sample("Marina Ciobanu", _OP, _CARS, (TAXI,), "ru:C2 ro:C2", ((_RIDE, 8),), "ru", _CARS),
    Sample("Vadim Postolachi", _OP, _CARS, (TAXI,), "ru:C2 ro:B2", ((_RIDE, 7),), "ru", _CARS),
    Sample("Ana Rusu", _OP, _CARS, (TAXI,), "ro:C2 ru:C1 en:B2", ((_RIDE, 6),), "ro", _CARS),
    Sample("Dmitri Kozlov", _OP, _CARS, (TAXI,), "ru:C2", ((_RIDE, 9),), "ru", _CARS),
    Sample("Ludmila Stratan", _OP, _CARS, (TAXI,), "ro:C2 ru:C2", ((_RIDE, 5),), "ro", _CARS),
    Sample("Iurie Damian", _OP, _CARS, (TAXI, ORBITA), "ro:C2 ru:C1", ((_RIDE, 7), (_NET, 3)), "ro", _CARS),
    Sample("Veronica Țurcanu", _SENIOR, _BANK, (CARD,), "ro:C2 ru:C2 en:C1", ((_CARDS, 9),), "ro", _BANK),
    Sample("Alexandru Nistor", _OP, _BANK, (CARD,), "ro:C2 en:B2", ((_CARDS, 7),), "ro", _BANK),
    Sample("Galina Petrova", _OP, _BANK, (CARD,), "ru:C2 ro:B2", ((_CARDS, 8),), "ru", _BANK),
    Sample("Stela Codreanu", _OP, _BANK, (CARD,), "ro:C2 ru:C1", ((_CARDS, 6), (_SALES, 7)), "ro", _BANK),
    Sample("Eugen Plămădeală", _OP, _BANK, (CARD,), "ro:C2 ru:C1 en:B1", ((_CARDS, 5),), "ro", _BANK),
    Sample("Nina Orlova", _OP, _BANK, (CARD,), "ru:C2 en:C1", ((_CARDS, 7),), "ru", _BANK),
    Sample("Corina Vasilache", _OP, _BANK, (CARD, TAXI), "ro:C2 ru:B2", ((_CARDS, 6), (_RIDE, 4)), "ro", _BANK),
    Sample("Laura Marin", (Role.CLIENT,), "", (ORBITA,), "ro:C2 en:C1", desk="ro"),
)

SHOWN: Final = {
    Role.ADMINISTRATOR: "Victor Lupan",
    Role.MANAGER: "Elena Sandu",
    Role.SUPERVISOR: "Irina Moraru",
    Role.OPERATOR: "Cristina Balan",
    Role.SENIOR: "Andrei Munteanu",
    Role.QUALITY: "Pavel Grosu",
    Role.PLANNER: "Daniela Rotaru",
    Role.PERSONNEL: "Tatiana Cojocaru",
    Role.CLIENT: "Laura Marin",
}
"""Whose sign-in links are printed: one person of each role."""
