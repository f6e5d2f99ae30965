"""Pairs of a saved search and an opening that nobody was notified of yet."""

from __future__ import annotations

from collections.abc import Sequence

from roost.topics import MATCHES, NOTIFICATIONS
from roost.views.elastic import Elastic
from streams.alert.announced_pairs import FoundPair


async def new_pairs(elastic: Elastic, pairs: Sequence[FoundPair]) -> list[FoundPair]:
    """Return the pairs without a notification and without a match of worker and opening."""
    keys = [(NOTIFICATIONS.name, each.notification_id) for each in pairs]
    keys += [(MATCHES.name, each.match_id) for each in pairs]
    existing = await elastic.versions(keys)
    return [
        each
        for each in pairs
        if (NOTIFICATIONS.name, each.notification_id) not in existing
        and (MATCHES.name, each.match_id) not in existing
    ]
