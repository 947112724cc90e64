"""Teams: created, changed, removed."""

from collections.abc import Iterable
from typing import Final
from uuid import UUID

from sqlalchemy import Select, func, select

from centrala.kit.access import Permission
from centrala.kit.errors import NotFound
from centrala.kit.http import same_version
from centrala.kit.ids import new_id
from centrala.kit.listing import ListQuery, Slice, Sorts, all_rows, csv_text, fetch
from centrala.kit.search import folded, matches
from centrala.kit.verbs import assign, refusing, require, require_centre
from centrala.kit.work import Work
from centrala.people.errors import TeamInUse, TeamNameTaken
from centrala.people.events import employee_changed, team_changed, team_removed
from centrala.people.models import Employee, Team
from centrala.people.schemas import TeamChange, TeamIn, TeamOut
from centrala.people.service.references import check_active

SORTS: Final[Sorts] = {"name": folded(Team.name)}
_TAKEN: Final = {"uq_teams_name": TeamNameTaken}


def _matching(query: ListQuery) -> Select[Team]:
    statement = select(Team)
    return statement.where(matches(query.q, Team.name)) if query.q else statement


async def list_teams(work: Work, query: ListQuery) -> Slice[TeamOut]:
    found = await fetch(work.session, _matching(query), query, SORTS, Team.id)
    counts = await _people_in(work, (team.id for team in found.rows))
    return Slice(rows=[_shown(team, counts.get(team.id, 0)) for team in found.rows], total=found.total)


async def export_teams(work: Work, query: ListQuery) -> str:
    """The list as CSV, with a trace."""
    require(work, Permission.EXPORT)
    teams = [team async for team in all_rows(work.session, _matching(query), query, SORTS, Team.id)]
    counts = await _people_in(work, (team.id for team in teams))
    work.trace("teams.exported", "teams", "*", rows=len(teams))
    return csv_text(("name", "people", "note"), [(team.name, counts.get(team.id, 0), team.note) for team in teams])


async def read_team(work: Work, team_id: UUID) -> TeamOut:
    team = await work.session.get(Team, team_id)
    if team is None:
        raise NotFound
    return await _with_count(work, team)


async def create_team(work: Work, form: TeamIn) -> TeamOut:
    require_centre(work)
    if form.lead_id is not None:
        await check_active(work, "lead_id", form.lead_id)
    team = Team(id=new_id(), **form.model_dump())
    async with refusing(work, _TAKEN):
        work.session.add(team)
    work.trace("team.created", "team", team.id)
    work.tell(team_changed(team.id))
    return _shown(team, 0)


async def change_team(work: Work, team_id: UUID, form: TeamChange, *, read: int) -> TeamOut:
    """Change what was sent; `read` is the version that the sender has seen."""
    team = await _locked(work, team_id, read=read)
    sent = form.sent()
    if sent.get("lead_id") not in {None, team.lead_id}:
        await check_active(work, "lead_id", sent["lead_id"])
    async with refusing(work, _TAKEN):
        changed = assign(team, sent)
        if changed:
            team.version += 1
            work.trace("team.changed", "team", team.id, fields=changed)
            work.tell(team_changed(team.id))
    return await _with_count(work, team)


async def remove_team(work: Work, team_id: UUID, *, read: int) -> None:
    """Refused while there are people in it; those who were dismissed do not count and leave it."""
    team = await _locked(work, team_id, read=read)
    members = (await work.session.scalars(select(Employee).where(Employee.team_id == team.id).with_for_update())).all()
    active = sum(member.dismissed_at is None for member in members)
    if active:
        raise TeamInUse(extra={"people": active})
    for member in members:
        member.team_id = None
        member.version += 1
        work.tell(employee_changed(member.id))
    async with refusing(work, {"fk_employees_team_id": TeamInUse}):
        await work.session.flush()
        await work.session.delete(team)
    work.trace("team.removed", "team", team.id)
    work.tell(team_removed(team.id))


async def _people_in(work: Work, ids: Iterable[UUID]) -> dict[UUID, int]:
    """How many active people each team has, as far as the reader sees them."""
    query = (
        select(Employee.team_id, func.count())
        .where(Employee.team_id.in_(list(ids)), Employee.dismissed_at.is_(None))
        .group_by(Employee.team_id)
    )
    return {team_id: count for team_id, count in (await work.session.execute(query)).all() if team_id}


def _shown(team: Team, people: int) -> TeamOut:
    return TeamOut(
        id=team.id, name=team.name, lead_id=team.lead_id, note=team.note, people=people, version=team.version
    )


async def _with_count(work: Work, team: Team) -> TeamOut:
    return _shown(team, (await _people_in(work, [team.id])).get(team.id, 0))


async def _locked(work: Work, team_id: UUID, *, read: int) -> Team:
    require_centre(work)
    team = await work.session.scalar(select(Team).where(Team.id == team_id).with_for_update())
    if team is None:
        raise NotFound

    async def current() -> TeamOut:
        return await _with_count(work, team)

    await same_version(team, read, current)
    return team
