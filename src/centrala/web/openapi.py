"""The OpenAPI document, from which the desk's client is made and which tests go through."""

from pathlib import Path
from typing import Any

from pydantic import SecretStr

from centrala.kit.settings import AppSettings, Folders
from centrala.web.app import create_app


def document() -> dict[str, Any]:
    """The document of this program; no database is needed."""
    settings = AppSettings(
        folders=Folders(data=Path()),
        database_url=SecretStr("postgresql+psycopg://nowhere/centrala"),
        secret_key=SecretStr("none"),
        media_control="unix:none",
    )
    return create_app(settings).openapi()
