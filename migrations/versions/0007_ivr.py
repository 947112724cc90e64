"""Flows with their versions, prompts, and which number leads to which flow."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from centrala.kit.walls import wall

revision = "0007"
down_revision = "0006"

PROJECTS = "((SELECT centrala_projects())::uuid[])"
TABLES = ("flows", "flow_versions", "number_flows", "prompts", "prompt_sounds", "voicemails")


def upgrade() -> None:
    _flows()
    _prompts()
    for table in TABLES:
        for statement in wall(table, sees=f"project_id = ANY {PROJECTS}"):
            op.execute(statement)


def _to(table: str, column: str, other: str, *, gone: str = "CASCADE") -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}_{other}"), ondelete=gone)


def _flows() -> None:
    op.create_table(
        "flows",
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("draft", postgresql.JSONB(), nullable=False),
        sa.Column("published", sa.Integer(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        _to("flows", "project_id", "projects"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_flows")),
    )
    op.create_index(op.f("ix_flows_project_id"), "flows", ["project_id"], unique=False)
    op.create_index(
        "uq_flows_project_id_name",
        "flows",
        ["project_id", "name"],
        unique=True,
        postgresql_where=sa.text("archived_at IS NULL"),
    )
    op.create_table(
        "flow_versions",
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("flow_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        *(sa.Column(name, postgresql.JSONB(), nullable=False) for name in ("definition", "subflows", "languages")),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_by", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        _to("flow_versions", "project_id", "projects"),
        _to("flow_versions", "flow_id", "flows"),
        _to("flow_versions", "published_by", "accounts", gone="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_flow_versions")),
        sa.UniqueConstraint("flow_id", "number", name=op.f("uq_flow_versions_flow_id_number")),
    )
    op.create_index(op.f("ix_flow_versions_project_id"), "flow_versions", ["project_id"], unique=False)
    op.create_table(
        "number_flows",
        sa.Column("number_id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("flow_id", sa.Uuid(), nullable=False),
        _to("number_flows", "number_id", "numbers"),
        _to("number_flows", "project_id", "projects"),
        _to("number_flows", "flow_id", "flows"),
        sa.PrimaryKeyConstraint("number_id", name=op.f("pk_number_flows")),
    )
    for column in ("project_id", "flow_id"):
        op.create_index(op.f(f"ix_number_flows_{column}"), "number_flows", [column], unique=False)


def _prompts() -> None:
    op.create_table(
        "prompts",
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("texts", postgresql.JSONB(), nullable=False),
        sa.Column("replaces", sa.Text(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        _to("prompts", "project_id", "projects"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_prompts")),
        sa.UniqueConstraint("project_id", "name", name=op.f("uq_prompts_project_id_name")),
        sa.UniqueConstraint("project_id", "replaces", name=op.f("uq_prompts_project_id_replaces")),
    )
    op.create_index(op.f("ix_prompts_project_id"), "prompts", ["project_id"], unique=False)
    op.create_table(
        "prompt_sounds",
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("prompt_id", sa.Uuid(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("language", "file_name", "digest")),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.Column("wav", sa.LargeBinary(), nullable=False),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        _to("prompt_sounds", "project_id", "projects"),
        _to("prompt_sounds", "prompt_id", "prompts"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_prompt_sounds")),
        sa.UniqueConstraint("prompt_id", "language", name=op.f("uq_prompt_sounds_prompt_id_language")),
    )
    op.create_index(op.f("ix_prompt_sounds_project_id"), "prompt_sounds", ["project_id"], unique=False)
    op.create_table(
        "voicemails",
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("box", sa.Text(), nullable=False),
        sa.Column("interaction_id", sa.Uuid(), nullable=False),
        sa.Column("recording_id", sa.Uuid(), nullable=True),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("heard_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("heard_by", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("seconds >= 0", name=op.f("ck_voicemails_seconds")),
        _to("voicemails", "project_id", "projects"),
        _to("voicemails", "heard_by", "accounts", gone="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_voicemails")),
    )
    op.create_index("ix_voicemails_project_id_left_at", "voicemails", ["project_id", "left_at"], unique=False)
