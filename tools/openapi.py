"""Writes the API's description for the generator of the desk's client: `python tools/openapi.py FILE`."""

import json
import sys
from pathlib import Path

from pydantic import SecretStr

from centrala.kit.settings import AppSettings, Folders
from centrala.web.app import create_app


def main() -> None:
    """Build the app without starting it; nothing of the settings shows in the description."""
    app = create_app(
        AppSettings(
            folders=Folders(data=Path("/nonexistent")),
            database_url=SecretStr("postgresql+psycopg://nobody@localhost/none"),
            secret_key=SecretStr("none"),
            media_control="unix:/nonexistent",
        )
    )
    text = json.dumps(app.openapi(), indent=2, ensure_ascii=False, sort_keys=True)
    Path(sys.argv[1]).write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
