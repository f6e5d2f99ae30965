"""The `Idempotency-Key` header in the OpenAPI document of every write.

The middleware reads the header, so no endpoint declares it.
"""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI

from api.guards.open_paths import is_open
from api.guards.reading_posts import READING_POSTS

PARAMETER: dict[str, Any] = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "a write repeated under the same key runs once (for 24 hours)",
    "schema": {"type": "string", "minLength": 1, "maxLength": 202},
}


def install(app: FastAPI) -> None:
    """Add the header to the application's OpenAPI document."""
    generate = app.openapi

    def openapi() -> dict[str, Any]:
        document = generate()
        for path, item in document["paths"].items():
            for method in item.keys() & {"post", "put", "patch", "delete"}:
                if path.startswith("/v1/") and not is_open(path) and path not in READING_POSTS:
                    _add(item[method].setdefault("parameters", []))
        return document

    app.openapi = openapi  # type: ignore[method-assign]


def _add(parameters: list[dict[str, Any]]) -> None:
    names = {each.get("name", "").lower() for each in parameters}
    if PARAMETER["name"].lower() not in names:
        parameters.append(PARAMETER)
