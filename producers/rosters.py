"""Mapping of a row of a file to the fields of the API, as a YAML file declares it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from roost.errors import Invalid, invalid_field
from roost.events.envelope import invalid
from roost.places.new_york import borough_of
from roost.text.mojibake import mended

DEEPEST = 4
"""Most dots of a column's name that nest a field."""
YES = {"是", "有", "yes", "y", "true", "1", "√"}


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


class Rule(BaseModel):
    """Rule by which one field is read from a row."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    columns: Annotated[list[str], BeforeValidator(_as_list)] = Field([], alias="from")
    value: Any = None
    kind: Literal["text", "slug", "number", "date", "list", "yes", "borough"] = Field(
        "text", alias="as"
    )
    split: str = ";"
    lookup: dict[str, str] | None = None
    otherwise: str | None = None


class Mapping(BaseModel):
    """A mapping file; `roost/data/mappings/README.md` describes its format."""

    model_config = ConfigDict(extra="forbid")

    source: str = Field(pattern=r"^[\w.-]{1,64}$")
    repeats: Literal["first", "last"] = "last"
    shifted: dict[str, str] = {}
    fields: dict[str, Rule]

    def columns(self) -> set[str]:
        """Return the columns that the rules read."""
        return {column for rule in self.fields.values() for column in rule.columns}


@dataclass(frozen=True, slots=True)
class Direct:
    """Import without a mapping: columns are named like fields, with dots for nested ones."""

    source: str
    repeats: Literal["first", "last"] = "last"
    lists: frozenset[str] = frozenset()


def shipped_mappings() -> list[str]:
    """Return the names of the mappings that ship with Roost."""
    folder = files("roost") / "data" / "mappings"
    return sorted(
        each.name.removesuffix(".yaml") for each in folder.iterdir() if each.name.endswith(".yaml")
    )


def load_mapping(name: str) -> Mapping:
    """Load a mapping that ships with Roost, by name, or a file by its path. Raises Invalid."""
    shipped = files("roost") / "data" / "mappings" / f"{name}.yaml"
    path = Path(name)
    if not path.suffix and not shipped.is_file():
        known = ", ".join(shipped_mappings())
        raise Invalid(f"There is no mapping {name!r}; there are {known}, or give a file.")
    text = path.read_text("utf-8") if path.suffix else shipped.read_text("utf-8")
    try:
        return Mapping.model_validate(yaml.safe_load(text))
    except ValidationError as error:
        raise Invalid(f"{name}: {invalid(error).message}") from None
    except yaml.YAMLError as error:
        raise Invalid(f"{name}: this is not YAML: {error}") from None


def map_row(values: dict[str, Any], mapping: Mapping) -> dict[str, Any]:
    """Map a row to the fields of the API."""
    values, strays = _split_off_strays(values, mapping)
    content: dict[str, Any] = {}
    for name, rule in mapping.fields.items():
        found = _read_field(rule, values)
        if found is not None:
            _set_field(content, name, found)
    if strays:
        content["description"] = "\n".join(filter(None, [content.get("description", ""), *strays]))
    return content


def map_direct_row(values: dict[str, Any], lists: frozenset[str]) -> dict[str, Any]:
    """Map a row whose columns are named like fields: `a.b` nests, `;` separates list items."""
    content: dict[str, Any] = {}
    for name, value in values.items():
        if value in ("", None):
            continue
        if isinstance(value, str) and name in lists:
            value = _split(value, ";")
        _set_field(content, name, value)
    return content


CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


def repair_text(text: str) -> str:
    """Repair UTF-8 text that was decoded as Windows-1252 (`â€™`), and remove control characters."""
    return CONTROL.sub("", mended(text))


def identifier_of(values: dict[str, Any], mapping: Mapping | Direct) -> Any:
    """Return the reference of a row as written, whatever else is wrong with the row."""
    if isinstance(mapping, Direct):
        return values.get("identifier")
    rule = mapping.fields.get("identifier")
    return None if rule is None else _read_field(rule, values)


def _split_off_strays(values: dict[str, Any], mapping: Mapping) -> tuple[dict[str, Any], list[str]]:
    """Split off values that are in the wrong column: return the others, and these as text."""
    strays = [
        column
        for column, pattern in mapping.shifted.items()
        if (value := values.get(column)) and not re.search(pattern, str(value))
    ]
    kept = {name: "" if name in strays else value for name, value in values.items()}
    return kept, [repair_text(str(values[column])).strip() for column in strays]


def _read_field(rule: Rule, values: dict[str, Any]) -> Any:
    if rule.value is not None:
        return rule.value
    texts = [str(values.get(column) or "") for column in rule.columns]
    text = "\n".join(filter(None, (repair_text(each).strip() for each in texts)))
    if rule.lookup is not None:
        return rule.lookup.get(text, rule.otherwise)
    if not text:
        return None
    match rule.kind:
        case "slug":
            return re.sub(r"\W+", "-", text.lower()).strip("-")[:64]
        case "number":
            return text.replace(",", "").replace("，", "").removeprefix("$").removeprefix("¥")
        case "date":
            return text[:10].replace("/", "-").replace(".", "-")
        case "list":
            return _split(text, rule.split)
        case "yes":
            return text.lower() in YES
        case "borough":
            return borough_of(text)
        case _:
            return text


def _split(text: str, separator: str) -> list[str]:
    marks = re.escape(separator) + ("；、" if separator == ";" else "")
    return [part.strip() for part in re.split(f"[{marks}]", text) if part.strip()]


def _set_field(content: dict[str, Any], name: str, value: Any) -> None:
    """Set a nested field. Raises Invalid if another column holds a plain value in its place."""
    *outer, last = name.split(".", DEEPEST)
    for step in outer:
        content = content.setdefault(step, {})
        if not isinstance(content, dict):
            raise invalid_field(
                name[:100],
                f"cannot be within {step!r}, which another column sets",
                f"与另一列“{step}”冲突",
            )
    content[last] = value
