"""The stores of recordings: one conformance suite for the folder and for a server that speaks S3."""

import logging
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any
from uuid import UUID

import httpx
import pytest
from pydantic import AnyHttpUrl, SecretStr

from centrala.interactions.everywhere import everywhere
from centrala.interactions.service.storing import Keeping, delete_recording, store_waiting
from centrala.interactions.storage import DiskStore, Missing, S3Store, Store, StoreAway, Stores, stores_of
from centrala.kit.database import Database
from centrala.kit.settings import AppSettings, StorageKind, StorageSettings
from conftest import TurnedClock
from support.contacts import Recorded, file_row

BUCKET = "recordings"
SOUND = bytes(range(256)) * 1000


def write(out: IO[bytes]) -> None:
    out.write(SOUND)


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """A server that speaks S3, on loopback."""
    from moto.server import ThreadedMotoServer  # noqa: PLC0415 - takes a second to load

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    one = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    one.start()
    host, port = one.get_host_and_port()
    yield f"http://{host}:{port}"
    one.stop()


def s3_settings(address: str) -> StorageSettings:
    return StorageSettings(
        recordings=StorageKind.S3,
        s3_endpoint=AnyHttpUrl(address),
        s3_bucket=BUCKET,
        s3_access_key=SecretStr("key"),
        s3_secret_key=SecretStr("secret"),
    )


@pytest.fixture
def bucket(server: str) -> StorageSettings:
    """Settings of an S3 store whose bucket is there."""
    settings = s3_settings(server)
    client: Any = S3Store(settings, spool=Path())._client
    client.create_bucket(Bucket=BUCKET)
    client.close()
    return settings


@pytest.fixture(params=["disk", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    if request.param == "disk":
        yield DiskStore(tmp_path / "store")
        return
    one = S3Store(request.getfixturevalue("bucket"), spool=tmp_path)
    yield one
    one.close()


PLACE = "2026/11/20/one.sealed"


def test_what_was_put_is_read_by_parts(store: Store) -> None:
    store.put(PLACE, write)
    assert store.size(PLACE) == len(SOUND)
    assert store.read_at(PLACE, 0, 10) == SOUND[:10]
    assert store.read_at(PLACE, 70_000, 5_000) == SOUND[70_000:75_000]
    assert store.read_at(PLACE, len(SOUND) - 3, 100) == SOUND[-3:]


def test_what_is_not_there_is_missing(store: Store) -> None:
    for ask in (lambda: store.size("none"), lambda: store.read_at("none", 0, 10)):
        with pytest.raises(Missing):
            ask()


def test_what_was_deleted_is_missing_and_may_be_deleted_again(store: Store) -> None:
    store.put(PLACE, write)
    store.delete(PLACE)
    store.delete(PLACE)
    with pytest.raises(Missing):
        store.size(PLACE)


def test_what_fails_while_it_is_written_is_not_there(store: Store) -> None:
    def fail(out: IO[bytes]) -> None:
        out.write(b"half")
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        store.put(PLACE, fail)
    with pytest.raises(Missing):
        store.size(PLACE)


def test_a_second_put_replaces_the_first(store: Store) -> None:
    store.put(PLACE, lambda out: out.write(b"first"))
    store.put(PLACE, write)
    assert store.size(PLACE) == len(SOUND)


def test_a_place_never_leads_out_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"x")
    with pytest.raises(Missing):
        DiskStore(tmp_path / "store").read_at("../secret", 0, 1)


def test_a_server_that_does_not_answer_is_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("centrala.interactions.storage.S3_ATTEMPTS", 1)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening: refused at once
        away = S3Store(s3_settings(f"http://127.0.0.1:{taken.getsockname()[1]}"), spool=tmp_path)
        with pytest.raises(StoreAway):
            away.size(PLACE)
        away.close()


def test_a_bucket_that_is_not_there_is_no_missing_recording(server: str, tmp_path: Path) -> None:
    settings = s3_settings(server).model_copy(update={"s3_bucket": "nowhere"})
    store = S3Store(settings, spool=tmp_path)
    for ask in (lambda: store.put(PLACE, write), lambda: store.size(PLACE), lambda: store.read_at(PLACE, 0, 1)):
        with pytest.raises(StoreAway):
            ask()
    store.close()


def test_recordings_of_a_store_that_is_not_set_any_more_are_away_not_gone(settings: AppSettings) -> None:
    with pytest.raises(StoreAway):
        Stores(settings).of("s3")


async def test_a_recording_goes_to_the_server_and_is_played_and_deleted_from_it(
    bucket: StorageSettings,
    settings: AppSettings,
    app: Any,
    supervisor: httpx.AsyncClient,
    database: Database,
    *,
    clock: TurnedClock,
    recorded: Recorded,
    project: UUID,
) -> None:
    app.state.settings = settings.model_copy(update={"storage": bucket})
    keeping = Keeping(database, app.state.settings, clock)
    assert await store_waiting(keeping) == 1
    row = await file_row(database, project, recorded.id)
    assert (row.backend, row.sealed_size) == ("s3", stores_of(app.state.settings).current.size(row.place or ""))
    answer = await supervisor.get(
        f"/api/recordings/{recorded.id}/audio", headers={"Range": f"bytes=44-{len(recorded.sound)}"}
    )
    assert answer.content == recorded.sound[44:]
    await delete_recording(keeping, await everywhere(database), recorded.id, why="retention")
    with pytest.raises(Missing):
        stores_of(app.state.settings).current.size(row.place or "")
    stores_of(app.state.settings).close()
