"""How many of the whole centre may be on a break at once."""

import sqlalchemy as sa
from alembic import op

from centrala.kit.walls import wall

revision = "0012"
down_revision = "0011"

CENTRE = "(SELECT centrala_centre())"
PERSON = "(SELECT centrala_person())"


def upgrade() -> None:
    op.create_table(
        "centre_breaks",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("most", sa.SmallInteger(), nullable=True),
        sa.CheckConstraint("id = 1", name=op.f("ck_centre_breaks_one")),
        sa.CheckConstraint("most BETWEEN 0 AND 2000", name=op.f("ck_centre_breaks_most")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_centre_breaks")),
    )
    for statement in wall("centre_breaks", sees=f"{CENTRE} OR {PERSON} IS NOT NULL", writes=CENTRE):
        op.execute(statement)
