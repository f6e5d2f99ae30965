"""Lists in one cell: 焊接，切割、打磨/钳工. Nothing is torn inside brackets or C/C++. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache

from producers.values.not_understood import NotUnderstood
from roost.text.references import visible_text

SEPARATORS = frozenset(
    ",，、;；。|｜\n\r\t\v\f\x85\u2028\u2029·•‧・●▪◆■○﹑､･，★☆※✔✓▲△◇□◎➢➤►▶︱│∣⎮¦"
)
STROKES = frozenset("/／∕⁄\\")
_OPENING = dict(zip('(（[［【{｛《〈「『“〔"', '))]]】}}》〉」』”〕"', strict=True))
_CLOSING = dict(zip("）］｝", ")]}", strict=True))
"""Full-width brackets as half-width ones: people mix them."""
_LITERAL = re.compile(
    r"[\[({]\s*(?:'(?:[^'\\]|\\.)*+'|\"(?:[^\"\\]|\\.)*+\")"
    r"(?:\s*,\s*(?:'(?:[^'\\]|\\.)*+'|\"(?:[^\"\\]|\\.)*+\"))*+\s*,?\s*[\])}]",
    re.DOTALL,
)
_QUOTED = re.compile(r"'((?:[^'\\]|\\.)*+)'|\"((?:[^\"\\]|\\.)*+)\"", re.DOTALL)
_NUMBERING = re.compile(
    r"(?:(?<=[\s;；,，。、|])|^)\d{1,2}(?:[、.．)）]|\s?[:：])\s?(?=[^\d\s])"
    r"|[(（](?:\d{1,2}|[一二三四五六七八九十]{1,2})[)）](?=[^\d\s])|[①-⒛❶-❿⓫-⓴➀-➓]|^[-*–]\s+"
    r"|^\*(?=[\u3400-\u9fff])|(?:(?<=[\s;；。])|^)[一二三四五六七八九十]{1,2}[、.．](?=[^\s])",
    re.MULTILINE,
)
"""Numbers and bullets before the entries of a list."""
_WIDE_BLANKS = re.compile(r" {2,}|\u3000+|(?<=[^\x00-\x7f])\xa0+(?=[^\x00-\x7f])")
_WORDS_AND_STROKES = re.compile(
    r"(?<![A-Za-z0-9/+#.])[A-Za-z]{3,40}(?:/[A-Za-z]{3,40}){2,20}(?![A-Za-z0-9/+#])"
)
"""Three words and more with strokes between: a list, unlike TCP/IP and PL/SQL."""
_CHINESE_WORDS = re.compile(r"[\u3400-\u9fff]{2,}+(?: [\u3400-\u9fff]{2,}+)+")
_THOUSANDS = re.compile(r"\d,\d{3}(?!\d)")
_IN_BRACKETS = re.compile(r"(?:【[^【】]++】\s*){2,}+|(?:\[[^\[\]]++\]\s*){2,}+")
"""Entries of which each has its own brackets: 【焊接】【切割】."""
_TAGS = re.compile(r"(?:#[^\s#]{1,30}+\s*){2,}+#?")
"""Entries as tags: #焊接#切割."""
NOTHING = frozenset(
    (
        *(
            "无",
            "暂无",
            "没有",
            "无要求",
            "不要求",
            "不限",
            "均可",
            "都可以",
            "任意",
            "未填",
            "未填写",
        ),
        *(
            "不详",
            "未知",
            "空",
            "无证书",
            "暂无证书",
            "无证",
            "无技能",
            "无特长",
            "-",
            "--",
            "—",
            "——",
        ),
        *("n/a", "na", "none", "null", "nil", "undefined", "nan"),
    )
)
"""Texts of a whole cell that name no entry."""


