"""Writes to views and answers of Elasticsearch, as values. Pure.

The status of an answer decides the action: a version conflict is not an error, busy and blocked
are retried, anything else is refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from roost.errors import Invalid, NotLetIn, Transient

Json = dict[str, Any]
BUSY = {408, 429, 502, 503, 504}
BLOCKED = {403, 404}
"""Statuses of a write-blocked or missing view: it is being rebuilt or needs `roost rebuild`."""


@dataclass(frozen=True, slots=True)
class Write:
    """Document to be written to a view at a version."""

    view: str
    id: str
    version: int
    document: Json


@dataclass(frozen=True, slots=True)
class Refusal:
    """Document that Elasticsearch refused although it is available."""

    write: Write
    reason: str


@dataclass(frozen=True, slots=True)
class Hit:
    """Document found by a search: its id, score, source or columns, and sort values."""

    id: str
    score: float | None
    source: Json
    sort: tuple[Any, ...] = ()
    version: int | None = None
    """The document's version; None unless the search asked for it."""


@dataclass(frozen=True, slots=True)
class Page:
    """Hits of a search, and the total number of matching documents."""

    hits: tuple[Hit, ...]
    total: int


@dataclass(frozen=True, slots=True)
class Index:
    """Index created for a view."""

    name: str
    view: str | None
    """View whose alias points to it; None if none does (yet, or any more)."""
    model: str | None
    """Version of the model of its vectors."""
    blocked: bool
    """True if writes to it are blocked."""
    shape: str | None = None
    """Hash of the fields it was created with."""


class ViewUnavailable(Transient):
    """A view cannot be read or written now.

    `message` is for callers; the text of the exception, for logs and dead letters, has the details.
    """

    def __init__(self, details: str) -> None:
        super().__init__(
            "The views cannot be read now; try again in a moment.", "数据暂时无法读取，请稍后重试。"
        )
        self.details = details

    def __str__(self) -> str:
        return self.details


class Moved(ViewUnavailable):
    """The index was replaced by another during the read."""


class SearchRefused(Invalid):
    """Elasticsearch does not accept a search.

    `message` is for callers: the server's own words could repeat values, fields and indices.
    """

    def __init__(self, details: str) -> None:
        super().__init__(
            "These values cannot be searched for; correct or shorten them.",
            "无法按这些条件查询，请修改或缩短后重试。",
        )
        self.details = details

    def __str__(self) -> str:
        return self.details


def refusal_of(write: Write, item: Json) -> Refusal | None:
    """Return the refusal of a write, or None if it was applied or is older than the view.

    Raises NotLetIn without permission, Transient if the view cannot be written now.
    """
    status = item["status"]
    if status < 300 or status == 409:  # 409: a newer version is stored
        return None
    error = item.get("error", {})
    if error.get("type") == "security_exception":
        raise NotLetIn(
            f"Elasticsearch does not permit writes to {write.view}; check the user's role."
        )
    if status in BUSY or status in BLOCKED or status >= 500:
        raise ViewUnavailable(f"The view {write.view} cannot be written now: {error.get('type')}")
    return Refusal(write, f"{error.get('type')}: {error.get('reason')}"[:300])


def tally_of(part: Json) -> dict[str, int]:
    """Return the number of documents by value, of a tally's answer. Raises as `page_of`."""
    page_of(part)
    buckets = part["aggregations"]["tally"]["buckets"]
    return {bucket["key"]: bucket["doc_count"] for bucket in buckets}


def index_of(name: str, about: Json) -> Index:
    """Return an index from its name, and its aliases, mappings and settings."""
    return Index(
        name,
        view=next((each for each in about["aliases"] if name.startswith(f"{each}-")), None),
        model=about["mappings"].get("_meta", {}).get("model"),
        blocked=about["settings"]["index"].get("blocks", {}).get("write") == "true",
        shape=about["mappings"].get("_meta", {}).get("shape"),
    )


def page_of(part: Json) -> Page:
    """Return the hits of one answer.

    Raises SearchRefused for a malformed search, Moved or Transient if it was not answered
    completely.
    """
    if "error" in part:
        status, kind = part.get("status", 500), part["error"].get("type", "error")
        if status == 400:
            raise SearchRefused(f"Elasticsearch does not accept the search: {kind}")
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
    """Return a hit with its document, or with the requested columns only."""
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
"""Error types of Elasticsearch for an index that disappeared during the read."""


def unanswered(message: str, why: str) -> ViewUnavailable:
    """Return the error for a search without a complete answer: Moved if an index was replaced."""
    moved = any(each in why for each in REPLACED)
    return Moved(message) if moved else ViewUnavailable(message)
