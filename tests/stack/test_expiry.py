"""An opening's last day ends without an event, and its matches must expire all the same."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from producers.publisher import Publisher
from roost import ids
from roost.events.envelope import decode
from roost.events.match import Match, MatchState, Proposals
from roost.events.searchable import Searchable
from roost.events.station import Station
from roost.kafka.incoming import Incoming, decode_fact
from roost.settings import Settings
from roost.time.clock import FixedClock, day_of, start_of_day
from roost.topics import MATCHES, SEARCHABLE
from roost.views.elastic import Elastic, Refusal, Write
from streams.match.announcing import announce_expired
from streams.match.match_stage import MatchStage
from streams.queue.queue_stage import QueueStage
from streams.stages import queue_rules
from streams.views.registry import Registry
from tests.stack.kept import LIMITS, Healed, Kept
from tests.stack.test_pipeline import become, opening, profile

pytestmark = [pytest.mark.stack, pytest.mark.usefixtures("stages")]
ZONE = LIMITS.zone


class Read(Elastic):
    """The views, read-only: the running stages are their only writers."""

    async def write(self, writes: Sequence[Write], *, refresh: bool = False) -> list[Refusal]:
        return []


async def test_when_its_last_day_is_over_where_the_county_is_an_openings_matches_go(
    publisher: Publisher, elastic: Elastic, settings: Settings
) -> None:
    """Midnight in Shanghai is 16:00 UTC."""
    now = datetime.now(UTC)
    worker, put = profile("expiry")
    posted, record = opening("expiry", validThrough=day_of(now, ZONE).isoformat())
    publisher.publish([put, record])
    await become(elastic, ids.match_id(posted.id, worker.id), "proposed")
    await elastic.refresh("openings", "matches")

    midnight = FixedClock(start_of_day(now + timedelta(days=1), ZONE).astimezone(UTC))
    before = FixedClock(midnight.now() - timedelta(seconds=1))
    on_the_day, after = Kept(), Kept()
    await announce_expired(elastic, on_the_day, before, ZONE)
    assert posted.id not in {each.key for each in on_the_day.records}
    assert await announce_expired(elastic, after, midnight, ZONE) == len(after.records)
    said = next(each for each in after.records if each.key == posted.id)
    document = await elastic.get("openings", posted.id) or {}
    assert decode(Searchable, said.value or b"").version == document["version"]

    proposed, judged = Kept(), Kept()
    stage = MatchStage(elastic, proposed, midnight, LIMITS)
    incoming = Incoming(
        SEARCHABLE, said.partition, 0, said.key.encode(), said.value, midnight.now()
    )
    await stage.handle([decode_fact(incoming)])
    [made] = proposed.records
    proposals = decode(Proposals, made.value or b"")
    assert (proposals.opening_id, proposals.worker_ids) == (posted.id, (worker.id,))

    views = Read(settings.elasticsearch_url)
    queue = QueueStage(
        views, judged, midnight, queue_rules(settings), ZONE, Registry(views, Station), Healed()
    )
    try:
        await queue.handle(
            [
                decode_fact(
                    Incoming(made.topic, made.partition, 0, made.key.encode(), made.value, now)
                )
            ]
        )
    finally:
        await views.close()
    [match] = [each for each in judged.records if each.topic is MATCHES]
    assert decode(Match, match.value or b"").state is MatchState.EXPIRED
