"""The SIP trace: from the wire into rows, shown by call and by number, forgotten in time."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any, cast
from uuid import UUID

import httpx
import pytest
from procrastinate import JobContext
from sqlalchemy import func, select, text

from centrala.kit.access import CENTRE
from centrala.kit.clock import utc_now
from centrala.kit.database import Database
from centrala.kit.settings import SipSettings
from centrala.telephony.sip.flow import Flow, Transport
from centrala.telephony.trace import recorder as recording
from centrala.telephony.trace.jobs import forget_sip_messages, forget_sip_of_calls
from centrala.telephony.trace.models import SipMessage
from centrala.telephony.trace.recorder import Recorder
from centrala.telephony.transport.types import Direction, WireMessage
from conftest import TurnedClock

ClientAs = Callable[..., Awaitable[httpx.AsyncClient]]
Trail = Callable[[], Awaitable[list[tuple[str, dict[str, Any]]]]]
CALL_ID = "abc@192.0.2.7"
FLOW = Flow(Transport.UDP, ("192.0.2.1", 5060), ("192.0.2.7", 5062))


def wire(
    call_id: str, first: str = "INVITE sip:+37322000001@c SIP/2.0", *, at: float = 0.0, cseq: str = "1 INVITE"
) -> WireMessage:
    text = (
        f"{first}\r\nCall-ID: {call_id}\r\nCSeq: {cseq}\r\nFrom: <sip:+37369123456@x>;tag=1\r\n"
        "To: <sip:+37322000001@c>\r\n"
        'Authorization: Digest username="u", response="0c5e11"\r\n\r\n'
    )
    return WireMessage(at, Direction.IN, FLOW, text.encode())


@pytest.fixture
def recorder(database: Database, clock: TurnedClock) -> Recorder:
    return Recorder(database, clock, lambda: 100.0)


@pytest.fixture
async def call(make_call: Callable[..., Awaitable[UUID]], project: UUID) -> UUID:
    return await make_call(project, leg={"sip_call_id": CALL_ID})


async def kept(database: Database) -> list[str]:
    async with database.begin(CENTRE) as session:
        return list(await session.scalars(select(SipMessage.call_id).order_by(SipMessage.at, SipMessage.id)))


async def test_a_call_shows_the_messages_of_all_its_legs_in_the_order_of_the_wire(
    recorder: Recorder, client_as: ClientAs, clock: TurnedClock, call: UUID
) -> None:
    recorder.hear(wire(CALL_ID, at=98.0))
    recorder.hear(wire("another call", at=98.5))
    recorder.hear(wire(CALL_ID, "SIP/2.0 486 Busy Here", at=99.0))
    await recorder.write()
    answer = await (await client_as("administrator")).get(f"/api/calls/{call}/trace")
    body = answer.json()
    assert [one["first_line"] for one in body["messages"]] == [
        "INVITE sip:+37322000001@c SIP/2.0",
        "SIP/2.0 486 Busy Here",
    ]
    first = body["messages"][0]
    assert first["at"] == (clock() - timedelta(seconds=2)).isoformat().replace("+00:00", "Z")
    assert (first["direction"], first["local"], first["remote"]) == ("in", "192.0.2.1:5060", "192.0.2.7:5062")
    assert (body["truncated"], body["kept_days"]) == (False, 3)
    assert "0c5e11" not in answer.text


async def test_who_reads_a_trace_or_searches_messages_leaves_a_trace(
    recorder: Recorder, client_as: ClientAs, call: UUID, trail: Trail
) -> None:
    recorder.hear(wire("z"))
    await recorder.write()
    administrator = await client_as("administrator")
    await administrator.get(f"/api/calls/{call}/trace")
    assert (await trail())[-1] == ("call.traced", {})
    found = await administrator.get("/api/sip/messages", params={"number": "37369123456"})
    assert [one["call_id"] for one in found.json()["items"]] == ["z"]
    action, details = (await trail())[-1]
    assert (action, details) == ("sip_trace.searched", {"filters": ["number"], "rows": 1})


@pytest.mark.parametrize("role", ["operator", "supervisor", "quality", "manager", "client"])
async def test_the_trace_is_for_administrators(client_as: ClientAs, call: UUID, project: UUID, role: str) -> None:
    client = await client_as(role, projects=(project,))
    assert (await client.get(f"/api/calls/{call}/trace")).status_code == 403
    assert (await client.get("/api/sip/messages")).status_code == 403


async def test_messages_are_found_by_whole_number_method_call_id_and_failure(
    recorder: Recorder, client_as: ClientAs
) -> None:
    recorder.hear(wire("a"))
    recorder.hear(wire("r", "REGISTER sip:c SIP/2.0", cseq="2 REGISTER"))
    recorder.hear(wire("r", "SIP/2.0 403 Forbidden", cseq="2 REGISTER"))
    await recorder.write()
    administrator = await client_as("administrator")

    async def found(**filters: str) -> list[str]:
        answer = await administrator.get("/api/sip/messages", params={"sort": "at", **filters})
        return [one["first_line"].partition(" sip")[0] for one in answer.json()["items"]]

    assert await found(method="REGISTER") == ["REGISTER", "SIP/2.0 403 Forbidden"]
    assert await found(failed="true") == ["SIP/2.0 403 Forbidden"]
    assert await found(failed="false") == ["INVITE", "REGISTER"]
    assert await found(call_id="a") == ["INVITE"]
    assert len(await found(number="+37369123456")) == 3
    assert await found(number="+3736912345") == []


async def test_messages_are_found_by_address_status_and_time(
    recorder: Recorder, client_as: ClientAs, clock: TurnedClock
) -> None:
    recorder.hear(wire("a", at=10.0))
    recorder.hear(wire("r", "REGISTER sip:c SIP/2.0", cseq="2 REGISTER", at=90.0))
    recorder.hear(wire("r", "SIP/2.0 403 Forbidden", cseq="2 REGISTER", at=91.0))
    await recorder.write()
    administrator = await client_as("administrator")

    async def found(**filters: str) -> int:
        answer = await administrator.get("/api/sip/messages", params=filters)
        assert answer.status_code == 200, answer.text
        return len(answer.json()["items"])

    assert await found(remote="192.0.2.7") == await found(remote="192.0.2.7:5062") == 3
    assert (
        await found(remote="192.0.2.") == await found(remote="192.0.2.7:506") == await found(remote="2001:db8::1") == 0
    )
    assert await found(status="403") == await found(status="4") == 1
    assert await found(status="404") == await found(status="5") == 0
    since = (clock() - timedelta(seconds=60)).isoformat()
    assert (await found(since=since), await found(until=since)) == (2, 1)


@pytest.mark.usefixtures("call")
async def test_messages_of_no_call_are_told_from_those_of_calls(recorder: Recorder, client_as: ClientAs) -> None:
    recorder.hear(wire(CALL_ID))
    recorder.hear(wire("scan", "OPTIONS sip:100@c SIP/2.0", cseq="1 OPTIONS"))
    recorder.hear(wire("scan", "SIP/2.0 403 Forbidden", cseq="1 OPTIONS"))
    await recorder.write()
    administrator = await client_as("administrator")

    async def found(in_call: str) -> set[str]:
        answer = await administrator.get("/api/sip/messages", params={"in_call": in_call})
        return {one["call_id"] for one in answer.json()["items"]}

    assert await found("true") == {CALL_ID}
    assert await found("false") == {"scan"}


async def test_messages_are_exported_without_their_texts_and_with_a_trace(
    recorder: Recorder, client_as: ClientAs, trail: Trail
) -> None:
    recorder.hear(wire("z"))
    await recorder.write()
    answer = await (await client_as("administrator")).get("/api/sip/messages/export", params={"call_id": "z"})
    header, row = answer.text.lstrip("\ufeff").splitlines()
    assert header.startswith("at,direction,transport,local,remote,method,status,first_line")
    assert "192.0.2.7:5062" in row
    assert "Authorization" not in answer.text
    assert (await trail())[-1] == ("sip_trace.exported", {"filters": ["call_id"], "rows": 1})


async def test_hearing_drops_and_counts_beyond_the_cap(recorder: Recorder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recording, "MAX_QUEUED", 2)
    for _ in range(5):
        recorder.hear(wire("a"))
    assert recorder.counters["dropped_full"] == 3


async def test_a_store_that_is_away_costs_the_trace_and_nothing_else(clock: TurnedClock) -> None:
    nowhere = Database("postgresql+psycopg://nobody@127.0.0.1:1/nothing")
    lost = Recorder(nowhere, clock, lambda: 0.0)
    lost.hear(wire("a"))
    await lost.write()
    await nowhere.close()
    assert (lost.counters["dropped_away"], lost.counters["kept"]) == (1, 0)


async def test_a_message_without_words_is_written_too(recorder: Recorder, database: Database) -> None:
    recorder.hear(WireMessage(0.0, Direction.IN, FLOW, b"\xff\x00\x00"))
    recorder.hear(WireMessage(0.0, Direction.IN, FLOW, b""))
    await recorder.write()
    assert await kept(database) == [""]


class Context:
    def __init__(self, database: Database, sip: SipSettings) -> None:
        self.additional_context: dict[str, Any] = {"database": database, "sip": sip}


async def forget(database: Database, **settings: int) -> None:
    await forget_sip_messages(cast("JobContext", Context(database, SipSettings.model_validate(settings))), 0)


async def test_messages_are_forgotten_after_their_days(recorder: Recorder, database: Database) -> None:
    recorder.hear(wire("old"))
    recorder.hear(wire("fresh"))
    await recorder.write()
    async with database.begin(CENTRE) as session:
        for call_id, days in (("old", 3.01), ("fresh", 2.99)):
            moment = utc_now() - timedelta(days=days)
            await session.execute(
                text("UPDATE sip_messages SET at = :at WHERE call_id = :call_id"), {"at": moment, "call_id": call_id}
            )
    await forget(database, trace_days=3)
    assert await kept(database) == ["fresh"]


async def test_the_messages_of_an_erased_party_are_forgotten_at_once(recorder: Recorder, database: Database) -> None:
    for call_id in ("erased", "also", "stays"):
        recorder.hear(wire(call_id))
    await recorder.write()
    context = cast("JobContext", Context(database, SipSettings()))
    await forget_sip_of_calls(context, call_ids=["erased", "also"])
    assert await kept(database) == ["stays"]


async def test_the_oldest_go_first_beyond_the_megabytes(recorder: Recorder, database: Database) -> None:
    for number in range(4):
        recorder.hear(wire(str(number)))
    await recorder.write()
    async with database.begin(CENTRE) as session:
        await session.execute(
            text("UPDATE sip_messages SET size = 400000, at = :now + call_id::int * interval '1 s'"), {"now": utc_now()}
        )
    await forget(database, trace_mb=1)
    assert await kept(database) == ["2", "3"]
    async with database.begin(CENTRE) as session:
        assert await session.scalar(select(func.sum(SipMessage.size))) == 800_000
