"""Elasticsearch behind a small port: the sole importer of the client, whose errors it translates.

Every document is one record's, and its version is the record's position (offset + 1), compared by
Elasticsearch itself (`external_gte`): writing twice changes nothing, and an older event never
overwrites a newer one. Nothing is ever deleted from a view; what is erased becomes a document
without content, so that a late update cannot bring it back.
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

import orjson
from elasticsearch import (
    ApiError,
    AsyncElasticsearch,
    ConnectionError,
    OrjsonSerializer,
    SerializationError,
    SSLError,
    TransportError,
)

from roost.errors import Invalid, NotLetIn, RoostError, Transient
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
    Write,
    index_of,
    judged,
    page_of,
    tallied,
    unanswered,
)
from roost.views.search_pages import search_pages

__all__ = ["COLUMNS", "Elastic", "Hit", "Index", "Json", "Page", "Refusal", "Write"]
T = TypeVar("T")
COLUMNS: Json = {"_source": False, "stored_fields": "_none_"}
"""For a search that asks for `docvalue_fields` only: no document is opened for it."""
BULK_BYTES = 8_000_000


class Elastic:
    """The views of one Elasticsearch. All methods raise Transient when it is away or busy."""

    def __init__(self, where: Node | str, *, timeout_s: float = 30.0) -> None:
        self._client = AsyncElasticsearch(
            node(where).url,
            **node(where).arguments(),
            request_timeout=timeout_s,
            max_retries=0,
            serializers={"application/json": OrjsonSerializer()},
        )

    async def close(self) -> None:
        await self._client.close()

    async def healthy(self) -> bool:
        """Whether it lets us in and holds its data."""
        try:
            return await self.check() in {"green", "yellow"}
        except (Transient, NotLetIn):
            return False

    async def check(self) -> str:
        """How the cluster is (root page and ping are not in every build). Raises NotLetIn."""
        async with _translated():
            answer = await self._client.cluster.health(timeout="2s")
        return str(answer["status"])

    async def get(self, view: str, id: str) -> Json | None:
        """The newest document, searchable or not; None when there is none."""
        found = await self.mget([(view, id)])
        return found.get((view, id))

    async def mget(
        self, keys: Sequence[tuple[str, str]], fields: Sequence[str] | None = None
    ) -> dict[tuple[str, str], Json]:
        """The newest documents of (view, id) keys, searchable or not; absent ones left out."""
        if not keys:
            return {}
        docs: list[Json] = [{"_index": view, "_id": id} for view, id in keys]
        if fields is not None:
            for doc in docs:
                doc["_source"] = list(fields)
        return {key: doc["_source"] for key, doc in (await self._mget(keys, docs)).items()}

    async def versions(self, keys: Sequence[tuple[str, str]]) -> dict[tuple[str, str], int]:
        """The newest versions of (view, id) keys, erased ones too; absent ones left out."""
        if not keys:
            return {}
        docs: list[Json] = [{"_index": view, "_id": id, "_source": False} for view, id in keys]
        return {key: int(doc["_version"]) for key, doc in (await self._mget(keys, docs)).items()}

    async def _mget(
        self, keys: Sequence[tuple[str, str]], docs: Sequence[Json]
    ) -> dict[tuple[str, str], Json]:
        async def ask() -> dict[tuple[str, str], Json]:
            async with _translated():
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
        """Puts documents into their views; older versions are passed over as already applied.

        Returns the documents that can never be taken. Raises Transient when any could not be
        written now: writing all of them again is safe.
        """
        refusals: list[Refusal] = []
        for chunk in _chunks(writes):
            items = await self._bulk(chunk, "external_gte")
            judgements = (
                judged(write, item) for (write, _), item in zip(chunk, items, strict=False)
            )
            refusals += [each for each in judgements if each is not None]
        if refresh and writes:
            await self.refresh(*sorted({write.view for write in writes}))
        return refusals

    async def claim(self, writes: Sequence[Write]) -> set[str]:
        """Puts documents whose versions must be higher than what stands: of two that write the
        same version one wins. Returns the ids that did not; raises as `write`, and ValueError for
        a document that can never be taken.
        """
        lost: set[str] = set()
        for chunk in _chunks(writes):
            items = await self._bulk(chunk, "external")
            for (write, _), item in zip(chunk, items, strict=False):
                if item["status"] == 409:
                    lost.add(write.id)
                elif (refusal := judged(write, item)) is not None:
                    raise ValueError(f"The view {write.view} refuses it: {refusal.reason}")
        return lost

    async def _bulk(self, chunk: Sequence[tuple[Write, bytes]], version_type: str) -> list[Json]:
        """What became of each document, in order; nothing when all are well."""
        lines: list[bytes] = []
        for write, body in chunk:
            meta = {
                "_index": write.view,
                "_id": write.id,
                "version": write.version,
                "version_type": version_type,
            }
            lines += (orjson.dumps({"index": meta}), body)
        async with _translated():
            answer = await self._client.perform_request(
                "POST",
                "/_bulk",
                params={
                    "filter_path": "errors,items.*.status,items.*.error.type,items.*.error.reason"
                },
                headers={"content-type": "application/x-ndjson", "accept": "application/json"},
                body=b"\n".join(lines) + b"\n",
            )
        return [item["index"] for item in answer["items"]] if answer["errors"] else []

    async def refresh(self, *views: str) -> None:
        """Makes all that was written so far findable by a search."""

        async def ask() -> None:
            async with _translated():
                await self._client.indices.refresh(index=list(views))

        await self._whatever_moves(ask)

    async def search(self, view: str, body: Json) -> Page:
        return (await self.msearch([(view, body)]))[0]

    async def msearch(self, searches: Sequence[tuple[str, Json]]) -> list[Page]:
        """Several searches in one request, answered in order."""
        if not searches:
            return []
        lines: list[Json] = []
        for view, body in searches:
            lines += ({"index": view}, body)

        async def ask() -> list[Page]:
            async with _translated():
                answer = await self._client.msearch(searches=lines)
            return [page_of(part) for part in answer["responses"]]

        return await self._whatever_moves(ask)

    async def tallies(
        self, view: str, questions: Sequence[tuple[str, Collection[str], Json]]
    ) -> list[dict[str, int]]:
        """For each (field, values, condition) how many documents that meet it have each value.

        Exact, since a view has one shard; values that no document has are left out.
        """
        asked = [each for each in questions if each[1]]
        lines: list[Json] = []
        for field, values, condition in asked:
            lines += ({"index": view}, _tally(field, values, condition))

        async def ask() -> list[dict[str, int]]:
            answers: Iterator[Json] = iter(())
            if asked:
                async with _translated():
                    answers = iter((await self._client.msearch(searches=lines))["responses"])
            return [tallied(next(answers)) if values else {} for _, values, _ in questions]

        return await self._whatever_moves(ask)

    async def aggregate(
        self, view: str, query: Json, aggregations: Json, *, without: Sequence[str] = ()
    ) -> tuple[int, Json]:
        """(how many documents meet the query, the answers to the aggregations, by name).

        `without`: paths of answers that only other aggregations need, e.g. `exposure.each`.
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
            async with _translated():
                answer = await self._client.search(**body)
            return page_of(answer.body).total, dict(answer["aggregations"])

        return await self._whatever_moves(ask)

    async def count(self, view: str, query: Json | None = None) -> int:
        async def ask() -> int:
            async with _translated():
                answer = await self._client.count(index=view, query=query or {"match_all": {}})
            return int(answer["count"])

        return await self._whatever_moves(ask)

    async def scan(self, view: str, *, size: int = 1_000) -> AsyncIterator[tuple[str, int, Json]]:
        """Every document of a view with its id and version, in the order of ids."""
        body: Json = {"sort": [{"id": "asc"}], "version": True, "query": {"match_all": {}}}
        async for page in search_pages(self, view, body, page_size=size):
            for hit in page.hits:
                assert hit.version is not None
                yield hit.id, hit.version, hit.source

    async def _whatever_moves(self, ask: Callable[[], Awaitable[T]]) -> T:
        """Asks once more when an index was replaced under the question, once its successor is in
        place: for a moment the old one is closed and still stands behind the name.
        """
        try:
            return await ask()
        except Moved:
            async with _translated():
                await self._client.cluster.health(wait_for_events="languid", timeout="10s")
            return await ask()

    # --- the life of views: an index with a number behind an alias with the view's name

    async def behind(self, *views: str) -> dict[str, Index]:
        """What stands behind each view at one moment; views that do not exist are left out."""
        found = await self.indices(*views)
        return {each.view: each for each in found if each.view is not None}

    async def indices(self, *names: str) -> list[Index]:
        """The indices that these names or patterns (`profiles-*`) stand for, at one moment."""
        async with _translated():
            answer = await self._client.indices.get(
                index=list(names), ignore_unavailable=True, allow_no_indices=True
            )
        return [index_of(name, about) for name, about in sorted(answer.items())]

    async def create_index(self, index: str, body: Json) -> None:
        async with _translated():
            await self._client.indices.create(index=index, **body)

    async def point(self, indices: Mapping[str, str], *, instead_of: Iterable[str] = ()) -> None:
        """Lets each view's name point at its index and drops others, all in one step or not at all.

        Raises Transient, and changes nothing, when any of these indices is gone.
        """
        actions: list[Json] = [
            {"add": {"index": index, "alias": view, "is_write_index": True}}
            for view, index in indices.items()
        ]
        actions += [{"remove_index": {"index": old}} for old in instead_of]
        async with _translated():
            await self._client.indices.update_aliases(actions=actions)

    async def block_writes(self, index: str, *, blocked: bool = True) -> None:
        """Takes no more writes into an index, or takes them again; searches go on."""
        async with _translated():
            await self._client.indices.put_settings(
                index=index, settings={"index.blocks.write": blocked}
            )

    async def delete_index(self, index: str) -> None:
        async with _translated():
            await self._client.indices.delete(index=index, ignore_unavailable=True)


