"""What reports keep ready: a row for each visit of a contact to a queue, and how it was proved."""

import sqlalchemy as sa
from alembic import op

from centrala.kit.walls import wall

revision = "0008"
down_revision = "0007"

PROJECTS = "((SELECT centrala_projects())::uuid[])"


def upgrade() -> None:
    _visits()
    _checks()
    for statement in wall("report_visits", sees=f"project_id = ANY {PROJECTS}"):
        op.execute(statement)
    for statement in wall("report_checks", sees="true", writes="(SELECT centrala_centre())"):
        op.execute(statement)


def _visits() -> None:
    op.create_table(
        "report_visits",
        sa.Column("interaction_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.SmallInteger(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("queue_id", sa.Uuid(), nullable=True),
        sa.Column("operator_id", sa.Uuid(), nullable=True),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("channel", "direction", "via", "result")),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("wait", "ring", "talk", "hold", "wrap_up")),
        *(sa.Column(name, sa.SmallInteger(), nullable=True) for name in ("rating", "rating_scale")),
        *(sa.Column(name, sa.Boolean(), nullable=False) for name in ("transferred", "closing", "known")),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_report_visits_project_id")),
        sa.PrimaryKeyConstraint("interaction_id", "seq", name=op.f("pk_report_visits")),
    )
    op.create_index("ix_report_visits_project_id", "report_visits", ["project_id", "entered_at"], unique=False)
    op.create_index("ix_report_visits_queue_id", "report_visits", ["queue_id", "entered_at"], unique=False)
    op.create_index("ix_report_visits_operator_id", "report_visits", ["operator_id", "entered_at"], unique=False)
    # Reports group moments by intervals. PostgreSQL takes the number of groups for that of the moments and would sort
    # all rows; told of fewer, it adds up in memory and on all cores.
    op.execute("ALTER TABLE report_visits ALTER COLUMN entered_at SET (n_distinct = 500)")


def _checks() -> None:
    op.create_table(
        "report_checks",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("contacts", sa.Integer(), nullable=False),
        sa.Column("differences", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_checks")),
    )
    op.create_index(op.f("ix_report_checks_at"), "report_checks", ["at"], unique=False)
