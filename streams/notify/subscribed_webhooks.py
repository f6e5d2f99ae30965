"""Webhooks that a batch of matches concerns, read from their view by employer.

A new webhook must take effect at once, so the view is read for every batch: the webhooks of the
batch's employers, and those of partners, which name no employer. The number of all webhooks does
not matter. Only webhooks with a new version are parsed again.
"""

from __future__ import annotations

from collections.abc import Collection

from roost.events.webhook import Webhook
from roost.topics import WEBHOOKS
from roost.views.elastic import Elastic, Json
from roost.views.search_pages import search_pages
from streams.kernel.retry import retry_transient


class SubscribedWebhooks:
    """Reader of the enabled webhooks of some employers and of partners."""

    def __init__(self, elastic: Elastic) -> None:
        self._elastic = elastic
        self._parsed: dict[tuple[str, int], Webhook] = {}

    async def of(self, employers: Collection[str]) -> list[Webhook]:
        """Return the webhooks; retry while Elasticsearch is away."""
        return await retry_transient("webhooks.read", lambda: self._read(employers))

    async def _read(self, employers: Collection[str]) -> list[Webhook]:
        parsed = {}
        async for page in search_pages(self._elastic, WEBHOOKS.name, query_for(employers)):
            for hit in page.hits:
                assert hit.version is not None
                key = (hit.id, hit.version)
                parsed[key] = self._parsed.get(key) or Webhook.from_stored(hit.source["fact"])
        self._parsed = parsed
        return [each for each in parsed.values() if each.enabled]


def query_for(employers: Collection[str]) -> Json:
    """Return the search for the webhooks of some employers, and those without an employer."""
    partners: Json = {"bool": {"must_not": [{"exists": {"field": "employer_id"}}]}}
    theirs: Json = {"terms": {"employer_id": sorted(employers)}}
    return {
        "sort": [{"id": "asc"}],
        "version": True,
        "track_total_hits": False,
        "query": {
            "bool": {
                "should": [partners, theirs],
                "minimum_should_match": 1,
                "must_not": [{"term": {"erased": True}}],
            }
        },
    }
