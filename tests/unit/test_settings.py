"""Settings: where they come from, and how a mistake is told."""

import re
from pathlib import Path

import pytest

from centrala.kit.settings import WebSettings
from centrala.node.errors import StartRefused
from centrala.node.settings import each_setting, load
from centrala.node.settings_page import page

ROOT = Path(__file__).parents[2]


def write(folder: Path, text: str) -> Path:
    file = folder / "centrala.toml"
    file.write_text(text)
    return file


def complaint(folder: Path) -> str:
    with pytest.raises(StartRefused) as caught:
        load(folder)
    return str(caught.value)


def test_installation_without_file_listens_on_loopback_only(tmp_path: Path) -> None:
    settings = load(tmp_path)
    hosts = {settings.web.host, settings.sip.host, str(settings.media.host)}
    assert hosts == {"127.0.0.1"}
    assert (settings.web.port, settings.sip.udp_port, settings.sip.tls_port) == (8080, 5060, 5061)
    assert (settings.media.first_port, settings.media.last_port) == (20000, 29999)


def test_environment_goes_before_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, '[web]\nport = 81\nhost = "10.0.0.1"\n')
    monkeypatch.setenv("CENTRALA_WEB_PORT", "82")
    settings = load(tmp_path)
    assert (settings.web.port, settings.web.host) == (82, "10.0.0.1")


@pytest.mark.parametrize(
    ("text", "key", "hint"),
    [
        ("[web]\nprot = 1", "'web.prot'", "'web.port'"),
        ("[wbe]\nport = 1", "'wbe'", "'web'"),
        ("port = 1", "'port'", "'web.port'"),
    ],
)
def test_unknown_key_names_key_file_and_nearest_key(tmp_path: Path, text: str, key: str, hint: str) -> None:
    file = write(tmp_path, text)
    line = complaint(tmp_path)
    assert "\n" not in line
    assert line.startswith(f"Unknown setting {key} in {file}. Did you mean {hint}?")


def test_unknown_variable_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CENTRALA_WEB_PROT", "1")
    assert "CENTRALA_WEB_PROT in the environment. Did you mean 'CENTRALA_WEB_PORT'" in complaint(tmp_path)


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("[web]\nport = 99999", "'web.port'"),
        ("[media]\nfirst_port = 3000\nlast_port = 2000", "last_port must be above"),
        ("web = 3", "'web'"),
        ("[web\n", "line 1"),
        ("\x00", "not valid TOML"),
    ],
)
def test_wrong_value_is_told_in_one_line(tmp_path: Path, text: str, part: str) -> None:
    write(tmp_path, text)
    line = complaint(tmp_path)
    assert part in line
    assert "\n" not in line


def test_wrong_variable_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CENTRALA_WEB_PORT", "http")
    assert "CENTRALA_WEB_PORT" in complaint(tmp_path)


def test_complaint_shows_no_secret(tmp_path: Path) -> None:
    write(tmp_path, '[database]\nurl = ["postgresql://o:geheim@h/c"]')
    assert "geheim" not in complaint(tmp_path)


def test_named_settings_file_must_exist(tmp_path: Path) -> None:
    with pytest.raises(StartRefused, match="does not exist"):
        load(tmp_path, tmp_path / "other.toml")


def test_public_address_follows_host_and_port() -> None:
    assert WebSettings().url == "http://127.0.0.1:8080"
    assert WebSettings(host="::1", port=81).url == "http://[::1]:81"
    assert WebSettings.model_validate({"public_url": "https://c.example/"}).url == ("https://c.example")


def test_page_of_settings_is_current() -> None:
    assert (ROOT / "docs" / "settings.md").read_text() == page(), "run make docs"


def test_every_setting_is_documented() -> None:
    assert [key for key, setting in each_setting() if not setting.description] == []


def test_every_setting_is_read_somewhere() -> None:
    program = "\n".join(path.read_text() for path in (ROOT / "src").rglob("*.py") if not path.match("kit/settings.py"))
    unread = [key for key, _ in each_setting() if not re.search(rf"\b{key.replace('.', '[a-z_]*[.]')}\b", program)]
    assert unread == []
