"""The race that the `searchable` step decides, without queues in between that would hide it."""

from __future__ import annotations

import asyncio
import functools
from datetime import UTC, datetime
from typing import Any

import pytest

from producers import facts
from producers.publisher import Publisher
from roost.clock import SystemClock
from roost.events.envelope import Record, decode
from roost.events.match import Proposals
from roost.events.opening import OpeningContent
from roost.events.profile import ProfileContent
from roost.events.searchable import Searchable
from roost.places import gazetteer
from roost.settings import Settings
from roost.topics import Topic
from roost.views.elastic import Elastic
from streams.app import installed_model, model_named
from streams.editions import Projections
from streams.incoming import Fact, Incoming, read
from streams.index.agent import IndexStage
from streams.match.agent import MatchStage
from tests.stack.kept import LIMITS, Kept

pytestmark = pytest.mark.stack
ROUNDS = 40
TRADES = ("砌筑工", "电焊工", "缝纫工", "厨师", "快递员")


def fact(record: Record) -> Fact[Any]:
    topic: Topic = record.topic
    return read(
        Incoming(topic, record.partition, 0, record.key.encode(), record.value, datetime.now(UTC))
    )


async def flow(elastic: Elastic, projections: Projections, record: Record) -> list[Proposals]:
    """One fact through index and match, as two processes would take it."""
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
    load = functools.partial(model_named, settings)
    projections = Projections(installed_model(settings), load, gazetteer())
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
    publisher.publish(records)  # the views hold nothing that the topics do not
    assert missed == []
