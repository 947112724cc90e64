"""Flows with their versions, prompts, and which number leads to which flow."""

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    pass
