"""Table of deprecated routes and their removal dates. Pure.

An answer of a deprecated route carries `Deprecation` (RFC 9745), `Sunset` (RFC 8594) and a link to
the replacement. A route remains for at least `NOTICE` after its deprecation.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from email.utils import format_datetime

from roost.events.common import Model

NOTICE = timedelta(days=180)
WHERE = "/v1/deprecations"


class DeprecatedRoute(Model):
    """A route that will be removed."""

    name: str
    method: str
    path: str
    since: datetime
    sunset: datetime
    instead: str
    instead_zh: str

    def concerns(self, method: str, path: str) -> bool:
        """Return whether a request is to this route."""
        pattern = re.sub(r"\\{[^/]*?\\}", "[^/]+", re.escape(self.path))
        return method == self.method and re.fullmatch(pattern, path) is not None

    def headers(self) -> Mapping[str, str]:
        """Return the headers that announce the deprecation."""
        return {
            "deprecation": f"@{int(self.since.timestamp())}",
            "sunset": format_datetime(self.sunset, usegmt=True),
            "link": f'<{WHERE}#{self.name}>; rel="deprecation"; type="application/json"',
        }


TABLE: tuple[DeprecatedRoute, ...] = ()
"""No route is deprecated at present."""


def deprecated_route(
    method: str, path: str, table: tuple[DeprecatedRoute, ...] = TABLE
) -> DeprecatedRoute | None:
    """Return the entry of a request's route; None if it is not deprecated."""
    return next((each for each in table if each.concerns(method, path)), None)
