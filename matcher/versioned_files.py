"""Files of learned models: the one in force, and a copy of every version in a folder next to it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from roost.security.private_folders import private_folder


def version_path(path: Path, version: str) -> Path:
    """Return the path of the permanent copy of a version."""
    return path.parent / path.stem / f"{version}.json"


def save_version(path: Path, version: str, document: Mapping[str, Any]) -> None:
    """Put a document in force atomically, and keep a copy under its version.

    A concurrent reader sees either the old file or the new one.
    """
    text = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    for target in (version_path(path, version), path):
        private_folder(target.parent, within=path.parent)
        partial = target.with_suffix(".partial")
        partial.write_text(text, encoding="utf-8")
        partial.replace(target)


def read_document(path: Path) -> dict[str, Any]:
    """Read a document. Raises ValueError, with the fault, for one that names no `base`."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise ValueError("it is not JSON") from error
    if not isinstance(document, dict) or not isinstance(document.get("base"), str):
        raise ValueError("it names no `base`, the way of scoring that it is for")
    return document
