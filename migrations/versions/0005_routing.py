"""Queues, who serves them, breaks, and what the router must remember."""

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    pass
