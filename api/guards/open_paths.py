"""What may be asked without a key or a session: this list, and nothing else."""

from __future__ import annotations

SIGN_IN_PAGE = "/console/sign-in"
"""The console's; where a browser that is not signed in is sent."""

OPEN = frozenset(
    {
        "/health/live",
        "/health/ready",
        "/v1/sign-in",
        "/v1/sign-in/oidc",
        "/v1/sign-in/oidc/callback",
        SIGN_IN_PAGE,
        "/console/language",  # before one has signed in
        "/favicon.ico",
        "/robots.txt",
    }
)
OPEN_BELOW = (
    "/v1/stop/",  # links that workers get in messages: signed
    "/v1/public/",  # openings as anybody may see them
    "/feeds/",
    "/.well-known/",
    "/static/",
    "/problems/",
)
DOCS = ("/docs", "/redoc", "/openapi.json", "/static-offline-docs/")
"""Open by the setting ROOST_DOCS_ARE_OPEN only."""


def is_open(path: str, docs_are_open: bool = False) -> bool:
    if path in OPEN or path.startswith(OPEN_BELOW):
        return True
    return docs_are_open and path.startswith(DOCS)
