"""Normalised names of licences, so that all spellings of a licence are equal.

低压电工证, 低压电工作业证 and 低压电工特种作业操作证 are one licence; B2驾驶证, 驾照B2 and B2 are
another. A driving class covers the classes below it. A licence of a branch covers the trade that
accepts any branch (低压电工 for 电工证).

Source: Ministry of Public Security, order 162, annex 1 (driving classes).
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from roost.text.tokens import normal_skill

_KIND = re.compile(r"(?:特种作业|特种设备作业)?(?:作业|操作|上岗)?(?:证书|证明|证件|证|执照)$")
"""Endings that only mean "licence". A vocational grade (职业资格) is another thing and stays."""
_BEFORE_EN = frozenset(("valid", "current", "state", "ny", "nys"))
_KIND_EN = re.compile(r"licen[cs]ed?|certificat(?:e|ion)s?|permit|card")
_DRIVING = re.compile(
    r"(?:机动车)?(?:驾驶执照|驾驶证|驾照|驾证|驾驶|准驾车型)?\s*\(?([abc][1-6])\)?\s*(?:类|型|照|本|级)?"
    r"\s*(?:机动车)?(?:驾驶执照|驾驶证|驾照|驾证|驾驶)?(?:以上)?"
)
_COVERS: dict[str, tuple[str, ...]] = {
    "a1": ("a3", "b1", "b2", "c1", "c2", "c3", "c4"),
    "a2": ("b1", "b2", "c1", "c2", "c3", "c4"),
    "a3": ("c1", "c2", "c3", "c4"),
    "b1": ("c1", "c2", "c3", "c4"),
    "b2": ("c1", "c2", "c3", "c4"),
    "c1": ("c2", "c3", "c4"),
    "c3": ("c4",),
}
_BRANCHES = {
    "电工": ("低压电工", "高压电工"),
    "焊工": ("电焊工", "熔化焊接与热切割", "焊接与热切割"),
}


def normal_name(licence: str) -> str:
    """Return the normal name of a licence; empty for an empty text."""
    plain = normal_skill(licence)
    driving = _DRIVING.fullmatch(plain.replace(" ", ""))
    if driving:
        return f"驾驶{driving.group(1)}"
    return _without_kind_en(_KIND.sub("", plain)) or plain


def _without_kind_en(name: str) -> str:
    """Return a name without the English words around it that only mean "licence"."""
    words = name.split()
    start, end = 0, len(words)
    while end - start > 1 and words[start] in _BEFORE_EN:
        start += 1
    while end - start > 1 and _KIND_EN.fullmatch(words[end - 1]):
        end -= 1
    return " ".join(words[start:end])


def held_names(licences: Iterable[str]) -> list[str]:
    """Return the normal names of held licences and of those they cover, in order."""
    found: list[str] = []
    for licence in filter(None, map(normal_name, licences)):
        found += [licence, *_covered(licence)]
    return list(dict.fromkeys(found))


def required_names(licences: Iterable[str]) -> list[str]:
    """Return the normal names of required licences, in order."""
    return list(dict.fromkeys(filter(None, map(normal_name, licences))))


def _covered(licence: str) -> list[str]:
    if licence.startswith("驾驶"):
        return [f"驾驶{lower}" for lower in _COVERS.get(licence[2:], ())]
    return [trade for trade, branches in _BRANCHES.items() if licence in branches]
