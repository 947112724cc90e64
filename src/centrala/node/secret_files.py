"""Random secrets of one installation, a file each in `<data>/secrets`, for the owner only."""

import os
import secrets
from pathlib import Path
from typing import Final

SECRET_BYTES: Final = 32


def read_or_create(path: Path) -> str:
    """The secret in `path`; the first call makes it (43 URL-safe characters, 256 random bits)."""
    try:
        return path.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        pass
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    value = secrets.token_urlsafe(SECRET_BYTES)
    # Written aside and linked into place: a crash leaves no empty secret, and of two processes
    # that start together one wins and both read the winner's.
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(value + "\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        value = path.read_text(encoding="ascii").strip()
    finally:
        draft.unlink()
    return value
