"""CSRF token of the forms on a page: no other site can submit them."""

from __future__ import annotations

from fastapi import Request

from api.access import forgery, sessions
from api.ports.services import Services


def token(request: Request) -> str:
    """Return the masked token, different in every answer (BREACH); empty without a session."""
    session = getattr(request.state, "session", None)
    if session is None:
        return ""
    given: Services = request.app.state.services
    return forgery.masked(sessions.csrf_token(given.key, session))
