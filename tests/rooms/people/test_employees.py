"""Employees over HTTP: hired, changed, dismissed, brought back; who may and who sees."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from support.people import Person

Answer = dict[str, Any]
ClientAs = Callable[..., Awaitable[httpx.AsyncClient]]
PersonAs = Callable[..., Awaitable[Person]]
Make = Callable[..., Awaitable[Answer]]
Trail = Callable[[], Awaitable[list[tuple[str, Answer]]]]
Facts = Callable[[], Awaitable[list[tuple[str, str, list[str]]]]]

NOBODY = str(uuid4())


def at(shown: Answer) -> dict[str, str]:
    return {"If-Match": f'"{shown["version"]}"'}


def field_errors(answer: httpx.Response) -> list[tuple[str, str]]:
    return [(error["field"], error["code"]) for error in answer.json()["errors"]]


def refusal(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


async def change(client: httpx.AsyncClient, shown: Answer, **body: Any) -> httpx.Response:
    return await client.patch(f"/api/employees/{shown['id']}", json=body, headers=at(shown))


async def act(client: httpx.AsyncClient, shown: Answer, action: str, **body: Any) -> httpx.Response:
    return await client.post(f"/api/employees/{shown['id']}/{action}", json=body, headers=at(shown))


async def reread(client: httpx.AsyncClient, shown: Answer) -> Answer:
    fresh: Answer = (await client.get(f"/api/employees/{shown['id']}")).json()
    return fresh


async def test_an_employee_is_hired_with_account_team_skills_and_projects(
    administrator: httpx.AsyncClient,
    hire: Make,
    make_team: Make,
    make_skill: Make,
    *,
    project: UUID,
    trail: Trail,
    facts: Facts,
) -> None:
    team, skill = await make_team(), await make_skill()
    before = len(await facts())
    ana = await hire(
        team_id=team["id"],
        skills=[{"skill_id": skill["id"], "level": 7}],
        languages=[{"language": "ru", "level": "B2"}, {"language": "ro", "level": "C2"}],
        roles=["senior"],
        project_ids=[str(project)],
        hired_on="2026-11-01",
        language="ro",
        time_zone="Europe/Chisinau",
    )
    expected = {
        "login": "ana.rusu",
        "given_name": "Ana",
        "team_id": team["id"],
        "skills": [{"skill_id": skill["id"], "level": 7}],
        "languages": [{"language": "ro", "level": "C2"}, {"language": "ru", "level": "B2"}],
        "roles": ["senior"],
        "project_ids": [str(project)],
        "hired_on": "2026-11-01",
        "language": "ro",
        "time_zone": "Europe/Chisinau",
        "dismissed_at": None,
    }
    assert ana | expected == ana
    read = await administrator.get(f"/api/employees/{ana['id']}")
    assert (read.json(), read.headers["ETag"]) == (ana, f'"{ana["version"]}"')
    assert "employee.created" in [action for action, _ in await trail()]
    assert (await facts())[before:] == [
        ("employee.changed", ana["id"], []),
        ("team.changed", team["id"], []),
        ("skill.changed", skill["id"], []),
    ]


async def test_with_a_temporary_password_the_person_signs_in_and_without_one_not(
    client: httpx.AsyncClient, hire: Make
) -> None:
    await hire(password="a temporary one")
    await hire(login="ion", number="2")
    signed = await client.post("/api/session", json={"login": "ana.rusu", "password": "a temporary one"})
    assert signed.json()["person"]["must_change_password"] is True
    refused = await client.post("/api/session", json={"login": "ion", "password": "a temporary one"})
    assert refusal(refused) == (401, "auth.wrong_credentials")


async def test_a_weak_temporary_password_is_refused_and_nobody_is_hired(
    administrator: httpx.AsyncClient, hire: Make
) -> None:
    with pytest.raises(AssertionError, match="too_short"):
        await hire(password="short")
    assert (await administrator.get("/api/employees?q=ana.rusu")).json()["total"] == 0


@pytest.mark.parametrize("login", ["ana.rusu", "ANA.Rusu"])
async def test_two_people_do_not_share_a_login(administrator: httpx.AsyncClient, hire: Make, login: str) -> None:
    await hire()
    body = {"login": login, "given_name": "Ana", "family_name": "Rusu", "number": "2"}
    ion = await hire(login="ion", number="3")
    for taken in (
        await administrator.post("/api/employees", json=body),
        await change(administrator, ion, login=login),
    ):
        assert refusal(taken) == (409, "auth.login_taken")
        assert field_errors(taken) == [("login", "taken")]


async def test_two_people_do_not_share_a_personnel_number(administrator: httpx.AsyncClient, hire: Make) -> None:
    await hire()
    body = {"login": "ion", "given_name": "Ion", "family_name": "Lungu", "number": "1042"}
    taken = await administrator.post("/api/employees", json=body)
    assert refusal(taken) == (409, "people.number_taken")
    assert field_errors(taken) == [("number", "taken")]
    ion = await hire(login="ion", number="3")
    assert refusal(await change(administrator, ion, number="1042")) == (409, "people.number_taken")


async def test_only_what_is_sent_is_changed_and_named_in_the_trail(
    administrator: httpx.AsyncClient, hire: Make, trail: Trail
) -> None:
    ana = await hire(languages=[{"language": "ro", "level": "C2"}])
    after = await change(administrator, ana, family_name="Munteanu", email="", languages=[])
    assert after.status_code == 200, after.text
    changed = {"family_name": "Munteanu", "languages": [], "email": {"masked": "", "revealable": False}}
    assert after.json() == ana | changed | {"version": after.json()["version"]}
    assert after.json()["version"] > ana["version"]
    assert await reread(administrator, ana) == after.json()
    assert (await trail())[-1] == ("employee.changed", {"fields": ["email", "family_name", "languages"]})


async def test_the_trail_names_fields_and_holds_nothing_of_the_person(
    administrator: httpx.AsyncClient, hire: Make, trail: Trail
) -> None:
    ana = await hire()
    ana = (await change(administrator, ana, given_name="Анна", phone="+40 722 123 456")).json()
    await act(administrator, ana, "reveal", field="phone")
    text = repr(await trail())
    for personal in ("Ana", "Rusu", "Анна", "Ionovna", "722", "69123456", "example.md", "ana.rusu"):
        assert personal not in text


async def test_a_change_of_nothing_leaves_version_trail_and_facts_alone(
    administrator: httpx.AsyncClient, hire: Make, trail: Trail, facts: Facts
) -> None:
    ana = await hire(languages=[{"language": "ro", "level": "C2"}])
    before = len(await trail()), len(await facts())
    same = await change(
        administrator,
        ana,
        given_name="Ana",
        phone="+373 (69) 123456",
        roles=["operator"],
        project_ids=[],
        languages=ana["languages"],
    )
    assert same.json() == ana
    assert (len(await trail()), len(await facts())) == before


async def test_a_stale_version_is_refused_with_the_employee_as_they_are(
    administrator: httpx.AsyncClient, hire: Make
) -> None:
    ana = await hire()
    fresh = (await change(administrator, ana, given_name="Anna")).json()
    for stale in (
        await change(administrator, ana, given_name="Anne"),
        await act(administrator, ana, "dismiss"),
        await act(administrator, ana, "reinstate"),
        await act(administrator, ana, "erase", confirm="ana.rusu"),
        await act(administrator, ana, "password", new="a temporary one"),
    ):
        assert refusal(stale) == (412, "version.stale")
        assert stale.json()["current"] == fresh
    without = await administrator.patch(f"/api/employees/{ana['id']}", json={"given_name": "Anne"})
    assert refusal(without) == (428, "version.required")


async def test_a_change_of_ones_own_profile_makes_the_version_stale(
    administrator: httpx.AsyncClient, client: httpx.AsyncClient, hire: Make, person_as: PersonAs
) -> None:
    person = await person_as("operator")
    seen = (await administrator.get(f"/api/employees/{person.id}")).json()
    mine = person.sign(client)
    own = await mine.get("/api/me")
    await mine.patch("/api/me", json={"language": "ro"}, headers={"If-Match": own.headers["ETag"]})
    assert refusal(await change(administrator, seen, language="ru")) == (412, "version.stale")


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({"team_id": NOBODY}, ("team_id", "unknown_reference")),
        ({"superior_id": NOBODY}, ("superior_id", "unknown_reference")),
        ({"deputy_id": NOBODY}, ("deputy_id", "unknown_reference")),
        ({"skills": [{"skill_id": NOBODY, "level": 1}]}, ("skills.0.skill_id", "unknown_reference")),
        ({"project_ids": [NOBODY]}, ("project_ids.0", "unknown_reference")),
        ({"languages": [{"language": "ro", "level": "A1"}] * 2}, ("languages.1.language", "repeated")),
        ({"phone": "069 123 456"}, ("phone", "phone_country_missing")),
    ],
)
async def test_what_does_not_exist_is_refused_beside_its_field(
    administrator: httpx.AsyncClient, hire: Make, body: Answer, error: tuple[str, str]
) -> None:
    ana = await hire()
    assert field_errors(await change(administrator, ana, **body)) == [error]
    other = {"login": "ion", "given_name": "Ion", "family_name": "Lungu", "number": "2"}
    assert field_errors(await administrator.post("/api/employees", json=other | body)) == [error]
    assert await reread(administrator, ana) == ana


async def test_nobody_is_their_own_superior_or_deputy(administrator: httpx.AsyncClient, hire: Make) -> None:
    ana = await hire()
    for field in ("superior_id", "deputy_id"):
        assert field_errors(await change(administrator, ana, **{field: ana["id"]})) == [(field, "oneself")]


async def test_superiors_make_no_circle(administrator: httpx.AsyncClient, hire: Make) -> None:
    top = await hire()
    middle = await hire(superior_id=top["id"])
    bottom = await hire(superior_id=middle["id"])
    for under in (middle, bottom):
        assert field_errors(await change(administrator, top, superior_id=under["id"])) == [("superior_id", "circle")]
    assert (await change(administrator, bottom, superior_id=top["id"])).status_code == 200
    top = (await change(administrator, top, deputy_id=middle["id"])).json()
    assert top["deputy_id"] == middle["id"], "a deputy may well be below"


async def test_a_dismissed_colleague_becomes_neither_superior_nor_deputy_nor_lead(
    administrator: httpx.AsyncClient, hire: Make, make_team: Make
) -> None:
    ana, gone, team = await hire(), await hire(), await make_team()
    await act(administrator, gone, "dismiss")
    for field in ("superior_id", "deputy_id"):
        assert field_errors(await change(administrator, ana, **{field: gone["id"]})) == [(field, "dismissed")]
    lead = await administrator.patch(f"/api/teams/{team['id']}", json={"lead_id": gone["id"]}, headers=at(team))
    assert field_errors(lead) == [("lead_id", "dismissed")]


async def test_skills_are_replaced_and_levels_changed(
    administrator: httpx.AsyncClient, hire: Make, make_skill: Make
) -> None:
    one, two = await make_skill(), await make_skill(name="Sales")
    ana = await hire(skills=[{"skill_id": one["id"], "level": 3}])
    skills = sorted(
        ({"skill_id": skill["id"], "level": level} for skill, level in ((two, 10), (one, 4))),
        key=lambda skill: str(skill["skill_id"]),
    )
    ana = (await change(administrator, ana, skills=skills)).json()
    assert ana["skills"] == skills
    assert await reread(administrator, ana) == ana
    twice = await change(administrator, ana, skills=[skills[0], skills[0]])
    assert field_errors(twice) == [("skills.1.skill_id", "repeated")]


async def test_dismissal_ends_the_sessions_and_is_taken_back(
    administrator: httpx.AsyncClient, client: httpx.AsyncClient, person_as: PersonAs, trail: Trail, facts: Facts
) -> None:
    person = await person_as("operator")
    mine = person.sign(client)
    seen = (await administrator.get(f"/api/employees/{person.id}")).json()
    gone = (await act(administrator, seen, "dismiss")).json()
    assert gone["dismissed_at"] == "2026-11-20T09:00:00Z"
    assert refusal(await mine.get("/api/me")) == (401, "auth.required")
    assert refusal(await act(administrator, gone, "dismiss")) == (409, "people.already_dismissed")
    refused = await act(administrator, gone, "password", new="a temporary one")
    assert refusal(refused) == (409, "people.already_dismissed")
    assert (await facts())[-1] == ("employee.changed", str(person.id), [])
    back = (await act(administrator, gone, "reinstate")).json()
    assert back == seen | {"version": back["version"]}
    assert refusal(await act(administrator, back, "reinstate")) == (409, "people.not_dismissed")
    actions = [action for action, _ in await trail()]
    assert ("employee.dismissed" in actions, "employee.reinstated" in actions) == (True, True)


async def test_nobody_dismisses_themselves_or_sets_their_own_password_here(
    client: httpx.AsyncClient, person_as: PersonAs
) -> None:
    await person_as("administrator")  # somebody who would remain
    person = await person_as("administrator")
    mine = person.sign(client)
    seen = (await mine.get(f"/api/employees/{person.id}")).json()
    assert refusal(await act(mine, seen, "dismiss")) == (409, "people.not_yourself")
    assert refusal(await act(mine, seen, "password", new="a temporary one")) == (409, "people.not_yourself")


async def test_the_last_administrator_is_neither_dismissed_nor_loses_the_role(
    personnel: httpx.AsyncClient, client: httpx.AsyncClient, person_as: PersonAs
) -> None:
    person = await person_as("administrator")
    seen = await reread(personnel, {"id": person.id})
    assert refusal(await act(personnel, seen, "dismiss")) == (409, "people.last_administrator")
    mine = person.sign(client)
    assert refusal(await change(mine, seen, roles=["operator"])) == (409, "people.last_administrator")
    other = await person_as("administrator")
    assert (await change(mine, seen, roles=["operator"])).status_code == 200
    assert refusal(await act(personnel, await reread(personnel, {"id": other.id}), "dismiss")) == (
        409,
        "people.last_administrator",
    ), "one who lost the role does not count"


async def test_roles_are_given_by_those_who_assign_roles(
    administrator: httpx.AsyncClient, personnel: httpx.AsyncClient, hire: Make
) -> None:
    body = {"login": "ion", "given_name": "Ion", "family_name": "Lungu", "number": "2"}
    refused = await personnel.post("/api/employees", json=body | {"roles": ["administrator"]})
    assert refusal(refused) == (403, "auth.forbidden")
    assert (await personnel.post("/api/employees", json=body)).json()["roles"] == ["operator"]
    ana = await hire()
    assert refusal(await change(personnel, ana, roles=["operator", "manager"])) == (403, "auth.forbidden")
    assert (await change(personnel, ana, roles=["operator"], patronymic="")).status_code == 200, "the same roles"
    given = await change(administrator, await reread(administrator, ana), roles=["manager", "operator"])
    assert sorted(given.json()["roles"]) == ["manager", "operator"]


async def test_nobody_takes_over_an_account_that_may_do_more(
    personnel: httpx.AsyncClient, person_as: PersonAs, hire: Make, trail: Trail
) -> None:
    above = await reread(personnel, {"id": (await person_as("administrator")).id})
    assert refusal(await act(personnel, above, "password", new="a temporary one")) == (403, "people.outranked")
    ana = await hire()
    assert (await act(personnel, ana, "password", new="a temporary one")).status_code == 200
    assert ("account.password_set", {"temporary": True}) in await trail()


async def test_a_temporary_password_ends_the_sessions_and_asks_for_another(
    administrator: httpx.AsyncClient, client: httpx.AsyncClient, person_as: PersonAs
) -> None:
    person = await person_as("operator")
    mine = person.sign(client)
    seen = (await administrator.get(f"/api/employees/{person.id}")).json()
    weak = await act(administrator, seen, "password", new="short")
    assert field_errors(weak) == [("new", "password.too_short")]
    assert (await mine.get("/api/me")).status_code == 200
    assert (await act(administrator, seen, "password", new="a temporary one")).status_code == 200
    assert (await mine.get("/api/me")).status_code == 401
    mine.cookies.clear()
    signed = await mine.post("/api/session", json={"login": person.login, "password": "a temporary one"})
    assert signed.json()["person"]["must_change_password"] is True


async def test_the_list_is_filtered_by_team_role_skill_project_and_state(
    administrator: httpx.AsyncClient, hire: Make, make_team: Make, make_skill: Make, project: UUID
) -> None:
    team, skill = await make_team(), await make_skill()
    ana = await hire(team_id=team["id"], roles=["planner"])
    ion = await hire(skills=[{"skill_id": skill["id"], "level": 1}], project_ids=[str(project)])
    gone = await hire()
    await act(administrator, gone, "dismiss")

    async def ids(query: str) -> set[str]:
        return {row["id"] for row in (await administrator.get(f"/api/employees?{query}")).json()["items"]}

    assert await ids(f"team_id={team['id']}") == {ana["id"]}
    assert await ids("role=planner") == {ana["id"]}
    assert await ids(f"skill_id={skill['id']}") == {ion["id"]}
    assert await ids(f"project_id={project}") == {ion["id"]}
    assert await ids("state=dismissed") == {gone["id"]}
    assert gone["id"] not in await ids("")
    assert {ana["id"], ion["id"], gone["id"]} < await ids("state=all")


async def test_the_list_is_searched_by_every_part_of_a_name_by_login_and_number(
    administrator: httpx.AsyncClient, hire: Make
) -> None:
    ana = await hire()
    stefan = await hire(given_name="Ștefan", family_name="Чебан", patronymic="", login="s.ceban", number="N-77")

    async def ids(q: str) -> list[str]:
        answer = await administrator.get("/api/employees", params={"q": q})
        return [row["id"] for row in answer.json()["items"]]

    assert await ids("stef") == [stefan["id"]]
    assert await ids("ЧЕБАН ștefan") == [stefan["id"]]
    assert await ids("s.ceban") == [stefan["id"]]
    assert await ids("n-77") == [stefan["id"]]
    assert await ids("ionovna") == [ana["id"]]
    assert await ids("%") == []


async def test_the_list_is_sorted_by_name_and_by_the_allowed_columns_only(
    administrator: httpx.AsyncClient, hire: Make, make_team: Make
) -> None:
    team = await make_team()
    for family, number in (("Țurcan", "3"), ("Ursu", "2"), ("Tănase", "1")):
        await hire(family_name=family, number=number, login=f"l{number}", team_id=team["id"], phone="")

    async def families(sort: str) -> list[str]:
        address = f"/api/employees?team_id={team['id']}{sort}"
        return [row["family_name"] for row in (await administrator.get(address)).json()["items"]]

    assert await families("") == ["Tănase", "Țurcan", "Ursu"]
    assert await families("&sort=-number") == ["Țurcan", "Ursu", "Tănase"]
    for column in ("login", "team", "hired_on", "dismissed_at", "-name"):
        assert len(await families(f"&sort={column}")) == 3
    for column in ("phone", "email", "password_hash", "name desc"):
        refused = await administrator.get("/api/employees", params={"sort": column})
        assert field_errors(refused) == [("sort", "unknown_sort")]


async def test_colleagues_of_a_project_are_seen_and_others_are_not(
    client_as: ClientAs, hire: Make, project: UUID, other_project: UUID
) -> None:
    near = await hire(project_ids=[str(project), str(other_project)])
    far = await hire(project_ids=[str(other_project)])
    operator = await client_as("operator", projects=(project,))
    seen = {row["id"]: row for row in (await operator.get("/api/employees")).json()["items"]}
    assert near["id"] in seen
    assert far["id"] not in seen
    assert seen[near["id"]]["project_ids"] == [str(project)], "of a colleague's projects only those that one sees"
    missing = await operator.get(f"/api/employees/{NOBODY}")
    for answer in (
        await operator.get(f"/api/employees/{far['id']}"),
        await (await client_as("supervisor", projects=(project,))).post(
            f"/api/employees/{far['id']}/reveal", json={"field": "phone"}
        ),
    ):
        assert (answer.status_code, answer.json()["detail"]) == (404, missing.json()["detail"])
    assert (await operator.get(f"/api/employees?project_id={other_project}")).json()["total"] == 0


async def test_projects_behind_the_actors_wall_stay_as_they_are(
    administrator: httpx.AsyncClient, hire: Make, project: UUID, other_project: UUID, facts: Facts
) -> None:
    ana = await hire(project_ids=[str(project), str(other_project)])
    looking = {"X-Centrala-Project": str(project)} | at(ana)
    address = f"/api/employees/{ana['id']}"
    elsewhere = await administrator.patch(address, json={"project_ids": [str(other_project)]}, headers=looking)
    assert field_errors(elsewhere) == [("project_ids.0", "unknown_reference")]
    assert (await administrator.patch(address, json={"project_ids": []}, headers=looking)).status_code == 200
    assert (await reread(administrator, ana))["project_ids"] == [str(other_project)]
    assert (await facts())[-1] == ("employee.changed", ana["id"], [str(project)])


@pytest.mark.parametrize("role", ["operator", "supervisor", "planner", "manager", "client"])
async def test_only_who_writes_employees_changes_them(
    client_as: ClientAs, hire: Make, project: UUID, role: str
) -> None:
    ana = await hire(project_ids=[str(project)])
    colleague = await client_as(role, projects=(project,))
    body = {"login": "ion", "given_name": "Ion", "family_name": "Lungu", "number": "2"}
    for refused in (
        await colleague.post("/api/employees", json=body),
        await change(colleague, ana, given_name="X"),
        await act(colleague, ana, "dismiss"),
        await act(colleague, ana, "reinstate"),
        await act(colleague, ana, "password", new="a temporary one"),
        await act(colleague, ana, "erase", confirm="ana.rusu"),
    ):
        assert refusal(refused) == (403, "auth.forbidden")
