"""Customers, contacts with their timeline, dispositions, scripts, recordings' files and keeping, promises."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from centrala.kit.walls import wall

revision = "0006"
down_revision = "0005"

FOLDED = "translate(lower({}), 'ăâîșşțţё', 'aaissttе')"
LANGUAGES = ("simple", "english", "russian", "romanian")
NOTE_WORDS = " || ".join(f"to_tsvector('{language}', {FOLDED.format('note')})" for language in LANGUAGES)
NAME_WORDS = f"to_tsvector('simple', {FOLDED.format('name')})"
ASKED = " || ".join(f"websearch_to_tsquery('{language}', {FOLDED.format('asked')})" for language in LANGUAGES)

# The search operator of PostgreSQL is not leakproof, so behind row-level security no index answers it. These functions
# look with the owner's eyes and show ids of the transaction's own projects only. A common word is found by walking back
# through time, a rare one by the index of words. The planner guesses which a word is, and guesses wrong for those that
# are not among the few hundred most common: so the newest contacts are walked through first, and when they do not have
# enough, the word is rare and the index of words is used whatever the planner thinks.
WALKED = 6_000  # of the newest contacts
NOTED = f"""
    CREATE FUNCTION centrala_noted(asked text, since timestamptz, until timestamptz, most integer)
    RETURNS SETOF uuid LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public AS
    $$
    DECLARE
        wanted tsquery := {ASKED};
        mine uuid[] := centrala_projects();
        own text := CASE cardinality(mine) WHEN 1 THEN 'project_id = $2[1]' ELSE 'project_id = ANY ($2)' END;
        found uuid[];
    BEGIN
        IF coalesce(cardinality(mine), 0) = 0 OR numnode(wanted) = 0 THEN
            RETURN;
        END IF;
        EXECUTE
            'SELECT array_agg(id) FROM (SELECT id FROM (SELECT id, note_words, came_at FROM interactions WHERE '
            || own || ' AND ($3 IS NULL OR came_at >= $3) AND ($4 IS NULL OR came_at < $4)'
            ' ORDER BY came_at DESC LIMIT {WALKED}) newest'
            ' WHERE note_words @@ $1 ORDER BY came_at DESC LIMIT $5) enough'
            INTO found USING wanted, mine, since, until, most;
        IF cardinality(found) = most THEN
            RETURN QUERY SELECT unnest(found);
        ELSE
            RETURN QUERY SELECT centrala_noted_rarely(wanted, since, until, most);
        END IF;
    END
    $$
"""  # noqa: S608 - nothing comes from outside
NOTED_RARELY = """
    CREATE FUNCTION centrala_noted_rarely(wanted tsquery, since timestamptz, until timestamptz, most integer)
    RETURNS SETOF uuid LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public
    SET enable_indexscan = off SET enable_seqscan = off AS
    $$
    BEGIN
        RETURN QUERY EXECUTE
            'SELECT id FROM interactions WHERE note_words @@ $1 AND project_id = ANY ($2)'
            ' AND ($3 IS NULL OR came_at >= $3) AND ($4 IS NULL OR came_at < $4) ORDER BY came_at DESC LIMIT $5'
            USING wanted, centrala_projects(), since, until, most;
    END
    $$
"""

# Without backslashes and quotes, which would end the word that is put together below.
PLAIN = FOLDED.format("translate(asked, chr(92) || chr(39), '  ')")

# Every word of what is asked begins a word of the name.
NAMED = f"""
    CREATE FUNCTION centrala_named(asked text, most integer)
    RETURNS SETOF uuid LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public AS
    $$
    DECLARE
        wanted tsquery := (
            SELECT to_tsquery('simple', string_agg(quote_literal(word) || ':*', ' & '))
            FROM unnest(tsvector_to_array(to_tsvector('simple', {PLAIN})))
                AS word
        );
    BEGIN
        IF wanted IS NULL OR numnode(wanted) = 0 THEN
            RETURN;
        END IF;
        RETURN QUERY EXECUTE
            'SELECT id FROM customers WHERE name_words @@ $1 AND project_id = ANY ($2) ORDER BY id DESC LIMIT $3'
            USING wanted, centrala_projects(), most;
    END
    $$
