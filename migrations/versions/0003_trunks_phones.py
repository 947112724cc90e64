"""Trunks, phones and who may dial what."""

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Its tables come with the room's first step."""
