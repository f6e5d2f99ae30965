"""Paths whose bodies are not JSON: forms of web pages and mail programs, and streamed uploads."""

from __future__ import annotations

from starlette.types import Scope

from roost.contact import search_links, sharing_links, stop_links

FORMS = (
    f"{stop_links.PATH}/",
    f"{sharing_links.PATH}/",
    f"{search_links.PATH}/",
    "/console/",
)
STREAMED = frozenset({("POST", "/v1/imports"), ("POST", "/console/imports/file")})
"""Requests whose endpoint reads the body in parts; none is ever held whole in memory."""


def accepts_forms(path: str) -> bool:
    """Return whether a path accepts the bodies of web forms."""
    return path.startswith(FORMS)


def is_streamed(scope: Scope) -> bool:
    """Return whether the endpoint reads the body in parts."""
    return (scope["method"], scope["path"]) in STREAMED
