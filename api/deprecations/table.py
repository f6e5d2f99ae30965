"""What is going away, and when: the one table. Pure.

An answer to a deprecated request says so: `Deprecation` (RFC 9745), `Sunset` (RFC 8594) and a link
to what to do instead. A thing stays at least `NOTICE` after it has been deprecated.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

NOTICE = timedelta(days=180)
WHERE = "/v1/deprecations"


@dataclass(frozen=True, slots=True)
class Deprecated:
    """A route, or a field of its body when there is one."""

    name: str
    method: str
    path: str
    since: datetime
    sunset: datetime
    instead: str
    instead_zh: str
    field: str | None = None

    def concerns(self, method: str, path: str) -> bool:
        pattern = re.sub(r"\\{[^/]*?\\}", "[^/]+", re.escape(self.path))
        return method == self.method and re.fullmatch(pattern, path) is not None

    def headers(self) -> Mapping[str, str]:
        return {
            "deprecation": f"@{int(self.since.timestamp())}",
            "sunset": format_datetime(self.sunset, usegmt=True),
            "link": f'<{WHERE}#{self.name}>; rel="deprecation"; type="application/json"',
        }


ACTOR = Deprecated(
    name="match-actor",
    method="POST",
    path="/v1/matches/{id}/{kind}",
    field="actor",
    since=datetime(2026, 11, 25, tzinfo=UTC),
    sunset=datetime(2027, 11, 25, tzinfo=UTC),
    instead="leave it out: who asks is who acts; give every clerk an account or a key",
    instead_zh="请勿填写：操作人即登录人，请为每位工作人员开通账号或密钥",
)
TABLE = (ACTOR,)


def of_route(method: str, path: str, table: tuple[Deprecated, ...] = TABLE) -> Deprecated | None:
    """The route's own entry; fields are told by the endpoints that read them."""
    whole = (each for each in table if each.field is None)
    return next((each for each in whole if each.concerns(method, path)), None)
