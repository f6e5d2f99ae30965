"""Yes and no in common wording, and lodging and meals: 提供, ✓, 包吃不包住, 食宿自理. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import Enum
from functools import cache

from producers.values.cell_text import folded_value
from producers.values.lexicon import Lexicon
from producers.values.not_understood import NotUnderstood
from producers.values.remembering import remembered
from producers.values.vocabularies import vocabulary_file, words_in


class _Word(Enum):
    """Role of a word in an answer."""

    YES = "yes"
    NO = "no"
    NO_AFTER = "no after"
    LODGING = "lodging"
    MEALS = "meals"
    BOTH = "both"
    ALLOWANCE = "allowance"
    FILLER = "filler"


LONGEST_FORM = 20
"""Most characters of a form's answers with boxes."""


@dataclass(frozen=True, slots=True)
class Board:
    """Lodging and meals: provided, not provided, or None where a text does not tell."""

    lodging: bool | None
    meals: bool | None


_THINGS = {
    _Word.LODGING: frozenset({"lodging"}),
    _Word.MEALS: frozenset({"meals"}),
    _Word.BOTH: frozenset({"lodging", "meals"}),
}
_FIGURES = re.compile(
    r"\d{1,6}(?:\.\d{1,2})?(?:\s?[-~至到]\s?\d{1,6})?\s?(?:元|块钱?|%)?"
    r"(?:/|每)?(?:人|月|天|日|年|餐(?!补|费)|顿|次)?(?:/(?:人|月|天|日|年|餐|顿|次))?(?![间宿])|[一二两三四五六八十]\s?(?=人[间宿])"
    r"|\d{1,2}(?:[-~]\d{1,2})?(?=人[间宿])"
    r"|\d{1,2}人一(?=间)"
)
_CLAUSE = re.compile(r"[,;。]")
_OWN_ROOM = re.compile(r"需?(?:要)?(?:自行|自己)租房")
_END_MARKS = "。.!~ "
_CHECKED, _UNCHECKED = "☑√✓✔■☒✅", "□☐▢◻"
_BOXES = re.compile(rf"[{_CHECKED}{_UNCHECKED}]")
_BOXED_BEFORE = re.compile(
    rf"([{_CHECKED}{_UNCHECKED}]) ?([^{_CHECKED}{_UNCHECKED} /]{{1,6}})[ /]*"
)
_BOXED_AFTER = re.compile(
    rf"([^{_CHECKED}{_UNCHECKED} /]{{1,6}}) ?([{_CHECKED}{_UNCHECKED}]?)[ /]*"
)
"""Answers of a form with their boxes: ☑是 □否, 是√ 否."""


@remembered
def parse_yes_no(text: str) -> bool | None:
    """Return whether a text says yes; None if it states neither. Raises NotUnderstood."""
    plain = _ticked(folded_value(text)).rstrip(_END_MARKS)
    if not plain or plain in _unstated():
        return None
    if plain in _single()["yes"] or plain in _single()["no"]:
        return plain in _single()["yes"]
    words = _lexicon().meanings_in(plain) or []
    answers = {each is _Word.YES for each in words if each in {_Word.YES, _Word.NO, _Word.NO_AFTER}}
    if len(answers) != 1 or _Word.ALLOWANCE in words:
        raise _unknown()
    return answers.pop()


def parse_lodging(text: str) -> bool | None:
    """Return whether a text in a column for lodging provides it. Raises NotUnderstood."""
    return parse_board(text).lodging


def parse_meals(text: str) -> bool | None:
    """Return whether a text in a column for meals provides them. Raises NotUnderstood."""
    return parse_board(text).meals


