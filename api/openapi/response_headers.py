"""Headers of the answers in the OpenAPI document: those that middleware adds, and of writes.

No header is marked as required: settings can switch the limits of requests off.
"""

from __future__ import annotations

from typing import Any

from api.deprecations.deprecated_routes import TABLE, DeprecatedRoute
from api.guards.idempotency.documented import PARAMETER
from api.guards.list_tags import may_be_list

Json = dict[str, Any]
TEXT: Json = {"type": "string"}
SECONDS: Json = {"type": "integer", "minimum": 0}
HEADERS: dict[str, Json] = {
    "RateLimit-Policy": {
        "description": "limit of requests: its name, number (`q`) and period in seconds (`w`)",
        "schema": TEXT,
        "example": '"principal";q=6000;w=60',
    },
    "RateLimit": {
        "description": "requests that may follow at once (`r`), and seconds until all may (`t`)",
        "schema": TEXT,
        "example": '"principal";r=999;t=1',
    },
    "Retry-After": {
        "description": "seconds to wait before a new attempt",
        "schema": SECONDS,
        "example": 2,
    },
    "Idempotent-Replayed": {
        "description": "`true` if the write ran before under the same `Idempotency-Key`",
        "schema": {"type": "string", "enum": ["true"]},
        "example": "true",
    },
    "Location": {
        "description": "path of the entity",
        "schema": TEXT,
        "example": "/v1/openings/o-aaaaaaaaaaaaaaaaaaaaaaaaaa",
    },
    "ETag": {
        "description": "version of the entity, for `If-Match` and `If-None-Match`; weak on lists",
        "schema": TEXT,
        "example": '"42"',
    },
    "Preference-Applied": {
        "description": "seconds of `Prefer: wait=N` that are granted",
        "schema": TEXT,
        "example": "wait=20",
    },
    "WWW-Authenticate": {
        "description": "way to authenticate",
        "schema": TEXT,
        "example": 'Bearer realm="roost"',
    },
    "Content-Language": {
        "description": "language of the problem",
        "schema": {"type": "string", "enum": ["zh", "en"]},
        "example": "en",
    },
    "Deprecation": {
        "description": "time at which the operation was deprecated (RFC 9745)",
        "schema": TEXT,
        "example": "@1767225600",
    },
    "Sunset": {
        "description": "time at which the operation ends (RFC 8594)",
        "schema": TEXT,
        "example": "Fri, 01 Jan 2027 00:00:00 GMT",
    },
    "Link": {"description": "the table of deprecated operations", "schema": TEXT},
}
ALWAYS = ("RateLimit-Policy", "RateLimit")
WAITED_FOR = {"409", "429", "503"}
"""Statuses of problems that may say how long to wait."""
WRITTEN = ("Accepted", "AcceptedWithSecret", "RegisteredWorker")
"""Schemas of answers that name the location and the version of the written entity."""
OF_DEPRECATED = ("Deprecation", "Sunset", "Link")


def add_headers(
    path: str, method: str, operation: Json, table: tuple[DeprecatedRoute, ...] = TABLE
) -> None:
    """Add the headers to every response of an operation, and mark a deprecated one."""
    parameters = {each.get("name") for each in operation.get("parameters", ())}
    is_deprecated = any((each.method, each.path) == (method.upper(), path) for each in table)
    if is_deprecated:
        operation["deprecated"] = True
    for status, response in operation["responses"].items():
        names = [*ALWAYS, *(OF_DEPRECATED if is_deprecated else ())]
        if status >= "400":
            names += _of_problem(status)
        else:
            names += _of_success(response, parameters)
            names += ["ETag"] if method == "get" and _has_list_tag(path, response) else []
        declared = set(response.get("headers", {})) & set(HEADERS)
        headers = response.setdefault("headers", {})
        headers |= {name: ref(name) for name in (*names, *declared)}


def _of_problem(status: str) -> list[str]:
    names = ["Content-Language"]
    if status in WAITED_FOR:
        names.append("Retry-After")
    if status == "401":
        names.append("WWW-Authenticate")
    return names


def _of_success(response: Json, parameters: set[str | None]) -> list[str]:
    known = _capitalised(parameters)
    names = ["Idempotent-Replayed"] if PARAMETER["name"] in known else []
    names += ["Preference-Applied"] if "Prefer" in known else []
    bodies = response.get("content", {}).values()
    schemas = {each.get("schema", {}).get("$ref", "").rpartition("/")[2] for each in bodies}
    return [*names, "Location", "ETag"] if schemas & set(WRITTEN) else names


def _has_list_tag(path: str, response: Json) -> bool:
    """Return whether the answer has at least the weak tag of lists (`api.guards.list_tags`)."""
    return may_be_list(path) and "application/json" in response.get("content", {})


def _capitalised(names: set[str | None]) -> set[str]:
    return {(each or "").title() for each in names}


def ref(name: str) -> Json:
    """Return the reference to a header's component."""
    return {"$ref": f"#/components/headers/{name}"}
