"""Finds the settings: environment over file over defaults. A mistake is told in one line."""

import difflib
import json
import os
import tomllib
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_settings import (
    BaseSettings,
    InitSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
)

from centrala.kit.settings import (
    DatabaseSettings,
    FlowsSettings,
    LimitsSettings,
    LogSettings,
    MediaSettings,
    NodeSettings,
    RetentionSettings,
    SipSettings,
    StorageSettings,
    WebSettings,
)
from centrala.node.errors import StartRefused

PREFIX: Final = "CENTRALA_"
PLACES: Final = {"CENTRALA_DATA", "CENTRALA_CONFIG"}  # where to look, so not in the file itself
FILE_NAME: Final = "centrala.toml"
ROOT_DATA: Final = Path("/var/lib/centrala")


class WrongSetting(StartRefused):
    """A key that does not exist, or a value that does not fit."""


class Settings(BaseSettings):
    """All parts. `web.port` is `port` under `[web]` in the file, `CENTRALA_WEB_PORT` outside."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_nested_delimiter="_",
        env_nested_max_split=1,
        env_ignore_empty=True,
        extra="forbid",
        frozen=True,
    )

    web: WebSettings = WebSettings()
    sip: SipSettings = SipSettings()
    media: MediaSettings = MediaSettings()
    database: DatabaseSettings = DatabaseSettings()
    log: LogSettings = LogSettings()
    limits: LimitsSettings = LimitsSettings()
    storage: StorageSettings = StorageSettings()
    flows: FlowsSettings = FlowsSettings()
    retention: RetentionSettings = RetentionSettings()
    node: NodeSettings = NodeSettings()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - named by pydantic-settings
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        file = init_settings.init_kwargs if isinstance(init_settings, InitSettingsSource) else {}
        return env_settings, InitSettingsSource(settings_cls, init_kwargs=file)


def default_data_folder() -> Path:
    """For root /var/lib/centrala; for others a folder by the XDG base directory specification."""
    if os.geteuid() == 0:
        return ROOT_DATA
    base = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return Path(base) / "centrala"


def load(data: Path, config: Path | None = None) -> Settings:
    """The settings of the installation in `data`, from its file or from `config`.

    Raises `WrongSetting` naming the key, where it stands, and the nearest key that exists.
    """
    file = config or data / FILE_NAME
    values = read_file(file, required=config is not None)
    _refuse_unknown_variables(os.environ)
    try:
        return Settings(**values)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise _explain(first["type"], first["loc"], first["msg"], file) from error
    except SettingsError as error:
        raise WrongSetting(
            f"A list in an environment variable is not JSON ({error.__cause__ or error})",
            'Write it as in CENTRALA_WEB_TRUSTED_PROXIES=["127.0.0.1"]',
        ) from error


def read_file(file: Path, *, required: bool) -> dict[str, Any]:
    """The tables of a TOML file; an absent one that nobody asked for is empty."""
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError) as error:
        if not required:
            return {}
        raise WrongSetting(f"The settings file {file} does not exist", "Check --config and CENTRALA_CONFIG") from error
    except OSError as error:
        raise WrongSetting(f"The settings file {file} cannot be read: {error.strerror}", "Check its rights") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise WrongSetting(f"{file} is not valid TOML: {error}", "Correct that line") from error


def _refuse_unknown_variables(environment: Mapping[str, str]) -> None:
    known = {_variable(key) for key, _ in each_setting()} | PLACES
    for name in sorted(environment):
        if name.startswith(PREFIX) and name not in known:
            raise WrongSetting(f"Unknown setting {name} in the environment", _nearest(name, known))


def _explain(kind: str, place: tuple[int | str, ...], message: str, file: Path) -> WrongSetting:
    key = ".".join(str(step) for step in place[:2])
    where = f"in {file}"
    if any(name.startswith(_variable(key)) for name in os.environ):
        where = f"in the environment ({_variable(key)})"
    if kind == "extra_forbidden":
        known = {known for known, _ in each_setting()} | set(Settings.model_fields)
        return WrongSetting(f"Unknown setting {key!r} {where}", _nearest(key, known))
    message = message.removeprefix("Value error, ").rstrip(".")
    return WrongSetting(f"Setting {key!r} {where}: {message}", "See docs/settings.md")


def _nearest(key: str, known: Collection[str]) -> str:
    bare = {name.removeprefix(PREFIX): name for name in known}
    close = difflib.get_close_matches(key.removeprefix(PREFIX), bare, n=1)
    # A key is often right and only in the wrong table.
    close = close or sorted(name for name in bare if name.endswith(f".{key}"))
    if not close:
        return "Remove it; docs/settings.md lists all"
    return f"Did you mean {bare[close[0]]!r}? docs/settings.md lists all"


def each_setting() -> Iterable[tuple[str, FieldInfo]]:
    """Every setting by its dotted key, in the order of the documentation."""
    for part, field in Settings.model_fields.items():
        model = field.annotation
        if isinstance(model, type) and issubclass(model, BaseModel):
            for name, setting in model.model_fields.items():
                yield f"{part}.{name}", setting


def _variable(key: str) -> str:
    return PREFIX + key.replace(".", "_").upper()


def values(settings: Settings) -> Iterable[tuple[str, str]]:
    """Every setting in force by its dotted key, as TOML writes it; secrets are hidden."""
    for key, _ in each_setting():
        part, _, name = key.partition(".")
        value: Any = getattr(getattr(settings, part), name)
        if value is None:
            yield key, "unset"
        elif isinstance(value, bool | int | tuple):
            yield key, json.dumps(value)
        else:
            yield key, json.dumps(str(value))
