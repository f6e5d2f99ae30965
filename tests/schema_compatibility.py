"""Comparison of two JSON schemas of an event: can a newer model read what an older one wrote?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

Schema = Mapping[str, Any]

LOWER_BOUNDS = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
UPPER_BOUNDS = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
EXACT = ("pattern", "format")
WIDENED = {
    (r"^[a-z0-9][a-z0-9._@-]*$", r"^[a-z0-9][a-z0-9._@+'&=~-]*$"),
    (r"^[wsh]-[a-z2-7]{26}$", r"^[wshe]-[a-z2-7]{26}$"),
    (r"^w-[a-z2-7]{26}$", r"^[we]-[a-z2-7]{26}$"),
}
"""Patterns that were replaced by one that accepts every text of the former; a test checks it."""
LOCAL_TIME = r"^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d+)?(Z|[+-]\d\d:\d\d)?)?$"
STATED = {("time", LOCAL_TIME)}
"""Formats that were replaced by a pattern of all texts that were written; a test checks it."""


def incompatibilities(old: Schema, new: Schema) -> list[str]:
    """Return why the new schema refuses or loses values of the old one; else an empty list.

    Removed fields, new required fields, removed enum values, narrowed types and narrowed bounds
    are incompatible; new optional fields, new enum values and wider bounds are not.
    """
    return list(_Comparison(old.get("$defs", {}), new.get("$defs", {})).breaks("", old, new))


class _Comparison:
    def __init__(self, old_defs: Schema, new_defs: Schema) -> None:
        self._old_defs = old_defs
        self._new_defs = new_defs
        self._visited: set[tuple[str, str]] = set()

    def breaks(self, path: str, old: Schema, new: Schema) -> Iterator[str]:
        pair = (old.get("$ref", ""), new.get("$ref", ""))
        if all(pair):
            if pair in self._visited:
                return
            self._visited.add(pair)
        old, new = _resolved(old, self._old_defs), _resolved(new, self._new_defs)
        if "anyOf" in old or "anyOf" in new:
            yield from self._alternatives(path, old, new)
            return
        yield from _narrowed_values(path, old, new)
        yield from self._fields(path, old, new)
        for keyword in ("items", "additionalProperties", "propertyNames"):
            if isinstance(old.get(keyword), Mapping) and isinstance(new.get(keyword), Mapping):
                yield from self.breaks(f"{path}[]", old[keyword], new[keyword])

    def _alternatives(self, path: str, old: Schema, new: Schema) -> Iterator[str]:
        accepted = new.get("anyOf", [new])
        for each in old.get("anyOf", [old]):
            reasons = [
                list(_Comparison(self._old_defs, self._new_defs).breaks(path, each, other))
                for other in accepted
            ]
            if all(reasons):
                yield from min(reasons, key=len)

    def _fields(self, path: str, old: Schema, new: Schema) -> Iterator[str]:
        before, after = old.get("properties", {}), new.get("properties", {})
        for name in before.keys() - after.keys():
            yield f"{path}.{name}: field removed"
        for name in set(new.get("required", ())) - set(old.get("required", ())):
            yield f"{path}.{name}: field is now required"
        for name in before.keys() & after.keys():
            yield from self.breaks(f"{path}.{name}", before[name], after[name])


def _resolved(schema: Schema, definitions: Schema) -> Schema:
    if "$ref" not in schema:
        return schema
    found: Schema = definitions[schema["$ref"].rpartition("/")[2]]
    return found


def _narrowed_values(path: str, old: Schema, new: Schema) -> Iterator[str]:
    if "type" in new and old.get("type") != new["type"]:
        widened = old.get("type") == "integer" and new["type"] == "number"
        if not widened:
            yield f"{path}: type {old.get('type')} is now {new['type']}"
    if "enum" in new or "const" in new:
        for value in sorted(_values(old) - _values(new)) or ([] if _values(old) else ["(any)"]):
            yield f"{path}: value {value} removed"
    for keyword in LOWER_BOUNDS:
        if keyword in new and new[keyword] > old.get(keyword, float("-inf")):
            yield f"{path}: {keyword} raised"
    for keyword in UPPER_BOUNDS:
        if keyword in new and new[keyword] < old.get(keyword, float("inf")):
            yield f"{path}: {keyword} lowered"
    for keyword in EXACT:
        change = (old.get(keyword), new.get(keyword))
        if change[0] is None and (old.get("format"), change[1]) in STATED:
            continue
        if keyword in new and change[0] != change[1] and change not in WIDENED:
            yield f"{path}: {keyword} changed"


def _values(schema: Schema) -> set[str]:
    return set(schema.get("enum", [schema["const"]] if "const" in schema else []))
