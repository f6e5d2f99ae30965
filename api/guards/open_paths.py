"""Paths that are open without a key or a session; every other path requires one."""

from __future__ import annotations

SIGN_IN_PAGE = "/console/sign-in"
"""Page of the console to which a browser without a session is redirected."""

SIGN_INS = frozenset(
    {"/v1/sign-in", "/v1/sign-in/passkey", SIGN_IN_PAGE, f"{SIGN_IN_PAGE}/passkey"}
)
"""Paths that sign a person in. Their outcome is a security event, not a request's entry."""
JOIN = "/console/join"
SIGN_INS_BELOW = (f"{SIGN_IN_PAGE}/", f"{JOIN}/")
"""Pages of signing in without a password and of signing up; as those of `SIGN_INS`."""

OPEN = frozenset(
    {
        "/health/live",
        "/health/ready",
        *SIGN_INS,
        "/v1/sign-in/passkey/options",
        "/v1/sign-in/oidc",
        "/v1/sign-in/oidc/callback",
        "/console/language",  # the language switch of the sign-in page
        "/favicon.ico",
        "/robots.txt",
    }
)
OPEN_BELOW = (
    "/v1/stop/",  # signed links in messages to workers
    "/v1/provider-reports/",  # secret addresses for providers of messages
    "/v1/sharing/",  # likewise
    "/v1/search-end/",  # signed links that end a saved search
    "/v1/public/",  # published openings
    "/feeds/",
    "/calendars/",  # secret addresses of calendars of interviews
    "/.well-known/",
    "/static/",
    *SIGN_INS_BELOW,
    "/problems/",
)
DOCS = ("/docs", "/redoc", "/openapi.json", "/static-offline-docs/")
"""Paths that are open only with the setting ROOST_DOCS_ARE_OPEN."""


def is_sign_in(path: str) -> bool:
    """Return whether a path signs a person in."""
    return path in SIGN_INS or path.startswith(SIGN_INS_BELOW)


def is_open(path: str, docs_are_open: bool = False) -> bool:
    """Return whether a path is open without a key or a session."""
    if path in OPEN or path.startswith(OPEN_BELOW):
        return True
    return docs_are_open and path.startswith(DOCS)