"""  # noqa: S608 - as above


def upgrade() -> None:
    _customers()
    _customer_phones()
    _dispositions()
    _interactions()
    _interaction_events()
    _project_scripts()
    _recording_files()
    _recording_marks()
    _promises()
    _retention()
    _recording_findings()
    op.execute(NOTED)
    op.execute(NOTED_RARELY)
    op.execute(NAMED)
    for statement in WALLS:
        op.execute(statement)


def _customers() -> None:
    op.create_table(
        "customers",
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_words", postgresql.TSVECTOR(), sa.Computed(NAME_WORDS, persisted=True), nullable=False),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("mark", sa.Text(), server_default="none", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("merged_into", sa.Uuid(), nullable=True),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("mark IN ('none', 'vip', 'careful', 'blocked')", name=op.f("ck_customers_mark")),
        sa.CheckConstraint("merged_into <> id", name=op.f("ck_customers_not_into_itself")),
        sa.ForeignKeyConstraint(["merged_into"], ["customers.id"], name=op.f("fk_customers_merged_into")),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_customers_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customers")),
    )
    op.create_index("ix_customers_name_words", "customers", ["name_words"], unique=False, postgresql_using="gin")
    op.create_index(op.f("ix_customers_merged_into"), "customers", ["merged_into"], unique=False)
    op.create_index(op.f("ix_customers_project_id"), "customers", ["project_id"], unique=False)


def _customer_phones() -> None:
    op.create_table(
        "customer_phones",
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("e164", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_customer_phones_customer_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_customer_phones_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer_phones")),
        sa.UniqueConstraint("project_id", "e164", name=op.f("uq_customer_phones_project_id_e164")),
    )
    op.create_index(op.f("ix_customer_phones_customer_id"), "customer_phones", ["customer_id"], unique=False)
    op.create_index(op.f("ix_customer_phones_e164"), "customer_phones", ["e164"], unique=False)


def _dispositions() -> None:
    op.create_table(
        "dispositions",
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("labels", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("required_fields", postgresql.JSONB(astext_type=sa.Text()), server_default="[]", nullable=False),
        sa.Column("position", sa.Integer(), server_default="0", nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("kind IN ('cause', 'outcome')", name=op.f("ck_dispositions_kind")),
        sa.CheckConstraint("parent_id <> id", name=op.f("ck_dispositions_not_below_itself")),
        sa.ForeignKeyConstraint(["parent_id"], ["dispositions.id"], name=op.f("fk_dispositions_parent_id")),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name=op.f("fk_dispositions_project_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dispositions")),
        sa.UniqueConstraint("project_id", "kind", "code", name=op.f("uq_dispositions_project_id_kind_code")),
    )
    op.create_index(op.f("ix_dispositions_parent_id"), "dispositions", ["parent_id"], unique=False)


def _interactions() -> None:
    op.create_table(
        "interactions",
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("direction", sa.Text(), nullable=False),
        sa.Column("party_number", sa.Text(), server_default="", nullable=False),
        sa.Column("party_name", sa.Text(), server_default="", nullable=False),
        sa.Column("called_number", sa.Text(), server_default="", nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=True),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("queue_id", sa.Uuid(), nullable=True),
        sa.Column("operator_id", sa.Uuid(), nullable=True),
        sa.Column("call_id", sa.Uuid(), nullable=True),
        sa.Column("came_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("queued_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("offered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("wrap_up_ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("result", sa.Text(), nullable=True),
        sa.Column("wait_seconds", sa.Float(), server_default="0", nullable=False),
        sa.Column("talk_seconds", sa.Float(), server_default="0", nullable=False),
        sa.Column("hold_seconds", sa.Float(), server_default="0", nullable=False),
        sa.Column("wrap_up_seconds", sa.Float(), server_default="0", nullable=False),
        sa.Column("holds", sa.Integer(), server_default="0", nullable=False),
        sa.Column("transfers", sa.Integer(), server_default="0", nullable=False),
        sa.Column("rating", sa.SmallInteger(), nullable=True),
        sa.Column("rating_scale", sa.SmallInteger(), nullable=True),
        sa.Column("menu_path", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("escalated", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("note_words", postgresql.TSVECTOR(), sa.Computed(NOTE_WORDS, persisted=True), nullable=False),
        sa.Column("note_by", sa.Uuid(), nullable=True),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("note_final", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("cause_id", sa.Uuid(), nullable=True),
        sa.Column("outcome_id", sa.Uuid(), nullable=True),
        sa.Column("disposition_fields", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.Column("disposed_by", sa.Uuid(), nullable=True),
        sa.Column("disposed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("changes", sa.Integer(), server_default="0", nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("direction IN ('in', 'out', 'internal')", name=op.f("ck_interactions_direction")),
        sa.ForeignKeyConstraint(["cause_id"], ["dispositions.id"], name=op.f("fk_interactions_cause_id")),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_interactions_customer_id")),
        sa.ForeignKeyConstraint(["outcome_id"], ["dispositions.id"], name=op.f("fk_interactions_outcome_id")),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_interactions_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_interactions")),
    )
    op.create_index(op.f("ix_interactions_call_id"), "interactions", ["call_id"], unique=False)
    op.create_index("ix_interactions_came_at", "interactions", ["came_at"], unique=False)
    op.create_index("ix_interactions_cause_id_came_at", "interactions", ["cause_id", "came_at"], unique=False)
    op.create_index("ix_interactions_customer_id_came_at", "interactions", ["customer_id", "came_at"], unique=False)
    op.create_index("ix_interactions_note_words", "interactions", ["note_words"], unique=False, postgresql_using="gin")
    op.create_index(
        "ix_interactions_open", "interactions", ["came_at"], unique=False, postgresql_where=sa.text("ended_at IS NULL")
    )
    op.create_index("ix_interactions_operator_id_came_at", "interactions", ["operator_id", "came_at"], unique=False)
    op.create_index("ix_interactions_outcome_id_came_at", "interactions", ["outcome_id", "came_at"], unique=False)
    op.create_index("ix_interactions_party_number_came_at", "interactions", ["party_number", "came_at"], unique=False)
    op.create_index("ix_interactions_project_id_came_at", "interactions", ["project_id", "came_at"], unique=False)
    op.create_index("ix_interactions_queue_id_came_at", "interactions", ["queue_id", "came_at"], unique=False)


def _interaction_events() -> None:
    op.create_table(
        "interaction_events",
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("interaction_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("queue_id", sa.Uuid(), nullable=True),
        sa.Column("details", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["interaction_id"],
            ["interactions.id"],
            name=op.f("fk_interaction_events_interaction_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_interaction_events_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_interaction_events")),
    )
    op.create_index(op.f("ix_interaction_events_at"), "interaction_events", ["at"], unique=False)
    op.create_index(
        op.f("ix_interaction_events_interaction_id"), "interaction_events", ["interaction_id"], unique=False
    )


def _project_scripts() -> None:
    op.create_table(
        "project_scripts",
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("queue_id", sa.Uuid(), nullable=True),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), server_default="0", nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name=op.f("fk_project_scripts_project_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project_scripts")),
    )
    op.create_index(op.f("ix_project_scripts_project_id"), "project_scripts", ["project_id"], unique=False)


def _recording_files() -> None:
    op.create_table(
        "recording_files",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("interaction_id", sa.Uuid(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), server_default="running", nullable=False),
        sa.Column("backend", sa.Text(), nullable=True),
        sa.Column("place", sa.Text(), nullable=True),
        sa.Column("sealed_size", sa.BigInteger(), nullable=True),
        sa.Column("size", sa.BigInteger(), nullable=True),
        sa.Column("sha256", sa.Text(), nullable=True),
        sa.Column("duration_ms", sa.Integer(), nullable=True),
        sa.Column("stored_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("deleted_why", sa.Text(), nullable=True),
        sa.Column("peaks", sa.LargeBinary(), nullable=True),
        sa.Column("sides", sa.SmallInteger(), nullable=True),
        sa.Column("levels", postgresql.ARRAY(sa.Float()), nullable=True),
        sa.CheckConstraint(
            "state IN ('running', 'stored', 'missing', 'deleted')", name=op.f("ck_recording_files_state")
        ),
        sa.ForeignKeyConstraint(
            ["interaction_id"], ["interactions.id"], name=op.f("fk_recording_files_interaction_id")
        ),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_recording_files_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recording_files")),
    )
    op.create_index(op.f("ix_recording_files_interaction_id"), "recording_files", ["interaction_id"], unique=False)
    op.create_index(
        "ix_recording_files_project_id_began_at", "recording_files", ["project_id", "began_at"], unique=False
    )
    op.create_index(
        "ix_recording_files_running",
        "recording_files",
        ["began_at"],
        unique=False,
        postgresql_where=sa.text("state = 'running'"),
    )


def _recording_marks() -> None:
    op.create_table(
        "recording_marks",
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("recording_id", sa.Uuid(), nullable=False),
        sa.Column("at_ms", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_recording_marks_project_id")),
        sa.ForeignKeyConstraint(
            ["recording_id"], ["recording_files.id"], name=op.f("fk_recording_marks_recording_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recording_marks")),
    )
    op.create_index(op.f("ix_recording_marks_recording_id"), "recording_marks", ["recording_id"], unique=False)


def _promises() -> None:
    op.create_table(
        "promises",
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("interaction_id", sa.Uuid(), nullable=True),
        sa.Column("customer_id", sa.Uuid(), nullable=True),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Text(), server_default="", nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_promises_customer_id")),
        sa.ForeignKeyConstraint(
            ["interaction_id"], ["interactions.id"], name=op.f("fk_promises_interaction_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_promises_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_promises")),
    )
    op.create_index(op.f("ix_promises_customer_id"), "promises", ["customer_id"], unique=False)
    op.create_index(op.f("ix_promises_interaction_id"), "promises", ["interaction_id"], unique=False)
    op.create_index(op.f("ix_promises_owner_id"), "promises", ["owner_id"], unique=False)
    op.create_index(op.f("ix_promises_project_id"), "promises", ["project_id"], unique=False)
    op.create_index(
        "ix_promises_waiting",
        "promises",
        ["due_at"],
        unique=False,
        postgresql_where=sa.text("done_at IS NULL AND reminded_at IS NULL"),
    )


def _retention() -> None:
    op.create_table(
        "retention",
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("record_calls", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("recording_months", sa.SmallInteger(), nullable=True),
        sa.Column("personal_months", sa.SmallInteger(), nullable=True),
        sa.Column("quota_mb", sa.Integer(), nullable=True),
        sa.Column("oldest_first", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name=op.f("fk_retention_project_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("project_id", name=op.f("pk_retention")),
    )


def _recording_findings() -> None:
    op.create_table(
        "recording_findings",
        sa.Column("project_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("interaction_id", sa.Uuid(), nullable=True),
        sa.Column("recording_id", sa.Uuid(), nullable=True),
        sa.Column("file", sa.Text(), nullable=True),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["interaction_id"],
            ["interactions.id"],
            name=op.f("fk_recording_findings_interaction_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name=op.f("fk_recording_findings_project_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recording_findings")),
    )
    op.create_index(op.f("ix_recording_findings_project_id"), "recording_findings", ["project_id"], unique=False)


CENTRE = "(SELECT centrala_centre())"
OWN = "project_id = ANY ((SELECT centrala_projects())::uuid[])"
# A file that belongs to no call belongs to the centre.
OWN_OR_CENTRES = f"CASE WHEN project_id IS NULL THEN {CENTRE} ELSE {OWN} END"
OF_PROJECTS = (
    "customers",
    "customer_phones",
    "dispositions",
    "interactions",
    "interaction_events",
    "project_scripts",
    "recording_files",
    "recording_marks",
    "promises",
    "retention",
)

WALLS = [
    *(statement for table in OF_PROJECTS for statement in wall(table, sees=OWN)),
    *wall("recording_findings", sees=OWN_OR_CENTRES),
]
