"""The model changes during operation: no gap, no mixture, nothing missing."""

from __future__ import annotations

import asyncio
import functools
import json
import signal
import subprocess
import sys
from collections.abc import AsyncIterator

import orjson
import pytest

from deploy.environment import environment_of
from deploy.up import prepare
from matcher import models
from matcher.similarity import SimilarityModel
from producers.publisher import Publisher
from roost import ids
from roost.errors import Transient
from roost.events.envelope import Record, event_time
from roost.kafka.incoming import Incoming, decode_fact, newest_readable
from roost.kafka.reader import KafkaReader
from roost.places.gazetteer import gazetteer
from roost.settings import Settings
from roost.time.clock import SystemClock
from roost.topics import OPENINGS, PROFILES
from roost.views.elastic import Elastic, Index, Json
from roost.views.mappings import VECTORED, VIEWS
from streams.index.entity_projection import EntityProjection, EntityProjectionCache
from streams.index.index_stage import IndexStage
from streams.maintenance.rebuild import rebuild, revector
from streams.views.model_files import installed_model, load_model, model_folder, model_path
from tests.models import other_model
from tests.stack.kept import Kept
from tests.stack.test_pipeline import become, opening, profile
from tests.stack.waiting import all_processed, until

pytestmark = [pytest.mark.stack, pytest.mark.usefixtures("stages")]


@pytest.fixture(scope="session")
def first(settings: Settings) -> SimilarityModel:
    return installed_model(settings)


@pytest.fixture(scope="session")
def second(settings: Settings, first: SimilarityModel) -> SimilarityModel:
    """The same model in another space, so that nearly every number of a vector differs."""
    made = other_model(model_path(settings))
    models.keep(made, model_folder(settings))
    assert (made.embed(["砌筑工"]) != first.embed(["砌筑工"])).any()
    return made


@pytest.fixture(autouse=True)
async def as_it_was(
    elastic: Elastic, settings: Settings, first: SimilarityModel
) -> AsyncIterator[None]:
    """Restore the views of the installed model for other tests."""
    yield
    (model_folder(settings) / "current").unlink(missing_ok=True)
    await asyncio.to_thread(prepare, settings)


def projection(model: SimilarityModel) -> EntityProjection:
    return EntityProjection(model, gazetteer())


async def ought(settings: Settings, model: SimilarityModel) -> dict[tuple[str, str], Json]:
    """Return every document that follows from the topics and the model."""
    project, documents = projection(model), {}
    for topic in (PROFILES, OPENINGS):
        async for batch in KafkaReader(settings.bootstrap_servers).read_to_end(topic):
            for write in project(newest_readable(batch)):
                documents[write.view, write.id] = json.loads(orjson.dumps(write.document))
    return documents


async def held(elastic: Elastic) -> dict[tuple[str, str], Json]:
    """Return every document of the vectored views, with its indexed vector."""
    await elastic.refresh(*VECTORED)
    body = {"size": 10_000, "_source": {"exclude_vectors": False}, "query": {"match_all": {}}}
    pages = await elastic.msearch([(view, body) for view in VECTORED])
    documents = {}
    for view, page in zip(VECTORED, pages, strict=True):
        assert page.total == len(page.hits)
        for hit in page.hits:
            vector = hit.source.get("vector")
            if isinstance(vector, list):
                hit.source["vector"] = bytes(number % 256 for number in vector).hex()
            documents[view, hit.id] = hit.source
    return documents


def different(
    left: dict[tuple[str, str], Json], right: dict[tuple[str, str], Json]
) -> list[tuple[object, ...]]:
    """Return the differences between both sides, field by field."""
    return [
        (key, field, left.get(key, {}).get(field), right.get(key, {}).get(field))
        for key in sorted(left.keys() | right.keys())
        for field in sorted(left.get(key, {}).keys() | right.get(key, {}).keys())
        if left.get(key, {}).get(field) != right.get(key, {}).get(field)
    ]


async def all_as_the_model_says(
    elastic: Elastic, settings: Settings, model: SimilarityModel
) -> dict[str, Index]:
    """Check that nothing is missing, mixed or left over; return the indices of the views."""
    assert different(await held(elastic), await ought(settings, model)) == []
    every = await elastic.indices(*(f"{view}-*" for view in VIEWS))
    assert [index.name for index in every if index.view is None or index.blocked] == []
    standing = await elastic.behind(*VECTORED)
    assert {index.model for index in standing.values()} == {model.version}
    return standing


