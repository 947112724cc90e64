"""Customers, contacts with their timeline, dispositions, recordings' marks and keeping."""

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    pass
