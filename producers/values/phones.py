"""Telephone numbers in cells: one or several, in any spelling, over `roost.contact`. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from producers.values.cell_text import folded_value
from producers.values.not_understood import NotUnderstood
from producers.values.person_numbers import is_destroyed_number, lost_digits
from roost.contact.telephones import HOME_REGION, Telephone, plain_mobile, telephone
from roost.text.references import shown_reference

LONGEST_CELL = 300
_NOT_STATED = frozenset(
    (
        "",
        "无",
        "暂无",
        "没有",
        "-",
        "--",
        "—",
        "/",
        "n/a",
        "na",
        "none",
        "null",
        "nil",
        "未填",
        "不详",
    )
)
_BETWEEN = re.compile(r"[/、,;|\\]|或者?|和|及|\bor\b|\band\b")
_LABEL = re.compile(
    r"(?:联系|办公|家庭|移动|固定|备用|手机|咨询|招聘)*(?:电话|手机|座机|号码|电话号码|手机号码?|固话)(?:号码?)?\s?[:.]?"
    r"|(?<![a-z])(?:tel(?:ephone)?|phone|mobile|cell|ph|mob|t|m)(?:\s?(?:no|number))?\s?[:.]"
)
_REMARK = re.compile(
    r"\([^()0-9]{1,20}\)|\[[^\[\]0-9]{1,20}\]|【[^【】0-9]{1,20}】|微信同号|同微信|微信"
)


def parse_phones(text: str, region: str = HOME_REGION) -> list[Telephone]:
    """Return the numbers in a cell, each once; an empty list if it states none.

    Raises NotUnderstood for anything else than numbers, and for one that has lost digits.
    """
    if mobile := plain_mobile(text, region):  # most cells
        return [mobile]
    if is_destroyed_number(text):
        raise lost_digits()
    plain = folded_value(shown_reference(text).replace("\n", ";"))
    if plain in _NOT_STATED:
        return []
    if len(plain) > LONGEST_CELL:
        raise _not_a_number()
    pieces = _BETWEEN.split(_LABEL.sub(";", _REMARK.sub(" ", plain)))
    numbers = [each for piece in pieces if piece.strip() for each in _numbers(piece, region)]
    if not numbers:
        raise _not_a_number()
    return list(dict.fromkeys(numbers))


def _numbers(piece: str, region: str) -> Iterator[Telephone]:
    """Yield the numbers of a piece: one with blanks in it, or several with blanks between."""
    if (whole := telephone(piece, region)) is not None:
        yield whole
        return
    begun = ""
    for word in piece.split():
        begun = f"{begun} {word}".strip()
        if (found := telephone(begun, region)) is not None:
            yield found
            begun = ""
    if begun:
        raise _not_a_number()


def _not_a_number() -> NotUnderstood:
    return NotUnderstood(
        "is not a telephone number; write numbers such as 13800138000 or 010-65123456, with + and "
        "the country code if they are abroad",
        "不是有效的电话号码，请填写如 13800138000 或 010-65123456；境外号码请加国家代码（如 +1）",
    )
