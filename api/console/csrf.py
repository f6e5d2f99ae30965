"""The token that every form of a page carries, so that no other site can send it."""

from __future__ import annotations

from fastapi import Request


def token(request: Request) -> str:
    """Empty while nobody signs in: then there is no session to forge."""
    return ""
