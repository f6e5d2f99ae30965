"""What is going away, and when: the one table. Pure.

An answer to a deprecated request says so: `Deprecation` (RFC 9745), `Sunset` (RFC 8594) and a link
to what to do instead. A thing stays at least `NOTICE` after it has been deprecated.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from email.utils import format_datetime

from roost.events.common import Model

NOTICE = timedelta(days=180)
WHERE = "/v1/deprecations"


class Deprecated(Model):
    """A route that will be gone."""

    name: str
    method: str
    path: str
    since: datetime
    sunset: datetime
    instead: str
    instead_zh: str

    def concerns(self, method: str, path: str) -> bool:
        pattern = re.sub(r"\\{[^/]*?\\}", "[^/]+", re.escape(self.path))
        return method == self.method and re.fullmatch(pattern, path) is not None

    def headers(self) -> Mapping[str, str]:
        return {
            "deprecation": f"@{int(self.since.timestamp())}",
            "sunset": format_datetime(self.sunset, usegmt=True),
            "link": f'<{WHERE}#{self.name}>; rel="deprecation"; type="application/json"',
        }


TABLE: tuple[Deprecated, ...] = ()
"""Nothing is going away at present."""


def of_route(method: str, path: str, table: tuple[Deprecated, ...] = TABLE) -> Deprecated | None:
    """The entry of a request's route."""
    return next((each for each in table if each.concerns(method, path)), None)
