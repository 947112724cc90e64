"""Trunks, phones and who may dial what."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from centrala.kit.walls import wall

revision = "0003"
down_revision = "0002"

CENTRE = "(SELECT centrala_centre())"
PROJECTS = "((SELECT centrala_projects())::uuid[])"
PERSON_IN_SIGHT = f"{CENTRE} OR EXISTS (SELECT FROM accounts a WHERE a.id = person_id)"

WALLS = [
    *(
        statement
        for table in ("trunks", "trunk_health", "dial_prices", "dialled_calls", "dialling_alarms")
        for statement in wall(table, sees=CENTRE)
    ),
    *wall("caller_ids", sees=f"project_id = ANY {PROJECTS}"),
    # A rule without a project is the centre's own.
    *wall("dialling_rules", sees=f"project_id = ANY {PROJECTS} OR (project_id IS NULL AND {CENTRE})"),
    *wall("phones", sees=PERSON_IN_SIGHT, writes=CENTRE),
    *wall("phone_contacts", sees=PERSON_IN_SIGHT, writes=CENTRE),
]


def upgrade() -> None:
    _tables()
    for statement in WALLS:
        op.execute(statement)


def _tables() -> None:
    op.create_table(
        "dial_prices",
        sa.Column("prefix", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("per_minute", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("prefix", name=op.f("pk_dial_prices")),
    )
    op.create_table(
        "trunks",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("transport", sa.Text(), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("port", sa.Integer(), nullable=True),
        sa.Column("proxy", sa.Text(), nullable=False),
        sa.Column("user", sa.Text(), nullable=False),
        sa.Column("realm", sa.Text(), nullable=False),
        sa.Column("password", sa.LargeBinary(), nullable=True),
        sa.Column("expires", sa.Integer(), nullable=False),
        sa.Column("sources", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("srtp", sa.Text(), nullable=False),
        sa.Column("codecs", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("priority", sa.SmallInteger(), nullable=False),
        sa.Column("weight", sa.SmallInteger(), nullable=False),
        sa.Column("failover", sa.ARRAY(sa.SmallInteger()), nullable=True),
        sa.Column("watch_seconds", sa.Integer(), nullable=False),
        sa.Column("max_calls", sa.Integer(), nullable=True),
        sa.Column("max_rate", sa.Integer(), nullable=True),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("number_out", sa.Text(), nullable=False),
        sa.Column("rules_out", postgresql.JSONB(), nullable=False),
        sa.Column("number_in", sa.Text(), nullable=False),
        sa.Column("rules_in", postgresql.JSONB(), nullable=False),
        sa.Column("identity", sa.Text(), nullable=False),
        sa.Column("default_number", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("kind IN ('register', 'address')", name=op.f("ck_trunks_kind")),
        sa.CheckConstraint("srtp IN ('off', 'optional', 'required')", name=op.f("ck_trunks_srtp")),
        sa.CheckConstraint("transport IN ('udp', 'tcp', 'tls')", name=op.f("ck_trunks_transport")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trunks")),
        sa.UniqueConstraint("name", name=op.f("uq_trunks_name")),
    )
    op.create_table(
        "dialled_calls",
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("abroad", sa.Boolean(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("seconds", sa.Integer(), nullable=False),
        sa.Column("per_minute", sa.BigInteger(), nullable=False),
        sa.Column("spent", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["accounts.id"], name=op.f("fk_dialled_calls_person_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dialled_calls")),
        sa.UniqueConstraint("call_id", name=op.f("uq_dialled_calls_call_id")),
    )
    op.create_index(op.f("ix_dialled_calls_at"), "dialled_calls", ["at"], unique=False)
    op.create_index(op.f("ix_dialled_calls_person_id"), "dialled_calls", ["person_id"], unique=False)
    op.create_table(
        "dialling_alarms",
        sa.Column("cap", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("allowed", sa.BigInteger(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["accounts.id"], name=op.f("fk_dialling_alarms_person_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dialling_alarms")),
        sa.UniqueConstraint(
            "cap",
            "person_id",
            "day",
            name=op.f("uq_dialling_alarms_cap_person_id_day"),
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.create_index("ix_dialling_alarms_at", "dialling_alarms", ["at"], unique=False)
    op.create_index(op.f("ix_dialling_alarms_person_id"), "dialling_alarms", ["person_id"], unique=False)
    op.create_table(
        "phones",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("user", sa.Text(), nullable=False),
        sa.Column("ha1_md5", sa.LargeBinary(), nullable=False),
        sa.Column("ha1_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("secret_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("registered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("user_agent", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["accounts.id"], name=op.f("fk_phones_person_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_phones")),
        sa.UniqueConstraint("user", name=op.f("uq_phones_user")),
    )
    op.create_index(op.f("ix_phones_person_id"), "phones", ["person_id"], unique=False)
    op.create_table(
        "trunk_health",
        sa.Column("trunk_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("registered", sa.Boolean(), nullable=True),
        sa.Column("reachable", sa.Boolean(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("calls", sa.Integer(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["trunk_id"], ["trunks.id"], name=op.f("fk_trunk_health_trunk_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("trunk_id", name=op.f("pk_trunk_health")),
    )
    op.create_table(
        "dialling_rules",
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("project_id", sa.Uuid(), nullable=True),
        sa.Column("country", sa.Text(), nullable=True),
        sa.Column("own_country", sa.Boolean(), nullable=True),
        sa.Column("countries", sa.ARRAY(sa.Text()), nullable=True),
        sa.Column("premium", sa.Boolean(), nullable=True),
        sa.Column("satellite", sa.Boolean(), nullable=True),
        sa.Column("calls_per_hour", sa.Integer(), nullable=True),
        sa.Column("minutes_per_day", sa.Integer(), nullable=True),
        sa.Column("spend_per_day", sa.BigInteger(), nullable=True),
        sa.Column("all_calls_per_hour", sa.Integer(), nullable=True),
        sa.Column("all_minutes_per_day", sa.Integer(), nullable=True),
        sa.Column("all_spend_per_day", sa.BigInteger(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint(
            "CASE scope WHEN 'centre' THEN num_nonnulls(role, person_id, project_id) = 0"
            " WHEN 'project' THEN project_id IS NOT NULL AND num_nonnulls(role, person_id) = 0"
            " WHEN 'role' THEN role IS NOT NULL AND num_nonnulls(person_id, project_id) = 0"
            " WHEN 'person' THEN person_id IS NOT NULL AND num_nonnulls(role, project_id) = 0"
            " ELSE false END",
            name=op.f("ck_dialling_rules_one_subject"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["accounts.id"], name=op.f("fk_dialling_rules_person_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name=op.f("fk_dialling_rules_project_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dialling_rules")),
        sa.UniqueConstraint(
            "scope",
            "role",
            "person_id",
            "project_id",
            name=op.f("uq_dialling_rules_scope_role_person_id_project_id"),
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.create_index(op.f("ix_dialling_rules_person_id"), "dialling_rules", ["person_id"], unique=False)
    op.create_index(op.f("ix_dialling_rules_project_id"), "dialling_rules", ["project_id"], unique=False)
    op.create_table(
        "phone_contacts",
        sa.Column("aor", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("phone_id", sa.Uuid(), nullable=True),
        sa.Column("contact", sa.Text(), nullable=False),
        sa.Column("q", sa.SmallInteger(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("call_id", sa.Text(), nullable=False),
        sa.Column("cseq", sa.Integer(), nullable=False),
        sa.Column("flow", postgresql.JSONB(), nullable=True),
        sa.Column("path", postgresql.JSONB(), nullable=False),
        sa.Column("instance", sa.Text(), nullable=True),
        sa.Column("reg_id", sa.Integer(), nullable=True),
        sa.Column("user_agent", sa.Text(), nullable=False),
        sa.Column("registered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["accounts.id"], name=op.f("fk_phone_contacts_person_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["phone_id"], ["phones.id"], name=op.f("fk_phone_contacts_phone_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_phone_contacts")),
        sa.UniqueConstraint("aor", "contact", name=op.f("uq_phone_contacts_aor_contact")),
    )
    op.create_index(op.f("ix_phone_contacts_aor"), "phone_contacts", ["aor"], unique=False)
    op.create_index(op.f("ix_phone_contacts_expires_at"), "phone_contacts", ["expires_at"], unique=False)
    op.create_index(op.f("ix_phone_contacts_person_id"), "phone_contacts", ["person_id"], unique=False)
    op.create_index(op.f("ix_phone_contacts_phone_id"), "phone_contacts", ["phone_id"], unique=False)
    op.create_table(
        "caller_ids",
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("number_id", sa.Uuid(), nullable=False),
        sa.Column("trunk_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["number_id"], ["numbers.id"], name=op.f("fk_caller_ids_number_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name=op.f("fk_caller_ids_project_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["trunk_id"], ["trunks.id"], name=op.f("fk_caller_ids_trunk_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_caller_ids")),
        sa.UniqueConstraint(
            "project_id", "trunk_id", name=op.f("uq_caller_ids_project_id_trunk_id"), postgresql_nulls_not_distinct=True
        ),
    )
    op.create_index(op.f("ix_caller_ids_number_id"), "caller_ids", ["number_id"], unique=False)
    op.create_index(op.f("ix_caller_ids_project_id"), "caller_ids", ["project_id"], unique=False)
    op.create_index(op.f("ix_caller_ids_trunk_id"), "caller_ids", ["trunk_id"], unique=False)
