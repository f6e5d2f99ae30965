"""User-visible text keeps to docs/glossary.md."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
import yaml

from tests.unit.test_plain_english import DIALECT

ROOT = Path(__file__).parents[3]
GLOSSARY = ROOT / "docs" / "glossary.md"
CHINESE = re.compile(r"[\u4e00-\u9fff]")
LATIN = re.compile(r"[A-Za-z]")
HALF_WIDTH = re.compile(
    r"[\u4e00-\u9fff] ?[,;:?!]|[,;:?!(] ?[\u4e00-\u9fff]|[\u4e00-\u9fff]\.(?!\w)"
)
TEMPLATE_CODE = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
PATTERNS = {"constraints", "extraction", "law", "places", "text", "stop_words.py"}
"""Folders and modules of roost/ whose Chinese strings are patterns that texts are searched for."""
PLACEHOLDER = re.compile(r"\{\w*\}")


def section(title: str) -> list[list[str]]:
    """Return the cells of the table below a heading of the glossary."""
    text = GLOSSARY.read_text("utf-8").partition(f"\n## {title}\n")[2].partition("\n## ")[0]
    lines = [line for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def leaves(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for inner in value.values():
            yield from leaves(inner)
    else:
        yield str(value)


def translations(language: str) -> Iterator[tuple[str, str]]:
    folder = ROOT / "api" / "console" / "translations" / language
    for path in sorted(folder.glob("*.yaml")):
        for text in leaves(yaml.safe_load(path.read_text("utf-8"))):
            yield path.name, text


def templates(language: str) -> Iterator[tuple[str, str]]:
    folder = ROOT / "roost" / "data" / "templates" / language
    for path in sorted(folder.glob("*.j2")):
        source = path.read_text("utf-8")
        yield path.name, TEMPLATE_CODE.sub("", source)
        yield from ((path.name, text) for text in re.findall(r'"([^"]*)"', source))


def strings_in_code(folder: str) -> Iterator[tuple[str, str]]:
    """Yield the Chinese string constants of a package, docstrings excepted."""
    for path in sorted((ROOT / folder).rglob("*.py")):
        if not PATTERNS.isdisjoint({path.parent.name, path.name}):
            continue
        tree = ast.parse(path.read_text("utf-8"))
        prose = {
            id(node.value)
            for node in ast.walk(tree)
            if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        }
        for node in ast.walk(tree):
            if (
                isinstance(node, ast.Constant)
                and isinstance(node.value, str)
                and id(node) not in prose
                and len(CHINESE.findall(node.value)) > len(LATIN.findall(node.value))
            ):
                yield f"{path.relative_to(ROOT)}:{node.lineno}", node.value


def texts(language: str) -> list[tuple[str, str]]:
    found = [*translations(language), *templates(language)]
    return found + (list(strings_in_code("roost")) if language == "zh" else [])


@cache
def all_texts(language: str) -> tuple[tuple[str, str], ...]:
    """Return the same texts with those that the other packages show: reasons and refusals."""
    spoken = ("api", "matcher", "streams")
    others = [each for folder in spoken for each in strings_in_code(folder)]
    return (*texts(language), *(others if language == "zh" else ()))


@pytest.mark.parametrize(("wrong", "right", "language"), section("Wrong forms"))
def test_a_wrong_form_is_used_nowhere(wrong: str, right: str, language: str) -> None:
    found = [f"{where}: {text}" for where, text in all_texts(language) if wrong in text]
    assert not found, f"write {right} instead of {wrong}"


def test_chinese_text_has_full_width_punctuation() -> None:
    found = [
        f"{where}: {text}"
        for where, text in texts("zh")
        if HALF_WIDTH.search(PLACEHOLDER.sub("", text))
    ]
    assert not found


def test_english_text_is_plain() -> None:
    found = [f"{where}: {text}" for where, text in texts("en") if DIALECT.search(text)]
    assert not found


def test_every_word_has_a_form_in_both_languages_and_a_meaning() -> None:
    words = section("Words")
    assert len(words) > 20
    assert all(len(row) == 3 and all(row) for row in words)
    assert len({row[0] for row in words}) == len(words)
