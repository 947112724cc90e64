"""Which of a person's phones ring: all that are registered, or those of the kind that the person has chosen."""

from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID

import pytest

from centrala.kit.clock import utc_now
from centrala.kit.ids import new_id
from centrala.telephony.exchange.devices import Device
from centrala.telephony.exchange.registrations import Registrations
from centrala.telephony.phones.service import Owner
from centrala.telephony.sip.registrar import Binding

NOW = 100.0
PERSON = new_id()


@pytest.fixture
def registrations() -> Registrations:
    made = Registrations(cast("Any", None), utc_now)  # no row is read or written here
    made.endpoint = cast("Any", SimpleNamespace(now=lambda: NOW))
    return made


def come(registrations: Registrations, aor: str, phone_id: UUID | None) -> None:
    registrations.know(Owner(PERSON, phone_id, aor))
    contact = Binding(f"sip:{aor}@192.0.2.1", q=1000, ends=NOW + 60, call_id=aor, cseq=1, flow=None)
    registrations._registrar.restore(aor, [contact])


def rung(registrations: Registrations) -> set[str]:
    return {owner.aor for owner, _ in registrations.of_person(PERSON)}


def test_all_phones_ring_until_one_kind_is_chosen(registrations: Registrations) -> None:
    come(registrations, "browser", None)
    come(registrations, "desk", new_id())
    assert rung(registrations) == {"browser", "desk"}
    registrations.rings_on = lambda _: Device.PHONE
    assert rung(registrations) == {"desk"}
    registrations.rings_on = lambda _: Device.BROWSER
    assert rung(registrations) == {"browser"}


def test_whose_chosen_phone_is_away_cannot_be_called_and_is_not_present(registrations: Registrations) -> None:
    come(registrations, "browser", None)
    assert registrations.present() == {PERSON}
    registrations.rings_on = lambda _: Device.PHONE
    assert (registrations.reachable(PERSON), registrations.present()) == (False, frozenset())
    assert registrations.devices(PERSON) == {Device.BROWSER}, "what is there is shown all the same"
