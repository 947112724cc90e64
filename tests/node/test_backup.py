"""A backup brings back everything or changes nothing."""

import hashlib
import io
import json
import tarfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from centrala.node.archive import Manifest, is_safe, verified
from centrala.node.backup import files_of
from centrala.node.errors import StartRefused
from centrala.node.postgres import EmbeddedPostgres
from centrala.node.roles import plain_url
from support.nodes import Node, centrala, reachable_folder, refusal, wait_for

CONTENT = {"files/logo.png": b"\x89PNG" * 1000, "recordings/2026/11/call.wav": b"RIFF" * 5000}


@pytest.fixture(scope="module")
def saved(node: Node) -> Iterator[Path]:
    """A backup of the running centre, with a table of its own and two files."""
    for name, content in CONTENT.items():
        path = node.data / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    # Telephony starts after the desk is open, and makes a file of its own.
    wait_for((node.data / "files/music-on-hold.wav").exists, "music for who is on hold")
    with psycopg.connect(plain_url(EmbeddedPostgres(node.data).owner_url), autocommit=True) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS saved AS SELECT 'Ștefan Жук' AS name, 7 AS value")
    with reachable_folder() as folder:
        file = folder / "centre.tar"
        done = centrala("backup", str(file), "--data", str(node.data))
        assert (done.returncode, done.stderr) == (0, "")
        yield file


@pytest.fixture
def target() -> Iterator[Path]:
    with reachable_folder() as folder:
        yield folder / "target"


