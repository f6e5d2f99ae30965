"""Network address of a request's client."""

from __future__ import annotations

from starlette.requests import Request


def address_of(request: Request) -> str:
    """Return the address that failed sign-ins are counted against.

    Behind a proxy, uvicorn takes it from `X-Forwarded-For` (FORWARDED_ALLOW_IPS).
    """
    return request.client.host if request.client else "?"
