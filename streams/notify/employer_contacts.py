"""Employers whom a batch of facts concerns, and those of them that have a contact."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from roost import ids
from roost.topics import EMPLOYERS, WEBHOOKS
from roost.views.elastic import Elastic
from streams.kernel.retry import retry_transient


class EmployerContacts:
    """Reader of the owners of webhooks, and of the employers that can be written to."""

    def __init__(self, elastic: Elastic) -> None:
        self._elastic = elastic

    async def owners_of(self, webhook_ids: Iterable[str]) -> dict[str, str]:
        """Return the employers of existing webhooks by webhook; partners' ones are left out."""
        keys = [(WEBHOOKS.name, id) for id in dict.fromkeys(webhook_ids)]
        found = await retry_transient(
            "notify.owners", lambda: self._elastic.mget(keys, ("employer_id",))
        )
        return {
            id: document["employer_id"]
            for (_, id), document in found.items()
            if document.get("employer_id")
        }

    async def reachable(self, employer_ids: Collection[str]) -> set[str]:
        """Return the employers that have entered a contact."""
        by_key = {(EMPLOYERS.name, ids.employer_key(each)): each for each in employer_ids}
        if not by_key:
            return set()
        found = await retry_transient(
            "notify.contacts", lambda: self._elastic.mget(list(by_key), ("erased",))
        )
        return {by_key[key] for key, document in found.items() if not document.get("erased")}
