"""A live contact as plain data for the store, and back. What only a running process can have is left out."""

from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from centrala.flows.contacts.state import Consult, Contact, Seat, Stage, Watcher

VERSION: Final = 1  # of the shape; data of another one is not taken up

_TEXTS: Final = (
    "direction", "number", "name", "called", "project", "language", "demanded", "queue", "priority", "skills",
    "menu_path", "held", "recorded", "note", "transferred_by", "help_text", "escalated", "callback",
    "callback_offered", "result",
)  # fmt: skip
_IDS: Final = ("id", "project_id", "call_id", "client", "customer_id", "last_operator", "queue_id", "recording_id",
               "outside", "promise_id")  # fmt: skip
_MOMENTS: Final = ("came_at", "since", "queued_at", "answered_at")


def dump(contact: Contact) -> dict[str, Any]:
    """Everything as JSON has it."""
    found: dict[str, Any] = {"version": VERSION, "stage": contact.stage.value}
    found |= {name: getattr(contact, name) for name in _TEXTS}
    found |= {name: _text(getattr(contact, name)) for name in _IDS}
    found |= {name: _moment(getattr(contact, name)) for name in _MOMENTS}
    found["pauses"] = sorted(contact.pauses)
    found["wrapping"] = {str(person): _moment(until) for person, until in contact.wrapping.items()}
    found["seat"] = _seat(contact.seat)
    found["direct"] = _seat(contact.offer) if contact.offer is not None and contact.offer.offer is None else None
    found["consult"] = _consult(contact.consult)
    found["asking"] = contact.consult is not None and contact.consult.leg_id is None
    found["watchers"] = [
        {"person_id": str(one.person_id), "role": one.role, "since": _moment(one.since), "leg_id": str(one.leg_id)}
        for one in contact.watchers.values()
        if one.leg_id is not None
    ]
    return found


def load(data: Mapping[str, Any]) -> Contact:
    """Raises ValueError for the data of another version."""
    if data.get("version") != VERSION:
        raise ValueError("this is the data of another version")
    given: dict[str, Any] = {name: data[name] for name in _TEXTS}
    given |= {name: _id(data[name]) for name in _IDS}
    given |= {name: _when(data[name]) for name in _MOMENTS if name != "since"}
    known = {one.name for one in fields(Contact)}
    contact = Contact(**{name: value for name, value in given.items() if name in known})
    contact.stage, contact.since = Stage(data["stage"]), _when(data["since"]) or contact.came_at
    contact.pauses = set(data["pauses"])
    contact.wrapping = {UUID(person): _when(until) for person, until in data["wrapping"].items()}
    contact.seat = _seat_of(data["seat"]) or _seat_of(data["direct"])
    contact.consult = _consult_of(data["consult"])
    contact.asking = bool(data.get("asking"))
    for one in data["watchers"]:
        watcher = Watcher(UUID(one["person_id"]), one["role"], _when(one["since"]) or contact.since)
        watcher.leg_id = _id(one["leg_id"])
        contact.watchers[watcher.person_id] = watcher
    return contact


def _seat(seat: Seat | None) -> dict[str, Any] | None:
    if seat is None or seat.gone:
        return None
    return {
        "person_id": str(seat.person_id),
        "since": _moment(seat.since),
        "leg_id": _text(seat.leg_id),
        "answered_at": _moment(seat.answered_at),
    }


def _seat_of(data: Mapping[str, Any] | None) -> Seat | None:
    if data is None:
        return None
    since = _when(data["since"])
    if since is None:
        return None
    return Seat(UUID(data["person_id"]), since, leg_id=_id(data["leg_id"]), answered_at=_when(data["answered_at"]))


def _consult(consult: Consult | None) -> dict[str, Any] | None:
    """One that rings is not kept: its INVITE dies with the process."""
    if consult is None or consult.leg_id is None:
        return None
    return {
        "contact": str(consult.contact),
        "since": _moment(consult.since),
        "name": consult.name,
        "note": consult.note,
        "seat": _seat(consult.seat),
        "leg_id": _text(consult.leg_id),
        "queue_id": _text(consult.queue_id),
        "joined": consult.joined,
    }


def _consult_of(data: Mapping[str, Any] | None) -> Consult | None:
    since = None if data is None else _when(data["since"])
    if data is None or since is None:
        return None
    return Consult(
        UUID(data["contact"]),
        since,
        data["name"],
        note=data["note"],
        seat=_seat_of(data["seat"]),
        leg_id=_id(data["leg_id"]),
        queue_id=_id(data["queue_id"]),
        joined=data["joined"],
    )


def _text(value: UUID | None) -> str | None:
    return None if value is None else str(value)


def _id(value: str | None) -> UUID | None:
    return None if value is None else UUID(value)


def _moment(value: datetime | None) -> str | None:
    return None if value is None else value.isoformat()


def _when(value: str | None) -> datetime | None:
    return None if value is None else datetime.fromisoformat(value)
