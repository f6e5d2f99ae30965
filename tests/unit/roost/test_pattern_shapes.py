"""No pattern of the code can take exponential time: no repeated group reads a text in two ways.

Each pattern becomes its position automaton (Glushkov). Backtracking is exponential if some position
reaches itself along two paths on one text. A repeat that gives nothing back (`++`, `*+`) is safe.

Source: Weideman et al., "Analyzing Matching Time Behavior of Backtracking Regular Expression
Matchers by Using Ambiguity of NFA" (CIAA 2016).
"""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections import defaultdict
from collections.abc import Iterator
from re import _constants as sre  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from types import ModuleType
from typing import Any

import pytest

import api
import matcher
import producers
import roost
import streams
from roost.law.criterion import Criterion
from roost.places import new_york

MANY = 12
"""Repeats from which a bounded group counts as unbounded."""
SAMPLES = [chr(each) for each in (*range(0x80), 0xE9, 0x3000, 0x3002, 0xFF0C, 0xFF1A)]


class Automaton:
    """Positions of a pattern, the characters of each, and how they follow each other."""

    def __init__(self, pattern: re.Pattern[str]) -> None:
        text = (
            pattern.pattern
            if isinstance(pattern.pattern, str)
            else pattern.pattern.decode("latin-1")
        )
        self.flags = pattern.flags
        tree = parser.parse(
            text,
            pattern.flags & ~re.UNICODE if isinstance(pattern.pattern, bytes) else pattern.flags,
        )
        self.alphabet = sorted({*SAMPLES, *_literals(tree)})
        self.reads: list[frozenset[str]] = []
        self.follow: dict[int, list[int]] = defaultdict(list)
        self.build(tree)

    def build(self, tree: Any) -> tuple[list[int], list[int], bool]:
        """Return the first and last positions of a sequence, and whether it can be empty."""
        first: list[int] = []
        last: list[int] = []
        empty = True
        for op, value in tree:
            begins, ends, nullable = self.piece(op, value)
            for end in last:
                self.follow[end] += begins
            first = first + begins if empty else first
            last = last + ends if nullable else ends
            empty = empty and nullable
        return first, last, empty

    def piece(self, op: Any, value: Any) -> tuple[list[int], list[int], bool]:
        if op in {sre.LITERAL, sre.NOT_LITERAL, sre.ANY, sre.IN}:
            self.reads.append(self.characters(op, value))
            return [len(self.reads) - 1], [len(self.reads) - 1], False
        if op is sre.SUBPATTERN:
            return self.build(value[3])
        if op is sre.ATOMIC_GROUP:
            return self.build(value)
        if op is sre.BRANCH:
            parts = [self.build(each) for each in value[1]]
            firsts = [at for part in parts for at in part[0]]
            lasts = [at for part in parts for at in part[1]]
            return firsts, lasts, any(part[2] for part in parts)
        if op in {sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT}:
            return self.repeat(op, *value)
        return [], [], True  # assertions read nothing

    def repeat(
        self, op: Any, least: int, most: Any, body: Any
    ) -> tuple[list[int], list[int], bool]:
        first, last, empty = self.build(body)
        many = most is sre.MAXREPEAT or most >= MANY
        if many and op is not sre.POSSESSIVE_REPEAT:
            for end in last:
                self.follow[end] += first
        return first, last, empty or least == 0

    def characters(self, op: Any, value: Any) -> frozenset[str]:
        items = value if op is sre.IN else [(op, value)]
        negated = items[0][0] is sre.NEGATE
        ignoring = bool(self.flags & re.IGNORECASE)

        def contains(each: str) -> bool:
            spellings = {each, each.lower(), each.upper()} if ignoring else {each}
            return any(_contains(kind, what, one) for kind, what in items for one in spellings)

        return frozenset(each for each in self.alphabet if contains(each) is not negated)

    def ambiguous(self) -> bool:
        """Return whether a position reaches itself in two ways on one text."""
        reached = {at: self.reached(at) for at in self.follow}
        looping = {at for at in reached if at in reached[at]}
        for at in looping:
            loop = {each for each in looping if each in reached[at] and at in reached[each]}
            if any(self.follow[each].count(to) > 1 for each in loop for to in loop):
                return True
            if self.two_paths(at, loop):
                return True
        return False

    def two_paths(self, at: int, loop: set[int]) -> bool:
        seen: set[tuple[int, int]] = set()
        pending = [(at, at)]
        while pending:
            left, right = pending.pop()
            for one in self.follow.get(left, ()):
                for two in self.follow.get(right, ()):
                    if not {one, two} <= loop or not self.reads[one] & self.reads[two]:
                        continue
                    if one == two == at and left != right:
                        return True
                    if (one, two) not in seen:
                        seen.add((one, two))
                        pending.append((one, two))
        return False

    def reached(self, at: int) -> set[int]:
        found: set[int] = set()
        pending = [at]
        while pending:
            for to in self.follow.get(pending.pop(), ()):
                if to not in found:
                    found.add(to)
                    pending.append(to)
        return found


