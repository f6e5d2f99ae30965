"""The conditions of a saved search in words: the reasons why an opening is announced. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from roost.places.written_names import written_name

SHIFTS = {
    "day": ("白班", "day shift"),
    "night": ("夜班", "night shift"),
    "rotating": ("倒班", "rotating shifts"),
    "weekend": ("周末", "weekends"),
    "flexible": ("弹性工作", "flexible hours"),
}


def condition_lines(search: Mapping[str, Any], *, chinese: bool) -> list[str]:
    """Return each condition of a stored search as a line in one language."""
    return [zh if chinese else en for zh, en in _conditions(search)]


def _conditions(search: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if words := search.get("words"):
        yield f"关键词：{words}", f"words: {words}"
    if occupation := search.get("occupationName") or search.get("occupation"):
        yield f"职业：{occupation}", f"occupation: {occupation}"
    if key := search.get("place"):
        yield f"工作地点：{written_name(key)}", f"place: {written_name(key, chinese=False)}"
    if (km := search.get("withinKm")) is not None:
        yield f"{km:g} 公里以内", f"within {km:g} km"
    if search.get("nearHome"):
        yield "家乡附近", "near home"
    if (wage := search.get("wage")) is not None:
        yield f"月工资不低于 {wage:,.10g}", f"at least {wage:,.10g} a month"
    if shift := search.get("shift"):
        yield SHIFTS.get(shift, (shift, shift))
    if search.get("lodging"):
        yield "提供住宿", "lodging provided"
    if employer := search.get("employer"):
        yield f"用工单位编号：{employer}", f"employer: {employer}"
