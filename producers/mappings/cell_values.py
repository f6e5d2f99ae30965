"""Values of a row's columns as clean text: cells of a table, or paths into a JSON object.

What a spreadsheet or our own exports add to a text is taken off. An object or a list is never
written as text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from producers.tables.sheets import ERRORS, FaultyCell, error_cell
from producers.tables.workbook_child import cell_text
from producers.values import NotUnderstood
from roost.text.mojibake import mended

LONGEST_PATH = 8
"""Steps of a path into a JSON object."""
_FORMULA = re.compile(r"=\s*[A-Z]{1,20}\d*\s*(?:\(|[-+*/:&<>]|$)|=\s*\d+(?:\.\d+)?\s*[-+*/]")
_NARROW = re.compile(r"#{3,}")
_WRAPPED = re.compile(r'=\s*"([^"]*)"')
_GUARDED = re.compile(r"'(?=\s*[=+\-@＝＋－＠]|[\t\r\n])")
"""Apostrophe that an export puts before a text that looks like a formula."""


NOT_A_NUMBER = "NaN"
"""Spelling of NaN in texts, as in JSON; `Nan` is a name."""
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


def repair_text(text: str) -> str:
    """Return a text without control characters, and with wrongly decoded characters repaired."""
    repaired = text if text.isascii() else mended(text)
    return repaired if repaired.isprintable() else _CONTROL.sub("", repaired)


def clean_text(value: Any) -> str:
    """Return a cell's text; empty for NaN, which tables of data write for an empty cell.

    Raises NotUnderstood for an error, a formula, an object or a list.
    """
    if type(value) is not str:
        value = _scalar_text(value)
    text = repair_text(value).strip()
    if text == NOT_A_NUMBER:
        return ""
    if text[:1] in "=#'" and text:
        return _without_wrapping(text)
    return text


def _scalar_text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, FaultyCell):
        raise NotUnderstood(value.fault.en, value.fault.zh)
    if isinstance(value, Mapping):
        names = ", ".join(list(map(str, value))[:3])
        raise NotUnderstood(
            f"holds an object, not a value; name one of its fields in the mapping ({names} …)",
            f"为对象而不是值，请在映射中写明其中的字段（如 {names}）",
        )
    if isinstance(value, list | tuple):
        if len(value) == 1:
            return _scalar_text(value[0])
        if not value:
            return ""
        raise NotUnderstood(
            "holds several values where one belongs; read it as a list in the mapping",
            "含有多个值，此处只能有一个；请在映射中按列表读取",
        )
    return value if isinstance(value, str) else cell_text(value)


def _without_wrapping(text: str) -> str:
    """Return a text without `="…"` or a guard. Raises NotUnderstood for a formula or an error."""
    if text in ERRORS or _NARROW.fullmatch(text):
        fault = error_cell(text).fault
        raise NotUnderstood(fault.en, fault.zh)
    if wrapped := _WRAPPED.fullmatch(text):
        return wrapped[1].strip()
    if _FORMULA.match(text):
        raise NotUnderstood(
            "holds a formula, and formulas are never calculated here; write the value",
            "单元格为公式，系统不计算公式；请直接填写结果",
        )
    return _GUARDED.sub("", text, count=1) if text.startswith("'") else text


def value_at(row: Mapping[str, Any], path: str) -> Any:
    """Return the value of a column, or the value at a path such as `employer.name`; None if absent.

    A number picks one entry of a list; another step is taken in each of its entries.
    """
    if path in row:
        return row[path]
    if "." not in path:
        return None
    current: Any = row
    for step in path.split(".", LONGEST_PATH):
        current = _step(current, step)
        if current is None:
            return None
    return current


def _step(current: Any, step: str) -> Any:
    if isinstance(current, Mapping):
        return current.get(step)
    if isinstance(current, Sequence) and not isinstance(current, str):
        if step.isdecimal():
            return current[int(step)] if int(step) < len(current) else None
        found = [value for each in current if (value := _step(each, step)) is not None]
        return found or None
    return None
