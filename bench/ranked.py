"""Benchmark of ranking: one ranked result and one bare hybrid query at 100,000 profiles.

The bare query is the search itself: hard constraints as filters, BM25 and nearest vectors,
returning ids. The ranked result is the work of the match stage for an indexed opening: the same
search returns the features of its hits, every pair is scored and sorted, and the best get their
reasons. Both start from the opening's vector, which the index stage computes once an opening. Its
time is reported separately, and `ratio_with_embedding` adds it to the ranked result only. Both
alternate by opening, on one node, so that a slow machine slows both. The results are written to
`bench/results/ranked.json`.

    python -m bench.ranked --profiles 100000 --openings 200 --compiler full
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import tempfile
import time
from datetime import date
from itertools import islice
from pathlib import Path

from bench.measuring import add_compiler, load, now, write_results
from deploy.local.stack import only_elasticsearch
from deploy.model_setup import ensure_model
from matcher import queries, ranking
from matcher.features import OpeningFeatures, of_opening
from matcher.similarity import SimilarityModel
from producers import facts, simulator
from roost.events.opening import Opening
from roost.ids import UNKEYED, install
from roost.kafka.incoming import Incoming, decode_fact
from roost.places.gazetteer import gazetteer
from roost.settings import ServerCompiler
from roost.topics import PROFILES
from roost.views.elastic import Elastic, Write
from roost.views.mappings import VIEWS
from streams.index.entity_documents import documents_of_facts
from streams.views.remembered_entities import remembered_workers

INDEX = "profiles-000001"
CHUNK = 1_000
SIZE = 60
SHOWN = 20
LEAST = 35.0
IDS = {"docvalue_fields": ["id"]}


async def fill(elastic: Elastic, model: SimilarityModel, count: int) -> None:
    """Write simulated profiles as the index stage does."""
    await elastic.create_index(INDEX, VIEWS[PROFILES.name])
    await elastic.point({PROFILES.name: INDEX})
    people, places, done = simulator.profiles(count), gazetteer(), 0
    while chunk := list(islice(people, CHUNK)):
        records = [facts.profile_put(each, at=now(), source="bench")[1] for each in chunk]
        read_facts = [
            decode_fact(Incoming(PROFILES, 0, done + at, made.key.encode(), made.value, now()))
            for at, made in enumerate(records)
        ]
        documents = documents_of_facts(read_facts, model, places)
        await elastic.write(
            [
                Write(PROFILES.name, fact.key, fact.version, document)
                for fact, document in zip(read_facts, documents, strict=True)
            ]
        )
        done += len(chunk)
        print(f"  {done:,} profiles", flush=True)
    await elastic.refresh(PROFILES.name)


class Answers:
    """Both ways to answer for an opening."""

    def __init__(self, elastic: Elastic, model: SimilarityModel) -> None:
        self._elastic = elastic
        self._model = model
        self._places = gazetteer()
        self._workers = remembered_workers(elastic)
        self._today: date = now().date()

    def features(self, opening: Opening) -> OpeningFeatures:
        return of_opening(opening, 1, self._model, self._places)

    async def bare(self, features: OpeningFeatures) -> int:
        body = queries.workers_for(features, self._today, SIZE) | IDS
        return len((await self._elastic.search(PROFILES.name, body)).hits)

    async def ranked(self, features: OpeningFeatures) -> int:
        body = queries.workers_for(features, self._today, SIZE)
        page = await self._elastic.search(PROFILES.name, body)
        found = self._workers.brought({hit.id: hit.source for hit in page.hits})
        workers = [each.value for each in found.values() if each.value is not None]
        best = ranking.rank(features, workers, self._today, SHOWN, LEAST)
        people = [each.candidate for each in best]
        return len(ranking.evaluate_all(features, people, self._today))


async def measure(profiles: int, openings: int, compiler: ServerCompiler) -> dict[str, object]:
    with only_elasticsearch(compiler) as url, tempfile.TemporaryDirectory() as folder:
        elastic = Elastic(url, timeout_s=120)
        model = ensure_model(Path(folder) / "similarity")
        try:
            await fill(elastic, model, profiles)
            found = await compare(Answers(elastic, model), profiles, openings)
            return found | {"compiler": compiler.value, "load_after": load()}
        finally:
            await elastic.close()


async def compare(answers: Answers, profiles: int, openings: int) -> dict[str, object]:
    posted = [
        facts.opening_posted(each, at=now(), today=now().date(), source="bench")[0]
        for each in simulator.openings(2 * openings)
    ]
    for opening in posted[:openings]:  # warm-up, not counted
        features = answers.features(opening)
        await answers.bare(features)
        await answers.ranked(features)
    embedded, bare, ranked, matches = [], [], [], 0
    for opening in posted[openings:]:
        began = time.perf_counter()
        features = answers.features(opening)
        embedded.append(1000 * (time.perf_counter() - began))
        began = time.perf_counter()
        await answers.bare(features)
        bare.append(1000 * (time.perf_counter() - began))
        began = time.perf_counter()
        matches += await answers.ranked(features)
        ranked.append(1000 * (time.perf_counter() - began))
    middle = statistics.median
    return {
        "profiles": profiles,
        "openings": openings,
        "bare_ms_p50": round(middle(bare), 2),
        "ranked_ms_p50": round(middle(ranked), 2),
        "ratio": round(middle(ranked) / middle(bare), 3),
        "embedding_ms_p50": round(middle(embedded), 2),
        "ratio_with_embedding": round((middle(embedded) + middle(ranked)) / middle(bare), 3),
        "bare_ms_p95": round(statistics.quantiles(bare, n=20)[18], 2),
        "ranked_ms_p95": round(statistics.quantiles(ranked, n=20)[18], 2),
        "matches_an_answer": round(matches / openings, 1),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--profiles", type=int, default=100_000)
    parser.add_argument("--openings", type=int, default=200)
    add_compiler(parser)
    arguments = parser.parse_args()
    install(UNKEYED)
    found = asyncio.run(measure(arguments.profiles, arguments.openings, arguments.compiler))
    write_results("ranked", found)


if __name__ == "__main__":
    main()
