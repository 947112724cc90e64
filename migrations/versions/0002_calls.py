"""Calls, their legs, dialogs and recordings."""

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Its tables come with the room's first step."""
