"""Outages of webhooks, as answers show them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from api.ports.services import Services
from roost.events.webhook import Outage, Webhook, is_out
from roost.topics import OUTAGES


async def with_outages(given: Services, facts: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return webhooks with `outage`, which is null unless the service has disabled the webhook."""
    found = await given.elastic.mget([(OUTAGES.name, each["id"]) for each in facts], ("fact",))
    return [
        {**each, "outage": _outage(each, found.get((OUTAGES.name, each["id"])))} for each in facts
    ]


def _outage(fact: dict[str, Any], document: dict[str, Any] | None) -> dict[str, Any] | None:
    if document is None or "fact" not in document:
        return None
    outage = Outage.from_stored(document["fact"])
    if not is_out(Webhook.from_stored(fact), outage):
        return None
    return {name: outage.to_dict()[name] for name in ("cause", "since", "at")}
