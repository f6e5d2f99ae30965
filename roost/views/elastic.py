"""Adapter of Elasticsearch: the sole importer of its client, whose errors it translates.

Each document belongs to one record, and its version is the record's position (offset + 1).
Elasticsearch compares versions itself (`external_gte`), so a repeated write changes nothing and an
older event never overwrites a newer one. Documents are never deleted from a view. An erased entity
becomes a document without content, so that a late update cannot bring it back.
"""

from __future__ import annotations

from collections.abc import (
    AsyncIterator,
    Awaitable,
    Callable,
    Collection,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from contextlib import asynccontextmanager
from typing import TypeVar

from elasticsearch import (
    ApiError,
    AsyncElasticsearch,
    ConnectionError,
    OrjsonSerializer,
    SerializationError,
    SSLError,
    TransportError,
)
from elasticsearch.serializer import NdjsonSerializer

from roost.errors import NotLetIn, RoostError, Transient
from roost.metrics import ELASTIC_REQUESTS
from roost.servers.connections import Node, node
from roost.views.answers import (
    BLOCKED,
    BUSY,
    Hit,
    Index,
    Json,
    Moved,
    Page,
    Refusal,
    SearchRefused,
    Write,
    index_of,
    page_of,
    refusal_of,
    tally_of,
    unanswered,
)
from roost.views.gathered_reads import GatheredReads
from roost.views.request_bodies import bulk_body, bulk_chunks, tally
from roost.views.search_pages import search_pages

__all__ = [
    "COLUMNS",
    "Elastic",
    "Hit",
    "Index",
    "Json",
    "Page",
    "Refusal",
    "Write",
]
T = TypeVar("T")
COLUMNS: Json = {"_source": False, "stored_fields": "_none_"}
"""Body of a search for `docvalue_fields` only, which opens no document."""
MOST_READ = 2_000
"""Maximum number of documents that one request reads by key."""


class _OrjsonLines(NdjsonSerializer):
    """Serializer of the searches of one request; the client's own uses the slower `json`."""

    json_dumps = OrjsonSerializer.json_dumps


class Elastic:
    """Views of one Elasticsearch cluster; every method raises Transient if it is away or busy."""

    def __init__(self, where: Node | str, *, timeout_s: float = 30.0) -> None:
        self._client = AsyncElasticsearch(
            node(where).url,
            **node(where).arguments(),
            request_timeout=timeout_s,
            max_retries=0,
            serializers={
                "application/json": OrjsonSerializer(),
                "application/x-ndjson": _OrjsonLines(),
            },
        )
        self._reads = GatheredReads(self.mget)

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()

    async def healthy(self) -> bool:
        """Return whether sign-in succeeds and all data is available."""
        try:
            return await self.check() in {"green", "yellow"}
        except (Transient, NotLetIn):
            return False

    async def check(self) -> str:
        """Return the cluster's health; not every build has a root page or ping. Raises NotLetIn."""
        async with _request("health"):
            answer = await self._client.cluster.health(timeout="2s")
        return str(answer["status"])

    async def get(self, view: str, id: str) -> Json | None:
        """Return the current document, searchable or not; None if there is none.

        Concurrent calls share requests.
        """
        return await self._reads.get(view, id)

    async def mget(
        self, keys: Sequence[tuple[str, str]], fields: Sequence[str] | None = None
    ) -> dict[tuple[str, str], Json]:
        """Return the current documents of (view, id) keys, searchable or not; no absent ones."""
        if not keys:
            return {}
        docs: list[Json] = [{"_index": view, "_id": id} for view, id in keys]
        if fields is not None:
            for doc in docs:
                doc["_source"] = list(fields)
        return {key: doc["_source"] for key, doc in (await self._mget(keys, docs)).items()}

    async def versions(self, keys: Sequence[tuple[str, str]]) -> dict[tuple[str, str], int]:
        """Return the current versions of (view, id) keys, erased ones too, without absent ones."""
        if not keys:
            return {}
        docs: list[Json] = [{"_index": view, "_id": id, "_source": False} for view, id in keys]
        return {key: int(doc["_version"]) for key, doc in (await self._mget(keys, docs)).items()}

    async def versioned(
        self, fields: Mapping[tuple[str, str], Sequence[str]]
    ) -> dict[tuple[str, str], tuple[int, Json]]:
        """Return the versions of (view, id) keys with these fields, without absent documents.

        A document without fields is not opened.
        """
        if not fields:
            return {}
        docs: list[Json] = [
            {"_index": view, "_id": id, "_source": list(names) or False}
            for (view, id), names in fields.items()
        ]
        found = await self._mget(list(fields), docs)
        return {key: (int(doc["_version"]), doc.get("_source") or {}) for key, doc in found.items()}

    async def _mget(
        self, keys: Sequence[tuple[str, str]], docs: Sequence[Json]
    ) -> dict[tuple[str, str], Json]:
        found: dict[tuple[str, str], Json] = {}
        for at in range(0, len(keys), MOST_READ):
            part = slice(at, at + MOST_READ)
            found |= await self._mget_at_once(keys[part], docs[part])
        return found

    async def _mget_at_once(
        self, keys: Sequence[tuple[str, str]], docs: Sequence[Json]
    ) -> dict[tuple[str, str], Json]:
        async def ask() -> dict[tuple[str, str], Json]:
            async with _request("mget"):
                answer = await self._client.mget(docs=docs, realtime=True)
            found: dict[tuple[str, str], Json] = {}
            for key, doc in zip(keys, answer["docs"], strict=True):
                if "error" in doc:
                    kind = doc["error"]["type"]
                    raise unanswered(f"The view {key[0]} cannot be read: {kind}", kind)
                if doc.get("found"):
                    found[key] = doc
            return found

        return await self._whatever_moves(ask)

    async def write(self, writes: Sequence[Write], *, refresh: bool = False) -> list[Refusal]:
        """Write documents to their views; older versions count as already applied.

        Returns the documents that can never be written. Raises Transient if any could not be
        written now; writing all of them again is safe.
        """
        refusals: list[Refusal] = []
        chunks = list(bulk_chunks(writes))
        at_once = refresh and len(chunks) == 1
        for chunk in chunks:
            items = await self._bulk(chunk, "external_gte", refresh=at_once)
            judgements = (
                refusal_of(write, item) for (write, _), item in zip(chunk, items, strict=False)
            )
            refusals += [each for each in judgements if each is not None]
        if refresh and not at_once:
            await self.refresh(*sorted({write.view for write in writes}))
        return refusals

    async def claim(self, writes: Sequence[Write]) -> set[str]:
        """Write documents whose versions must exceed the stored ones: one writer of a version wins.

        Returns the ids that lost. Raises as `write`, and ValueError for a document that can never
        be written.
        """
        lost: set[str] = set()
        for chunk in bulk_chunks(writes):
            items = await self._bulk(chunk, "external")
            for (write, _), item in zip(chunk, items, strict=False):
                if item["status"] == 409:
                    lost.add(write.id)
                elif (refusal := refusal_of(write, item)) is not None:
                    raise ValueError(f"The view {write.view} refuses it: {refusal.reason}")
        return lost

    async def _bulk(
        self, chunk: Sequence[tuple[Write, bytes]], version_type: str, *, refresh: bool = False
    ) -> list[Json]:
        """Send a bulk request; return each document's result, or nothing if all succeeded.

        With `refresh` its documents are searchable when it returns.
        """
        async with _request("bulk"):
            answer = await self._client.perform_request(
                "POST",
                "/_bulk",
                params={
                    "filter_path": "errors,items.*.status,items.*.error.type,items.*.error.reason",
                    "refresh": str(refresh).lower(),
                },
                headers={"content-type": "application/x-ndjson", "accept": "application/json"},
                body=bulk_body(chunk, version_type),
            )
        return [item["index"] for item in answer["items"]] if answer["errors"] else []

    async def refresh(self, *views: str) -> None:
        """Make all previous writes visible to searches; without views do nothing."""
        if not views:
            return

        async def ask() -> None:
            async with _request("refresh"):
                await self._client.indices.refresh(index=list(views))

        await self._whatever_moves(ask)

    async def search(self, view: str, body: Json) -> Page:
        """Return the hits of one search."""
        return (await self.msearch([(view, body)]))[0]

    async def msearch(self, searches: Sequence[tuple[str, Json]]) -> list[Page]:
        """Run several searches in one request; return their hits in order."""
        if not searches:
            return []
        lines: list[Json] = []
        for view, body in searches:
            lines += ({"index": view}, body)

        async def ask() -> list[Page]:
            async with _request("msearch"):
                answer = await self._client.msearch(searches=lines)
            return [page_of(part) for part in answer["responses"]]

        return await self._whatever_moves(ask)

    async def tallies(
        self, view: str, questions: Sequence[tuple[str, Collection[str], Json]]
    ) -> list[dict[str, int]]:
        """Count, for each (field, values, condition), the documents that meet it by value.

        The counts are exact, since a view has one shard; values without documents are left out.
        """
        asked = [each for each in questions if each[1]]
        lines: list[Json] = []
        for field, values, condition in asked:
            lines += ({"index": view}, tally(field, values, condition))

        async def ask() -> list[dict[str, int]]:
            answers: Iterator[Json] = iter(())
            if asked:
                async with _request("count"):
                    answers = iter((await self._client.msearch(searches=lines))["responses"])
            return [tally_of(next(answers)) if values else {} for _, values, _ in questions]

        return await self._whatever_moves(ask)

    async def aggregate(
        self, view: str, query: Json, aggregations: Json, *, without: Sequence[str] = ()
    ) -> tuple[int, Json]:
        """Return the number of documents that meet a query, and the aggregations by name.

        `without` lists paths that only other aggregations need, e.g. `exposure.each`.
        """
        body: Json = {
            "index": view,
            "size": 0,
            "track_total_hits": True,
            "query": query,
            "aggs": aggregations,
            "filter_path": [f"-aggregations.{path}" for path in without] or None,
        }

        async def ask() -> tuple[int, Json]:
            async with _request("aggregate"):
                answer = await self._client.search(**body)
            return page_of(answer.body).total, dict(answer["aggregations"])

        return await self._whatever_moves(ask)

    async def count(self, view: str, query: Json | None = None) -> int:
        """Return the number of documents that meet a query; without one, of all."""

        async def ask() -> int:
            async with _request("count"):
                answer = await self._client.count(index=view, query=query or {"match_all": {}})
            return int(answer["count"])

        return await self._whatever_moves(ask)

    async def scan(self, view: str, *, size: int = 1_000) -> AsyncIterator[tuple[str, int, Json]]:
        """Yield every document of a view with its id and version, in the order of ids."""
        body: Json = {"sort": [{"id": "asc"}], "version": True, "query": {"match_all": {}}}
        async for page in search_pages(self, view, body, page_size=size):
            for hit in page.hits:
                assert hit.version is not None
                yield hit.id, hit.version, hit.source

    async def _whatever_moves(self, ask: Callable[[], Awaitable[T]]) -> T:
        """Run a request; if its index was replaced meanwhile, retry once the successor is in place.

        For a moment the alias still points to the old, closed index.
        """
        try:
            return await ask()
        except Moved:
            async with _request("health"):
                await self._client.cluster.health(wait_for_events="languid", timeout="10s")
            return await ask()

    # --- lifecycle of views: a numbered index behind an alias with the view's name

    async def behind(self, *views: str) -> dict[str, Index]:
        """Return the index of each view at one moment; views that do not exist are left out."""
        found = await self.indices(*views)
        return {each.view: each for each in found if each.view is not None}

    async def indices(self, *names: str) -> list[Index]:
        """Return the indices that these names or patterns (`profiles-*`) match, at one moment."""
        async with _request("indices"):
            answer = await self._client.indices.get(
                index=list(names), ignore_unavailable=True, allow_no_indices=True
            )
        return [index_of(name, about) for name, about in sorted(answer.items())]

    async def create_index(self, index: str, body: Json) -> None:
        """Create an index."""
        async with _request("indices"):
            await self._client.indices.create(index=index, **body)

    async def point(self, indices: Mapping[str, str], *, instead_of: Iterable[str] = ()) -> None:
        """Point each view's alias at its index and delete other indices, atomically.

        Raises Transient, and changes nothing, if any of these indices no longer exists.
        """
        actions: list[Json] = [
            {"add": {"index": index, "alias": view, "is_write_index": True}}
            for view, index in indices.items()
        ]
        actions += [{"remove_index": {"index": old}} for old in instead_of]
        async with _request("indices"):
            await self._client.indices.update_aliases(actions=actions)

    async def block_writes(self, index: str, *, blocked: bool = True) -> None:
        """Block writes to an index, or permit them again; searches continue."""
        async with _request("indices"):
            await self._client.indices.put_settings(
                index=index, settings={"index.blocks.write": blocked}
            )

    async def delete_index(self, index: str) -> None:
        """Delete an index, if it exists."""
        async with _request("indices"):
            await self._client.indices.delete(index=index, ignore_unavailable=True)


@asynccontextmanager
async def _request(kind: str) -> AsyncIterator[None]:
    """Count a request, and translate the client's errors."""
    ELASTIC_REQUESTS.labels(kind).inc()
    try:
        yield
    except ApiError as error:
        raise _meant(error) from error
    except SSLError as error:
        if "CERTIFICATE_VERIFY_FAILED" not in error.message:
            raise Transient(f"Elasticsearch does not answer: {type(error).__name__}") from error
        raise NotLetIn(
            "Elasticsearch cannot be trusted: its certificate is not signed by the one in "
            "ROOST_ELASTICSEARCH_CA, or has another name.",
            "Elasticsearch 的证书不可信，请检查 ROOST_ELASTICSEARCH_CA。",
        ) from error
    except (ConnectionError, SerializationError) as error:
        raise Transient(f"Elasticsearch does not answer: {type(error).__name__}") from error
    except TransportError as error:
        raise Transient(f"Elasticsearch does not answer: {type(error).__name__}") from error


def _meant(error: ApiError) -> RoostError:
    if error.status_code in {401, 403} and "security_exception" in str(error.error):
        return NotLetIn(
            "Elasticsearch refuses access; check ROOST_ELASTICSEARCH_API_KEY, or "
            "ROOST_ELASTICSEARCH_USERNAME and _PASSWORD, and the permissions of the role.",
            "Elasticsearch 拒绝访问，请检查 API 密钥或用户名、密码及其角色权限。",
        )
    if error.status_code in BUSY | BLOCKED or error.status_code >= 500:
        message = f"Elasticsearch cannot do this now ({error.status_code} {error.error})"
        return unanswered(message, f"{error.error} {error.body}")
    return SearchRefused(f"Elasticsearch does not accept the request: {error.error}")
