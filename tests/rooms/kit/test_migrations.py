"""The migrations build what the models say, and refuse a database that they do not know."""

import importlib.util
import itertools

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import NullPool, create_engine

from centrala.kit import migrate
from centrala.kit.database import Base
from centrala.node.postgres import EmbeddedPostgres


def test_models_and_migrations_agree(postgres: EmbeddedPostgres) -> None:
    engine = create_engine(postgres.owner_url, poolclass=NullPool)
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "include_name": lambda name, kind, _: not (kind == "table" and str(name).startswith("procrastinate_"))
            },
        )
        differences = compare_metadata(context, Base.metadata)
    engine.dispose()
    assert differences == []


def test_a_second_upgrade_has_nothing_to_do(postgres: EmbeddedPostgres) -> None:
    assert migrate.upgrade(postgres.owner_url) is False


def test_a_newer_database_is_refused_and_named(postgres: EmbeddedPostgres) -> None:
    address = migrate.conninfo(postgres.owner_url)
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        try:
            with pytest.raises(migrate.DatabaseNewer, match="9999"):
                migrate.upgrade(postgres.owner_url)
        finally:
            connection.execute("UPDATE alembic_version SET version_num = %s", [migrate.revisions()[-1]])


def test_each_revision_stands_on_the_one_before_it() -> None:
    chain = [None, *migrate.revisions()]
    for before, revision in itertools.pairwise(chain):
        path = next((migrate.folder() / "versions").glob(f"{revision}_*.py"))
        spec = importlib.util.spec_from_file_location(path.stem, path)
        assert spec
        assert spec.loader
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        assert (module.revision, module.down_revision) == (revision, before)
