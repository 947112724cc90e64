"""Who may dial what: the guard against toll fraud. Pure.

Everything that costs more than a call at home is off until somebody allows it: other countries one by one, premium
rates, satellites. What is allowed has caps, because a stolen password dials what its owner may: calls an hour and
minutes in 24 hours outside the country for each person and for the whole centre, and money where prices are known. An
emergency number passes always.
"""

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from typing import Any, Final

import phonenumbers
from phonenumbers import PhoneNumber, PhoneNumberType, shortnumberinfo

from centrala.telephony.trunks.numbers import is_emergency, read_dialled

SATELLITE: Final = frozenset({870, 881, 882, 883})
"""Country codes of satellite and other networks that belong to no country (ITU-T, list of E.164 assigned codes)."""

DEAR: Final = frozenset({808, 878, 888, 979})
"""International shared cost, personal numbers, a closed one, and premium rate (the same list)."""

FREE: Final = frozenset({800})
"""International freephone (ITU-T E.169.1)."""

_PREMIUM: Final = frozenset({PhoneNumberType.PREMIUM_RATE, PhoneNumberType.SHARED_COST})
_MAX_SHORT: Final = 6  # digits of a short number


class Kind(StrEnum):
    """What sort of number was dialled."""

    EMERGENCY = "emergency"
    OWN_COUNTRY = "own_country"
    ABROAD = "abroad"
    PREMIUM = "premium"
    SATELLITE = "satellite"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Dialled:
    """A number as it was understood. `number` is E.164, or the digits of an emergency or short number."""

    number: str
    kind: Kind
    country: str = ""
    """ISO 3166-1; empty where it belongs to none."""

    @property
    def counts(self) -> bool:
        """Whether it counts against the caps."""
        return self.kind in {Kind.ABROAD, Kind.PREMIUM, Kind.SATELLITE}


def read(text: str, *, country: str) -> Dialled:
    """What somebody in `country` dialled."""
    plain = text.strip()
    if is_emergency(plain, country=country):
        return Dialled("".join(filter(str.isdecimal, plain)), Kind.EMERGENCY, country)
    if plain.isascii() and plain.isdecimal() and len(plain) <= _MAX_SHORT:
        return _short(plain, country)
    e164 = read_dialled(plain, country=country)
    if e164 is None:
        return Dialled(plain[:32], Kind.UNKNOWN)
    return _long(e164, country)


def _short(digits: str, country: str) -> Dialled:
    """A short number. One whose price nobody knows is treated as dear."""
    number = PhoneNumber(country_code=phonenumbers.country_code_for_region(country), national_number=int(digits))
    number.italian_leading_zero = digits.startswith("0") or None
    cost = shortnumberinfo.expected_cost_for_region(number, country)
    cheap = {shortnumberinfo.ShortNumberCost.TOLL_FREE, shortnumberinfo.ShortNumberCost.STANDARD_RATE}
    return Dialled(digits, Kind.OWN_COUNTRY if cost in cheap else Kind.PREMIUM, country)


