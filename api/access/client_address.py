"""Origin of a request: the client's address, and the cookies that may mark a known browser."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from starlette.requests import Request

from roost.security.networks import UNKNOWN, network_of


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a check of a password comes from."""

    host: str = UNKNOWN
    """Client's address. Behind a proxy, uvicorn takes it from `X-Forwarded-For`
    (FORWARDED_ALLOW_IPS)."""
    cookies: Mapping[str, str] = field(default_factory=dict)
    session_id: str | None = None
    """Session that the request uses, if it has one: the browser is then known."""
    method: str = "POST"
    path: str = "/v1/sign-in"

    @property
    def network(self) -> str:
        """Network that failures are counted against."""
        return network_of(self.host)


def origin_of(request: Request) -> Origin:
    """Return the origin of a request."""
    session = getattr(request.state, "session", None)
    return Origin(
        host=request.client.host if request.client else UNKNOWN,
        cookies=request.cookies,
        session_id=session.id if session is not None else None,
        method=request.method,
        path=request.url.path,
    )
