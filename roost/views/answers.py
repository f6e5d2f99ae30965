"""What goes into the views and what Elasticsearch answers, as values: pure.

A status says what to do: a conflict is no fault, busy and blocked pass, the rest is refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from roost.errors import Invalid, NotLetIn, Transient

Json = dict[str, Any]
BUSY = {408, 429, 502, 503, 504}
BLOCKED = {403, 404}
"""A write-blocked or missing view is being rebuilt, or waits for `roost rebuild`."""


@dataclass(frozen=True, slots=True)
class Write:
    """A document to be put into a view at a version."""

    view: str
    id: str
    version: int
    document: Json


@dataclass(frozen=True, slots=True)
class Refusal:
    """A document that Elasticsearch would not take, though it is well."""

    write: Write
    reason: str


@dataclass(frozen=True, slots=True)
class Hit:
    id: str
    score: float | None
    source: Json
    sort: tuple[Any, ...] = ()
    version: int | None = None
    """The document's version; None unless the search asked for it."""


@dataclass(frozen=True, slots=True)
class Page:
    hits: tuple[Hit, ...]
    total: int


@dataclass(frozen=True, slots=True)
class Index:
    """An index that was made for a view."""

    name: str
    view: str | None
    """The view that it stands behind; None when none does (yet, or any more)."""
    model: str | None
    """The version of the model that made its vectors."""
    blocked: bool
    """Whether it takes no writes."""
    shape: str | None = None
    """Of the fields that it was made with."""


class Moved(Transient):
    """The index was replaced by another while it was being read."""


def judged(write: Write, item: Json) -> Refusal | None:
    status = item["status"]
    if status < 300 or status == 409:  # 409: a newer version stands there already
        return None
    error = item.get("error", {})
    if error.get("type") == "security_exception":
        raise NotLetIn(f"Elasticsearch does not let us write into {write.view}; look at our role.")
    if status in BUSY or status in BLOCKED or status >= 500:
        raise Transient(f"The view {write.view} cannot be written now: {error.get('type')}")
    return Refusal(write, f"{error.get('type')}: {error.get('reason')}"[:300])


def tallied(part: Json) -> dict[str, int]:
    page_of(part)  # raises when it was not answered, or in part only
    buckets = part["aggregations"]["tally"]["buckets"]
    return {bucket["key"]: bucket["doc_count"] for bucket in buckets}


def index_of(name: str, about: Json) -> Index:
    return Index(
        name,
        view=next((each for each in about["aliases"] if name.startswith(f"{each}-")), None),
        model=about["mappings"].get("_meta", {}).get("model"),
        blocked=about["settings"]["index"].get("blocks", {}).get("write") == "true",
        shape=about["mappings"].get("_meta", {}).get("shape"),
    )


def page_of(part: Json) -> Page:
    if "error" in part:
        status, kind = part.get("status", 500), part["error"].get("type", "error")
        if status == 400:
            raise Invalid(f"Elasticsearch does not accept the search: {part['error']['reason']}")
        raise unanswered(f"The search could not be answered: {kind}", str(part["error"]))
    if part["_shards"]["failed"]:
        why = str(part["_shards"].get("failures"))
        raise unanswered("The search was answered in part only", why)
    hits = part["hits"]
    return Page(
        tuple(map(_hit, hits["hits"])),
        hits.get("total", {}).get("value", len(hits["hits"])),
    )


def _hit(hit: Json) -> Hit:
    """A hit with its document, or with the columns alone that it was asked for."""
    source = hit.get("_source")
    if source is None:
        source = {name: values[0] for name, values in hit.get("fields", {}).items()}
    id, sort = hit.get("_id") or source["id"], tuple(hit.get("sort", ()))
    return Hit(id, hit.get("_score"), source, sort, hit.get("_version"))


REPLACED = (
    "index_not_found",
    "index_closed",
    "no_shard_available",
    "search_context_missing",
    "shard_not_found",
)
"""What Elasticsearch says of an index that went away while it was being read."""


def unanswered(message: str, why: str) -> Transient:
    moved = any(each in why for each in REPLACED)
    return Moved(message) if moved else Transient(message)