def _long(e164: str, country: str) -> Dialled:
    number = phonenumbers.parse(e164, None)
    if number.country_code in SATELLITE:
        return Dialled(e164, Kind.SATELLITE)
    if number.country_code in DEAR:
        return Dialled(e164, Kind.PREMIUM)
    if number.country_code in FREE:
        return Dialled(e164, Kind.OWN_COUNTRY)
    # A range that is newer than the metadata has no region of its own: then the main country of the code counts.
    region = phonenumbers.region_code_for_number(number) or phonenumbers.region_code_for_country_code(
        number.country_code or 0
    )
    if phonenumbers.number_type(number) in _PREMIUM:
        return Dialled(e164, Kind.PREMIUM, region)
    return Dialled(e164, Kind.OWN_COUNTRY if region == country else Kind.ABROAD, region)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What one scope says; None leaves the word to the wider scope."""

    own_country: bool | None = None
    countries: frozenset[str] | None = None
    premium: bool | None = None
    satellite: bool | None = None
    calls_per_hour: int | None = None
    minutes_per_day: int | None = None
    spend_per_day: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Caps:
    """What may be spent outside the country; None: no limit. Money in minor units."""

    calls_per_hour: int | None = None
    minutes_per_day: int | None = None
    spend_per_day: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rights:
    """What somebody may dial."""

    own_country: bool = True
    countries: frozenset[str] = frozenset()
    premium: bool = False
    satellite: bool = False
    caps: Caps = Caps(calls_per_hour=20, minutes_per_day=60)


USUAL: Final = Rights()
"""What holds where nobody has said anything."""

USUAL_OF_ALL: Final = Caps(calls_per_hour=200, minutes_per_day=1_200)
"""The same for the whole centre together."""


def widest(rules: Iterable[Rule]) -> Rule:
    """What several rules of one scope allow together: a person may hold several roles, and each adds to the others."""
    merged = Rule()
    for rule in rules:
        merged = Rule(**{one.name: _wider(getattr(merged, one.name), getattr(rule, one.name)) for one in fields(Rule)})
    return merged


def _wider(one: Any, other: Any) -> Any:
    """The more generous of two words on the same field."""
    if one is None or other is None:
        return other if one is None else one
    return one | other if isinstance(one, frozenset) else max(one, other)


def rights_of(rules: Iterable[Rule]) -> Rights:
    """What follows from the rules, the widest scope first: what a narrower one says, holds."""
    found = USUAL
    for rule in rules:
        said = {one.name: getattr(rule, one.name) for one in fields(Rule) if getattr(rule, one.name) is not None}
        caps = {one.name: said.pop(one.name) for one in fields(Caps) if one.name in said}
        found = replace(found, **said, caps=replace(found.caps, **caps))
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Used:
    """What was used of the caps up to now: calls in the last hour, seconds and money in the last 24 hours."""

    calls: int = 0
    seconds: int = 0
    spent: int = 0


class Why(StrEnum):
    """Why a number may not be dialled; the desk has a sentence for each."""

    NOT_A_NUMBER = "dialling.not_a_number"
    OWN_COUNTRY = "dialling.own_country"
    COUNTRY = "dialling.country"
    PREMIUM = "dialling.premium"
    SATELLITE = "dialling.satellite"
    PERSON_CALLS = "dialling.person_calls"
    PERSON_MINUTES = "dialling.person_minutes"
    PERSON_SPEND = "dialling.person_spend"
    CENTRE_CALLS = "dialling.centre_calls"
    CENTRE_MINUTES = "dialling.centre_minutes"
    CENTRE_SPEND = "dialling.centre_spend"
    NO_TRUNK = "dialling.no_trunk"


CAPS: Final = frozenset(
    {
        Why.PERSON_CALLS,
        Why.PERSON_MINUTES,
        Why.PERSON_SPEND,
        Why.CENTRE_CALLS,
        Why.CENTRE_MINUTES,
        Why.CENTRE_SPEND,
    }
)
"""Refusals that raise an alarm."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the call may begin, and how long it may last at most (seconds; None: as long as it takes)."""

    why: Why | None = None
    allowed: int | None = None
    """The cap that was hit."""
    longest: int | None = None

    @property
    def ok(self) -> bool:
        return self.why is None


def judge(dialled: Dialled, rights: Rights, person: Used, centre: tuple[Used, Caps], *, per_minute: int = 0) -> Verdict:
    """Whether a number may be dialled. `per_minute` is its price in minor units, 0 where none is known."""
    if dialled.kind is Kind.EMERGENCY:
        return Verdict()
    why = _forbidden(dialled, rights)
    if why is not None:
        return Verdict(why)
    if not dialled.counts and not per_minute:
        return Verdict()
    used, caps = centre
    own = _left(person, rights.caps, per_minute, _PERSON, counts=dialled.counts)
    whole = _left(used, caps, per_minute, _CENTRE, counts=dialled.counts)
    if not own.ok or not whole.ok:
        return whole if own.ok else own
    known = [one.longest for one in (own, whole) if one.longest is not None]
    return Verdict(longest=min(known) if known else None)


def _forbidden(dialled: Dialled, rights: Rights) -> Why | None:
    match dialled.kind:
        case Kind.UNKNOWN:
            return Why.NOT_A_NUMBER
        case Kind.OWN_COUNTRY:
            return None if rights.own_country else Why.OWN_COUNTRY
        case Kind.SATELLITE:
            return None if rights.satellite else Why.SATELLITE
        case Kind.PREMIUM:
            return None if rights.premium else Why.PREMIUM
        case _:
            return None if dialled.country in rights.countries else Why.COUNTRY


_PERSON: Final = (Why.PERSON_CALLS, Why.PERSON_MINUTES, Why.PERSON_SPEND)
_CENTRE: Final = (Why.CENTRE_CALLS, Why.CENTRE_MINUTES, Why.CENTRE_SPEND)


def _left(used: Used, caps: Caps, per_minute: int, why: tuple[Why, Why, Why], *, counts: bool) -> Verdict:
    """What is left under one set of caps."""
    longest: list[int] = []
    if counts and caps.calls_per_hour is not None and used.calls >= caps.calls_per_hour:
        return Verdict(why[0], caps.calls_per_hour)
    if counts and caps.minutes_per_day is not None:
        left = caps.minutes_per_day * 60 - used.seconds
        if left <= 0:
            return Verdict(why[1], caps.minutes_per_day)
        longest.append(left)
    if per_minute and caps.spend_per_day is not None:
        # A minute that has begun is paid for.
        minutes = (caps.spend_per_day - used.spent) // per_minute
        if minutes <= 0:
            return Verdict(why[2], caps.spend_per_day)
        longest.append(minutes * 60)
    return Verdict(longest=min(longest) if longest else None)


def price(per_minute: int, seconds: int) -> int:
    """What a call has cost, in minor units: each minute that has begun."""
    return per_minute * -(-seconds // 60)
