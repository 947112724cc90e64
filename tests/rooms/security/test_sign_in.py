"""Who comes in, who does not, and how long a guesser waits."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import httpx
import pyotp
import pytest
from sqlalchemy import func, select, update

from centrala.kit.access import CENTRE
from centrala.kit.audit import AuditRow
from centrala.kit.database import Database
from centrala.kit.work import work
from centrala.security import passwords
from centrala.security.models import Account, SignInSession
from centrala.security.service import COOKIE
from centrala.security.throttle import BY_LOGIN
from conftest import BASE_URL, TurnedClock
from support.people import Person

PASSWORD = "correct horse battery"

PersonAs = Callable[..., Awaitable[Person]]
ClientAs = Callable[..., Awaitable[httpx.AsyncClient]]


@pytest.fixture(scope="session")
async def password_hash() -> str:
    """Argon2 is slow on purpose: once is enough."""
    return await passwords.hashed(PASSWORD)


@pytest.fixture
async def ana(database: Database, person_as: PersonAs, password_hash: str) -> Person:
    """An operator with a password."""
    person = await person_as("operator")
    async with database.begin(CENTRE) as session:
        await session.execute(update(Account).where(Account.id == person.id).values(password_hash=password_hash))
    return person


async def enter(client: httpx.AsyncClient, login: str, password: str = PASSWORD, **more: str) -> httpx.Response:
    return await client.post("/api/session", json={"login": login, "password": password, **more})


async def test_the_right_password_opens_a_session(client: httpx.AsyncClient, ana: Person) -> None:
    answer = await enter(client, ana.login)
    assert answer.status_code == 200
    assert answer.json()["person"]["login"] == ana.login
    again = await client.get("/api/session")
    assert again.json()["csrf_token"] == answer.json()["csrf_token"]


async def test_the_cookie_is_out_of_reach_of_scripts_and_of_other_sites(client: httpx.AsyncClient, ana: Person) -> None:
    cookie = (await enter(client, ana.login)).headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert "path=/api" in cookie


async def test_a_login_is_found_in_any_case(client: httpx.AsyncClient, ana: Person) -> None:
    assert (await enter(client, ana.login.upper())).status_code == 200


async def test_an_unknown_login_and_a_wrong_password_and_a_closed_account_look_the_same(
    client: httpx.AsyncClient, ana: Person, database: Database, clock: TurnedClock
) -> None:
    unknown = await enter(client, "nobody")
    wrong = await enter(client, ana.login, "something else")
    async with database.begin(CENTRE) as session:
        await session.execute(update(Account).where(Account.id == ana.id).values(closed_at=clock()))
    closed = await enter(client, ana.login)
    assert unknown.status_code == 401
    assert unknown.json() == wrong.json() == closed.json()


async def test_guessing_is_slowed_and_success_forgets(
    client: httpx.AsyncClient, ana: Person, clock: TurnedClock
) -> None:
    for _ in range(BY_LOGIN.free):
        assert (await enter(client, ana.login, "wrong password")).status_code == 401
    refused = await enter(client, ana.login)
    assert refused.status_code == 429
    assert refused.json()["code"] == "auth.throttled"
    clock.advance(seconds=int(refused.headers["Retry-After"]))
    assert (await enter(client, ana.login)).status_code == 200
    assert (await enter(client, ana.login, "wrong password")).status_code == 401, "the count began anew"


async def test_each_further_failure_doubles_the_wait(
    client: httpx.AsyncClient, ana: Person, clock: TurnedClock
) -> None:
    waits = []
    for _ in range(BY_LOGIN.free):
        await enter(client, ana.login, "wrong password")
    for _ in range(3):
        refused = await enter(client, ana.login)
        waits.append(int(refused.headers["Retry-After"]))
        clock.advance(seconds=waits[-1])
        await enter(client, ana.login, "wrong password")
    assert waits == [3, 5, 9], "2, 4 and 8 seconds, rounded up"


async def test_a_failure_leaves_a_trace_without_the_login(
    client: httpx.AsyncClient, ana: Person, database: Database
) -> None:
    await enter(client, ana.login, "wrong password")
    await enter(client, "somebody@example.md", "wrong password")
    async with database.begin(CENTRE) as session:
        rows = (await session.scalars(select(AuditRow).order_by(AuditRow.seq))).all()
    assert [(row.action, row.object_id) for row in rows] == [
        ("sign_in.failed", str(ana.id)),
        ("sign_in.failed", "unknown"),
    ]


async def test_the_session_ends_when_it_is_not_used(client: httpx.AsyncClient, ana: Person, clock: TurnedClock) -> None:
    await enter(client, ana.login)
    clock.advance(hours=11)
    assert (await client.get("/api/session")).status_code == 200
    clock.advance(hours=11)
    assert (await client.get("/api/session")).status_code == 200, "use kept it"
    clock.advance(hours=12)
    ended = await client.get("/api/session")
    assert (ended.status_code, ended.json()["code"]) == (401, "auth.required")


async def test_the_session_ends_after_a_week_of_use(client: httpx.AsyncClient, ana: Person, clock: TurnedClock) -> None:
    await enter(client, ana.login)
    for _ in range(20):
        clock.advance(hours=8)
        assert (await client.get("/api/session")).status_code == 200
    clock.advance(hours=8)
    assert (await client.get("/api/session")).status_code == 401


async def test_signing_out_ends_the_session_for_good(client_as: ClientAs) -> None:
    client = await client_as("operator")
    secret = client.cookies.get(COOKIE)
    assert (await client.delete("/api/session")).status_code == 204
    client.cookies.set(COOKIE, secret or "", path="/api")
    assert (await client.get("/api/session")).status_code == 401


async def test_the_secret_of_a_session_is_not_stored(database: Database, ana: Person) -> None:
    async with database.begin(CENTRE) as session:
        hashes = (await session.scalars(select(SignInSession.token_hash))).all()
    assert all(ana.cookie.encode() not in stored for stored in hashes)


# Requests of other sites


async def test_a_change_without_the_token_of_the_session_is_refused(client_as: ClientAs) -> None:
    client = await client_as("operator")
    del client.headers["X-CSRF-Token"]
    refused = await client.delete("/api/session")
    assert (refused.status_code, refused.json()["code"]) == (403, "auth.csrf")


async def test_a_change_that_another_site_sends_is_refused(client_as: ClientAs) -> None:
    client = await client_as("operator")
    refused = await client.delete("/api/session", headers={"Origin": "https://elsewhere.example"})
    assert (refused.status_code, refused.json()["code"]) == (403, "auth.csrf")
    assert (await client.delete("/api/session", headers={"Origin": BASE_URL})).status_code == 204


async def test_another_site_cannot_sign_somebody_in(client: httpx.AsyncClient, ana: Person) -> None:
    body = {"login": ana.login, "password": PASSWORD}
    refused = await client.post("/api/session", json=body, headers={"Origin": "https://elsewhere.example"})
    assert refused.json()["code"] == "auth.csrf"


# The second factor


async def turn_totp_on(client: httpx.AsyncClient, clock: TurnedClock) -> tuple[pyotp.TOTP, list[str]]:
    begun = (await client.post("/api/me/totp")).json()
    totp = pyotp.TOTP(begun["secret"])
    answer = await client.post("/api/me/totp/confirm", json={"code": totp.at(clock())})
    assert answer.status_code == 200, answer.text
    return totp, answer.json()["recovery_codes"]


@pytest.fixture
async def ana_client(client: httpx.AsyncClient, ana: Person) -> httpx.AsyncClient:
    return ana.sign(client)


async def test_the_second_factor_is_asked_for_and_each_code_works_once(
    ana_client: httpx.AsyncClient, ana: Person, clock: TurnedClock
) -> None:
    totp, _ = await turn_totp_on(ana_client, clock)
    assert (await enter(ana_client, ana.login)).json()["code"] == "auth.totp_required"
    assert (await enter(ana_client, ana.login, code="000000")).json()["code"] == "auth.wrong_code"
    clock.advance(seconds=30)
    code = totp.at(clock())
    assert (await enter(ana_client, ana.login, code=code)).status_code == 200
    assert (await enter(ana_client, ana.login, code=code)).json()["code"] == "auth.wrong_code"


async def test_a_recovery_code_works_once_however_it_is_typed(
    ana_client: httpx.AsyncClient, ana: Person, clock: TurnedClock
) -> None:
    _, codes = await turn_totp_on(ana_client, clock)
    typed = codes[0].lower().replace("-", " ")
    assert (await enter(ana_client, ana.login, code=typed)).status_code == 200
    assert (await enter(ana_client, ana.login, code=typed)).json()["code"] == "auth.wrong_code"
    assert (await enter(ana_client, ana.login, code=codes[1])).status_code == 200


async def test_a_clock_half_a_minute_off_is_tolerated_and_no_more(
    ana_client: httpx.AsyncClient, ana: Person, clock: TurnedClock
) -> None:
    totp, _ = await turn_totp_on(ana_client, clock)
    clock.advance(minutes=5)
    late = totp.at(clock() - timedelta(seconds=60))
    assert (await enter(ana_client, ana.login, code=late)).status_code == 401
    clock.advance(minutes=5)
    assert (await enter(ana_client, ana.login, code=totp.at(clock() - timedelta(seconds=30)))).status_code == 200


async def test_the_second_factor_is_turned_off_by_password_only(
    ana_client: httpx.AsyncClient, ana: Person, clock: TurnedClock
) -> None:
    await turn_totp_on(ana_client, clock)
    refused = await ana_client.post("/api/me/totp/off", json={"password": "not the password"})
    assert refused.json()["errors"][0]["code"] == "password.wrong"
    assert (await ana_client.post("/api/me/totp/off", json={"password": PASSWORD})).status_code == 204
    assert (await enter(ana_client, ana.login)).status_code == 200


async def test_a_first_code_that_is_wrong_turns_nothing_on(ana_client: httpx.AsyncClient, ana: Person) -> None:
    await ana_client.post("/api/me/totp")
    refused = await ana_client.post("/api/me/totp/confirm", json={"code": "123456"})
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "code")
    assert (await enter(ana_client, ana.login)).status_code == 200


async def test_the_secret_of_the_second_factor_is_sealed_in_the_store(
    ana_client: httpx.AsyncClient, ana: Person, database: Database
) -> None:
    secret = (await ana_client.post("/api/me/totp")).json()["secret"]
    async with database.begin(CENTRE) as session:
        stored = await session.scalar(select(Account.totp_secret).where(Account.id == ana.id))
    assert stored
    assert secret.encode() not in stored


# Passwords


@pytest.mark.parametrize(
    ("new", "code"),
    [
        ("short", "password.too_short"),
        ("aaaaaaaaaaaa", "password.too_common"),
        ("password123!", "password.too_common"),
        ("1234567890", "password.too_common"),
        (PASSWORD, "password.same"),
    ],
)
async def test_a_bad_new_password_is_refused_beside_its_field(
    ana_client: httpx.AsyncClient, new: str, code: str
) -> None:
    refused = await ana_client.post("/api/me/password", json={"current": PASSWORD, "new": new})
    assert [(e["field"], e["code"]) for e in refused.json()["errors"]] == [("new", code)]


async def test_a_password_that_contains_the_login_is_refused(ana_client: httpx.AsyncClient, ana: Person) -> None:
    refused = await ana_client.post("/api/me/password", json={"current": PASSWORD, "new": f"my {ana.login} is it"})
    assert refused.json()["errors"][0]["code"] == "password.contains_login"


async def test_a_new_password_ends_all_other_sessions(
    ana_client: httpx.AsyncClient, ana: Person, database: Database
) -> None:
    mine = ana_client.cookies.get(COOKIE)
    await enter(ana_client, ana.login)
    ana_client.cookies.clear()
    ana_client.cookies.set(COOKIE, mine or "", path="/api")
    changed = await ana_client.post("/api/me/password", json={"current": PASSWORD, "new": "another long secret"})
    assert changed.status_code == 204
    async with database.begin(CENTRE) as session:
        left = await session.scalar(select(func.count()).where(SignInSession.account_id == ana.id))
    assert left == 1
    assert (await ana_client.get("/api/me")).status_code == 200


async def test_a_temporary_password_opens_nothing_but_its_own_change(
    ana_client: httpx.AsyncClient, ana: Person, database: Database
) -> None:
    async with work(database, CENTRE) as unit:
        await unit.session.execute(update(Account).where(Account.id == ana.id).values(must_change_password=True))
    refused = await ana_client.get("/api/me/sessions")
    assert (refused.status_code, refused.json()["code"]) == (403, "auth.password_change_required")
    assert (await ana_client.get("/api/session")).json()["person"]["must_change_password"]
    await ana_client.post("/api/me/password", json={"current": PASSWORD, "new": "another long secret"})
    assert (await ana_client.get("/api/me/sessions")).status_code == 200
