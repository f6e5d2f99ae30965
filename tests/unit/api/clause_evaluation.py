"""Evaluation of the clauses that our queries use on one document, as Elasticsearch does it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from roost.places.gazetteer import distance_km

Document = Mapping[str, Any]
Clause = Mapping[str, Any]


def meets(document: Document, clause: Clause) -> bool:
    """Return whether a document meets a clause."""
    ((kind, content),) = clause.items()
    match kind:
        case "bool":
            return _bool(document, content)
        case "exists":
            return document.get(content["field"]) is not None
        case "term":
            return all(value in _values(document, name) for name, value in content.items())
        case "terms":
            return all(
                not set(values).isdisjoint(_values(document, name))
                for name, values in content.items()
            )
        case "prefix":
            return all(
                any(str(each).startswith(value) for each in _values(document, name))
                for name, value in content.items()
            )
        case "range":
            return all(_within(document.get(name), span) for name, span in content.items())
        case "match":
            ((name, asked),) = content.items()
            wanted, found = set(asked["query"].split()), str(document.get(name) or "").split()
            return bool(wanted) and wanted <= set(found)
        case "geo_distance":
            return _is_within(document, content)
        case _:
            raise NotImplementedError(kind)


def _is_within(document: Document, content: Mapping[str, Any]) -> bool:
    ((name, centre),) = ((name, each) for name, each in content.items() if name != "distance")
    at = document.get(name)
    radius_km = float(content["distance"].removesuffix("km"))
    return bool(at) and distance_km(*centre.values(), *at.values()) <= radius_km


def _values(document: Document, name: str) -> list[Any]:
    """Return the values of a field, which may be one or a list."""
    value = document.get(name)
    return list(value) if isinstance(value, list | tuple) else [value]


def _bool(document: Document, content: Mapping[str, Any]) -> bool:
    should = [meets(document, each) for each in content.get("should", ())]
    return (
        all(meets(document, each) for each in content.get("filter", ()))
        and not any(meets(document, each) for each in content.get("must_not", ()))
        and sum(should) >= content.get("minimum_should_match", 0)
    )


def _within(value: Any, span: Mapping[str, Any]) -> bool:
    if value is None:
        return False
    found = _comparable(value)
    compared = {
        "gt": lambda end: found > end,
        "gte": lambda end: found >= end,
        "lt": lambda end: found < end,
        "lte": lambda end: found <= end,
    }
    return all(compared[how](_comparable(end)) for how, end in span.items())


def _comparable(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        return value  # an id
