"""Mapping files on disk: those that ship with Roost, and those of an operator."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from pathlib import Path

import yaml
from pydantic import ValidationError

from producers.mappings.mapping_model import Mapping
from roost.errors import Invalid
from roost.events.envelope import invalid


def shipped_mappings(kind: str | None = None) -> list[str]:
    """Return the names of the mappings that ship with Roost, of one kind of records or all."""
    folder = files("roost") / "data" / "mappings"
    names = sorted(
        each.name.removesuffix(".yaml") for each in folder.iterdir() if each.name.endswith(".yaml")
    )
    return [name for name in names if kind is None or _shipped(name).kind == kind]


def load_mapping(name: str) -> Mapping:
    """Load a mapping that ships with Roost, by name, or a file by its path. Raises Invalid."""
    path = Path(name)
    if path.suffix:
        return _loaded(name, _text_of(path))
    if name not in shipped_mappings():
        known = ", ".join(shipped_mappings())
        raise Invalid(
            f"There is no mapping {name!r}; there are {known}, or give a file.",
            f"没有名为“{name}”的映射；可选：{known}，或指定映射文件。",
        )
    return _shipped(name)


@cache
def _shipped(name: str) -> Mapping:
    text = (files("roost") / "data" / "mappings" / f"{name}.yaml").read_text("utf-8")
    return _loaded(name, text)


def _text_of(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise Invalid(
            f"{path}: the mapping cannot be read ({type(error).__name__}); give a file in UTF-8.",
            f"{path}：无法读取映射文件，请提供 UTF-8 编码的文件。",
        ) from None


def _loaded(name: str, text: str) -> Mapping:
    try:
        return Mapping.model_validate(yaml.safe_load(text))
    except ValidationError as error:
        found = invalid(error)
        raise Invalid(f"{name}: {found.message}", f"{name}：{found.message_zh}") from None
    except yaml.YAMLError as error:
        raise Invalid(f"{name}: this is not YAML: {error}", f"{name}：不是有效的 YAML") from None
