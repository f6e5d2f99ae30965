"""The employers that were first with a content, read from the views of matches and openings."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping

from roost.text.references import common_employer_id
from roost.topics import MATCHES, OPENINGS
from roost.views.elastic import Elastic, Json
from roost.views.request_bodies import terms_of

AWAITING: Json = {"term": {"awaiting": True}}


async def first_employers(elastic: Elastic, keys: Collection[str]) -> Mapping[str, Collection[str]]:
    """Return the employers that were first, by key of content; no keys without any.

    They are named by the common spelling of their ids, as budgets are.

    They are that of the earliest match and that of the earliest posting, often the same one. A
    posting counts once it is approved, also when it has ended, and a match from its first proposal.
    Both count under the keys that their content had then: nobody becomes first by editing an old
    opening. Equal times are decided by id.
    """
    if not keys:
        return {}
    by_match, by_posting = await asyncio.gather(
        _earliest(elastic, MATCHES.name, keys), _earliest(elastic, OPENINGS.name, keys)
    )
    found: dict[str, set[str]] = {}
    for each in (by_match, by_posting):
        for key, employer in each.items():
            found.setdefault(key, set()).add(common_employer_id(employer))
    return found


async def _earliest(elastic: Elastic, view: str, keys: Collection[str]) -> dict[str, str]:
    """Return the employer of the document that was created first, by key of content."""
    earliest = {"terms": {"field": "employer_id", "size": 1, "order": {"at": "asc"}}}
    by_key = {
        "key": {
            "terms": terms_of("first_content", keys),
            "aggs": {"employer": earliest | {"aggs": {"at": {"min": {"field": "created_at"}}}}},
        }
    }
    query: Json = {
        "bool": {"filter": [{"terms": {"first_content": list(keys)}}], "must_not": [AWAITING]}
    }
    _, found = await elastic.aggregate(view, query, by_key)
    return {
        each["key"]: each["employer"]["buckets"][0]["key"]
        for each in found["key"]["buckets"]
        if each["employer"]["buckets"]
    }
