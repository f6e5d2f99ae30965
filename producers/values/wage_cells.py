"""Reading of one cell that states a wage: its words, and the parts that they form. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from producers.values.amounts import (
    CHINESE,
    DESTROYED,
    NUMBER,
    Amount,
    amount_of,
    chinese_amount,
)
from producers.values.cell_text import folded_in_place
from producers.values.not_understood import NotUnderstood
from producers.values.person_numbers import lost_digits
from producers.values.wage_words import NOTE_PATTERN, Kind, wage_lexicon
from roost.events.common import WageUnit
from roost.text.references import visible_text

LONGEST_CELL = 200
"""Most characters of a cell that states a wage."""
SMALL = 100
"""Numbers below this may belong to a note, such as hours of work or days off."""
_WORD = re.compile(r"[a-z]+|.", re.IGNORECASE | re.DOTALL)
_STATING = frozenset(
    {Kind.UNIT, Kind.LETTER, Kind.COUNTED, Kind.WEAK, Kind.CURRENCY, Kind.PER, Kind.FILLER}
    | {Kind.ABOVE, Kind.BELOW, Kind.SPACE}
)
_COINS = re.compile(r"(?<![\d.])(\d{1,5})块(\d)(?!\d)")
_DIMES = re.compile(r"(?<![\d.])(\d)[毛角](\d)(?!\d)")
"""Amounts as they are said: 2块5, 1毛5."""
_SIGNS = {Kind.AMOUNT: "A", Kind.RANGE: "-", Kind.ABOVE: ">", Kind.BELOW: "<"}


@dataclass(frozen=True, slots=True)
class Token:
    """Word of a cell: its role, its value, and its place in the text."""

    kind: Kind
    value: Any
    start: int
    end: int


@dataclass(slots=True)
class WageCell:
    """Parts of a cell: amounts with their signs (`A-A`, `A>`), periods, currencies, notes."""

    signs: str = ""
    amounts: list[Amount] = field(default_factory=list)
    units: list[WageUnit] = field(default_factory=list)
    weak_units: dict[WageUnit, str] = field(default_factory=dict)
    currencies: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    not_stated: bool = False
    extra_first: bool = False
    """True after a word for other money, with no amount before it."""


def wage_cell(text: str) -> WageCell:
    """Return the parts of a cell. Raises NotUnderstood for a text that states anything else."""
    written = " ".join(visible_text(text).split())
    if len(written) > LONGEST_CELL:
        raise not_a_wage()
    written = _DIMES.sub(r"0.\1\2元", _COINS.sub(r"\1.\2元", written))
    tokens = list(_tokens(folded_in_place(written)))
    cell = WageCell()
    for part in _parts(tokens):
        _add_part(cell, part, written)
    return cell


def not_a_wage() -> NotUnderstood:
    """Return the error for a text that is no wage."""
    return NotUnderstood(
        "is not a wage; write for example 6000-8000, 200元/天, 4千以上, $18.50 per hour or 面议",
        "不是可识别的工资，请填写如 6000-8000、200元/天、4千以上，或 面议",
    )


def unknown_period() -> NotUnderstood:
    """Return the error for a pay period that Roost does not have."""
    return NotUnderstood(
        "is not a pay period that is known; write hour, day, week, month, year or piece "
        "(小时, 日, 周, 月, 年, 件)",
        "不是可识别的计薪方式，请填写 小时、日、周、月、年 或 件",
    )


def _tokens(text: str) -> Iterator[Token]:
    at = 0
    while at < len(text):
        token = _token_at(text, at)
        yield token
        at = token.end


def _token_at(text: str, at: int) -> Token:
    if text[at] == " ":
        return Token(Kind.SPACE, " ", at, at + 1)
    if DESTROYED.match(text, at):
        raise lost_digits()
    if note := NOTE_PATTERN.match(text, at):
        return Token(Kind.NOTE, note.group(), at, note.end())
    if number := NUMBER.match(text, at):
        return Token(Kind.AMOUNT, amount_of(number), at, number.end())
    numeral = CHINESE.match(text, at)
    if numeral and numeral.end() - at > 1 and (amount := chinese_amount(numeral.group())):
        return Token(Kind.AMOUNT, amount, at, numeral.end())
    if word := wage_lexicon().word_at(text, at):
        kind, value = wage_lexicon().meanings[word.group()]
        return Token(kind, value, at, word.end())
    if numeral and (amount := chinese_amount(numeral.group())):
        return Token(Kind.AMOUNT, amount, at, numeral.end())
    other = _WORD.match(text, at)
    assert other is not None
    return Token(Kind.WORD, other.group(), at, other.end())


def _parts(tokens: list[Token]) -> Iterator[list[Token]]:
    """Yield the runs of tokens between commas, brackets and the spaces after a whole wage."""
    part: list[Token] = []
    for token, following in zip(tokens, [*tokens[1:], None], strict=True):
        if token.kind is Kind.BREAK or (token.kind is Kind.SPACE and _ends(part, following)):
            yield part
            part = []
        else:
            part.append(token)
    yield part


def _ends(part: list[Token], following: Token | None) -> bool:
    """Return whether a part is a whole wage, and the word after a space does not continue it."""
    if part and part[-1].value == "+":
        return False
    kinds = {each.kind for each in part}
    whole = Kind.AMOUNT in kinds and bool(kinds & {Kind.UNIT, Kind.LETTER, Kind.COUNTED})
    return whole and following is not None and following.kind in {Kind.AMOUNT, Kind.NOTE, Kind.WORD}


def _add_part(cell: WageCell, part: list[Token], written: str) -> None:
    while part and part[0].kind is Kind.SPACE:
        part = part[1:]
    if not part:
        return
    has_amount = any(each.kind is Kind.AMOUNT for each in part)
    if cell.amounts and _is_note(part, has_amount=has_amount):
        cell.notes.append(written[part[0].start : part[-1].end].strip())
    elif has_amount and cell.amounts:
        raise not_a_wage()
    else:
        _read_part(cell, part, written)


def _is_note(part: list[Token], *, has_amount: bool) -> bool:
    """Return whether a part after the wage only adds to it. Raises for an unknown pay period."""
    kinds = {each.kind for each in part}
    if has_amount and part[0].kind is Kind.NOTE and str(part[0].value).endswith("班"):
        return False  # 白班18元/小时，夜班20元/小时 states two wages
    if part[0].kind in {Kind.NOTE, Kind.EXTRA}:
        return True
    if Kind.UNKNOWN_PERIOD in kinds:
        raise unknown_period()
    if not has_amount:
        return bool(kinds - _STATING) and Kind.NOT_STATED not in kinds
    money = bool(kinds & {Kind.CURRENCY, Kind.PER})
    amounts = [each.value for each in part if each.kind is Kind.AMOUNT]
    return not money and all(each.times is None and each.number < SMALL for each in amounts)


def _read_part(cell: WageCell, part: list[Token], written: str) -> None:
    """Add the tokens of a part to a cell. Raises NotUnderstood."""
    per = cell.extra_first = False
    for number, token in enumerate(part):
        if token.kind is Kind.WORD:
            _add_rest(cell, part[number:], written, after=part[number - 1] if number else None)
            return
        if _adds_a_note(token, part[number + 1 :]):
            continue
        _add(cell, token, written, per=per)
        if token.kind is not Kind.SPACE:
            per = token.kind is Kind.PER
    if per:
        raise unknown_period()


def _adds_a_note(token: Token, rest: list[Token]) -> bool:
    """Return whether a `+` only joins a note that is no money: 5000/月+包吃住."""
    following = next((each.kind for each in rest if each.kind is not Kind.SPACE), None)
    return token.kind is Kind.ABOVE and token.value == "+" and following is Kind.NOTE


def _add(cell: WageCell, token: Token, written: str, *, per: bool) -> None:
    match token.kind:
        case Kind.AMOUNT | Kind.RANGE | Kind.ABOVE | Kind.BELOW:
            if per:
                raise unknown_period()
            if token.kind is Kind.AMOUNT and cell.extra_first:
                raise not_a_wage()
            if token.value != "+" or not cell.signs.endswith(">"):
                cell.signs += _SIGNS[token.kind]
            if token.kind is Kind.AMOUNT:
                cell.amounts.append(token.value)
        case Kind.UNIT:
            cell.units.append(token.value)
        case Kind.LETTER | Kind.COUNTED:
            if not per:
                raise not_a_wage()
            counted = token.kind is Kind.COUNTED
            cell.units.append(WageUnit.PIECE if counted else token.value)
            if counted:
                cell.notes.append(f"每{token.value}")
        case Kind.WEAK:
            cell.weak_units[token.value] = written[token.start : token.end]
        case Kind.CURRENCY:
            cell.currencies.append(token.value)
        case Kind.NOTE | Kind.EXTRA:
            cell.extra_first = token.kind is Kind.EXTRA and not cell.amounts
            note = written[token.start : token.end].lstrip("*x×·• ")
            cell.notes.append(f"{note}薪" if note.isdigit() else note)
        case Kind.NOT_STATED:
            cell.not_stated = True
        case Kind.UNKNOWN_PERIOD:
            raise unknown_period()


def _add_rest(cell: WageCell, rest: list[Token], written: str, after: Token | None) -> None:
    """Add unknown words as a note, if they follow a whole wage after a space. Raises otherwise."""
    kinds = {each.kind for each in rest}
    if Kind.UNKNOWN_PERIOD in kinds or (after is not None and after.kind is Kind.PER):
        raise unknown_period()
    apart = after is not None and after.kind in {Kind.SPACE, Kind.NOTE, Kind.EXTRA}
    whole = cell.amounts and (cell.units or cell.weak_units)
    if not (apart and whole) or kinds & {Kind.AMOUNT, Kind.CURRENCY, Kind.PER}:
        raise not_a_wage()
    cell.notes.append(written[rest[0].start : rest[-1].end].strip())
