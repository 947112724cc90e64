"""Writes docs/settings.md out of the models: `python -m centrala.node.settings_page FILE`."""

import sys
from pathlib import Path
from typing import Any, Final, get_args

from annotated_types import Ge, Le
from pydantic import AnyHttpUrl, BaseModel, SecretStr
from pydantic.fields import FieldInfo

from centrala.node.settings import PREFIX, Settings

HEAD: Final = """\
# Settings

Written by `make docs` out of `src/centrala/kit/settings.py`; change the texts there.

Centrala needs no settings to start. What you want otherwise goes into `centrala.toml` in the data
folder (or the file that `--config` or `CENTRALA_CONFIG` names), or into an environment variable,
which goes before the file. Lists in a variable are written as JSON: `["127.0.0.1", "10.0.0.0/8"]`.
A key that does not exist stops the start with a line that names the nearest one.

```toml
[web]
host = "0.0.0.0"
public_url = "https://centre.example"
```

The data folder itself is named by `--data` or `CENTRALA_DATA`; without them it is
`/var/lib/centrala` for root, else `$XDG_DATA_HOME/centrala` (`~/.local/share/centrala`).
`centrala settings` prints the values in force.
"""


def page() -> str:
    """The whole page as Markdown."""
    parts = [HEAD]
    for part, field in Settings.model_fields.items():
        model = field.annotation
        if not (isinstance(model, type) and issubclass(model, BaseModel)):
            continue
        parts.append(f"\n## [{part}]\n\n{(model.__doc__ or '').strip()}\n\n")
        parts.append("| Key | Variable | Default | Values | Meaning |\n|---|---|---|---|---|\n")
        for name, setting in model.model_fields.items():
            variable = f"{PREFIX}{part}_{name}".upper()
            parts.append(
                f"| `{name}` | `{variable}` | {_default(setting)} | {_values(setting)} "
                f"| {_cell(setting.description or '')} |\n"
            )
    return "".join(parts)


def _default(setting: FieldInfo) -> str:
    value: Any = setting.get_default()
    if value is None:
        return "unset"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, tuple):
        return "`[" + ", ".join(f'"{item}"' for item in value) + "]`"
    return f"`{value}`"


def _values(setting: FieldInfo) -> str:
    kinds = [kind for kind in get_args(setting.annotation) if kind is not type(None)]
    kind = kinds[0] if kinds and not _is_list(setting) else setting.annotation
    members = getattr(kind, "__members__", None)
    if members is not None:
        return ", ".join(f"`{member.value}`" for member in members.values())
    bounds = [rule for rule in setting.metadata if isinstance(rule, Ge | Le)]
    low = next((rule.ge for rule in bounds if isinstance(rule, Ge)), None)
    high = next((rule.le for rule in bounds if isinstance(rule, Le)), None)
    if low is not None:
        return f"{low} to {high}" if high is not None else f"at least {low}"
    if kind is SecretStr:
        return "secret text"
    names: dict[Any, str] = {bool: "`true`, `false`", AnyHttpUrl: "URL", str: "text"}
    if _is_list(setting):
        return "list of texts"
    return names.get(kind, "IP address")


def _is_list(setting: FieldInfo) -> bool:
    return isinstance(setting.get_default(), tuple)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(page(), encoding="utf-8")
