"""Ground: the store's own tables, projects, accounts, people, and the wall around them."""

import sqlalchemy as sa
from alembic import op
from procrastinate.schema import SchemaManager
from sqlalchemy.dialects import postgresql

from centrala.kit.walls import wall

revision = "0001"
down_revision = None


def _tables() -> None:
    op.create_table(
        "accounts",
        sa.Column("login", sa.Text(), nullable=False),
        sa.Column("given_name", sa.Text(), nullable=False),
        sa.Column("family_name", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("password_changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("must_change_password", sa.Boolean(), nullable=False),
        sa.Column("totp_secret", sa.LargeBinary(), nullable=True),
        sa.Column("totp_enabled", sa.Boolean(), nullable=False),
        sa.Column("totp_last_step", sa.BigInteger(), nullable=True),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("theme", sa.Text(), nullable=False),
        sa.Column("time_zone", sa.Text(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts")),
        sa.UniqueConstraint("login", name=op.f("uq_accounts_login")),
    )
    op.create_table(
        "audit",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("object_type", sa.Text(), nullable=False),
        sa.Column("object_id", sa.Text(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=True),
        sa.Column("details", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_audit")),
    )
    op.create_table(
        "companies",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("legal_name", sa.Text(), nullable=False),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_companies")),
        sa.UniqueConstraint("name", name=op.f("uq_companies_name")),
    )
    op.create_table(
        "consumers",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_consumers")),
    )
    op.create_table(
        "events",
        sa.Column("position", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("aggregate_id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=True),
        sa.Column("payload", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_events")),
    )
    op.create_index(op.f("ix_events_aggregate_id"), "events", ["aggregate_id"], unique=False)
    op.create_index(op.f("ix_events_kind"), "events", ["kind"], unique=False)
    op.create_table(
        "events_parked",
        sa.Column("consumer", sa.Text(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("aggregate_id", sa.Uuid(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("consumer", "position", name=op.f("pk_events_parked")),
    )
    op.create_index(op.f("ix_events_parked_aggregate_id"), "events_parked", ["aggregate_id"], unique=False)
    op.create_table(
        "outbox",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("aggregate_id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=True),
        sa.Column("payload", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
    )
    op.create_table(
        "setup_link",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_setup_link")),
    )
    op.create_table(
        "sign_in_failures",
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_sign_in_failures")),
    )
    op.create_index(op.f("ix_sign_in_failures_last_at"), "sign_in_failures", ["last_at"], unique=False)
    op.create_table(
        "skills",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_skills")),
        sa.UniqueConstraint("name", name=op.f("uq_skills_name")),
    )
    op.create_table(
        "teams",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("lead_id", sa.Uuid(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_teams")),
        sa.UniqueConstraint("name", name=op.f("uq_teams_name")),
    )
    op.create_table(
        "account_roles",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["accounts.id"],
            name=op.f("fk_account_roles_account_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("account_id", "role", name=op.f("pk_account_roles")),
    )
    op.create_table(
        "api_tokens",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("scopes", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["accounts.id"],
            name=op.f("fk_api_tokens_account_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_tokens")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_api_tokens_token_hash")),
    )
    op.create_index(op.f("ix_api_tokens_account_id"), "api_tokens", ["account_id"], unique=False)
    op.create_table(
        "employees",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("patronymic", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("team_id", sa.Uuid(), nullable=True),
        sa.Column("superior_id", sa.Uuid(), nullable=True),
        sa.Column("deputy_id", sa.Uuid(), nullable=True),
        sa.Column("hired_on", sa.Date(), nullable=True),
        sa.Column("dismissed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("deputy_id <> id", name=op.f("ck_employees_not_own_deputy")),
        sa.CheckConstraint("superior_id <> id", name=op.f("ck_employees_not_own_superior")),
        sa.ForeignKeyConstraint(
            ["deputy_id"],
            ["employees.id"],
            name=op.f("fk_employees_deputy_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(["id"], ["accounts.id"], name=op.f("fk_employees_id")),
        sa.ForeignKeyConstraint(
            ["superior_id"],
            ["employees.id"],
            name=op.f("fk_employees_superior_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_employees_team_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_employees")),
        sa.UniqueConstraint("number", name=op.f("uq_employees_number")),
    )
    op.create_index(op.f("ix_employees_deputy_id"), "employees", ["deputy_id"], unique=False)
    op.create_index(op.f("ix_employees_superior_id"), "employees", ["superior_id"], unique=False)
    op.create_index(op.f("ix_employees_team_id"), "employees", ["team_id"], unique=False)
    op.create_table(
        "projects",
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("time_zone", sa.Text(), nullable=False),
        sa.Column("languages", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_projects_ends_after_start")),
        sa.ForeignKeyConstraint(["company_id"], ["companies.id"], name=op.f("fk_projects_company_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_projects")),
        sa.UniqueConstraint("code", name=op.f("uq_projects_code")),
        sa.UniqueConstraint("company_id", "name", name=op.f("uq_projects_company_id_name")),
    )
    op.create_index(op.f("ix_projects_company_id"), "projects", ["company_id"], unique=False)
    op.create_table(
        "recovery_codes",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["accounts.id"],
            name=op.f("fk_recovery_codes_account_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("account_id", "code_hash", name=op.f("pk_recovery_codes")),
    )
    op.create_table(
        "saved_views",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("page", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("query", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["accounts.id"],
            name=op.f("fk_saved_views_account_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_views")),
        sa.UniqueConstraint("account_id", "page", "name", name=op.f("uq_saved_views_account_id_page_name")),
    )
    op.create_table(
        "sessions",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("csrf_token", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("user_agent", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_sessions_account_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sessions")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_sessions_token_hash")),
    )
    op.create_index(op.f("ix_sessions_account_id"), "sessions", ["account_id"], unique=False)
    op.create_index(op.f("ix_sessions_expires_at"), "sessions", ["expires_at"], unique=False)
    op.create_table(
        "account_projects",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["accounts.id"],
            name=op.f("fk_account_projects_account_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["project_id"],
            ["projects.id"],
            name=op.f("fk_account_projects_project_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("account_id", "project_id", name=op.f("pk_account_projects")),
    )
    op.create_index(op.f("ix_account_projects_project_id"), "account_projects", ["project_id"], unique=False)
    op.create_table(
        "calendars",
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("time_zone", sa.Text(), nullable=False),
        sa.Column("country", sa.Text(), nullable=True),
        sa.Column("subdivision", sa.Text(), nullable=True),
        sa.Column("observe_holidays", sa.Boolean(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"],
            ["projects.id"],
            name=op.f("fk_calendars_project_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendars")),
        sa.UniqueConstraint("project_id", "name", name=op.f("uq_calendars_project_id_name")),
    )
    op.create_index(op.f("ix_calendars_project_id"), "calendars", ["project_id"], unique=False)
    op.create_table(
        "employee_languages",
        sa.Column("employee_id", sa.Uuid(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "level IN ('A1', 'A2', 'B1', 'B2', 'C1', 'C2')",
            name=op.f("ck_employee_languages_level"),
        ),
        sa.ForeignKeyConstraint(
            ["employee_id"],
            ["employees.id"],
            name=op.f("fk_employee_languages_employee_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("employee_id", "language", name=op.f("pk_employee_languages")),
    )
    op.create_table(
        "employee_skills",
        sa.Column("employee_id", sa.Uuid(), nullable=False),
        sa.Column("skill_id", sa.Uuid(), nullable=False),
        sa.Column("level", sa.SmallInteger(), nullable=False),
        sa.CheckConstraint("level BETWEEN 1 AND 10", name=op.f("ck_employee_skills_level")),
        sa.ForeignKeyConstraint(
            ["employee_id"],
            ["employees.id"],
            name=op.f("fk_employee_skills_employee_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["skill_id"], ["skills.id"], name=op.f("fk_employee_skills_skill_id")),
        sa.PrimaryKeyConstraint("employee_id", "skill_id", name=op.f("pk_employee_skills")),
    )
    op.create_index(op.f("ix_employee_skills_skill_id"), "employee_skills", ["skill_id"], unique=False)
    op.create_table(
        "numbers",
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("e164", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name=op.f("fk_numbers_project_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_numbers")),
        sa.UniqueConstraint("e164", name=op.f("uq_numbers_e164")),
    )
    op.create_index(op.f("ix_numbers_project_id"), "numbers", ["project_id"], unique=False)
    op.create_table(
        "calendar_exceptions",
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("calendar_id", sa.Uuid(), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("opens", sa.Time(), nullable=True),
        sa.Column("closes", sa.Time(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(opens IS NULL) = (closes IS NULL)",
            name=op.f("ck_calendar_exceptions_both_times_or_none"),
        ),
        sa.ForeignKeyConstraint(
            ["calendar_id"],
            ["calendars.id"],
            name=op.f("fk_calendar_exceptions_calendar_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["project_id"],
            ["projects.id"],
            name=op.f("fk_calendar_exceptions_project_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_exceptions")),
        sa.UniqueConstraint("calendar_id", "date", name=op.f("uq_calendar_exceptions_calendar_id_date")),
    )
    op.create_index(
        op.f("ix_calendar_exceptions_calendar_id"),
        "calendar_exceptions",
        ["calendar_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_calendar_exceptions_project_id"),
        "calendar_exceptions",
        ["project_id"],
        unique=False,
    )
    op.create_table(
        "calendar_hours",
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("calendar_id", sa.Uuid(), nullable=False),
        sa.Column("weekday", sa.SmallInteger(), nullable=False),
        sa.Column("opens", sa.Time(), nullable=False),
        sa.Column("closes", sa.Time(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", name=op.f("ck_calendar_hours_weekday")),
        sa.ForeignKeyConstraint(
            ["calendar_id"],
            ["calendars.id"],
            name=op.f("fk_calendar_hours_calendar_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["project_id"],
            ["projects.id"],
            name=op.f("fk_calendar_hours_project_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_hours")),
    )
    op.create_index(op.f("ix_calendar_hours_calendar_id"), "calendar_hours", ["calendar_id"], unique=False)
    op.create_index(op.f("ix_calendar_hours_project_id"), "calendar_hours", ["project_id"], unique=False)
    op.create_foreign_key("fk_teams_lead_id", "teams", "employees", ["lead_id"], ["id"], ondelete="SET NULL")


def upgrade() -> None:
    _tables()
    op.get_bind().exec_driver_sql(SchemaManager.get_schema().replace("%", "%%"))
    for statement in (*FUNCTIONS, *AUDIT_IS_APPEND_ONLY, *WALLS, *grants()):
        op.execute(statement)


def grants() -> list[str]:
    """The program reads and writes rows; it makes, alters and drops nothing."""
    return [
        "GRANT USAGE ON SCHEMA public TO centrala_app",
        "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO centrala_app",
        "GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO centrala_app",
        "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO centrala_app",
        "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE ON SEQUENCES TO centrala_app",
        "REVOKE UPDATE, DELETE ON audit FROM centrala_app",
        "REVOKE INSERT, UPDATE, DELETE ON alembic_version FROM centrala_app",
    ]


FUNCTIONS = [
    # nullif: a setting that was local to an ended transaction comes back as '', not as NULL.
    """
    CREATE FUNCTION centrala_projects() RETURNS uuid[] LANGUAGE sql STABLE PARALLEL SAFE AS
    $$ SELECT nullif(current_setting('centrala.projects', true), '')::uuid[] $$
    """,
    """
    CREATE FUNCTION centrala_centre() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS
    $$ SELECT coalesce(current_setting('centrala.centre', true) = 'on', false) $$
    """,
    """
    CREATE FUNCTION centrala_person() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE AS
    $$ SELECT nullif(current_setting('centrala.person', true), '')::uuid $$
    """,
    # The chain needs its last link whoever appends; nothing else of the trail is shown.
    """
    CREATE FUNCTION centrala_audit_head(OUT seq bigint, OUT hash bytea)
    RETURNS SETOF record LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS
    $$ SELECT a.seq, a.hash FROM audit a ORDER BY a.seq DESC LIMIT 1 $$
    """,
    # The number of the newest fact is no secret; its content is.
    """
    CREATE FUNCTION centrala_last_position() RETURNS bigint
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS
    $$ SELECT coalesce(max(position), 0) FROM events $$
    """,
    # Who somebody is must be known before the wall can be raised: this reads across it for the one
    # account behind a session's or a token's secret, and raises the wall for the transaction that asks.
    # `centre_roles` are the roles that see every project.
    """
    CREATE FUNCTION centrala_enter(
        secret bytea, centre_roles text[], lasting boolean,
        OUT key_id uuid, OUT account_id uuid, OUT csrf_token text, OUT scopes text[],
        OUT created_at timestamptz, OUT seen_at timestamptz, OUT expires_at timestamptz,
        OUT must_change_password boolean, OUT roles text[], OUT projects uuid[]
    ) RETURNS SETOF record LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public AS
    $$
    DECLARE centre boolean;
    BEGIN
        SELECT key.id, key.owner, key.csrf, key.may, key.made, key.used, key.ends, a.must_change_password
        INTO key_id, account_id, csrf_token, scopes, created_at, seen_at, expires_at, must_change_password
        FROM (
            SELECT s.id, s.account_id AS owner, s.csrf_token AS csrf, NULL::text[] AS may,
                s.created_at AS made, s.seen_at AS used, s.expires_at AS ends
            FROM sessions s WHERE s.token_hash = secret
            UNION ALL
            SELECT t.id, t.account_id, NULL, t.scopes, t.created_at, t.used_at, t.expires_at
            FROM api_tokens t WHERE t.token_hash = secret
        ) key JOIN accounts a ON a.id = key.owner AND a.closed_at IS NULL;
        IF NOT FOUND THEN
            -- Whoever had this connection before may have left their settings in it.
            PERFORM set_config('centrala.projects', '{}', NOT lasting),
                set_config('centrala.centre', 'off', NOT lasting),
                set_config('centrala.person', '', NOT lasting);
            RETURN;
        END IF;
        SELECT coalesce(array_agg(r.role ORDER BY r.role), '{}') INTO roles
        FROM account_roles r WHERE r.account_id = centrala_enter.account_id;
        centre := roles && centre_roles;
        IF centre THEN
            SELECT coalesce(array_agg(p.id), '{}') INTO projects FROM projects p;
        ELSE
            SELECT coalesce(array_agg(p.project_id), '{}') INTO projects
            FROM account_projects p WHERE p.account_id = centrala_enter.account_id;
        END IF;
        PERFORM set_config('centrala.projects', projects::text, NOT lasting),
            set_config('centrala.centre', CASE WHEN centre THEN 'on' ELSE 'off' END, NOT lasting),
            set_config('centrala.person', centrala_enter.account_id::text, NOT lasting);
        RETURN NEXT;
    END
    $$
    """,
]

AUDIT_IS_APPEND_ONLY = [
    """
    CREATE FUNCTION centrala_audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'The audit trail is append-only.'; END $$
    """,
    """
    CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION centrala_audit_is_append_only()
    """,
]

CENTRE = "(SELECT centrala_centre())"
PERSON = "(SELECT centrala_person())"
PROJECTS = "((SELECT centrala_projects())::uuid[])"

WALLS = [
    *(
        statement
        for table in (
            "numbers",
            "calendars",
            "calendar_hours",
            "calendar_exceptions",
            "account_projects",
        )
        for statement in wall(table, sees=f"project_id = ANY {PROJECTS}")
    ),
    *wall("projects", sees=f"{CENTRE} OR id = ANY {PROJECTS}", writes=CENTRE),
    *wall(
        "companies",
        sees=f"{CENTRE} OR EXISTS (SELECT FROM projects p WHERE p.company_id = companies.id)",
        writes=CENTRE,
    ),
    *wall(
        "accounts",
        sees=f"{CENTRE} OR id = {PERSON} OR EXISTS (SELECT FROM account_projects p WHERE p.account_id = accounts.id)",
        writes=f"{CENTRE} OR id = {PERSON}",
    ),
    *wall(
        "account_roles",
        sees="EXISTS (SELECT FROM accounts a WHERE a.id = account_id)",
        writes=CENTRE,
    ),
    *wall(
        "employees",
        sees="EXISTS (SELECT FROM accounts a WHERE a.id = employees.id)",
        writes=CENTRE,
    ),
    *(
        statement
        for table in ("employee_skills", "employee_languages")
        for statement in wall(table, sees="EXISTS (SELECT FROM employees e WHERE e.id = employee_id)", writes=CENTRE)
    ),
    *wall(
        "teams",
        sees=f"{CENTRE} OR EXISTS (SELECT FROM employees e WHERE e.team_id = teams.id)",
        writes=CENTRE,
    ),
    *wall(
        "skills",
        sees=f"{CENTRE} OR EXISTS (SELECT FROM employee_skills s WHERE s.skill_id = skills.id)",
        writes=CENTRE,
    ),
    *wall("audit", sees=CENTRE, writes="true"),
    *wall("events", sees=CENTRE, writes=CENTRE),
]
