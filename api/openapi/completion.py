"""Completion of the OpenAPI document: authentication, problems, and the answers of writes.

Facts that hold for every operation are added here once, so that no endpoint repeats them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI

from api.guards.open_paths import is_open
from api.guards.problem_responses import MEDIA
from api.openapi.examples import add_examples
from api.openapi.response_headers import HEADERS, add_headers
from api.openapi.webhook_messages import webhooks_section
from roost.likeness.same_person import Sign

Json = dict[str, Any]
PROBLEM: Json = {
    "title": "Problem",
    "description": "An error (RFC 9457), in the language of `Accept-Language`: zh or en.",
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
                "properties": {
                    "field": {"type": "string"},
                    "message": {"type": "string"},
                    "start": {"type": "integer", "description": "first character at fault"},
                    "end": {"type": "integer", "description": "character after the last one"},
                },
            },
        },
        "people": {
            "type": "array",
            "description": "of `known-person`: stored workers within your reach who may be meant",
            "items": {
                "type": "object",
                "required": ["id", "self", "signs"],
                "properties": {
                    "id": {"type": "string"},
                    "self": {"type": "string", "description": "path of the worker"},
                    "signs": {
                        "type": "array",
                        "description": "signs that it is the same person",
                        "items": {"type": "string", "enum": [each.value for each in Sign]},
                    },
                },
            },
        },
    },
}
SCHEMES: Json = {
    "key": {"type": "http", "scheme": "bearer", "description": "key of a machine: rk_…"},
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": "roost",
        "description": "session of a signed-in person; writes also need the header X-CSRF-Token",
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
    """Complete the application's OpenAPI document when it is first requested."""
    generate = app.openapi

    def openapi() -> Json:
        if app.openapi_schema is None:
            complete(generate())
        assert app.openapi_schema is not None
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def complete(document: Json) -> None:
    """Complete a document in place."""
    components = document.setdefault("components", {})
    components["securitySchemes"] = SCHEMES
    components["headers"] = HEADERS
    schemas = components.setdefault("schemas", {})
    schemas["Problem"] = PROBLEM
    document["security"] = [{"key": []}, {"session": []}]
    document["webhooks"], of_messages = webhooks_section()
    schemas |= of_messages
    for path, method, operation in operations(document):
        if is_open(path):
            operation["security"] = []
        _add_problems(operation["responses"])
        _add_waited_answers(method, operation)
        _add_event_stream(path, operation["responses"])
        _drop_replaced_schemas(operation["responses"])
        add_headers(path, method, operation)
    add_examples(document)
    components["responses"] = _shared_problems(document)


def operations(document: Json) -> Iterator[tuple[str, str, Json]]:
    """Yield the path, the method and the description of every operation."""
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def _add_problems(responses: Json) -> None:
    for status, response in responses.items():
        if status >= "400":
            # An operation may also declare another answer, such as a page for a browser.
            declared = {
                kind: body for kind, body in response.get("content", {}).items() if kind != MEDIA
            }
            problem = {"schema": {"$ref": "#/components/schemas/Problem"}}
            response["content"] = {MEDIA: problem} | declared


def _add_waited_answers(method: str, operation: Json) -> None:
    """Add the answers to `Prefer: wait=N`: 201 for a new entity and 200 otherwise, once found."""
    responses = operation["responses"]
    parameters = {each["name"] for each in operation.get("parameters", ())}
    if "202" in responses and "prefer" in parameters:
        creates = ("200", "201") if method == "put" or "200" not in responses else ()
        for status in creates if method in ("post", "put") else ("200",):
            responses.setdefault(
                status, {**responses["202"], "description": "Searches find the write already"}
            )


def _shared_problems(document: Json) -> Json:
    """Move the problems that operations share into components; return these by status."""
    shared: Json = {}
    for _, _, operation in operations(document):
        for status, response in operation["responses"].items():
            if status >= "400" and shared.setdefault(f"Problem{status}", response) == response:
                ref = f"#/components/responses/Problem{status}"
                operation["responses"][status] = {"$ref": ref}
    return shared


def _drop_replaced_schemas(responses: Json) -> None:
    """Keep the reference alone where a declared model has replaced a schema."""
    for response in responses.values():
        for body in response.get("content", {}).values():
            if "$ref" in (body.get("schema") or {}):
                body["schema"] = {"$ref": body["schema"]["$ref"]}


def _add_event_stream(path: str, responses: Json) -> None:
    if path.endswith("/events"):
        responses["200"]["content"] = {EVENTS: {"schema": EVENT}}
