"""Reading and proving the audit trail.

Anchors, numbers and hashes of rows, are kept in a file outside the database.
"""

import json
import os
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Final
from uuid import UUID

from sqlalchemy import Select, select

from centrala.kit import audit
from centrala.kit.access import CENTRE
from centrala.kit.audit import AuditRow, Verdict
from centrala.kit.database import Database
from centrala.kit.listing import Sorts

ANCHORS: Final = "audit-anchors.jsonl"
SORTS: Final[Sorts] = {"-seq": AuditRow.seq, "seq": AuditRow.seq, "at": AuditRow.at}


def trail(
    *,
    actor_id: UUID | None,
    action: str | None,
    object_type: str | None,
    object_id: str | None,
    since: datetime | None,
    until: datetime | None,
) -> Select[AuditRow]:
    """The rows that fit every filter that is given."""
    equal = (
        (AuditRow.actor_id, actor_id),
        (AuditRow.object_type, object_type),
        (AuditRow.object_id, object_id),
    )
    rows = select(AuditRow).where(*(column == value for column, value in equal if value is not None))
    if action is not None:
        rows = rows.where(AuditRow.action.startswith(action, autoescape=True))
    if since is not None:
        rows = rows.where(AuditRow.at >= since)
    if until is not None:
        rows = rows.where(AuditRow.at < until)
    return rows


async def verify_audit(database: Database, folder: Path) -> Verdict:
    """Walk the chain and compare it with the anchors in `folder`; then anchor its end if it holds."""
    async with database.begin(CENTRE, snapshot=True) as session:
        verdict = await audit.verify(session, anchors=read_anchors(folder))
    if verdict.ok and verdict.rows:
        write_anchor(folder, verdict.rows, verdict.head)
    return verdict


async def anchor(database: Database, folder: Path) -> None:
    """Remember the end of the chain outside the database."""
    async with database.begin(CENTRE) as session:
        seq, head = await audit.head(session)
    if seq:
        write_anchor(folder, seq, head)


def read_anchors(folder: Path) -> Mapping[int, bytes]:
    try:
        lines = (folder / ANCHORS).read_text().splitlines()
    except FileNotFoundError:
        return {}
    pairs = [json.loads(line) for line in lines if line.strip()]
    return {int(pair["seq"]): bytes.fromhex(pair["hash"]) for pair in pairs}


def write_anchor(folder: Path, seq: int, digest: bytes) -> None:
    """Add an anchor unless the last one says the same; an anchor is never changed."""
    known = read_anchors(folder)
    if known.get(seq) == digest:
        return
    descriptor = os.open(folder / ANCHORS, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(descriptor, "a") as file:
        file.write(json.dumps({"seq": seq, "hash": digest.hex()}) + "\n")