def _chunks(writes: Sequence[Write]) -> Iterable[list[tuple[Write, bytes]]]:
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


def _tally(field: str, values: Collection[str], condition: Json) -> Json:
    return {
        "size": 0,
        "track_total_hits": False,
        "query": {"bool": {"filter": [{"terms": {field: list(values)}}, condition]}},
        "aggs": {"tally": {"terms": {"field": field, "size": len(values)}}},
    }


@asynccontextmanager
async def _translated() -> AsyncIterator[None]:
    try:
        yield
    except ApiError as error:
        raise _meant(error) from error
    except SSLError as error:
        if "CERTIFICATE_VERIFY_FAILED" not in error.message:
            raise Transient(f"Elasticsearch does not answer: {type(error).__name__}") from error
        raise NotLetIn(
            "Elasticsearch cannot be trusted: its certificate is not signed by the one in "
            "ROOST_ELASTICSEARCH_CA, or bears another name.",
            "Elasticsearch 的证书不可信，请检查 ROOST_ELASTICSEARCH_CA。",
        ) from error
    except (ConnectionError, SerializationError) as error:
        raise Transient(f"Elasticsearch does not answer: {type(error).__name__}") from error
    except TransportError as error:
        raise Transient(f"Elasticsearch does not answer: {type(error).__name__}") from error


def _meant(error: ApiError) -> RoostError:
    if error.status_code in {401, 403} and "security_exception" in str(error.error):
        return NotLetIn(
            "Elasticsearch refuses us; look at ROOST_ELASTICSEARCH_API_KEY, or at "
            "ROOST_ELASTICSEARCH_USERNAME and _PASSWORD, and at what its role may do.",
            "Elasticsearch 拒绝访问，请检查 API 密钥或用户名、密码及其角色权限。",
        )
    if error.status_code in BUSY | BLOCKED or error.status_code >= 500:
        message = f"Elasticsearch cannot do this now ({error.status_code} {error.error})"
        return unanswered(message, f"{error.error} {error.body}")
    return Invalid(f"Elasticsearch does not accept the request: {error.error}")
