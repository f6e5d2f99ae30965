"""Search clauses for a field that holds the innermost place of something, and its containment."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from roost.places.gazetteer import Gazetteer

Json = dict[str, Any]


def clauses_within(field: str, places: Collection[str], known: Gazetteer) -> list[Json]:
    """Return clauses of which one holds for a key that lies in one of the places.

    China's codes begin with those of the divisions that contain them, so a prefix covers 41,352
    townships. The keys of all other places are listed.
    """
    prefixes = sorted(
        f"{key}:" if key in known.countries else key
        for key in places
        if key.partition(":")[0] == "cn"
    )
    listed = sorted(
        key for key in known.within(places) if not prefixes or not key.startswith(tuple(prefixes))
    )
    return [
        *([{"terms": {field: listed}}] if listed else []),
        *({"prefix": {field: prefix}} for prefix in prefixes),
    ]
