"""The form of a backup: one tar file of regular files, the manifest last.

The manifest comes last because it holds the checksums of what was written before it. Whatever is not listed there, or
does not fit its checksum, makes the whole archive unusable: half a centre is worse than an older one.
"""

import hashlib
import io
import tarfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from centrala.node.errors import StartRefused

FORMAT: Final = 1
MANIFEST: Final = "manifest.json"
DATABASE: Final = "database.dump"
FILES: Final = "data/"
BLOCK: Final = 1 << 20  # bytes at a time
MAX_MANIFEST: Final = 1 << 30  # bytes; about five million files


class Member(BaseModel):
    """A file of the archive."""

    model_config = ConfigDict(frozen=True)

    name: str
    size: int
    mode: int
    sha256: str


class Manifest(BaseModel):
    """What the archive holds and who made it."""

    model_config = ConfigDict(frozen=True)

    format: int = FORMAT
    centrala: str = Field(description="Version of the program.")
    postgres: str = Field(description="Version of the database server.")
    revision: str = Field(description="Revision of the schema.")
    made_at: str = Field(description="RFC 3339, UTC.")
    members: tuple[Member, ...]


class Damaged(StartRefused):
    """The archive is not what a backup wrote."""

    def __init__(self, file: Path, what: str) -> None:
        super().__init__(f"The backup {file} is damaged: {what}", "Use another copy; nothing was changed")


class Writer:
    """Adds files one after the other."""

    def __init__(self, tar: tarfile.TarFile) -> None:
        self._tar = tar
        self.members: list[Member] = []

    def add(self, path: Path, name: str) -> None:
        """Add a file as it is at this moment; what is appended meanwhile is left out."""
        with path.open("rb") as source:
            info = self._tar.gettarinfo(arcname=name, fileobj=source)
            info.uid = info.gid = 0
            info.uname = info.gname = ""
            digest = _Digest(source)
            self._tar.addfile(info, digest)  # type: ignore[arg-type]  # addfile only reads
        self.members.append(Member(name=name, size=info.size, mode=info.mode, sha256=digest.hex))

    def finish(self, manifest: Manifest) -> None:
        """Write the manifest."""
        data = manifest.model_dump_json(indent=1).encode()
        info = tarfile.TarInfo(MANIFEST)
        info.size, info.mode, info.mtime = len(data), 0o600, int(time.time())
        self._tar.addfile(info, io.BytesIO(data))


class _Digest:
    """A file that is hashed while it is read."""

    def __init__(self, source: IO[bytes]) -> None:
        self._source = source
        self._hash = hashlib.sha256()

    def read(self, size: int) -> bytes:
        data = self._source.read(size)
        self._hash.update(data)
        return data

    @property
    def hex(self) -> str:
        return self._hash.hexdigest()


@contextmanager
def writing(file: Path) -> Iterator[Writer]:
    """An archive that appears under its name when it is complete, and not at all otherwise."""
    draft = file.with_name(f".{file.name}.part")
    draft.unlink(missing_ok=True)
    draft.touch(mode=0o600)
    try:
        with tarfile.open(draft, "w", format=tarfile.PAX_FORMAT) as tar:
            yield Writer(tar)
        draft.rename(file)
    finally:
        draft.unlink(missing_ok=True)


def verified(file: Path) -> Manifest:
    """Read all of an archive and compare it with its manifest. Raises `Damaged`."""
    found: dict[str, tuple[int, str]] = {}
    manifest = None
    try:
        with tarfile.open(file, "r:") as tar:
            for info in tar:
                if not info.isreg() or not is_safe(info.name):
                    raise Damaged(file, f"it holds {info.name!r}, which no backup writes")
                content = tar.extractfile(info)
                assert content is not None  # noqa: S101 - regular files have content
                if info.name == MANIFEST:
                    manifest = Manifest.model_validate_json(content.read(MAX_MANIFEST))
                else:
                    found[info.name] = (info.size, digest_of(content))
    except FileNotFoundError as error:
        raise StartRefused(f"There is no file {file}", "Check the path") from error
    except (tarfile.TarError, ValidationError, EOFError, OSError) as error:
        raise Damaged(file, str(error).splitlines()[0]) from error
    if manifest is None or manifest.format != FORMAT:
        raise Damaged(file, "it has no manifest of a form that this program knows")
    expected = {member.name: (member.size, member.sha256) for member in manifest.members}
    if expected != found:
        wrong = sorted(name for name in expected.keys() | found.keys() if expected.get(name) != found.get(name))
        raise Damaged(file, f"{wrong[0]!r} does not fit its checksum")
    return manifest


def digest_of(content: IO[bytes]) -> str:
    """SHA-256 of the rest of a file."""
    digest = hashlib.sha256()
    while data := content.read(BLOCK):
        digest.update(data)
    return digest.hexdigest()


def is_safe(name: str) -> bool:
    """Whether a name stays inside the folder that it is unpacked into."""
    path = PurePosixPath(name)
    known = name in {MANIFEST, DATABASE} or name.startswith(FILES)
    return known and not path.is_absolute() and ".." not in path.parts and "\0" not in name
