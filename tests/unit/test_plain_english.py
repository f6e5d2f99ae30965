"""Plain English: docstrings, comments and documents keep to the rules of CONTRIBUTING.md."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from tests.unit.tree import PACKAGES, ROOT

DIALECT = re.compile(
    r"\b(?:whoever|whomever|so many|of its own|of their own|of our own|of his own|"
    r"lets? go of|(?<!--)anew|comes? to nothing|stands? (?:in|there|beside|for itself)|"
    r"what stands|as it stands|standing still|said again|beside|once more|"
    r"had better|nobody else|is told|are told|was told|were told|to be told|"
    r"says nothing|said of|who asks|what was asked|what is asked|thing of theirs)\b",
    re.IGNORECASE,
)
_WORDS = (
    "a about after all also always an and another any anybody anything are as at be because"
    " before but by each either else every everybody everything everywhere for from has have"
    " he her here his how if in into is it its itself many more most much neither no nobody"
    " none nor not nothing of on once one only or other others otherwise our out over per she"
    " since so some somebody something such than that the their them then there these they"
    " this those to until up upon was we were what whatever when where whether which while"
    " who whoever whole whom whose why with within without you your"
)
NOT_A_VERB = frozenset(_WORDS.split(" "))


def python_files(package: str) -> list[Path]:
    return sorted(each for each in (ROOT / package).rglob("*.py") if "vendor" not in each.parts)


def docstrings(tree: ast.Module) -> Iterator[tuple[ast.AST, int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            text = ast.get_docstring(node, clean=True)
            if text:
                yield node, getattr(node, "lineno", 1), text
    for parent in ast.walk(tree):  # a string below an assignment documents it
        body = getattr(parent, "body", None)
        if not isinstance(body, list):
            continue
        for before, node in pairwise(body):
            if (
                isinstance(before, ast.Assign | ast.AnnAssign)
                and isinstance(node, ast.Expr)
                and isinstance(node.value, ast.Constant)
                and isinstance(node.value.value, str)
            ):
                yield node, node.lineno, node.value.value


def comments(source: str) -> Iterator[tuple[int, str]]:
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string


NOUNS = {"property", "cached_property", "fixture", "rule", "invariant"}
"""Decorators of functions that are read as values, or that state a rule as a test does."""


def is_described_by_a_noun(node: ast.AST) -> bool:
    for each in getattr(node, "decorator_list", ()):
        name = each.func if isinstance(each, ast.Call) else each
        if getattr(name, "id", getattr(name, "attr", "")) in NOUNS:
            return True
    return False


def offences(path: Path) -> list[str]:
    source = path.read_text("utf-8")
    where = path.relative_to(ROOT)
    found = []
    for node, line, text in docstrings(ast.parse(source)):
        if match := DIALECT.search(text):
            found.append(f"{where}:{line}: dialect: {match.group()!r}")
        first = re.match(r"[\w'-]+", text)
        word = first.group().lower() if first else ""
        function = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        test = function and getattr(node, "name", "").startswith("test_")
        if function and not test and not is_described_by_a_noun(node) and word in NOT_A_VERB:
            found.append(f"{where}:{line}: begin with an imperative verb, not {word!r}")
        if not function and word in {"what", "who", "whom", "whose", "whoever", "how", "whether"}:
            found.append(f"{where}:{line}: begin with a noun phrase, not {word!r}")
    found += [
        f"{where}:{line}: dialect: {match.group()!r}"
        for line, text in comments(source)
        if (match := DIALECT.search(text))
    ]
    return found


@pytest.mark.parametrize("package", [*PACKAGES, "tests"])
def test_docstrings_and_comments_are_plain(package: str) -> None:
    found = [each for path in python_files(package) for each in offences(path)]
    assert not found, f"{len(found)} places\n" + "\n".join(found)


def documents() -> list[Path]:
    here = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md"]
    return [path for path in (*here, *(ROOT / "docs").rglob("*.md")) if path.exists()]


def test_documents_are_plain() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{number}: {match.group()!r}"
        for path in documents()
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if (match := DIALECT.search(line))
    ]
    assert not found, f"{len(found)} places\n" + "\n".join(found)
