"""The live path's pen: contacts and their timelines are written behind what happens, never in its way.

Theory of operation. `begin`, `tell`, `change` and `finish` fold what happened into the contact's tally, put rows and
facts into the batch that waits, and return at once. One task writes the batch in one transaction, `LAZINESS` after the
first thing came into it: a `kill -9` loses at most that. While the database is away batches grow together up to
`MAX_WAITING` lines; past it lines of timelines are dropped and counted, what makes or ends a contact never. A contact
that this process did not begin (after a restart, or one of another node) is taken up from the store: its timeline is
folded anew before the next line of it is written.

A batch that the store refuses because of one row is written again contact by contact; what is still refused is dropped,
counted and logged. Every line has its id from the start, so what is written twice after a lost answer is there once.
"""

import asyncio
import contextlib
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from centrala.interactions import strokes
from centrala.interactions.core import Event, Result, Tally, TimelineKind
from centrala.interactions.events import interaction_began, interaction_changed, interaction_finished
from centrala.kit.clock import Clock, utc_now
from centrala.kit.database import Database
from centrala.kit.ids import new_id
from centrala.kit.logging import get_logger
from centrala.kit.outbox import Fact

log = get_logger(__name__)

LAZINESS: Final = 0.05  # seconds that lines wait for others
RETRY_DELAYS: Final = (0.1, 0.5, 1.0, 2.0)  # seconds between tries while the database is away; the last repeats
MAX_WAITING: Final = 200_000  # lines of timelines in memory; half an hour of 20 calls a second
MAX_LIVE: Final = 50_000  # contacts whose tally is in memory; the oldest that are over go first
PATIENCE: Final = 5.0  # seconds that an orderly stop waits for the database

CHANGEABLE: Final = frozenset(
    {"queue_id", "operator_id", "language", "customer_id", "call_id", "party_number", "party_name", "called_number",
     "answered_at", "rating", "rating_scale", "escalated", "channel"}
)  # fmt: skip
"""What `change` may set besides what the timeline comes to."""

_LINKS_AUDIO: Final = frozenset({TimelineKind.RECORDING_STARTED, TimelineKind.VOICEMAIL})


@dataclass(frozen=True, slots=True, kw_only=True)
class NewInteraction:
    """A contact as it begins. `party_number` is E.164 or a SIP user; `called_number` is ours."""

    project_id: UUID
    channel: str = "voice"
    direction: str = "in"
    party_number: str = ""
    party_name: str = ""
    called_number: str = ""
    language: str | None = None
    customer_id: UUID | None = None
    call_id: UUID | None = None
    at: datetime | None = None
    id: UUID | None = None


@dataclass(slots=True)
class Batch:
    """What waits to be written. Everything of a contact is found under its id."""

    begun: dict[UUID, dict[str, Any]] = field(default_factory=dict)
    changed: dict[UUID, dict[str, Any]] = field(default_factory=dict)
    lines: dict[UUID, list[dict[str, Any]]] = field(default_factory=dict)
    audio: dict[UUID, list[dict[str, Any]]] = field(default_factory=dict)
    facts: dict[tuple[UUID, str], Fact] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.begun or self.changed or self.lines or self.facts)

    @property
    def contacts(self) -> set[UUID]:
        return {*self.begun, *self.changed, *self.lines, *(contact for contact, _ in self.facts)}

    def of(self, contact: UUID) -> "Batch":
        """The part of it that belongs to one contact."""
        return Batch(
            {contact: self.begun[contact]} if contact in self.begun else {},
            {contact: self.changed[contact]} if contact in self.changed else {},
            {contact: self.lines[contact]} if contact in self.lines else {},
            {contact: self.audio[contact]} if contact in self.audio else {},
            {key: fact for key, fact in self.facts.items() if key[0] == contact},
        )

    def before(self, later: "Batch") -> "Batch":
        """Both together, what is later over what is earlier."""
        both = Batch(self.begun | later.begun, dict(self.changed), self.lines, self.audio, self.facts | later.facts)
        for contact, values in later.changed.items():
            both.changed[contact] = both.changed.get(contact, {}) | values
        for own, more in ((both.lines, later.lines), (both.audio, later.audio)):
            for contact, rows in more.items():
                own.setdefault(contact, []).extend(rows)
        return both


@dataclass(slots=True)
class Live:
    """A contact in memory."""

    project_id: UUID
    tally: Tally


