"""Overview as a table with a row for each day and station. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from api.lists.exports import Cell, Share
from api.overview.schemas import OverviewRow

COLUMNS: dict[str, tuple[str, str]] = {
    "day": ("Day", "日期"),
    "station_name": ("Station", "服务站"),
    "proposed": ("Proposed", "新增系统匹配"),
    "waiting": ("Waiting at the end of the day", "日末待认领"),
    "claimed": ("Claimed", "认领"),
    "contacted": ("Reached", "联系上"),
    "accepted": ("Workers interested", "本人愿意"),
    "referred": ("Referred", "推荐给单位"),
    "interviewed": ("Interviews arranged", "安排面试"),
    "placed": ("Placements (person-times)", "实现就业（人次）"),
    "persons": ("Persons placed", "实现就业（人数）"),
    "declined": ("Declined", "谢绝"),
    "expired": ("Expired", "失效"),
}
NAMES = ("Overview", "概览")
FIRST_CONTACT_COLUMNS: dict[str, tuple[str, str]] = {
    "called": ("First contacts", "已首次联系"),
    "p50_minutes": ("Minutes to first contact, median", "首次联系用时中位数（分钟）"),
    "p90_minutes": ("Minutes to first contact, 90 %", "首次联系用时九成（分钟）"),
    "in_time": ("Called within the target", "按时联系"),
    "breaches": ("Waited past the target", "超时"),
    "share_in_time": ("Share in time", "按时联系率"),
}


def sheet_name(chinese: bool) -> str:
    """Return the name of the sheet in Chinese or English."""
    return NAMES[chinese]


def header_cells(chinese: bool) -> list[str]:
    """Return the header row in Chinese or English."""
    return [names[chinese] for names in (*COLUMNS.values(), *FIRST_CONTACT_COLUMNS.values())]


def rows_of_cells(rows: Iterable[OverviewRow]) -> Iterator[list[Cell]]:
    """Yield the cells of each row, in the order of the header."""
    for row in rows:
        first: list[Cell] = [getattr(row, name) for name in COLUMNS]
        yield first + [_first_contact(row, name) for name in FIRST_CONTACT_COLUMNS]


def _first_contact(row: OverviewRow, name: str) -> Cell:
    value: float | None = getattr(row.first_contact, name)
    return Share(value) if name == "share_in_time" and value is not None else value
