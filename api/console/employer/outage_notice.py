"""Notice of an employer's disabled webhooks on every page: read before the page is rendered."""

from __future__ import annotations

from fastapi import Request

from api.console.shell.rendering import DISABLED_WEBHOOKS, known, wants_part
from api.ports.services import Services
from api.webhooks.service import disabled_webhooks

LIVE = "/events"


async def note_disabled_webhooks(request: Request) -> None:
    """Keep the webhooks of a signed-in employer that an outage has disabled, for the page."""
    who = known(request)
    given: Services | None = getattr(request.app.state, "services", None)
    if who is None or given is None or wants_part(request) or request.url.path.endswith(LIVE):
        return
    setattr(request.state, DISABLED_WEBHOOKS, await disabled_webhooks(given, who) or [])
