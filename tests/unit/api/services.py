"""The services of an application that is not started: in-memory defaults, nothing connects."""

from __future__ import annotations

from typing import Any, cast

from api.access.password_throttle import Passwords
from api.guards.audit_trail import Trail
from api.guards.idempotency.keeping import Kept
from api.ports.identity_tables import Identities
from api.ports.services import Services
from roost.settings import Settings


def services_with(**given: Any) -> Services:
    """Return services that hold `given`; every other port is an in-memory default."""
    defaults: dict[str, Any] = {
        "settings": Settings(),
        "publisher": None,
        "elastic": None,
        "live": None,
        "live_inbox": None,
        "key": b"",
        "identities": Identities(),
        "trail": Trail(lambda records: None),
        "passwords": Passwords(),
        "requests": Kept(),
        "imports": None,
        "feed": None,
    }
    return Services(**cast(Any, defaults | given))