class Searcher:
    """A client that searches repeatedly and records the answers."""

    def __init__(self, elastic: Elastic) -> None:
        self._elastic = elastic
        self._stop = False
        self.totals: list[int] = []

    async def run(self) -> None:
        body = {"size": 5, "track_total_hits": True, "query": {"match_all": {}}}
        while not self._stop:
            pages = await self._elastic.msearch([(view, body) for view in VECTORED])
            keys = [("profiles", hit.id) for hit in pages[0].hits]
            assert set(await self._elastic.versions(keys)) == set(keys)
            await self._elastic.count("profiles")
            self.totals.append(pages[0].total)

    def stop(self) -> None:
        self._stop = True


async def test_the_model_is_changed_while_events_stream_in_and_people_search(
    publisher: Publisher,
    elastic: Elastic,
    settings: Settings,
    first: SimilarityModel,
    second: SimilarityModel,
) -> None:
    # Each in its own place: the test checks vectors, not thousands of matches.
    publisher.publish([profile(f"vector{number}")[1] for number in range(200)])
    publisher.publish([opening(f"vector{number}")[1] for number in range(10)])
    await all_processed(settings)
    old = await elastic.behind(*VECTORED)
    assert {index.model for index in old.values()} == {first.version}
    streaming = asyncio.Event()

    async def stream() -> None:
        number = 0
        while not streaming.is_set():  # no faster than the stages process it
            edited = profile(f"vector{number % 200}", title=("厨师", "电焊工")[number % 2])[1]
            added = profile(f"added{number}")[1]
            await asyncio.to_thread(publisher.publish, [edited, added])
            await until("taken", functools.partial(elastic.get, "profiles", added.key))
            number += 1

    searcher = Searcher(elastic)
    tasks = [asyncio.create_task(stream()), asyncio.create_task(searcher.run())]
    for model in (second, first, second):
        await revector(elastic, settings.bootstrap_servers, projection(model))
    streaming.set()
    searcher.stop()
    await asyncio.gather(*tasks)
    await all_processed(settings)

    assert searcher.totals == sorted(searcher.totals), "never fewer than before"
    new = await all_as_the_model_says(elastic, settings, second)
    assert not {index.name for index in old.values()} & {index.name for index in new.values()}


async def test_matches_name_the_model_that_they_were_decided_with(
    publisher: Publisher,
    elastic: Elastic,
    settings: Settings,
    first: SimilarityModel,
    second: SimilarityModel,
) -> None:
    async def model_of(reference: str) -> str:
        worker, posted = profile(reference)[0], opening(reference)[0]
        publisher.publish([profile(reference)[1], opening(reference)[1]])
        match = ids.match_id(posted.id, worker.id)
        await become(elastic, match, "proposed")
        fact = (await elastic.get("matches", match) or {})["fact"]
        return str(fact["model"]).split("/")[0]

    assert await model_of("before") == first.version
    await revector(elastic, settings.bootstrap_servers, projection(second))
    assert await model_of("after") == second.version


async def test_a_stage_that_knows_the_old_index_writes_the_new_one_with_the_new_model(
    elastic: Elastic,
    settings: Settings,
    publisher: Publisher,
    first: SimilarityModel,
    second: SimilarityModel,
) -> None:
    stage = IndexStage(
        elastic,
        Kept(),
        SystemClock(),
        EntityProjectionCache(first, lambda version: load_model(settings, version), gazetteer()),
    )
    await take(stage, publisher, profile("behind-1")[1])
    await revector(elastic, settings.bootstrap_servers, projection(second))
    await take(stage, publisher, profile("behind-2")[1])
    await all_processed(settings)
    await all_as_the_model_says(elastic, settings, second)


async def take(stage: IndexStage, publisher: Publisher, record: Record) -> None:
    """Run one published record through a stage, as its process would."""
    (position,) = publisher.publish([record])
    key, at = record.key.encode(), event_time(record.headers, 0)
    incoming = Incoming(record.topic, position.partition, position.offset, key, record.value, at)
    await stage.handle([decode_fact(incoming)])


