"""A carrier, phones and dialling rules for the sample centre. The numbers are those that Ofcom keeps for fiction."""

from typing import Final
from uuid import UUID

from centrala.kit.vault import Vault
from centrala.kit.work import Work
from centrala.node.demo_people import ORBITA
from centrala.telephony.phones import schemas as phone_forms
from centrala.telephony.phones import service as phones
from centrala.telephony.trunks import schemas as trunk_forms
from centrala.telephony.trunks import schemas_dialling as dialling_forms
from centrala.telephony.trunks import service as trunks

DESK_PHONES: Final = (
    ("Irina Moraru", "Supervisor's desk", "Yealink T31P"),
    ("Sergei Volkov", "Taxi desk 1", "Snom D120"),
)
TEST_NET: Final = "192.0.2.10"  # RFC 5737: nobody answers there


async def make_telephony(unit: Work, secret_key: str, *, projects: dict[str, UUID], people: dict[str, UUID]) -> None:
    """Two trunks that lead nowhere, a phone on two desks, and what may be dialled."""
    sealed = Vault(secret_key, purpose=trunks.PURPOSE)
    common = {"country": "GB", "default_number": "+441632960000", "codecs": ["PCMA", "PCMU"]}
    for form in (
        {"name": "Carrier by address", "kind": "address", "host": TEST_NET, "max_calls": 30, "priority": 1, **common},
        {
            "name": "Carrier with registration",
            "kind": "register",
            "host": "sip.carrier.example",
            "user": "441632960000",
            "password": "of the sample carrier",
            "transport": "tls",
            "srtp": "optional",
            "number_out": "national",
            "max_calls": 10,
            "priority": 2,
            "enabled": False,
            **common,
        },
    ):
        await trunks.create_trunk(unit, sealed, trunk_forms.TrunkIn.model_validate(form))
    await _make_rules(unit, projects)
    hashes = Vault(secret_key, purpose=phones.PURPOSE)
    for name, label, model in DESK_PHONES:
        phone = phone_forms.PhoneIn(person_id=people[name], label=label, model=model)
        await phones.create_phone(unit, hashes, phone)


async def _make_rules(unit: Work, projects: dict[str, UUID]) -> None:
    for rule in (
        {"scope": "centre", "country": "GB"},
        {"scope": "role", "role": "supervisor", "countries": ["RO", "UA"], "calls_per_hour": 10},
        {"scope": "project", "project_id": projects[ORBITA], "countries": ["RO"]},
    ):
        await trunks.create_rule(unit, dialling_forms.RuleIn.model_validate(rule))