class Journal:
    """One of a process. All verbs but `start`, `stop` and `flush` return at once."""

    def __init__(self, database: Database, clock: Clock = utc_now) -> None:
        self.database = database
        self.counters: Counter[str] = Counter()
        self._clock = clock
        self._live: dict[UUID, Live] = {}
        self._batch = Batch()
        self._unknown: dict[UUID, list[Event | dict[str, Any]]] = {}
        self._waiting = 0
        self._wake = asyncio.Event()
        self._hurry = asyncio.Event()
        self._writing = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None

    # What the live path does

    def begin(self, new: NewInteraction) -> UUID:
        """A contact begins; returns its id."""
        contact, at = new.id or new_id(), new.at or self._clock()
        self._live[contact] = Live(new.project_id, Tally())
        self._make_room()
        self._batch.begun[contact] = {
            "id": contact,
            "project_id": new.project_id,
            "channel": new.channel,
            "direction": new.direction,
            "party_number": new.party_number,
            "party_name": new.party_name,
            "called_number": new.called_number,
            "customer_id": new.customer_id,
            "language": new.language,
            "call_id": new.call_id,
            "came_at": at,
        }
        self._fact(contact, interaction_began(contact, project_id=new.project_id))
        self.tell(contact, TimelineKind.CAME, at, called=new.called_number, channel=new.channel)
        return contact

    def tell(
        self,
        interaction_id: UUID,
        kind: TimelineKind,
        at: datetime,
        *,
        person_id: UUID | None = None,
        queue_id: UUID | None = None,
        **details: Any,
    ) -> None:
        """A line of the timeline. `details` are plain JSON; what the row or the reports read of them:

        `menu`: `choice`, `label`, `node`; `language`: `language`; `rated`: `score`, `scale`; `recording_started` and
        `voicemail`: `recording_id`, which links the audio to the contact for good; `transferred`: `to` (`queue`,
        `person`, `number`) with `queue_id` or `to_person_id`; `queued`: `position`, `priority`; `offered`, `declined`,
        `not_answered`, `answered`: `person_id`, `queue_id`. `number`, `digits`, `name` and `text` are
        personal: masked when shown, wiped by an erasure; put what speaks of the customer there and nowhere else.
        """
        event = Event(
            kind=TimelineKind(kind),
            at=at,
            person_id=person_id,
            queue_id=queue_id,
            details={name: strokes.plain(value) for name, value in details.items()},
        )
        live = self._live.get(interaction_id)
        if live is None:
            self._later(interaction_id, event)
            return
        self._add(interaction_id, live, event)

    def change(self, interaction_id: UUID, **fields: Any) -> None:
        """Set columns of the row that the timeline does not tell: see `CHANGEABLE`."""
        strange = fields.keys() - CHANGEABLE
        if strange:
            raise ValueError(f"not to be changed here: {sorted(strange)}")
        live = self._live.get(interaction_id)
        if live is None:
            self._later(interaction_id, dict(fields))
            return
        self._set(interaction_id, live, fields)

    def finish(self, interaction_id: UUID, at: datetime, result: Result) -> None:
        """The contact is over for the customer; wrap-up may follow."""
        self.tell(interaction_id, TimelineKind.ENDED, at, result=Result(result).value)

    def tally(self, interaction_id: UUID) -> Mapping[str, Any] | None:
        """What the timeline of a contact in memory comes to so far: columns of its row."""
        live = self._live.get(interaction_id)
        return None if live is None else dict(live.tally.row)

    # Into the batch

    def _add(self, contact: UUID, live: Live, event: Event) -> None:
        changed = live.tally.feed(event)
        if self._waiting >= MAX_WAITING and event.kind is not TimelineKind.ENDED:
            self.counters["lines_dropped"] += 1
        else:
            self._waiting += 1
            self._batch.lines.setdefault(contact, []).append(_line(contact, live.project_id, event))
        if event.kind in _LINKS_AUDIO:
            self._link(contact, live, event)
        if event.kind is TimelineKind.ENDED:
            result = str(event.details.get("result"))
            self._fact(contact, interaction_finished(contact, project_id=live.project_id, result=result))
        self._set(contact, live, changed)

    def _link(self, contact: UUID, live: Live, event: Event) -> None:
        recording = event.details.get("recording_id")
        if not isinstance(recording, str):
            return
        row = {"id": recording, "project_id": live.project_id, "interaction_id": contact, "began_at": event.at}
        self._batch.audio.setdefault(contact, []).append(row)

    def _set(self, contact: UUID, live: Live, values: Mapping[str, Any]) -> None:
        self._batch.changed.setdefault(contact, {}).update(values)
        self._fact(contact, interaction_changed(contact, project_id=live.project_id))
        self._wake.set()

    def _fact(self, contact: UUID, fact: Fact) -> None:
        self._batch.facts[contact, fact.kind] = fact

    def _later(self, contact: UUID, what: Event | dict[str, Any]) -> None:
        """A contact of an earlier process: it is taken up before this is written."""
        if self._waiting >= MAX_WAITING:
            self.counters["lines_dropped"] += 1
            return
        self._waiting += 1
        self._unknown.setdefault(contact, []).append(what)
        self._wake.set()

    def _make_room(self) -> None:
        while len(self._live) > MAX_LIVE:
            over = (contact for contact, live in self._live.items() if live.tally.row["ended_at"] is not None)
            del self._live[next(over, next(iter(self._live)))]

    # The task

    def start(self) -> None:
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name="interactions-journal")

    async def stop(self) -> None:
        """Write what is left, if the database is there, and stop."""
        if self._task is not None:
            self._hurry.set()
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.flush(), PATIENCE)

    async def flush(self) -> None:
        """Write everything that was told so far; waits for the database."""
        async with self._writing:
            while self._batch or self._unknown:
                await self._write_all()

    async def _run(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            with contextlib.suppress(TimeoutError):
                # Not `wait_for`: until Python 3.12 it loses a cancellation that comes together with what it waits for.
                async with asyncio.timeout(LAZINESS):
                    await self._hurry.wait()
            await self.flush()

    async def _write_all(self) -> None:
        delays = iter(RETRY_DELAYS)
        while True:
            batch = Batch()
            try:
                await self._take_up()
                batch, self._batch = self._batch, Batch()
                await self._write(batch)
            except Exception as error:  # noqa: BLE001 - the edge of the journal: one contact must not stop it
                if not strokes.is_away(error):
                    await self._write_apart(batch, error)
                    return
                self._batch = batch.before(self._batch)
            except BaseException:
                self._batch = batch.before(self._batch)  # cancelled: whoever stops writes it
                raise
            else:
                return
            self.counters["store_away"] += 1
            await asyncio.sleep(next(delays, RETRY_DELAYS[-1]))

    async def _write_apart(self, batch: Batch, error: Exception) -> None:
        """One contact's rows were refused: the others must not pay for it."""
        if not batch:
            self._refuse(self._unknown.keys(), sum(map(len, self._unknown.values())), error)
            self._unknown = {}
        for contact in batch.contacts:
            part = batch.of(contact)
            try:
                await self._write(part)
            except Exception as refused:  # noqa: BLE001 - as above
                if strokes.is_away(refused):
                    self._batch = part.before(self._batch)
                    continue
                self._refuse([contact], len(part.lines.get(contact, ())), refused)

    def _refuse(self, contacts: Iterable[UUID], lines: int, error: Exception) -> None:
        self._waiting -= lines
        for contact in contacts:
            self.counters["contacts_refused"] += 1
            # The class alone: messages of the database carry values.
            log.error("A contact's rows were refused.", interaction_id=str(contact), error=type(error).__name__)

    async def _write(self, batch: Batch) -> None:
        if not batch:
            return
        projects = {self._live[one].project_id for one in batch.contacts if one in self._live}
        projects |= {fact.project_id for fact in batch.facts.values() if fact.project_id is not None}
        await strokes.write(
            self.database,
            projects,
            begun=list(batch.begun.values()),
            changed=batch.changed,
            lines=[line for lines in batch.lines.values() for line in lines],
            audio=[row for rows in batch.audio.values() for row in rows],
            facts=list(batch.facts.values()),
            at=self._clock(),
        )
        self._waiting -= sum(len(lines) for lines in batch.lines.values())
        self.counters["transactions"] += 1
        self._forget(batch.contacts)

    def _forget(self, contacts: Iterable[UUID]) -> None:
        """Contacts that are over and wrapped up leave the memory; one that comes back is taken up again."""
        for contact in contacts:
            live = self._live.get(contact)
            if live is None or contact in self._batch.contacts:
                continue
            row = live.tally.row
            if row["ended_at"] is not None and (row["answered_at"] is None or row["wrap_up_ended_at"] is not None):
                del self._live[contact]

    # After a restart

    async def _take_up(self) -> None:
        """Fold the timelines of contacts that are told of and not in memory; those that do not exist are dropped."""
        if not self._unknown:
            return
        found = await strokes.timelines(self.database, self._unknown.keys())
        for contact, (project_id, events) in found.items():
            self._live.setdefault(contact, _folded(project_id, events))
        waiting, self._unknown = self._unknown, {}
        for contact, happened in waiting.items():
            self._waiting -= len(happened)
            live = self._live.get(contact)
            if live is None:
                self.counters["contacts_unknown"] += 1
                continue
            for what in happened:
                if isinstance(what, Event):
                    self._add(contact, live, what)
                else:
                    self._set(contact, live, what)

    async def open_contacts(self) -> list[tuple[UUID, UUID | None]]:
        """Contacts that have not ended, with their calls; for whoever takes calls up after a restart."""
        return [(contact, call) for contact, (_, call, _) in (await strokes.open_ones(self.database)).items()]

    async def close_strays(self, live_calls: Collection[UUID]) -> list[UUID]:
        """End, as interrupted, the contacts of calls that nobody has any more; returns them.

        They end at the last moment of their timeline: nobody knows how much later it was.
        """
        strays = []
        for contact, (project_id, call, events) in (await strokes.open_ones(self.database)).items():
            known = self._live.setdefault(contact, _folded(project_id, events))
            if call is None or call in live_calls or known.tally.row["ended_at"] is not None:
                continue
            self.finish(contact, known.tally.last or self._clock(), Result.INTERRUPTED)
            self.counters["contacts_interrupted"] += 1
            strays.append(contact)
        await self.flush()
        return strays


def _folded(project_id: UUID, events: Iterable[Event]) -> Live:
    tally = Tally()
    for event in events:
        tally.feed(event)
    return Live(project_id, tally)


def _line(contact: UUID, project_id: UUID, event: Event) -> dict[str, Any]:
    return {
        "id": new_id(),
        "project_id": project_id,
        "interaction_id": contact,
        "at": event.at,
        "kind": event.kind.value,
        "person_id": event.person_id,
        "queue_id": event.queue_id,
        "details": dict(event.details),
    }