KILLED = """
import asyncio, os, signal, sys
from roost.county_ids import install_ids
from roost.places.gazetteer import gazetteer
from roost.settings import Settings
from roost.views.elastic import Elastic
from streams.index.entity_projection import EntityProjection
from streams.maintenance.rebuild import revector
from streams.views.model_files import load_model

def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

class DiesBeforeItMoves(Elastic):
    async def point(self, indices, *, instead_of=()):
        die()

async def main():
    settings = Settings()
    await install_ids(settings)
    early = sys.argv[2] == "while it fills"
    elastic = (Elastic if early else DiesBeforeItMoves)(settings.elasticsearch_url)
    project = EntityProjection(load_model(settings, sys.argv[1]), gazetteer())
    listen = {"progress": die} if early else {}
    await revector(elastic, settings.bootstrap_servers, project, **listen)

asyncio.run(main())
"""


@pytest.mark.parametrize("moment", ["while it fills", "while the stages wait"])
async def test_killed_in_the_middle_and_started_again_it_ends_right(
    publisher: Publisher,
    elastic: Elastic,
    settings: Settings,
    first: SimilarityModel,
    second: SimilarityModel,
    moment: str,
) -> None:
    publisher.publish([profile(f"killed{number}")[1] for number in range(20)])
    await all_processed(settings)
    before = await elastic.behind(*VECTORED)
    command = [sys.executable, "-c", KILLED, second.version, moment]
    done = await asyncio.to_thread(
        subprocess.run, command, env=environment_of(settings), check=False
    )
    assert done.returncode == -signal.SIGKILL
    found = await elastic.indices(*(f"{view}-*" for view in VECTORED))
    assert len([index for index in found if index.view is None]) == len(VECTORED)
    assert {index.name for index in before.values()} == {
        index.name for index in (await elastic.behind(*VECTORED)).values()
    }
    blocked = any(index.blocked for index in found)
    assert blocked == (moment == "while the stages wait")
    publisher.publish([profile("killed-meanwhile")[1]])
    await revector(elastic, settings.bootstrap_servers, projection(second))
    await all_processed(settings)
    await all_as_the_model_says(elastic, settings, second)


async def test_a_rebuild_that_fails_leaves_everything_as_it_was(
    elastic: Elastic, settings: Settings, first: SimilarityModel, second: SimilarityModel
) -> None:
    await all_processed(settings)
    before = await elastic.behind(*VIEWS)

    def fail(view: str, records: int) -> None:
        raise asyncio.CancelledError  # as Ctrl-C does

    with pytest.raises(asyncio.CancelledError):
        await revector(elastic, settings.bootstrap_servers, projection(second), progress=fail)
    assert await elastic.behind(*VIEWS) == before
    await all_as_the_model_says(elastic, settings, first)


async def test_of_two_rebuilds_at_once_at_most_one_goes_on(
    publisher: Publisher,
    elastic: Elastic,
    settings: Settings,
    first: SimilarityModel,
    second: SimilarityModel,
) -> None:
    publisher.publish([profile(f"twice{number}")[1] for number in range(20)])
    outcomes = await asyncio.gather(
        *(
            revector(elastic, settings.bootstrap_servers, projection(model))
            for model in (first, second)
        ),
        return_exceptions=True,
    )
    assert all(isinstance(each, dict | Transient) for each in outcomes), outcomes
    await all_processed(settings)
    left = (await elastic.behind(*VECTORED))["profiles"].model
    asked = await ought(settings, first if left == first.version else second)
    assert different(await held(elastic), asked) == []
    await rebuild(elastic, settings.bootstrap_servers, projection(first))
    await all_as_the_model_says(elastic, settings, first)


async def test_a_start_with_another_installed_model_reports_it_and_recomputes_the_vectors(
    elastic: Elastic, settings: Settings, second: SimilarityModel
) -> None:
    models.install(second, model_folder(settings))
    said: list[str] = []
    await asyncio.to_thread(prepare, settings, said.append)
    assert len(said) == len(VECTORED)
    assert all(second.version in sentence for sentence in said)
    await all_processed(settings)
    await all_as_the_model_says(elastic, settings, second)
