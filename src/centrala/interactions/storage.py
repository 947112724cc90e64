"""Where sealed recordings are kept: a folder, or a server that speaks S3.

Everything here blocks: call it in a thread.
"""

import contextlib
import os
import tempfile
import threading
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import IO, Any, Final, Protocol

from centrala.kit.settings import AppSettings, StorageKind, StorageSettings

FOLDER: Final = "store"
"""Below the folder of recordings; the engine writes beside it."""

S3_CONNECT: Final = 5  # seconds
S3_ANSWER: Final = 20  # seconds
S3_ATTEMPTS: Final = 3
_MISSING: Final = frozenset({"404", "NoSuchKey", "NotFound"})

Make = Callable[[IO[bytes]], object]
"""Writes an object's bytes."""


class Missing(LookupError):
    """There is no such object."""


class StoreAway(OSError):
    """The store does not answer, or refuses us."""


class Store(Protocol):
    """Objects by their place: a relative path with slashes."""

    kind: StorageKind

    def put(self, place: str, make: Make) -> None:
        """Keep what `make` writes, whole or not at all. Raises `StoreAway`, and `OSError` of a full disk."""

    def read_at(self, place: str, start: int, length: int) -> bytes:
        """At most `length` bytes from `start`. Raises `Missing`, `StoreAway`."""

    def size(self, place: str) -> int:
        """Bytes of an object. Raises `Missing`, `StoreAway`."""

    def delete(self, place: str) -> None:
        """Remove an object; one that is not there is removed already. Raises `StoreAway`."""

    def close(self) -> None:
        """Close the connections."""


class DiskStore:
    """A folder of this machine."""

    kind = StorageKind.DISK

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, place: str, make: Make) -> None:
        path = self._path(place)
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f"{path.name}.part")
        try:
            with part.open("wb") as file:
                make(file)
                file.flush()
                os.fsync(file.fileno())
            part.replace(path)
        except BaseException:
            part.unlink(missing_ok=True)
            raise

    def read_at(self, place: str, start: int, length: int) -> bytes:
        try:
            with self._path(place).open("rb") as file:
                file.seek(start)
                return file.read(length)
        except FileNotFoundError as error:
            raise Missing(place) from error
        except OSError as error:
            raise StoreAway(str(error)) from error

    def size(self, place: str) -> int:
        try:
            return self._path(place).stat().st_size
        except FileNotFoundError as error:
            raise Missing(place) from error

    def delete(self, place: str) -> None:
        with contextlib.suppress(FileNotFoundError):
            self._path(place).unlink()

    def close(self) -> None:
        """A folder has none."""

    def _path(self, place: str) -> Path:
        path = (self.folder / place).resolve()
        if not path.is_relative_to(self.folder.resolve()):
            raise Missing(place)  # places are ours; this is the last of the doors
        return path


class S3Store:
    """A bucket. Its client is made with the first use: the library takes half a second to load."""

    kind = StorageKind.S3

    def __init__(self, storage: StorageSettings, *, spool: Path) -> None:
        self._storage = storage
        self._spool = spool

    @cached_property
    def _client(self) -> Any:
        import boto3  # type: ignore[import-untyped]  # noqa: PLC0415 - loaded late: see above; it has no types
        from botocore.config import Config  # type: ignore[import-untyped]  # noqa: PLC0415

        storage = self._storage
        secret = storage.s3_secret_key
        return boto3.client(
            "s3",
            endpoint_url=str(storage.s3_endpoint) if storage.s3_endpoint else None,
            region_name=storage.s3_region,
            aws_access_key_id=storage.s3_access_key.get_secret_value() if storage.s3_access_key else None,
            aws_secret_access_key=secret.get_secret_value() if secret else None,
            config=Config(
                signature_version="s3v4",
                s3={"addressing_style": "path"},
                connect_timeout=S3_CONNECT,
                read_timeout=S3_ANSWER,
                retries={"max_attempts": S3_ATTEMPTS, "mode": "standard"},
            ),
        )

    def close(self) -> None:
        if "_client" in self.__dict__:
            self._client.close()
            del self._client

    def put(self, place: str, make: Make) -> None:
        self._spool.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=self._spool) as file:
            make(file)
            length = file.tell()
            file.seek(0)
            self._ask("put_object", place, Body=file, ContentLength=length)

    def read_at(self, place: str, start: int, length: int) -> bytes:
        answer = self._ask("get_object", place, Range=f"bytes={start}-{start + length - 1}")
        with contextlib.closing(answer["Body"]) as body:
            data: bytes = body.read()
        return data

    def size(self, place: str) -> int:
        try:
            return int(self._ask("head_object", place)["ContentLength"])
        except Missing:
            # The answer to a HEAD has no body, so it says the same when the whole bucket is gone; this one tells.
            self.read_at(place, 0, 1)
            raise

    def delete(self, place: str) -> None:
        self._ask("delete_object", place)

    def _ask(self, verb: str, place: str, **more: Any) -> Any:
        from botocore.exceptions import (  # type: ignore[import-untyped]  # noqa: PLC0415 - as above
            BotoCoreError,
            ClientError,
        )

        storage = self._storage
        try:
            return getattr(self._client, verb)(Bucket=storage.s3_bucket, Key=f"{storage.s3_prefix}{place}", **more)
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") in _MISSING:
                raise Missing(place) from error
            raise StoreAway(error.response.get("Error", {}).get("Code", "")) from error
        except BotoCoreError as error:
            raise StoreAway(type(error).__name__) from error


class Stores:
    """The stores of an installation: the one for what is new, and each one that older recordings name."""

    def __init__(self, settings: AppSettings) -> None:
        folder = settings.folders.recordings
        self._all: dict[str, Store] = {StorageKind.DISK: DiskStore(folder / FOLDER)}
        if settings.storage.s3_bucket:
            self._all[StorageKind.S3] = S3Store(settings.storage, spool=folder / FOLDER / "outgoing")
        self.current = self._all[settings.storage.recordings]

    def close(self) -> None:
        """Close the connections; they are opened again when they are needed."""
        for store in self._all.values():
            store.close()

    def of(self, kind: str | None) -> Store:
        """The store by the name in a row. Raises `StoreAway` when it is not set up any more."""
        store = self._all.get(kind or "")
        if store is None:
            raise StoreAway(f"no store {kind} is set")
        return store


_made: dict[tuple[Path, StorageSettings], Stores] = {}
_making = threading.Lock()


def stores_of(settings: AppSettings) -> Stores:
    """The stores of these settings, made once a process: their connections are kept."""
    key = (settings.folders.data, settings.storage)
    with _making:
        if key not in _made:
            _made.clear()  # settings change between tests only
            _made[key] = Stores(settings)
        return _made[key]
