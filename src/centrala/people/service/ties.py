"""Through whom teams and skills are seen: whoever sees a member sees the team, whoever sees its holder, the skill.

So when a person moves, the cards of teams and skills appear to some desks and go from others.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from centrala.kit.outbox import Fact
from centrala.people.events import skill_changed, team_changed
from centrala.people.service.read import Person

NONE: frozenset[UUID] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ties:
    """What becomes visible through a person, and to whom."""

    teams: frozenset[UUID] = NONE
    skills: frozenset[UUID] = NONE
    projects: frozenset[UUID] = NONE

    @classmethod
    def of(cls, person: Person) -> "Ties":
        employee = person.employee
        return cls(
            teams=frozenset({employee.team_id}) if employee.team_id else NONE,
            skills=frozenset(one.skill_id for one in person.skills),
            projects=frozenset(person.project_ids),
        )


def moved(before: Ties, after: Ties) -> Iterator[Fact]:
    """The facts of teams and skills whose cards may be seen by others now than before."""
    everywhere = before.projects != after.projects
    for team in sorted(before.teams | after.teams if everywhere else before.teams ^ after.teams):
        yield team_changed(team, left=before.projects if team in before.teams else NONE)
    for skill in sorted(before.skills | after.skills if everywhere else before.skills ^ after.skills):
        yield skill_changed(skill, left=before.projects if skill in before.skills else NONE)
