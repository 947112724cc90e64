"""Queues, who serves them, breaks, and what the router must remember."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from centrala.kit.walls import wall

revision = "0005"
down_revision = "0004"

CENTRE = "(SELECT centrala_centre())"
PERSON = "(SELECT centrala_person())"
PROJECTS = "((SELECT centrala_projects())::uuid[])"
IN_PROJECT = f"project_id = ANY {PROJECTS}"
PERSON_IN_SIGHT = f"{CENTRE} OR EXISTS (SELECT FROM accounts a WHERE a.id = person_id)"
OF_ALL = f"project_id IS NULL AND ({CENTRE} OR {PERSON} IS NOT NULL)"
FOR_ME = f"EXISTS (SELECT FROM notice_readers r WHERE r.notice_id = notices.id AND r.person_id = {PERSON})"

WALLS = [
    *(
        statement
        for table in ("router_leases", "router_snapshots", "router_journal")
        for statement in wall(table, sees=CENTRE)
    ),
    *(statement for table in ("queues", "queue_operators", "queue_days") for statement in wall(table, sees=IN_PROJECT)),
    *wall("break_reasons", sees=f"{CENTRE} OR {PERSON} IS NOT NULL", writes=CENTRE),
    # A supervisor sets what their own people take at once.
    *wall("operator_routing", sees=PERSON_IN_SIGHT),
    *wall("operator_states", sees=PERSON_IN_SIGHT, writes=CENTRE),
    *wall("desk_checks", sees=PERSON_IN_SIGHT, writes=f"{CENTRE} OR person_id = {PERSON}"),
    # Who is meant reads a notice also while looking at another project.
    *wall(
        "notices",
        sees=f"{IN_PROJECT} OR ({OF_ALL}) OR {FOR_ME}",
        writes=f"{IN_PROJECT} OR (project_id IS NULL AND {CENTRE})",
    ),
    *wall("notice_readers", sees=f"person_id = {PERSON} OR {IN_PROJECT} OR (project_id IS NULL AND {CENTRE})"),
]


def upgrade() -> None:
    _tables()
    for statement in WALLS:
        op.execute(statement)


def _tables() -> None:
    op.create_table(
        "break_reasons",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("planned_minutes", sa.SmallInteger(), nullable=False),
        sa.Column("cap", sa.SmallInteger(), nullable=True),
        sa.Column("paid", sa.Boolean(), nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("planned_minutes BETWEEN 1 AND 480", name=op.f("ck_break_reasons_planned_minutes")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_break_reasons")),
    )
    op.create_index(
        "uq_break_reasons_name",
        "break_reasons",
        ["name"],
        unique=True,
        postgresql_where=sa.text("archived_at IS NULL"),
    )
    op.create_table(
        "router_journal",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("moment", sa.Double(), nullable=False),
        sa.Column("fact", postgresql.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("name", "seq", name=op.f("pk_router_journal")),
    )
    op.create_table(
        "router_leases",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("node", sa.Text(), nullable=False),
        sa.Column("token", sa.Uuid(), nullable=False),
        sa.Column("beat_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_router_leases")),
    )
    op.create_table(
        "router_snapshots",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", postgresql.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_router_snapshots")),
    )
    op.create_table(
        "desk_checks",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("passed", sa.Boolean(), nullable=False),
        sa.Column("findings", postgresql.JSONB(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["employees.id"], name=op.f("fk_desk_checks_person_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_desk_checks")),
    )
    op.create_table(
        "operator_routing",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("capacity", postgresql.JSONB(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["employees.id"], name=op.f("fk_operator_routing_person_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_operator_routing")),
    )
    op.create_table(
        "operator_states",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("forced_by", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("state IN ('ready', 'break', 'paused', 'absent')", name=op.f("ck_operator_states_state")),
        sa.ForeignKeyConstraint(
            ["forced_by"], ["accounts.id"], name=op.f("fk_operator_states_forced_by"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["employees.id"], name=op.f("fk_operator_states_person_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_operator_states")),
    )
    op.create_index("ix_operator_states_person_id_since", "operator_states", ["person_id", "since"], unique=False)
    op.create_index("ix_operator_states_since", "operator_states", ["since"], unique=False)
    op.create_table(
        "queues",
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("rules", postgresql.JSONB(), nullable=False),
        sa.Column("thresholds", postgresql.JSONB(), nullable=False),
        sa.Column("calendar_id", sa.Uuid(), nullable=True),
        sa.Column("music_prompt_id", sa.Uuid(), nullable=True),
        sa.Column("announcement_prompt_id", sa.Uuid(), nullable=True),
        sa.Column("operator_may_hang_up", sa.Boolean(), nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(
            ["calendar_id"], ["calendars.id"], name=op.f("fk_queues_calendar_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_queues_project_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_queues")),
    )
    op.create_index(
        "uq_queues_project_id_name",
        "queues",
        ["project_id", "name"],
        unique=True,
        postgresql_where=sa.text("archived_at IS NULL"),
    )
    op.create_index(op.f("ix_queues_calendar_id"), "queues", ["calendar_id"], unique=False)
    op.create_index(op.f("ix_queues_project_id"), "queues", ["project_id"], unique=False)
    op.create_table(
        "notices",
        sa.Column("project_id", sa.Uuid(), nullable=True),
        sa.Column("queue_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("sent_by", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("measure", sa.Text(), nullable=True),
        sa.Column("value", sa.Double(), nullable=True),
        sa.Column("threshold", sa.Double(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("kind IN ('broadcast', 'alert', 'state')", name=op.f("ck_notices_kind")),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name=op.f("fk_notices_project_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["queue_id"], ["queues.id"], name=op.f("fk_notices_queue_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["sent_by"], ["accounts.id"], name=op.f("fk_notices_sent_by"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices")),
    )
    op.create_index(op.f("ix_notices_at"), "notices", ["at"], unique=False)
    op.create_index(op.f("ix_notices_project_id"), "notices", ["project_id"], unique=False)
    op.create_table(
        "queue_days",
        sa.Column("queue_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("answered", sa.Integer(), nullable=False),
        sa.Column("answered_in_time", sa.Integer(), nullable=False),
        sa.Column("abandoned", sa.Integer(), nullable=False),
        sa.Column("short", sa.Integer(), nullable=False),
        sa.Column("overflowed", sa.Integer(), nullable=False),
        sa.Column("turned_away", sa.Integer(), nullable=False),
        sa.Column("waited", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name=op.f("fk_queue_days_project_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["queue_id"], ["queues.id"], name=op.f("fk_queue_days_queue_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("queue_id", "day", name=op.f("pk_queue_days")),
    )
    op.create_index(op.f("ix_queue_days_project_id"), "queue_days", ["project_id"], unique=False)
    op.create_table(
        "queue_operators",
        sa.Column("queue_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("rank", sa.SmallInteger(), nullable=False),
        sa.CheckConstraint("rank BETWEEN 0 AND 9", name=op.f("ck_queue_operators_rank")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["employees.id"], name=op.f("fk_queue_operators_person_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name=op.f("fk_queue_operators_project_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["queue_id"], ["queues.id"], name=op.f("fk_queue_operators_queue_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("queue_id", "person_id", name=op.f("pk_queue_operators")),
    )
    op.create_index(op.f("ix_queue_operators_person_id"), "queue_operators", ["person_id"], unique=False)
    op.create_index(op.f("ix_queue_operators_project_id"), "queue_operators", ["project_id"], unique=False)
    op.create_table(
        "notice_readers",
        sa.Column("notice_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=True),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["notice_id"], ["notices.id"], name=op.f("fk_notice_readers_notice_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["accounts.id"], name=op.f("fk_notice_readers_person_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name=op.f("fk_notice_readers_project_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("notice_id", "person_id", name=op.f("pk_notice_readers")),
    )
    op.create_index(op.f("ix_notice_readers_person_id"), "notice_readers", ["person_id"], unique=False)
    op.create_index(op.f("ix_notice_readers_project_id"), "notice_readers", ["project_id"], unique=False)
