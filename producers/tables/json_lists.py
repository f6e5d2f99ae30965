"""Lists of records inside a JSON object: search hits, feeds, and JSON-LD graphs."""

from __future__ import annotations

from typing import Any

_LISTS = ("@graph", "items", "itemListElement", "results", "records", "rows", "data", "jobs", "ads",
          "content", "hits", "openings", "profiles", "value")  # fmt: skip
"""Names under which an object holds the list of its records."""
_DEEPEST_LIST = 3


def records_in(document: dict[str, Any]) -> list[Any]:
    """Return the list of records that an object holds, else the object alone."""
    current: Any = document
    for _ in range(_DEEPEST_LIST):
        if not isinstance(current, dict):
            break
        if "title" in current or current.get("@type") == "JobPosting":
            break  # a record itself
        held = next((current[name] for name in _LISTS if name in current), None)
        if isinstance(held, list) and all(isinstance(each, dict) for each in held):
            return _graph(held) if "@graph" in current else [_unwrapped(each) for each in held]
        current = held
    return [document]


def _unwrapped(record: dict[str, Any]) -> Any:
    """Return the record inside a search hit or a list element."""
    for name in ("_source", "item"):
        if isinstance(record.get(name), dict):
            return record[name]
    return record


def _graph(nodes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the job postings of a JSON-LD graph, with references to other nodes resolved."""
    by_id = {str(node["@id"]): node for node in nodes if "@id" in node}
    postings = [node for node in nodes if is_of_type(node, "JobPosting")]
    return [_resolved(node, by_id) for node in postings or nodes]


def is_of_type(node: dict[str, Any], name: str) -> bool:
    """Return whether a JSON-LD node has a type; a node may have several."""
    types = node.get("@type", ())
    return name in ([types] if isinstance(types, str) else types)


def _resolved(node: dict[str, Any], by_id: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Return a node with each plain reference `{"@id": …}` replaced by the node it names."""

    def target(value: Any) -> Any:
        if isinstance(value, dict) and set(value) == {"@id"}:
            return by_id.get(str(value["@id"]), value)
        if isinstance(value, list):
            return [target(each) for each in value]
        return value

    return {name: target(value) for name, value in node.items()}
