"""The key in the OpenAPI document: of every write, since a middleware reads it and no endpoint."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI

from api.guards.open_paths import is_open

PARAMETER: dict[str, Any] = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "the same write under the same key is done once (24 hours)",
    "schema": {"type": "string", "minLength": 1, "maxLength": 202},
}


def install(app: FastAPI) -> None:
    made = app.openapi

    def openapi() -> dict[str, Any]:
        document = made()
        for path, item in document["paths"].items():
            for method in item.keys() & {"post", "put", "patch", "delete"}:
                if path.startswith("/v1/") and not is_open(path):
                    _add(item[method].setdefault("parameters", []))
        return document

    app.openapi = openapi  # type: ignore[method-assign]


def _add(parameters: list[dict[str, Any]]) -> None:
    names = {each.get("name", "").lower() for each in parameters}
    if PARAMETER["name"].lower() not in names:
        parameters.append(PARAMETER)
