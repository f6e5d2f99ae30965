"""The employers that had the first match of a content, read from the view of matches."""

from __future__ import annotations

from collections.abc import Collection

from roost.topics import MATCHES
from roost.views.elastic import Elastic
from roost.views.request_bodies import terms_of


async def first_employers(elastic: Elastic, keys: Collection[str]) -> dict[str, str]:
    """Return the id of the employer with the earliest match by key of content; none is left out.

    A match counts from its first proposal, under the keys that its opening had then, also when it
    has ended: nobody becomes first by editing an old opening. Equal times are decided by id.
    """
    if not keys:
        return {}
    earliest = {"terms": {"field": "employer_id", "size": 1, "order": {"at": "asc"}}}
    by_key = {
        "key": {
            "terms": terms_of("first_content", keys),
            "aggs": {"employer": earliest | {"aggs": {"at": {"min": {"field": "created_at"}}}}},
        }
    }
    _, found = await elastic.aggregate(
        MATCHES.name, {"terms": {"first_content": list(keys)}}, by_key
    )
    return {each["key"]: each["employer"]["buckets"][0]["key"] for each in found["key"]["buckets"]}
