"""The table of settings in docs/operations.md agrees with the declarations."""

from __future__ import annotations

import json
import re
from enum import Enum
from pathlib import Path

import pytest
from pydantic.fields import FieldInfo

from roost.settings import Settings

OPERATIONS = Path(__file__).parents[3] / "docs" / "operations.md"
UNITS = {"_s": "seconds", "_minutes": "minutes", "_hours": "hours", "_bytes": "bytes"}


def rows() -> dict[str, tuple[str, str, str]]:
    """Return default, unit and meaning of every setting in the table."""
    found = re.findall(
        r"^\| `(ROOST_\w+)` \| (.*?) \| (.*?) \| (.*?) \|$", OPERATIONS.read_text("utf-8"), re.M
    )
    return {name: (default, unit, meaning) for name, default, unit, meaning in found}


def written(field: FieldInfo) -> str:
    """Return the default as the table writes it."""
    value = field.get_default(call_default_factory=True)
    if value is None or value == "":
        return "none"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Enum):
        return f"`{value.value}`"
    if isinstance(value, list) and value:
        return f"`{json.dumps(value, separators=(',', ':'))}`"
    if isinstance(value, int | float):
        return f"{value:.0f}"
    return f"`{value}`"


@pytest.mark.parametrize("name", Settings.model_fields)
def test_a_setting_is_documented_with_its_default_and_its_meaning(name: str) -> None:
    variable, field = f"ROOST_{name.upper()}", Settings.model_fields[name]
    assert variable in rows(), f"add a row for {variable} to docs/operations.md"
    default, _, meaning = rows()[variable]
    assert default == written(field)
    assert meaning.rstrip(".") == field.description


NUMBERS = [
    name for name, field in Settings.model_fields.items() if field.annotation in {int, float}
]


@pytest.mark.parametrize("name", NUMBERS)
def test_a_duration_carries_its_unit_in_its_name(name: str) -> None:
    _, unit, _ = rows()[f"ROOST_{name.upper()}"]
    for suffix, meant in UNITS.items():
        if name.endswith(suffix):
            assert unit == meant
    if unit in {"seconds", "minutes", "hours"}:
        assert name.endswith(tuple(UNITS))


def test_no_setting_is_documented_that_does_not_exist() -> None:
    assert rows().keys() == {f"ROOST_{name.upper()}" for name in Settings.model_fields}
