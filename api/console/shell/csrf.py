"""The token that every form of a page carries, so that no other site can send it."""

from __future__ import annotations

from fastapi import Request

from api.access import forgery, sessions
from api.ports.services import Services


def token(request: Request) -> str:
    """Another text in every answer (BREACH: pages are compressed); empty without a session."""
    session = getattr(request.state, "session", None)
    if session is None:
        return ""
    given: Services = request.app.state.services
    return forgery.masked(sessions.csrf_token(given.key, session))
