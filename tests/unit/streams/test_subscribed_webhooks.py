"""Webhooks are looked up by the employers of a batch; the number of all does not matter."""

from __future__ import annotations

from typing import Any, cast

from roost.events.webhook import Webhook
from roost.views.answers import Hit, Page
from roost.views.elastic import Elastic, Json
from streams.notify.subscribed_webhooks import SubscribedWebhooks, query_for
from tests.unit.streams.test_rules import webhook


class Views:
    """The view `webhooks`, which finds what a search's clauses let through."""

    def __init__(self, hooks: list[Webhook]) -> None:
        self.hooks = hooks
        self.searches: list[Json] = []

    async def search(self, view: str, body: Json) -> Page:
        self.searches.append(body)
        wanted = body["query"]["bool"]["should"][1]["terms"]["employer_id"]
        found = [each for each in self.hooks if each.employer_id in (None, *wanted)]
        hits = [
            Hit(each.id, None, {"id": each.id, "fact": each.to_dict()}, (each.id,), 1)
            for each in found
        ]
        return Page(tuple(hits), len(hits))


async def test_only_the_webhooks_of_a_batchs_employers_and_of_partners_are_read() -> None:
    hooks = [webhook(1), webhook(2, "acme"), webhook(3, "acme", enabled=False)]
    hooks += [webhook(number, f"other-{number}") for number in range(4, 304)]
    views = Views(hooks)
    reader = SubscribedWebhooks(cast(Elastic, views))
    found = await reader.of({"acme"})
    assert [each.id for each in found] == [hooks[0].id, hooks[1].id]
    assert len(views.searches) == 1
    assert [each.id for each in await reader.of(set())] == [hooks[0].id]


def test_partners_name_no_employer_and_erased_webhooks_are_left_out() -> None:
    query: Any = query_for({"b", "a"})["query"]["bool"]
    partners, theirs = query["should"]
    assert partners == {"bool": {"must_not": [{"exists": {"field": "employer_id"}}]}}
    assert theirs == {"terms": {"employer_id": ["a", "b"]}}
    assert query["must_not"] == [{"term": {"erased": True}}]
    assert query["minimum_should_match"] == 1