@remembered
def parse_board(text: str) -> Board:
    """Return what a text says of lodging and meals; a bare yes or no counts for both.

    Raises NotUnderstood.
    """
    plain = _OWN_ROOM.sub("租房自理", _ticked(folded_value(text)).rstrip(_END_MARKS))
    if not plain or plain in _unstated():
        return Board(None, None)
    if plain in _single()["yes"] or plain in _single()["no"]:
        answer = plain in _single()["yes"]
        return Board(answer, answer)
    reading = _Reading()
    for clause in _CLAUSE.split(plain):
        words = _lexicon().meanings_in(_FIGURES.sub(" ", clause))
        if words is None:
            raise _unknown()
        reading.add_clause(words)
    return reading.board()


def _ticked(plain: str) -> str:
    """Return the answer whose box is ticked, empty if none is; any other text as it is."""
    if len(plain) > LONGEST_FORM or not _BOXES.search(plain):
        return plain
    pairs = [(found[2], found[1]) for found in _BOXED_BEFORE.finditer(plain)]
    if _BOXED_BEFORE.sub("", plain):
        pairs = [(found[1], found[2]) for found in _BOXED_AFTER.finditer(plain)]
        if _BOXED_AFTER.sub("", plain):
            return plain
    if len(pairs) < 2:
        return plain
    ticked = [answer for answer, box in pairs if box and box in _CHECKED]
    return ticked[0] if len(ticked) == 1 else plain if ticked else ""


@dataclass(slots=True)
class _Reading:
    """Answers found so far, by thing."""

    answers: dict[str, bool] = field(default_factory=dict)
    bare: set[bool] = field(default_factory=set)
    known: bool = False

    def add_clause(self, words: list[_Word]) -> None:
        """Add the answers of a clause: a word for yes or no counts for the things around it."""
        answer: bool | None = None
        unanswered: set[str] = set()
        last: frozenset[str] = frozenset()
        named = False
        before = dict(self.answers)
        for word, previous in zip(words, [None, *words], strict=False):
            self.known = self.known or word is not _Word.FILLER
            if word is _Word.ALLOWANCE:
                named = True
                if previous in _THINGS:  # 住房补助 is money in place of the thing
                    unanswered -= _THINGS[previous]
                    self.answers = {**self.answers, **before}
                    for thing in _THINGS[previous] - set(before):
                        self.answers.pop(thing, None)
            elif word in _THINGS:
                before = dict(self.answers)
                last, named = _THINGS[word], True
                if answer is None:
                    unanswered |= last
                else:
                    self.answers |= dict.fromkeys(last, answer)
            elif word is _Word.NO_AFTER and last:
                self.answers |= dict.fromkeys(last | unanswered, False)
                unanswered = set()
            elif word in {_Word.YES, _Word.NO, _Word.NO_AFTER}:
                answer = word is _Word.YES
                self.answers |= dict.fromkeys(unanswered, answer)
                unanswered = set()
        self.answers |= dict.fromkeys(unanswered, True)
        if answer is not None and not named:
            self.bare.add(answer)

    def board(self) -> Board:
        """Return the answers. Raises NotUnderstood if there are none, or two bare ones."""
        if not self.known or len(self.bare) > 1:
            raise _unknown()
        bare = next(iter(self.bare), None) if not self.answers else None
        return Board(self.answers.get("lodging", bare), self.answers.get("meals", bare))


@cache
def _lexicon() -> Lexicon[_Word]:
    words = vocabulary_file("answers")
    known: dict[str, _Word] = {}
    for kind in reversed(_Word):
        known |= dict.fromkeys(words_in(words[kind.value]), kind)
    return Lexicon(known)


@cache
def _single() -> dict[str, frozenset[str]]:
    words = vocabulary_file("answers")
    no = (*words_in(words["no"]), *words_in(words["no after"]))
    return {"yes": frozenset(words_in(words["yes"])), "no": frozenset(no)}


@cache
def _unstated() -> frozenset[str]:
    return frozenset(words_in(vocabulary_file("answers")["unstated"]))


def _unknown() -> NotUnderstood:
    return NotUnderstood(
        "is neither yes nor no; write 是 or 否", "无法判断是与否，请填写“是”或“否”"
    )
