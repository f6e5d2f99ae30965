"""Recall of the searches for candidates, against an exact scoring of everyone.

Simulated profiles and openings are indexed as the index stage does; a third of the workers state no
wanted occupation. For each opening every profile is scored in memory; so is every opening for each
worker. `recall` is the share of the best 20 by the full score among the candidates of the search as
the match stage sends it, `first` the share of subjects whose best candidate is among them. Of equal
scores, any counts. The time of the search and of ranking its candidates is measured, too. The
results are written to `bench/results/recall.json`.

    python -m bench.recall --profiles 10000 --openings 3000 --subjects 100
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TypeVar

from bench.measuring import now, write_results
from deploy.local.stack import only_elasticsearch
from deploy.model_setup import ensure_model
from matcher import models, queries, ranking
from matcher.features import OpeningFeatures, WorkerFeatures
from matcher.similarity import SimilarityModel
from producers import facts, simulator
from roost.events.envelope import Record
from roost.ids import UNKEYED, install
from roost.kafka.incoming import Incoming, decode_fact
from roost.places.gazetteer import gazetteer
from roost.topics import OPENINGS, PROFILES, Topic
from roost.views.elastic import Elastic, Write
from roost.views.mappings import index_body
from streams.index.entity_documents import documents_of_facts

CHUNK = 500
SIZE = 60
"""Candidates of one search, as in the match stage."""
BEST = 20
TODAY = now().date()
Features = TypeVar("Features", OpeningFeatures, WorkerFeatures)


def people(count: int) -> Iterator[Record]:
    """Yield simulated profiles, every third without wanted occupations."""
    for number, each in enumerate(simulator.profiles(count)):
        wishes = () if number % 3 == 0 else each.occupations_wanted
        content = each.model_copy(update={"occupations_wanted": wishes})
        yield facts.profile_put(content, at=now(), source="bench")[1]


def posted(count: int) -> Iterator[Record]:
    """Yield simulated openings."""
    for each in simulator.openings(count):
        yield facts.opening_posted(each, at=now(), today=TODAY, source="bench")[1]


async def fill(
    elastic: Elastic,
    model: SimilarityModel,
    topic: Topic,
    records: Iterator[Record],
    kind: type[Features],
) -> list[Features]:
    """Index records as the index stage does; return their features."""
    body = index_body(topic.name, model.version, models.dimensions(model))
    index, found = f"{topic.name}-000001", list[Features]()
    await elastic.create_index(index, body)
    await elastic.point({topic.name: index})
    while chunk := list(islice(records, CHUNK)):
        read = [
            decode_fact(Incoming(topic, 0, len(found) + at, each.key.encode(), each.value, now()))
            for at, each in enumerate(chunk)
        ]
        documents = documents_of_facts(read, model, gazetteer())
        await elastic.write(
            [
                Write(topic.name, fact.key, fact.version, document)
                for fact, document in zip(read, documents, strict=True)
            ]
        )
        found += [kind.unpacked(document["features"]) for document in documents]
        print(f"  {len(found):,} {topic.name}", flush=True)
    await elastic.refresh(topic.name)
    return found


async def recall(
    elastic: Elastic,
    topic: Topic,
    subjects: Sequence[OpeningFeatures] | Sequence[WorkerFeatures],
    everyone: Sequence[Features],
) -> dict[str, object]:
    """Compare the candidates of each subject's search with the best of everyone."""
    by_id = {each.id: each for each in everyone}
    shares, firsts, search_ms, rank_ms = [], [], [], []
    for subject in subjects:
        exact = ranking.rank(subject, everyone, TODAY, BEST, 0.0)
        if not exact:
            continue
        if isinstance(subject, OpeningFeatures):
            body = queries.workers_for(subject, TODAY, SIZE)
        else:
            body = queries.openings_for(subject, TODAY, SIZE)
        began = time.perf_counter()
        page = await elastic.search(topic.name, body)
        search_ms.append(1000 * (time.perf_counter() - began))
        candidates = [by_id[hit.id] for hit in page.hits]
        began = time.process_time()
        found = ranking.rank(subject, candidates, TODAY, BEST, 0.0)
        rank_ms.append(1000 * (time.process_time() - began))
        reached = sum(each.score >= exact[-1].score for each in found)
        shares.append(min(reached, len(exact)) / len(exact))
        firsts.append(bool(found) and found[0].score >= exact[0].score)
    return {
        "subjects": len(shares),
        "recall": round(statistics.fmean(shares), 4),
        "first": round(statistics.fmean(firsts), 4),
        "below_0.95": sum(share < 0.95 for share in shares),
        "search_ms_p50": round(statistics.median(search_ms), 2),
        "rank_cpu_ms_p50": round(statistics.median(rank_ms), 2),
    }


async def measure(profiles: int, openings: int, subjects: int) -> dict[str, object]:
    with only_elasticsearch() as url, tempfile.TemporaryDirectory() as folder:
        elastic = Elastic(url, timeout_s=120)
        model = ensure_model(Path(folder) / "similarity")
        try:
            workers = await fill(elastic, model, PROFILES, people(profiles), WorkerFeatures)
            work = await fill(elastic, model, OPENINGS, posted(openings), OpeningFeatures)
            wishing = [each for each in workers if each.wanted][:subjects]
            skilled = [each for each in workers if not each.wanted][:subjects]
            return {
                "profiles": profiles,
                "openings": openings,
                "candidates": SIZE,
                "best": BEST,
                "opening_to_workers": await recall(elastic, PROFILES, work[:subjects], workers),
                "worker_with_wishes_to_openings": await recall(elastic, OPENINGS, wishing, work),
                "worker_without_wishes_to_openings": await recall(elastic, OPENINGS, skilled, work),
            }
        finally:
            await elastic.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--profiles", type=int, default=10_000)
    parser.add_argument("--openings", type=int, default=3_000)
    parser.add_argument("--subjects", type=int, default=100)
    given = parser.parse_args()
    install(UNKEYED)
    found = asyncio.run(measure(given.profiles, given.openings, given.subjects))
    write_results("recall", found)
    print(found)


if __name__ == "__main__":
    main()
