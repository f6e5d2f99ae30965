"""Races in matching, without queues in between that would hide them."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from producers import facts
from producers.publisher import Publisher
from roost import ids
from roost.events.envelope import Record, decode
from roost.events.match import Proposals
from roost.events.opening import OpeningContent
from roost.events.profile import ProfileContent
from roost.events.searchable import EntityKind, Searchable
from roost.kafka.incoming import Fact, Incoming, decode_fact
from roost.places.gazetteer import gazetteer
from roost.settings import Settings
from roost.time.clock import SystemClock
from roost.topics import MATCHES, OPENINGS, SEARCHABLE, Topic
from roost.views.elastic import Elastic, Json, Page
from streams.index.entity_projection import EntityProjectionCache
from streams.index.index_stage import IndexStage
from streams.match.match_stage import MatchStage
from streams.views.model_files import installed_model, load_model
from tests.stack.kept import LIMITS, Kept
from tests.stack.test_pipeline import become, opening, profile
from tests.stack.waiting import all_processed

pytestmark = pytest.mark.stack
ROUNDS = 40
PLACES = LIMITS.capacity.places(1, 0)
TRADES = ("砌筑工", "电焊工", "缝纫工", "厨师", "快递员")


def fact(record: Record) -> Fact[Any]:
    topic: Topic = record.topic
    return decode_fact(
        Incoming(topic, record.partition, 0, record.key.encode(), record.value, datetime.now(UTC))
    )


def projections_of(settings: Settings) -> EntityProjectionCache:
    load = functools.partial(load_model, settings)
    return EntityProjectionCache(installed_model(settings), load, gazetteer())


async def flow(
    elastic: Elastic, projections: EntityProjectionCache, record: Record
) -> list[Proposals]:
    """Run one fact through index and match, as two processes would."""
    indexed, matched = Kept(), Kept()
    index = IndexStage(elastic, indexed, SystemClock(), projections)
    match = MatchStage(elastic, matched, SystemClock(), LIMITS)
    await index.handle([fact(record)])
    assert [decode(Searchable, each.value or b"").id for each in indexed.records] == [record.key]
    await match.handle([fact(each) for each in indexed.records])
    return [decode(Proposals, each.value or b"") for each in matched.records]


async def test_of_two_that_arrive_together_at_least_one_sees_the_other(
    settings: Settings, elastic: Elastic, publisher: Publisher
) -> None:
    projections = projections_of(settings)
    at = datetime.now(UTC)
    missed, records = [], []
    for turn in range(ROUNDS):
        place = {"name": "岭泉镇", "latitude": -60.0, "longitude": -150.0 + 4 * turn}
        content = OpeningContent.model_validate(
            {
                "identifier": f"together-{turn}",
                "hiringOrganization": {"id": "together", "name": "测试"},
                "title": TRADES[turn % len(TRADES)],
                "jobLocation": place,
            }
        )
        person = ProfileContent.model_validate(
            {
                "identifier": f"together-{turn}",
                "name": "测试",
                "occupationsWanted": [TRADES[turn % len(TRADES)]],
                "home": place,
                "location": place,
                "willing": {"radiusKm": 5},
            }
        )
        opening, posted = facts.opening_posted(content, at=at, today=at.date(), source="together")
        profile, put = facts.profile_put(person, at=at, source="together")
        records += [posted, put]
        both = await asyncio.gather(
            flow(elastic, projections, posted), flow(elastic, projections, put)
        )
        seen = {
            (each.opening_id, worker)
            for made in both
            for each in made
            for worker in each.worker_ids
        }
        if (opening.id, profile.id) not in seen:
            missed.append(turn)
    publisher.publish(records)  # the views hold only what the topics hold
    assert missed == []


class Meanwhile(Elastic):
    """Views whose matches appear from the second read on, as if written in between."""

    _asked = False

    async def msearch(self, searches: Sequence[tuple[str, Json]]) -> list[Page]:
        pages = await super().msearch(searches)
        matches = [view == MATCHES.name for view, _ in searches]
        if not any(matches) or self._again():
            return pages
        return [
            Page((), 0) if hidden else page for hidden, page in zip(matches, pages, strict=True)
        ]

    async def tallies(self, view: str, questions: Any) -> list[dict[str, int]]:
        counted = await super().tallies(view, questions)
        return counted if self._again() else [{} for _ in counted]

    def _again(self) -> bool:
        before, self._asked = self._asked, True
        return before


@pytest.mark.usefixtures("stages")
async def test_matches_written_while_others_are_looked_for_take_no_place_from_them(
    settings: Settings, elastic: Elastic, publisher: Publisher
) -> None:
    """Let all but one match appear between reading and counting; as many fit as there are places.

    A worker left out then would not be searched for before the next day."""
    # Experience decides: the last-ranked worker would be left out first.
    people = [profile(f"hidden-{number}", experienceYears=9 - number) for number in range(PLACES)]
    posted, record = opening("hidden-1", totalJobOpenings=1, experienceRequirements=10)
    *others, (last, put) = people
    await all_processed(settings)  # another module may have left the stages a backlog
    publisher.publish([*(each for _, each in others), record])
    for worker, _ in others:
        await become(elastic, ids.match_id(posted.id, worker.id), "proposed")
    await all_processed(settings)
    index = IndexStage(elastic, Kept(), SystemClock(), projections_of(settings))
    await index.handle([fact(put)])

    [version] = (await elastic.versions([(OPENINGS.name, posted.id)])).values()
    said = Searchable(
        kind=EntityKind.OPENING, id=posted.id, version=version, posted_at=datetime.now(UTC)
    )
    origin = Incoming(SEARCHABLE, 0, 0, posted.id.encode(), b"{}", said.posted_at)
    kept, meanwhile = Kept(), Meanwhile(settings.elasticsearch_url)
    try:
        stage = MatchStage(meanwhile, kept, SystemClock(), LIMITS)
        await stage.handle([Fact(posted.id, said, origin)])
    finally:
        await meanwhile.close()
    publisher.publish([put])  # the views hold only what the topics hold
    proposed = [decode(Proposals, each.value or b"").worker_ids for each in kept.records]
    assert last.id in {worker for each in proposed for worker in each}
