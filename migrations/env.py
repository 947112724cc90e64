"""Alembic's entry: runs the migrations on the address that `centrala.kit.migrate` gives, one transaction for all."""

import importlib
import pkgutil
from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from alembic import context
from alembic.operations import MigrationScript
from alembic.runtime.migration import MigrationContext

import centrala
from centrala.kit.database import Base

FOREIGN = ("procrastinate_",)
"""Tables that a library owns: its SQL makes them, autogenerate leaves them alone."""


def import_models() -> None:
    """Every room's `models` and the kit's tables, so that the metadata is whole."""
    for module in pkgutil.walk_packages(centrala.__path__, "centrala."):
        if module.name.endswith(".models") or module.name in {
            "centrala.kit.outbox",
            "centrala.kit.audit",
        }:
            importlib.import_module(module.name)


def include_name(name: str | None, kind: str, _parents: Any) -> bool:
    return not (kind == "table" and name is not None and name.startswith(FOREIGN))


def number(
    _context: MigrationContext,
    _revision: str | Iterable[str | None] | Iterable[str],
    directives: list[MigrationScript],
) -> None:
    """Revisions are numbers, so that their order is seen in the folder."""
    head = directives[0].upgrade_ops_list and context.script.get_current_head()
    directives[0].rev_id = f"{int(head or 0) + 1:04d}"


def run() -> None:
    import_models()
    engine = sa.create_engine(context.config.get_main_option("sqlalchemy.url") or "", poolclass=sa.NullPool)
    with engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            include_name=include_name,
            compare_server_default=False,
            process_revision_directives=number,
        )
        with context.begin_transaction():
            context.run_migrations()


run()