def split_list(text: str) -> list[str]:
    """Return the entries of a cell in their order, without repeats and blank ones."""
    plain = text.strip()
    parts = _literal_entries(plain)
    if parts is None:
        parts = list(_pieces(_unnumbered(_unbracketed(plain))))
        if len(parts) == 1 and _CHINESE_WORDS.fullmatch(parts[0]):
            parts = parts[0].split()
    entries = (" ".join(part.split()) for part in parts)
    named = list(dict.fromkeys(each for each in map(_unquoted, entries) if visible_text(each)))
    return [] if len(named) == 1 and named[0].casefold() in NOTHING else named


def _unquoted(entry: str) -> str:
    """Return an entry without straight quotes around all of it; empty if nothing else is left."""
    inner = entry[1:-1]
    if entry[:1] in ("'", '"') and entry[-1:] == entry[:1] and entry[0] not in inner:
        return inner.strip()
    return entry if entry.strip("\"' ") else ""


def _literal_entries(text: str) -> list[str] | None:
    """Return the entries of a list as JSON or Python write it; None for any other text."""
    if _IN_BRACKETS.fullmatch(text):
        return re.split(r"[】\]]\s*[【\[]?", text[1:])
    if _TAGS.fullmatch(text):
        return text.split("#")
    if text[:1] not in ("[", "(", "{"):
        return None
    try:
        read = json.loads(text)
    except (ValueError, RecursionError):
        read = None
    if isinstance(read, list) and all(isinstance(each, str | int | float | None) for each in read):
        return [str(each) for each in read if each is not None]
    if isinstance(read, list | dict):
        raise NotUnderstood(
            "holds an object, not a list of words; write the entries with commas between",
            "为对象而不是列表，请填写以顿号分隔的词语",
        )
    if not _LITERAL.fullmatch(text):
        return None
    return [re.sub(r"\\(.)", r"\1", found[1] or found[2] or "") for found in _QUOTED.finditer(text)]


def _unbracketed(text: str) -> str:
    """Return a text without the square brackets around all of it: [焊接, 切割]."""
    if text[:1] in ("[", "［", "{", "｛") and _partners(text).get(0) == len(text) - 1:
        return text[1:-1]
    return text


def _unnumbered(text: str) -> str:
    """Return a text with line breaks in place of the numbers of its entries: 1.焊接 2.切割."""
    if len(_NUMBERING.findall(text)) < 2:
        return text
    return _NUMBERING.sub("\n", text)


def _pieces(text: str) -> Iterator[str]:
    """Yield the stretches between separators that are outside all brackets."""
    text = _WIDE_BLANKS.sub("\n", text)
    partners = _partners(text)
    strokes = {
        at
        for found in _WORDS_AND_STROKES.finditer(text)
        for at in range(found.start(), found.end())
        if text[at] == "/"
    }
    start = at = 0
    while at < len(text):
        if at in partners:
            at = partners[at]
        elif at in strokes or _separates(text, at):
            yield text[start:at]
            start = at + 1
        at += 1
    yield text[start:]


def _separates(text: str, at: int) -> bool:
    if text[at] in STROKES:
        before, after = text[at - 1 : at], text[at + 1 : at + 2]
        return not (_is_latin(before) and _is_latin(after)) and not {before, after} & {"/", ":"}
    if text[at] == "," and at and _THOUSANDS.match(text, at - 1):
        return False
    return text[at] in SEPARATORS


@cache
def _is_latin(character: str) -> bool:
    return character.isalnum() and ord(character) < 0x250


def _partners(text: str) -> dict[int, int]:
    """Return the position of the closing bracket of each outermost opening one."""
    partners: dict[int, int] = {}
    waiting: list[tuple[str, int]] = []
    expected: dict[str, int] = {}
    for at, character in enumerate(text):
        closing = _CLOSING.get(character, character)
        if expected.get(closing):
            while waiting:
                mark, start = waiting.pop()
                expected[mark] -= 1
                if mark == closing:
                    partners[start] = at
                    break
        elif character in _OPENING:
            mark = _OPENING[character]
            waiting.append((mark, at))
            expected[mark] = expected.get(mark, 0) + 1
    return partners