def contents(folder: Path) -> dict[str, bytes]:
    """All files but the cluster's and those of running processes."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.relative_to(folder).parts[0] not in {"postgres", "run"}
    }


def put(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    info = tarfile.TarInfo(name)
    info.size = len(content)
    tar.addfile(info, io.BytesIO(content))


def counts(url: str) -> dict[str, int]:
    """Rows of every table."""
    with psycopg.connect(plain_url(url)) as connection:
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        return {
            name: connection.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(name))).fetchall()[0][0]
            for (name,) in tables
        }


def test_restored_centre_has_every_row_file_and_secret(node: Node, saved: Path, target: Path) -> None:
    done = centrala("restore", str(saved), "--data", str(target))
    assert (done.returncode, done.stderr) == (0, "")
    assert contents(target) == contents(node.data)
    assert contents(target).keys() > CONTENT.keys()
    server = EmbeddedPostgres(target)
    server.start()
    try:
        assert counts(server.owner_url) == counts(EmbeddedPostgres(node.data).owner_url)
        with psycopg.connect(plain_url(server.owner_url)) as connection:
            assert connection.execute("SELECT * FROM saved").fetchall() == [("Ștefan Жук", 7)]
        with psycopg.connect(plain_url(server.app_url())) as connection:  # the app's rights came along
            connection.execute("SELECT count(*) FROM accounts")
    finally:
        server.stop()


def test_manifest_names_versions_and_checksums(saved: Path) -> None:
    manifest = verified(saved)
    assert (manifest.centrala, manifest.postgres[:2]) == ("0.1.0", "18")
    assert {member.name for member in manifest.members} > {"database.dump", *(f"data/{name}" for name in CONTENT)}
    assert saved.stat().st_mode & 0o777 == 0o600


def test_every_flipped_byte_is_found_before_anything_changes(saved: Path, target: Path) -> None:
    data = bytearray(saved.read_bytes())
    file = saved.with_name("damaged.tar")
    with tarfile.open(saved) as tar:
        places = [info.offset_data + info.size // 2 for info in tar if info.name != "manifest.json"]
    for place in places:
        damaged = bytearray(data)
        damaged[place] ^= 1
        file.write_bytes(damaged)
        with pytest.raises(StartRefused, match="does not fit its checksum"):
            verified(file)
    line = refusal(centrala("restore", str(file), "--data", str(target)))
    assert "is damaged" in line
    assert not target.exists()


@pytest.mark.parametrize("length", [0, 100, 5000])
def test_cut_off_backup_is_refused(saved: Path, tmp_path: Path, length: int) -> None:
    file = tmp_path / "short.tar"
    file.write_bytes(saved.read_bytes()[:length])
    with pytest.raises(StartRefused, match="is damaged"):
        verified(file)


@pytest.mark.parametrize("name", ["../escape", "/etc/passwd", "data/../../escape", "data/a/../../b", "other"])
def test_archive_cannot_write_outside_of_the_folder(tmp_path: Path, name: str) -> None:
    assert not is_safe(name)
    file = tmp_path / "evil.tar"
    manifest = Manifest(centrala="0", postgres="18", revision="0001", made_at="", members=())
    with tarfile.open(file, "w") as tar:
        put(tar, name, b"x")
        put(tar, "manifest.json", manifest.model_dump_json().encode())
    with pytest.raises(StartRefused, match="which no backup writes"):
        verified(file)


def test_used_folder_is_replaced_only_when_asked(saved: Path, target: Path) -> None:
    target.mkdir()
    (target / "centrala.toml").write_text("")
    assert "is not empty" in refusal(centrala("restore", str(saved), "--data", str(target)))
    assert (target / "centrala.toml").exists()
    assert centrala("restore", str(saved), "--data", str(target), "--replace").returncode == 0
    assert not (target / "centrala.toml").exists()
    assert not list(target.glob("replaced-*"))


def test_demo_below_the_folder_is_neither_saved_nor_replaced(saved: Path, target: Path) -> None:
    demo = target / "demo"
    (demo / "run").mkdir(parents=True)
    (demo / "run" / "lock").touch()
    (demo / "centrala.toml").write_text("# the demo's\n")
    assert list(files_of(target)) == []
    assert centrala("restore", str(saved), "--data", str(target), "--replace").returncode == 0
    assert (demo / "centrala.toml").read_text() == "# the demo's\n"


def test_running_centre_is_never_replaced(node: Node, saved: Path) -> None:
    line = refusal(centrala("restore", str(saved), "--data", str(node.data), "--replace"))
    assert f"already runs on {node.data}" in line
    assert node.status_of("/readyz") == 200


def test_restore_that_fails_leaves_the_folder_as_it_was(saved: Path, target: Path) -> None:
    # A whole archive whose dump PostgreSQL cannot read.
    file = saved.with_name("nonsense.tar")
    with tarfile.open(saved) as tar, tarfile.open(file, "w") as made:
        manifest = json.loads(tar.extractfile("manifest.json").read())  # type: ignore[union-attr]  # it is a file
        dump = b"PGDMP but no dump"
        digest = hashlib.sha256(dump).hexdigest()
        manifest["members"] = [{"name": "database.dump", "size": len(dump), "mode": 0o600, "sha256": digest}]
        for name, content in (("database.dump", dump), ("manifest.json", json.dumps(manifest).encode())):
            put(made, name, content)
    target.mkdir()
    (target / "centrala.toml").write_text("# mine\n")
    assert "pg_restore failed" in refusal(centrala("restore", str(file), "--data", str(target), "--replace"))
    assert contents(target) == {"centrala.toml": b"# mine\n"}
    assert not (target / "postgres").exists()


def test_backup_never_overwrites(node: Node, saved: Path) -> None:
    before = saved.read_bytes()
    assert "exists" in refusal(centrala("backup", str(saved), "--data", str(node.data)))
    assert saved.read_bytes() == before


def test_backup_that_cannot_be_written_leaves_nothing(node: Node, tmp_path: Path) -> None:
    line = refusal(centrala("backup", str(tmp_path / "no" / "such" / "centre.tar"), "--data", str(node.data)))
    assert "cannot be written" in line
    assert list(tmp_path.iterdir()) == []


def test_backup_needs_a_centre(tmp_path: Path) -> None:
    line = refusal(centrala("backup", str(tmp_path / "centre.tar"), "--data", str(tmp_path / "nothing")))
    assert "There is no centre" in line
