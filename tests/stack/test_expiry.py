"""An opening's last day ends without an event: its matches have to go all the same."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from producers.publisher import Publisher
from roost import ids
from roost.clock import FixedClock
from roost.events.envelope import decode
from roost.events.match import Proposals
from roost.events.searchable import Searchable
from roost.topics import SEARCHABLE
from roost.views.elastic import Elastic
from streams.incoming import Incoming, read
from streams.match.agent import MatchStage
from streams.match.announcing import announce_expired
from tests.stack.kept import LIMITS, Kept
from tests.stack.test_pipeline import become, opening, profile

pytestmark = [pytest.mark.stack, pytest.mark.usefixtures("stages")]


async def test_the_day_after_its_last_day_an_openings_matches_are_judged_again(
    publisher: Publisher, elastic: Elastic
) -> None:
    now = datetime.now(UTC)
    worker, put = profile("expiry")
    posted, record = opening("expiry", validThrough=now.date().isoformat())
    publisher.publish([put, record])
    await become(elastic, ids.match_id(posted.id, worker.id), "proposed")
    await elastic.refresh("openings", "matches")

    on_the_day, after = Kept(), Kept()
    await announce_expired(elastic, on_the_day, FixedClock(now))
    assert posted.id not in {each.key for each in on_the_day.records}
    clock = FixedClock(now + timedelta(days=1))
    assert await announce_expired(elastic, after, clock) == len(after.records)
    said = next(each for each in after.records if each.key == posted.id)
    document = await elastic.get("openings", posted.id) or {}
    assert decode(Searchable, said.value or b"").version == document["version"]

    judged = Kept()
    stage = MatchStage(elastic, judged, clock, LIMITS)
    incoming = Incoming(SEARCHABLE, said.partition, 0, said.key.encode(), said.value, clock.now())
    await stage.handle([read(incoming)])
    proposals = [decode(Proposals, each.value or b"") for each in judged.records]
    assert [(each.opening_id, each.worker_ids) for each in proposals] == [(posted.id, (worker.id,))]
