"""`roost places`: the places that texts name, as imports, the API and the console read them."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from roost.places.resolutions import PlaceContext, Resolution

STANDARD_INPUT = "-"
SHOWN_CANDIDATES = 8
"""Candidates that a row of the table names; the JSON form has all of them."""
DESCRIBED = 50_000
"""Places whose descriptions are remembered; the same ones occur in many rows."""


def places_command(
    texts: Annotated[
        list[str],
        typer.Argument(
            metavar="TEXT…",
            help="Names or addresses; - reads one a line from standard input. "
            "地点或地址；- 表示从标准输入逐行读取。",
        ),
    ],
    near: Annotated[
        list[str] | None,
        typer.Option(
            "--near",
            help="A place nearby, which decides between places of one name. "
            "附近的地点，用于区分同名地点。",
        ),
    ] = None,
    residence: Annotated[
        str,
        typer.Option("--residence", help="The residence that 省内 refers to. “省内”所指的居住地。"),
    ] = "",
    as_json: Annotated[
        bool,
        typer.Option("--json", help="Print one JSON object per line. 每行输出一个 JSON 对象。"),
    ] = False,
) -> None:
    """Find the places that texts name · 查找文本所指的地点.

    Prints the key, the code and the full name of the innermost division, or the candidates.

    Examples:
        roost places 上海市徐汇区田林路130号 甘南

        roost places --near 长春市 朝阳区

        roost places --json - < addresses.txt
    """
    context = _context(near or [], residence)
    found = ((text, _resolved(text, context)) for text in _lines(texts))
    if as_json:
        for text, resolution in found:
            sys.stdout.write(json.dumps(place_row(text, resolution), ensure_ascii=False) + "\n")
        return
    Console().print(_table(found))


def place_row(text: str, found: Resolution) -> dict[str, Any]:
    """Return what a text names as JSON values, with the point in degrees and its holder.

    `key` is null for a text that does not name one place. It then has `candidates`, which are
    empty for an unknown place, or `anywhere` for 全国. `reason` says why a place is unknown.
    """
    from roost.places.resolutions import Anywhere, Candidates, Resolved

    match found:
        case Resolved():
            row = {"text": text, **_described(found.place.key), "street": found.street}
            if found.renamed_from is not None:
                row |= {"renamedFrom": found.renamed_from, "year": found.year}
            return row
        case Candidates(places):
            return {
                "text": text,
                "key": None,
                "candidates": [_described(each.key) for each in places],
            }
        case Anywhere():
            return {"text": text, "key": None, "anywhere": True}
    return {"text": text, "key": None, "candidates": [], "reason": found.reason.value}


@lru_cache(maxsize=DESCRIBED)
def _described(key: str) -> dict[str, Any]:
    from roost.places.gazetteer import gazetteer

    known = gazetteer()
    point = known.coordinates(key)
    return {
        "key": key,
        "code": known[key].code,
        "name": known[key].name,
        "fullName": known.full_name(key),
        "level": known.level(key),
        "latitude": point[0] if point else None,
        "longitude": point[1] if point else None,
        "pointOf": known.point_holder(key),
    }


def _lines(texts: Iterable[str]) -> Iterator[str]:
    for text in texts:
        if text == STANDARD_INPUT:
            yield from (line.rstrip("\r\n") for line in sys.stdin)
        else:
            yield text


def _context(near: list[str], residence: str) -> PlaceContext:
    from roost.places.place_search import find_place
    from roost.places.resolutions import PlaceContext

    keys = tuple(find_place(each).key for each in near)
    return PlaceContext(keys, find_place(residence).key if residence else None)


def _resolved(text: str, context: PlaceContext) -> Resolution:
    from roost.places.resolving import resolver

    return resolver().resolve(text, context)


def _table(found: Iterable[tuple[str, Resolution]]) -> Table:
    table = Table()
    for heading in ("Text · 文本", "Code · 代码", "Place · 地点", "Rest · 其余部分"):
        table.add_column(heading, overflow="fold")
    for text, resolution in found:
        row = place_row(text, resolution)
        cell = _place_cell(row) or _problem(text, resolution)
        table.add_row(text, row.get("code", ""), cell, row.get("street", ""))
    return table


def _problem(text: str, found: Resolution) -> str:
    from roost.places.place_search import refusal

    problem = refusal(text, found)
    return f"{problem.message_zh} {problem.message}"


def _place_cell(row: dict[str, Any]) -> str:
    """Return the place or the candidates; empty for an unknown place."""
    if row.get("anywhere"):
        return "anywhere · 不限"
    if candidates := row.get("candidates"):
        more = len(candidates) - SHOWN_CANDIDATES
        names = " | ".join(each["fullName"] for each in candidates[:SHOWN_CANDIDATES])
        return f"? {names}" + (f" | … (+{more})" if more > 0 else "")
    if row["key"] is None:
        return ""
    former = f" ← {row['renamedFrom']} ({row['year'] or '—'})" if "renamedFrom" in row else ""
    return f"{row['fullName']}{former}"
