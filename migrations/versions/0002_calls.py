"""Calls, their legs, dialogs and recordings."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from centrala.kit.walls import wall

revision = "0002"
down_revision = "0001"


def _moment(name: str, *, nullable: bool = True) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _ending() -> list[sa.Column[object]]:
    return [
        sa.Column("cause", sa.Text(), nullable=True),
        sa.Column("sip_status", sa.SmallInteger(), nullable=True),
        sa.Column("q850", sa.SmallInteger(), nullable=True),
        sa.Column("hung_up_by", sa.Text(), nullable=True),
    ]


def _project(table: str) -> list[Any]:
    return [
        sa.Column("project_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f(f"fk_{table}_project_id")),
    ]


def _call(table: str) -> list[Any]:
    return [
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name=op.f(f"fk_{table}_call_id"), ondelete="CASCADE"),
    ]


def upgrade() -> None:
    _calls()
    _legs()
    _dialogs()
    _recordings()
    for table in ("calls", "call_legs", "call_recordings", "call_dialogs"):
        column = "project_id" if table != "call_dialogs" else "node"
        op.create_index(op.f(f"ix_{table}_{column}"), table, [column], unique=False)
    for table in ("call_legs", "call_recordings", "call_dialogs"):
        op.create_index(op.f(f"ix_{table}_call_id"), table, ["call_id"], unique=False)
    for table in ("calls", "call_legs", "call_recordings"):
        op.create_index(op.f(f"ix_{table}_started_at"), table, ["started_at"], unique=False)
    op.create_index("ix_calls_live", "calls", ["node"], unique=False, postgresql_where=sa.text("ended_at IS NULL"))
    for statement in WALLS:
        op.execute(statement)


def _calls() -> None:
    op.create_table(
        "calls",
        sa.Column("id", sa.Uuid(), nullable=False),
        *_project("calls"),
        sa.Column("node", sa.Text(), nullable=False),
        sa.Column("direction", sa.Text(), nullable=False),
        sa.Column("caller", sa.Text(), nullable=False),
        sa.Column("callee", sa.Text(), nullable=False),
        _moment("started_at", nullable=False),
        _moment("answered_at"),
        _moment("ended_at"),
        *_ending(),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calls")),
    )


def _legs() -> None:
    figures = ("loss_pct", "jitter_ms", "rtt_ms", "mos_received", "mos_sent")
    op.create_table(
        "call_legs",
        sa.Column("id", sa.Uuid(), nullable=False),
        *_call("call_legs"),
        *_project("call_legs"),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("direction", "kind", "peer", "display", "local")),
        sa.Column("trunk_id", sa.Uuid(), nullable=True),
        sa.Column("phone_id", sa.Uuid(), nullable=True),
        sa.Column("sip_call_id", sa.Text(), nullable=False),
        _moment("started_at", nullable=False),
        _moment("ringing_at"),
        _moment("answered_at"),
        _moment("ended_at"),
        *_ending(),
        sa.Column("codec", sa.Text(), nullable=True),
        *(
            sa.Column(name, sa.BigInteger(), nullable=True)
            for name in ("packets_received", "packets_sent", "packets_lost")
        ),
        *(sa.Column(name, sa.Float(), nullable=True) for name in figures),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_legs")),
    )


def _dialogs() -> None:
    op.create_table(
        "call_dialogs",
        sa.Column("leg_id", sa.Uuid(), nullable=False),
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("node", sa.Text(), nullable=False),
        _moment("stored_at", nullable=False),
        sa.Column("state", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("leg_id", name=op.f("pk_call_dialogs")),
    )
    op.create_table(
        "media_positions",
        sa.Column("node", sa.Text(), nullable=False),
        sa.Column("engine", sa.Text(), nullable=False),
        sa.Column("last_event", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("node", name=op.f("pk_media_positions")),
    )


def _recordings() -> None:
    op.create_table(
        "call_recordings",
        sa.Column("id", sa.Uuid(), nullable=False),
        *_call("call_recordings"),
        *_project("call_recordings"),
        sa.Column("path", sa.Text(), nullable=False),
        _moment("started_at", nullable=False),
        _moment("ended_at"),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("duration_ms", sa.Integer(), nullable=True),
        sa.Column("size", sa.BigInteger(), nullable=True),
        sa.Column("sha256", sa.Text(), nullable=True),
        sa.Column("marks", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_recordings")),
        sa.UniqueConstraint("path", name=op.f("uq_call_recordings_path")),
    )


CENTRE = "(SELECT centrala_centre())"
OWN = "project_id = ANY ((SELECT centrala_projects())::uuid[])"
# No row without a wall: a call that has no project yet belongs to the centre.
OWN_OR_CENTRES = f"CASE WHEN project_id IS NULL THEN {CENTRE} ELSE {OWN} END"

WALLS = [
    *(
        statement
        for table in ("calls", "call_legs", "call_recordings")
        for statement in wall(table, sees=OWN_OR_CENTRES)
    ),
    *(statement for table in ("call_dialogs", "media_positions") for statement in wall(table, sees=CENTRE)),
]
