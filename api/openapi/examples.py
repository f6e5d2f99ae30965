"""Examples of requests and answers, composed from the schemas of the OpenAPI document: pure.

A field's example is the first of these that its schema allows: the schema's own example, a value
of `VALUES` by the field's name, its default, its first permitted value, or one by pattern, format
or type. So a new operation has an example without further work, and a test validates all of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

Json = dict[str, Any]
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
MOMENT, DAY = "2026-11-25T08:30:00Z", "2026-11-25"


def id_of(kind: str, letter: str = "a") -> str:
    """Return an id of a kind, such as `o-aaa…`, that no entity has."""
    return f"{kind}-{letter * 26}"


MATCH = f"m-{'a' * 26}.{'b' * 26}"
SLOT = f"v-{'a' * 26}.{'c' * 26}"
IDS = (*(id_of(kind) for kind in _LETTERS), MATCH, SLOT, f"{id_of('n')}.webhook")
VALUES: Json = {
    "address": "+8613800138000",
    "anchor": "0",
    "body": "您有新的岗位匹配。",
    "code": "123456",
    "cursor": None,
    "description": "六层住宅砌筑",
    "employerId": "taiyuan-jianzhu",
    "field": "title",
    "id": id_of("o"),
    "about": {"title": "砌筑工", "employerId": "taiyuan-jianzhu", "headcount": 2},
    "acceptedAt": "2026-11-26T02:10:00Z",
    "baseSalary": {"currency": "CNY", "minValue": 280, "maxValue": 350, "unitText": "DAY"},
    "cause": "",
    "createdAt": MOMENT,
    "csrf": "8f14e45fceea167a5a36dedd4bea2543",
    "hiringOrganization": {"id": "taiyuan-jianzhu", "name": "太原示例建筑公司"},
    "action": f"a-{'d' * 26}",
    "constraint": "wage",
    "error": "",
    "excerpt": "",
    "key": "cn:140723",
    "kind": "new_match",
    "language": "zh",
    "method": "POST",
    "path": "/v1/openings",
    "requestId": "9f2c1d7e5b3a8c60",
    "route": "/v1/openings",
    "type": "opening",
    "mapping": "nyc_jobs",
    "missingSkills": ["抹灰"],
    "model": "a3f1",
    "reasons": [
        {"part": "skills", "points": 40, "en": "Can lay bricks", "zh": "会砌墙"},
    ],
    "source": "api",
    "state": "claimed",
    "stationId": id_of("s"),
    "summary": "砌筑十年",
    "timeZone": "Asia/Shanghai",
    "wageWanted": {"minValue": 280, "unitText": "DAY"},
    "why": "",
    "identifier": "2026-118",
    "jobLocation": {"name": "山西省太原市", "code": "1401", "scheme": "cn"},
    "latitude": 37.87,
    "location": {"name": "山西省太原市"},
    "home": {"name": "山西省和顺县"},
    "place": {"name": "山西省和顺县"},
    "login": "wang.fang",
    "longitude": 112.55,
    "maxValue": 350,
    "message": "Give a title",
    "minValue": 280,
    "name": "王芳",
    "password": "four-words-of-your-own",
    "former": "four-words-of-the-past",
    "reference": "2026-118",
    "score": 82.5,
    "employerSide": 84.0,
    "workerSide": 81.0,
    "secret": "whsec_c2VjcmV0LW9mLWFuLWV4YW1wbGU=",
    "self": f"/v1/openings/{id_of('o')}",
    "serves": ["cn:140723"],
    "places": ["cn:1401"],
    "skills": ["砌墙", "抹灰"],
    "skill": "抹灰",
    "text": "退订",
    "title": "砌筑工",
    "total": 12,
    "url": "https://hr.example.com/roost",
    "uri": "otpauth://totp/Roost:wang.fang?secret=JBSWY3DPEHPK3PXP&issuer=Roost",
    "qr": "<svg xmlns='http://www.w3.org/2000/svg'/>",
    "version": 42,
    "detail": "title: give one",
    "instance": "/v1/openings",
    "en": {"title": "Training in welding", "body": "A free course starts on Monday."},
    "zh": {"title": "电焊免费培训", "body": "周一开班，免费参加。"},
    "data": "{}",
}
"""Examples by the name of a field in JSON; one that a schema does not allow is passed over."""
BY_FORMAT: Json = {
    "date-time": MOMENT,
    "date": DAY,
    "uri": "https://hr.example.com/roost",
    "password": "four-words-of-your-own",
    "binary": "…",
    "duration": "PT15M",
    "email": "wang.fang@example.com",
}
TEXTS = (*IDS, "zh", "CNY", "aa", "a_b", "cn:1401", "2026-118", "abcdefghij", "0" * 16, "0" * 32)
"""Texts tried for a pattern."""
DEEPEST = 12


class Examples:
    """Composer of examples from the schemas of one document."""

    def __init__(self, schemas: Json) -> None:
        self._schemas = schemas

    def of(self, schema: Json, name: str = "", depth: int = 0) -> Any:
        """Return an example that the schema allows, for a field of this name."""
        schema = self._resolved(schema)
        for candidate in self._candidates(schema, name, depth):
            if self.allows(schema, candidate):
                return candidate
        raise ValueError(f"No example of the field {name!r}: add one to VALUES or to its schema")

    def _candidates(self, schema: Json, name: str, depth: int) -> Iterator[Any]:
        yield from schema.get("examples", ())
        if "example" in schema:
            yield schema["example"]
        if "const" in schema:
            yield schema["const"]
        if name in VALUES:
            yield VALUES[name]
        for option in (*schema.get("anyOf", ()), *schema.get("oneOf", ())):
            if option.get("type") != "null":
                yield self.of(option, name, depth)
        if schema.get("default") is not None and schema["default"] not in ([], {}, ""):
            yield schema["default"]
        yield from schema.get("enum", ())
        yield from self._by_type(schema, name, depth)

    def _by_type(self, schema: Json, name: str, depth: int) -> Iterator[Any]:
        kind = schema.get("type")
        if kind == "string":
            yield from self._texts(schema)
        elif kind in {"integer", "number"}:
            least = (schema.get("minimum", 1), schema.get("exclusiveMinimum", 0) + 1, 1)
            yield from (int(each) if each == int(each) else each for each in least)
        elif kind == "boolean":
            yield True
        elif kind == "array":
            yield self._list(schema, name, depth)
        elif kind == "object" or "properties" in schema:
            yield self._object(schema, depth)
        else:
            yield None

    def _texts(self, schema: Json) -> Iterator[str]:
        if schema.get("format") in BY_FORMAT:
            yield BY_FORMAT[schema["format"]]
        if "pattern" in schema:
            yield from TEXTS
        least = max(schema.get("minLength", 0), 1)
        yield "…" * least if least > 1 else "…"

    def _list(self, schema: Json, name: str, depth: int) -> list[Any]:
        if depth > DEEPEST:
            return []
        return [self.of(schema.get("items", {}), name.removesuffix("s"), depth + 1)]

    def _object(self, schema: Json, depth: int) -> Json:
        """Return an object with its required fields and the optional ones worth showing."""
        required = set(schema.get("required", ()))
        found = {
            name: self.of(each, name, depth + 1)
            for name, each in schema.get("properties", {}).items()
            if name in required or (depth <= 3 and self._is_shown(each, name))
        }
        more = schema.get("additionalProperties")
        if not found and isinstance(more, dict) and more:
            keys = schema.get("propertyNames", {"type": "string"})
            found[self.of(keys, "code", depth + 1)] = self.of(more, "", depth + 1)
        return found

    def _is_shown(self, schema: Json, name: str) -> bool:
        """Return whether an optional field belongs in an example: it is plain, or has a value."""
        is_plain = self._resolved(schema).get("type") in {"string", "integer", "number", "boolean"}
        return is_plain or name in VALUES

    def _resolved(self, schema: Json) -> Json:
        while "$ref" in schema:
            schema = self._schemas[schema["$ref"].rpartition("/")[2]]
        return schema

    def allows(self, schema: Json, value: Any) -> bool:
        """Return whether a schema allows a value, by type, bounds, pattern and required fields.

        It checks what the choice of an example needs; the test validates every example in full.
        """
        schema = self._resolved(schema)
        if options := schema.get("anyOf") or schema.get("oneOf"):
            return any(self.allows(each, value) for each in options)
        if "const" in schema and value != schema["const"]:
            return False
        if "enum" in schema and value not in schema["enum"]:
            return False
        return _has_type(schema.get("type"), value) and self._fits(schema, value)

    def _fits(self, schema: Json, value: Any) -> bool:
        if isinstance(value, str):
            long = schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", 1e9)
            wanted = BY_FORMAT.get(schema.get("format", ""))
            is_formatted = wanted is None or schema["format"] in {"binary", "password"}
            is_formatted = is_formatted or (type(wanted) is str and _same_form(wanted, value))
            return long and is_formatted and bool(re.search(schema.get("pattern", ""), value))
        if isinstance(value, int | float) and not isinstance(value, bool):
            above = schema.get("exclusiveMinimum", float("-inf")) < value
            return above and schema.get("minimum", value) <= value <= schema.get("maximum", value)
        if isinstance(value, list):
            is_long = len(value) >= schema.get("minItems", 0)
            return is_long and all(self.allows(schema.get("items", {}), each) for each in value)
        if isinstance(value, dict):
            return self._fits_object(schema, value)
        return True

    def _fits_object(self, schema: Json, value: Json) -> bool:
        properties = schema.get("properties", {})
        if not set(schema.get("required", ())) <= set(value):
            return False
        if schema.get("additionalProperties") is False and not set(value) <= set(properties):
            return False
        return all(self.allows(properties.get(name, {}), each) for name, each in value.items())


def _same_form(known: str, value: str) -> bool:
    """Return whether a text has the form of a known one: digits and marks in the same places."""
    return ("://" in value) is ("://" in known) and ("T" in value) is ("T" in known)


def _has_type(kind: str | None, value: Any) -> bool:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return {
        None: True,
        "string": isinstance(value, str),
        "integer": is_number and value == int(value) if is_number else False,
        "number": is_number,
        "boolean": isinstance(value, bool),
        "array": isinstance(value, list),
        "object": isinstance(value, dict),
        "null": value is None,
    }[kind]


def add_examples(document: Json) -> None:
    """Add an example to every request and every answer of a document that has none."""
    examples = Examples(document["components"]["schemas"])
    for item in (*document["paths"].values(), *document.get("webhooks", {}).values()):
        for operation in item.values():
            bodies = [operation.get("requestBody", {})]
            bodies += [each for status, each in operation["responses"].items() if status < "400"]
            for body in bodies:
                for kind, content in body.get("content", {}).items():
                    _add_example(examples, kind, content)


def _add_example(examples: Examples, kind: str, content: Json) -> None:
    if "example" in content or "examples" in content or "schema" not in content:
        return
    is_text = kind == "application/json" and content["schema"] == {"type": "string"}
    content["example"] = (
        f"[{ROW}]" if is_text else BY_MEDIA.get(kind) or examples.of(content["schema"])
    )


ROW = (
    '{"identifier": "b-1", "title": "电焊工", "jobLocation": "太原市", '
    '"hiringOrganization": {"id": "taiyuan-jianzhu", "name": "太原示例建筑公司"}}'
)
BY_MEDIA: Json = {
    "application/x-ndjson": ROW + "\n",
    "application/jsonl": ROW + "\n",
    "text/csv": "identifier,title,jobLocation\nb-1,电焊工,太原市\n",
    "text/html": "<!doctype html>\n<html lang='zh-CN'>…</html>\n",
    "application/atom+xml": '<feed xmlns="http://www.w3.org/2005/Atom">…</feed>',
    "text/event-stream": {"id": "1-42", "event": "match", "data": "{}"},
}
"""Examples of media types whose schema is a text alone."""
