"""`roost settings`: every setting, its value and the source of the value."""

from __future__ import annotations

import json
import re
from collections.abc import Set
from enum import Enum
from typing import Annotated, Any

import typer
from pydantic import SecretStr

from roost.settings import Settings

MASK = "********"
_CREDENTIALS = re.compile(r"//[^/@\s]+@")
"""User and password in a URL."""


def settings_command(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Print every setting with its value and the source of the value; secrets are masked.

    The source is `environment`, `running stack` (the one that runs on this machine) or `default`.

    Examples:
        roost settings

        roost settings --json
    """
    rows = setting_rows(Settings(), context.obj or frozenset())
    if as_json:
        typer.echo(json.dumps(rows, indent=2, ensure_ascii=False))
        return
    width = max(len(row["variable"]) for row in rows)
    for row in rows:
        typer.echo(f"{row['variable']:{width}}  {row['source']:13}  {row['value']}")


def setting_rows(settings: Settings, given: Set[str]) -> list[dict[str, str]]:
    """Return variable, source, value and meaning of every setting, without secrets.

    `given` are the variables that the operator has set; a setting that is set without being among
    them comes from the running stack.
    """
    rows = []
    for name, field in Settings.model_fields.items():
        variable = f"{Settings.model_config['env_prefix']}{name}".upper()
        is_set = name in settings.model_fields_set
        source = "default" if not is_set else "running stack"
        if is_set and variable in {each.upper() for each in given}:
            source = "environment"
        rows.append(
            {
                "variable": variable,
                "source": source,
                "value": _written(getattr(settings, name)),
                "meaning": field.description or "",
            }
        )
    return rows


def _written(value: Any) -> str:
    """Return a value as it is written in the environment; secrets are masked."""
    if value is None:
        return ""
    if isinstance(value, SecretStr):
        return MASK if value.get_secret_value() else ""
    if isinstance(value, dict | list):
        return json.dumps(value, default=_masked, ensure_ascii=False)
    if isinstance(value, Enum):
        return str(value.value)
    return _CREDENTIALS.sub(rf"//{MASK}@", str(value))


def _masked(value: Any) -> str:
    return MASK if isinstance(value, SecretStr) else str(value)