def _contains(kind: Any, what: Any, character: str) -> bool:
    if kind is sre.LITERAL:
        return ord(character) == what
    if kind is sre.NOT_LITERAL:
        return ord(character) != what
    if kind is sre.RANGE:
        return bool(what[0] <= ord(character) <= what[1])
    if kind is sre.ANY:
        return character != "\n"
    if kind is sre.CATEGORY:
        letter = {
            sre.CATEGORY_DIGIT: r"\d",
            sre.CATEGORY_NOT_DIGIT: r"\D",
            sre.CATEGORY_SPACE: r"\s",
            sre.CATEGORY_NOT_SPACE: r"\S",
            sre.CATEGORY_WORD: r"\w",
            sre.CATEGORY_NOT_WORD: r"\W",
        }[what]
        return re.match(letter, character) is not None
    return False


def _literals(tree: Any) -> Iterator[str]:
    """Yield the characters that a parsed pattern names, at any depth."""
    if isinstance(tree, int) and not isinstance(tree, bool) and 0 <= int(tree) < 0x110000:
        yield chr(int(tree))
    elif isinstance(tree, tuple | list | parser.SubPattern):
        for each in tree:
            yield from _literals(each)


def _modules() -> Iterator[ModuleType]:
    for package in (roost, producers, matcher, streams, api):
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not found.name.endswith("__main__"):
                yield importlib.import_module(found.name)


def _patterns_in(value: object) -> Iterator[re.Pattern[str]]:
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, Criterion):
        yield from (*value.patterns, value.exempt_before, value.exempt_after, value.trigger)
    elif isinstance(value, dict):
        for each in value.values():
            yield from _patterns_in(each)
    elif isinstance(value, tuple | list):
        for each in value:
            yield from _patterns_in(each)


def all_patterns() -> list[re.Pattern[str]]:
    """Return every compiled pattern of the code, each once."""
    found = [
        each
        for module in _modules()
        for name in vars(module)
        for each in _patterns_in(vars(module)[name])
    ]
    return list(dict.fromkeys((*found, *(each for each, _ in new_york._street_patterns()))))


def test_no_pattern_of_the_code_can_take_exponential_time() -> None:
    patterns = all_patterns()
    assert len(patterns) > 150
    assert [each.pattern[:80] for each in patterns if Automaton(each).ambiguous()] == []


@pytest.mark.parametrize(
    ("pattern", "exponential"),
    [
        ("(?:患有?|有)*肝", True),
        ("(a+)+b", True),
        ("(?:aa|a)*b", True),
        ("(?:a|ab|b)*c", True),
        ("(?:患|有)*肝", False),
        ("(?:患有?|有)*+肝", False),
        ("(?:a+ )+b", False),
        ("a*a*b", False),
        ("(?:[、/]?已婚)*者", False),
    ],
)
def test_the_check_knows_exponential_patterns(pattern: str, exponential: bool) -> None:
    assert Automaton(re.compile(pattern)).ambiguous() is exponential
