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
        "无电话",
        "没有电话",
        "暂缺",
        "缺",
        "未知",
        "保密",
    )
)
_BETWEEN = re.compile(
    r"[/、,;|\\]|或者?|和|及|\bor\b|\band\b|(?<=\d{11})\s?-{1,2}\s?(?=1[3-9]\d{9}(?!\d))"
    r"|(?<=(?<!\d)1[3-9]\d{9})(?=1[3-9]\d{9}(?!\d))"
)
_EXACT = re.compile(r"(\d{11})\.0{1,2}|(1\d),(\d{3}),(\d{3}),(\d{3})")
"""Mobile number that a sheet wrote as a number: 13800138000.0, 13,800,138,000."""
_QUOTES = "\"'`“”‘’"
_LABEL = re.compile(
    r"(?:本人|联系人?|办公|家庭|移动|固定|备用|手机|咨询|招聘)*(?:电话|手机|座机|号码|电话号码|手机号码?|固话)(?:号码?)?\s?[:.]?"
    r"|(?<![a-z])(?:tel(?:ephone)?|phone|mobile|cell|ph|mob|t|m)(?:\s?(?:no|number))?\s?[:.]"
)
_REMARK = re.compile(
    r"\([^()0-9]{1,20}\)|\[[^\[\]0-9]{1,20}\]|【[^【】0-9]{1,20}】|微信同号|同微信|微信"
    r"|\((?:短号|虚拟网|v网)\s?:?\s?\d{3,6}\)"
)
_OWNER = re.compile(
    r"(?:联系人\s?:?\s?)?[\u4e00-\u9fff·]{2,5}\s?:?(?=\s?[+(]?\d{3})|(?<=\d{7})\s?[\u4e00-\u9fff·]{2,5}$",
    re.MULTILINE,
)
"""Name before or after a number: 张经理 13800138000."""
_FAX = re.compile(r"传真|\bfax\b")
"""Words of a number that nobody answers."""
_NOT_AN_OWNER = re.compile(r"[转分机工资号码元月年日年薪邮编热线内群]")


def parse_phones(text: str, region: str = HOME_REGION) -> list[Telephone]:
    """Return the numbers in a cell, each once; an empty list if it states none.

    Raises NotUnderstood for anything else than numbers, and for one that has lost digits.
    """
    if mobile := plain_mobile(text, region):  # most cells
        return [mobile]
    if is_destroyed_number(text):
        raise lost_digits()
    plain = folded_value(shown_reference(text).replace("\n", ";")).strip(_QUOTES)
    if exact := _EXACT.fullmatch(plain):
        plain = "".join(filter(None, exact.groups()))
    if plain in _NOT_STATED:
        return []
    if len(plain) > LONGEST_CELL:
        raise _not_a_number()
    if _FAX.search(plain):
        raise NotUnderstood("names a fax; enter a telephone number", "含传真号码，请填写电话号码")
    pieces = map(_without_owner, _BETWEEN.split(_LABEL.sub(";", _REMARK.sub(" ", plain))))
    numbers = [each for piece in pieces if piece.strip() for each in _numbers(piece, region)]
    if not numbers:
        raise _not_a_number()
    return list(dict.fromkeys(numbers))


def _without_owner(piece: str) -> str:
    """Return a piece without the name of the number's owner."""
    return _OWNER.sub(
        lambda found: found.group() if _NOT_AN_OWNER.search(found.group()) else " ", piece
    )


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
