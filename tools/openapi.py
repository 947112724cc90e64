"""Writes the API's description for the generator of the desk's client: `python tools/openapi.py FILE`."""

import json
import sys
from pathlib import Path

from centrala.web.openapi import document

if __name__ == "__main__":
    text = json.dumps(document(), indent=2, ensure_ascii=False)
    Path(sys.argv[1]).write_text(text + "\n", encoding="utf-8")
