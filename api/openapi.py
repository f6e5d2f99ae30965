"""The OpenAPI document, completed: how to sign in, what a problem looks like, what writes answer.

What holds for every operation stands here once, so that no endpoint has to say it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI

from api.guards.open_paths import is_open
from api.guards.problem_responses import MEDIA

Json = dict[str, Any]
PROBLEM: Json = {
    "title": "Problem",
    "description": "What went wrong (RFC 9457), in the language of `Accept-Language`: zh or en.",
    "type": "object",
    "required": ["type", "title", "status", "detail", "instance"],
    "properties": {
        "type": {"type": "string", "examples": ["/problems/invalid"]},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "one sentence that names the remedy"},
        "instance": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "message"],
                "properties": {"field": {"type": "string"}, "message": {"type": "string"}},
            },
        },
    },
}
SCHEMES: Json = {
    "key": {"type": "http", "scheme": "bearer", "description": "a key for machines: rk_…"},
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": "roost",
        "description": "of who is signed in; writes need the header X-CSRF-Token as well",
    },
}
EVENTS = "text/event-stream"
EVENT: Json = {
    "type": "object",
    "title": "One server-sent event",
    "properties": {
        "id": {"type": "string"},
        "event": {"type": "string"},
        "data": {"type": "string"},
        "retry": {"type": "integer"},
    },
    "required": ["event", "data"],
}


def install(app: FastAPI) -> None:
    made = app.openapi

    def openapi() -> Json:
        if app.openapi_schema is None:
            complete(made())
        assert app.openapi_schema is not None
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def complete(document: Json) -> None:
    """Adds to the document, in place."""
    components = document.setdefault("components", {})
    components["securitySchemes"] = SCHEMES
    components.setdefault("schemas", {})["Problem"] = PROBLEM
    document["security"] = [{"key": []}, {"session": []}]
    for path, method, operation in operations(document):
        if is_open(path):
            operation["security"] = []
        _problems(operation["responses"])
        _waited_for(method, operation)
        _live(path, operation["responses"])


def operations(document: Json) -> Iterator[tuple[str, str, Json]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def _problems(responses: Json) -> None:
    for status, response in responses.items():
        if status >= "400":
            # A page may answer for a problem where a person has opened it.
            pages = {
                kind: body
                for kind, body in response.get("content", {}).items()
                if kind == "text/html"
            }
            problem = {"schema": {"$ref": "#/components/schemas/Problem"}}
            response["content"] = {MEDIA: problem} | pages


def _waited_for(method: str, operation: Json) -> None:
    """With `Prefer: wait=N` a write is answered once it is found: 201 for what is new, else 200."""
    responses = operation["responses"]
    takes = {each["name"] for each in operation.get("parameters", ())}
    if "202" in responses and "prefer" in takes:
        for status in ("200", "201") if method == "post" else ("200",):
            responses.setdefault(
                status, {**responses["202"], "description": "Found already: it was waited for"}
            )


def _live(path: str, responses: Json) -> None:
    if path.endswith("/events"):
        responses["200"]["content"] = {EVENTS: {"schema": EVENT}}
