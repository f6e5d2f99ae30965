"""One name, one thing: module names, and the names that say too little."""

from __future__ import annotations

import ast
from collections import Counter
from pathlib import Path

import pytest

from tests.unit.tree import PACKAGES, ROOT

GRAMMAR = {"__init__", "__main__", "endpoints", "service", "schemas", "pages"}
"""Module names that repeat by design, once a feature."""
TOO_BARE_FUNCTIONS = {"read", "shown", "told", "standing", "of", "seen", "taken", "done", "said"}
TOO_BARE_CLASSES = {"Row", "Standing", "Figures", "Told", "Known", "Seen", "Kept", "Found", "Live"}


def modules(package: str) -> list[Path]:
    return sorted((ROOT / package).rglob("*.py"))


def test_a_module_name_is_used_once_unless_the_feature_grammar_repeats_it() -> None:
    names = Counter(path.stem for package in PACKAGES for path in modules(package))
    repeated = {name for name, count in names.items() if count > 1 and name not in GRAMMAR}
    assert not repeated


@pytest.mark.parametrize("package", PACKAGES)
def test_no_module_level_name_says_too_little(package: str) -> None:
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}: {node.name}"
        for path in modules(package)
        for node in ast.parse(path.read_text("utf-8")).body
        if (isinstance(node, ast.ClassDef) and node.name in TOO_BARE_CLASSES)
        or (
            isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
            and node.name in TOO_BARE_FUNCTIONS
        )
    ]
    assert not found, "\n".join(found)
