"""Bodies of requests to Elasticsearch: pure; `answers` reads the results."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

import orjson

from roost.views.answers import Json, Write

FEW_DOCUMENTS: Json = {"execution_hint": "map"}
"""Part of a `terms` aggregation over few documents of a view that is refreshed all the time.

Without it Elasticsearch numbers all terms of the field again after every refresh.
"""
BULK_BYTES = 8_000_000
"""Maximum size in bytes of the documents in one bulk request."""


def bulk_chunks(writes: Sequence[Write]) -> Iterable[list[tuple[Write, bytes]]]:
    """Return documents with their contents in requests of bounded size."""
    chunk: list[tuple[Write, bytes]] = []
    size = 0
    for write in writes:
        body = orjson.dumps(write.document)
        if chunk and size + len(body) > BULK_BYTES:
            yield chunk
            chunk, size = [], 0
        chunk.append((write, body))
        size += len(body)
    if chunk:
        yield chunk


def bulk_body(chunk: Iterable[tuple[Write, bytes]], version_type: str) -> bytes:
    """Return the body of a bulk request for documents with their contents."""
    lines: list[bytes] = []
    for write, body in chunk:
        meta = {
            "_index": write.view,
            "_id": write.id,
            "version": write.version,
            "version_type": version_type,
        }
        lines += (orjson.dumps({"index": meta}), body)
    return b"\n".join(lines) + b"\n"


def terms_of(field: str, values: Collection[str]) -> Json:
    """Return the `terms` aggregation that counts documents by some values of a field.

    Further values of a document get no buckets, which would push out those asked for.
    """
    asked = list(values)
    return {"field": field, "size": len(asked), "include": asked, **FEW_DOCUMENTS}


def tally(field: str, values: Collection[str], condition: Json) -> Json:
    """Return the search that counts the documents that meet a condition, by some values."""
    return {
        "size": 0,
        "track_total_hits": False,
        "query": {"bool": {"filter": [{"terms": {field: list(values)}}, condition]}},
        "aggs": {"tally": {"terms": terms_of(field, values)}},
    }
