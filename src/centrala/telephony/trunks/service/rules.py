"""Rules of dialling: made, changed, removed; and what follows from them for somebody."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, or_, select

from centrala.kit.errors import InvalidField, NotFound
from centrala.kit.http import same_version
from centrala.kit.ids import new_id
from centrala.kit.verbs import assign, refusing, require_centre
from centrala.kit.work import Work
from centrala.telephony.trunks.errors import RuleExists
from centrala.telephony.trunks.events import rule_changed, rule_removed
from centrala.telephony.trunks.models import DiallingRule, DialPrice, Scope, Trunk
from centrala.telephony.trunks.numbers import emergency_numbers, knows
from centrala.telephony.trunks.rights import USUAL_OF_ALL, Caps, Rights, Rule, rights_of, widest
from centrala.telephony.trunks.schemas_dialling import (
    CapsOut,
    DiallingOut,
    EmergencyOut,
    RightsOut,
    RuleChange,
    RuleIn,
    RuleOut,
)
from centrala.telephony.trunks.service.neighbours import has_person, has_project, roles_of

MAX_RULES: Final = 2_000  # of the whole centre
_TAKEN: Final = {"uq_dialling_rules_scope_role_person_id_project_id": RuleExists}
_OF_CENTRE: Final = ("country", "all_calls_per_hour", "all_minutes_per_day", "all_spend_per_day")
_SUBJECTS: Final = {Scope.ROLE: "role", Scope.PERSON: "person_id", Scope.PROJECT: "project_id"}
_ORDER: Final = (Scope.CENTRE, Scope.PROJECT, Scope.ROLE, Scope.PERSON)


async def list_rules(work: Work) -> Sequence[DiallingRule]:
    """All rules, the widest scope first."""
    rules = (await work.session.scalars(select(DiallingRule).order_by(DiallingRule.id).limit(MAX_RULES))).all()
    return sorted(rules, key=lambda rule: _ORDER.index(Scope(rule.scope)))


async def read_rule(work: Work, rule_id: UUID) -> DiallingRule:
    rule = await work.session.get(DiallingRule, rule_id)
    if rule is None:
        raise NotFound
    return rule


async def create_rule(work: Work, form: RuleIn) -> DiallingRule:
    require_centre(work)
    _check_subject(form)
    if form.person_id is not None and not await has_person(work, form.person_id):
        raise InvalidField("person_id", "unknown_reference", "There is no such employee.")
    if form.project_id is not None and not await has_project(work, form.project_id):
        raise InvalidField("project_id", "unknown_reference", "There is no such project.")
    if (await work.session.scalar(select(func.count()).select_from(DiallingRule)) or 0) >= MAX_RULES:
        raise InvalidField("scope", "too_many", f"There may be {MAX_RULES} rules.", limit=MAX_RULES)
    rule = DiallingRule(id=new_id(), **form.model_dump(mode="json", exclude={"person_id", "project_id"}))
    rule.person_id, rule.project_id = form.person_id, form.project_id
    _check(rule)
    async with refusing(work, _TAKEN):
        work.session.add(rule)
    work.trace("dialling_rule.created", "dialling_rule", rule.id, project_id=rule.project_id, **_said(rule))
    work.tell(rule_changed(rule.id, project_id=rule.project_id))
    return rule


async def change_rule(work: Work, rule_id: UUID, form: RuleChange, *, read: int) -> DiallingRule:
    """Change what was sent. What is allowed now stands in the audit trail: it may cost money."""
    rule = await _locked(work, rule_id, read=read)
    changed = assign(rule, form.sent())
    _check(rule)
    if changed:
        rule.version += 1
        said = {name: value for name, value in _said(rule).items() if name in changed}
        work.trace(
            "dialling_rule.changed", "dialling_rule", rule.id, project_id=rule.project_id, fields=changed, **said
        )
        work.tell(rule_changed(rule.id, project_id=rule.project_id))
    return rule


async def remove_rule(work: Work, rule_id: UUID, *, read: int) -> None:
    rule = await _locked(work, rule_id, read=read)
    await work.session.delete(rule)
    work.trace("dialling_rule.removed", "dialling_rule", rule.id, project_id=rule.project_id, scope=rule.scope)
    work.tell(rule_removed(rule.id, project_id=rule.project_id))


def _said(rule: DiallingRule) -> dict[str, Any]:
    names = ("scope", "role", "country", "own_country", "countries", "premium", "satellite", "calls_per_hour")
    more = ("minutes_per_day", "spend_per_day", "all_calls_per_hour", "all_minutes_per_day", "all_spend_per_day")
    return {name: getattr(rule, name) for name in (*names, *more) if getattr(rule, name) is not None}


def _check_subject(form: RuleIn) -> None:
    wanted = _SUBJECTS.get(form.scope)
    for name in _SUBJECTS.values():
        given = getattr(form, name) is not None
        if given and name != wanted:
            raise InvalidField(name, "not_for_scope", "This scope has no such subject.")
        if not given and name == wanted:
            raise InvalidField(name, "required", "Say whom the rule is for.")


def _check(rule: DiallingRule) -> None:
    if rule.scope != Scope.CENTRE:
        for name in _OF_CENTRE:
            if getattr(rule, name) is not None:
                raise InvalidField(name, "not_for_scope", "This stands in the centre's own rule only.")
    for country in filter(None, (rule.country, *(rule.countries or ()))):
        if not knows(country):
            field = "country" if country == rule.country else "countries"
            raise InvalidField(field, "unknown_country", "There is no numbering plan of this country.")


async def _locked(work: Work, rule_id: UUID, *, read: int) -> DiallingRule:
    require_centre(work)
    rule = await work.session.scalar(select(DiallingRule).where(DiallingRule.id == rule_id).with_for_update())
    if rule is None:
        raise NotFound

    async def current() -> RuleOut:
        return RuleOut.model_validate(rule)

    await same_version(rule, read, current)
    return rule


@dataclass(frozen=True, slots=True)
class Standing:
    """What holds for somebody: where the centre is, their rights, the caps of all, the scopes that have a rule."""

    country: str
    rights: Rights
    all_caps: Caps
    scopes: tuple[Scope, ...]


async def standing(work: Work, *, person_id: UUID | None = None, project_id: UUID | None = None) -> Standing:
    """What follows from all rules for a person who works in a project."""
    roles = [] if person_id is None else await roles_of(work, person_id)
    query = select(DiallingRule).where(
        or_(
            DiallingRule.scope == Scope.CENTRE,
            DiallingRule.role.in_(roles),
            (DiallingRule.scope == Scope.PROJECT) & (DiallingRule.project_id == project_id),
            (DiallingRule.scope == Scope.PERSON) & (DiallingRule.person_id == person_id),
        )
    )
    rows = (await work.session.scalars(query)).all()
    found = {scope: [row for row in rows if row.scope == scope] for scope in _ORDER}
    centre = found[Scope.CENTRE][0] if found[Scope.CENTRE] else None
    scopes = tuple(scope for scope in _ORDER if found[scope])
    return Standing(
        country=(centre.country if centre and centre.country else None) or await _country_of_trunks(work),
        rights=rights_of([widest(map(_rule, found[scope])) for scope in scopes]),
        all_caps=_all_caps(centre),
        scopes=scopes,
    )


def _rule(row: DiallingRule) -> Rule:
    return Rule(
        own_country=row.own_country,
        countries=None if row.countries is None else frozenset(row.countries),
        premium=row.premium,
        satellite=row.satellite,
        calls_per_hour=row.calls_per_hour,
        minutes_per_day=row.minutes_per_day,
        spend_per_day=row.spend_per_day,
    )


def _all_caps(centre: DiallingRule | None) -> Caps:
    if centre is None:
        return USUAL_OF_ALL
    usual = USUAL_OF_ALL
    return Caps(
        calls_per_hour=usual.calls_per_hour if centre.all_calls_per_hour is None else centre.all_calls_per_hour,
        minutes_per_day=usual.minutes_per_day if centre.all_minutes_per_day is None else centre.all_minutes_per_day,
        spend_per_day=usual.spend_per_day if centre.all_spend_per_day is None else centre.all_spend_per_day,
    )


async def _country_of_trunks(work: Work) -> str:
    """Where most trunks are, while nobody has said where the centre is."""
    query = select(Trunk.country).group_by(Trunk.country).order_by(func.count().desc(), Trunk.country).limit(1)
    return await work.session.scalar(query) or ""


def rights_out(rights: Rights) -> RightsOut:
    return RightsOut(
        own_country=rights.own_country,
        countries=sorted(rights.countries),
        premium=rights.premium,
        satellite=rights.satellite,
        caps=CapsOut.model_validate(rights.caps),
    )


async def read_dialling(work: Work) -> DiallingOut:
    """What holds for the centre as a whole."""
    whole = await standing(work)
    countries = set(await work.session.scalars(select(Trunk.country).distinct())) | {whole.country}
    priced = (await work.session.execute(select(func.count(), func.min(DialPrice.currency)))).one()
    return DiallingOut(
        country=whole.country,
        usual=rights_out(whole.rights),
        all_caps=CapsOut.model_validate(whole.all_caps),
        emergency=[
            EmergencyOut(country=country, numbers=list(emergency_numbers(country)))
            for country in sorted(countries, key=lambda one: (one != whole.country, one))
            if country
        ],
        currency=priced[1] or "",
        prices=priced[0],
    )
