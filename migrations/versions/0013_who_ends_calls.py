"""Whether the operators of a project may end its calls."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.add_column(
        "projects", sa.Column("operators_may_hang_up", sa.Boolean(), server_default=sa.true(), nullable=False)
    )
    op.alter_column("projects", "operators_may_hang_up", server_default=None)
