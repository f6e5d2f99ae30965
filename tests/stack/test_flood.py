"""A flood by one employer on real servers, with the limits of a county.

FLOOD=1000 plays it at full length; the figures are in docs/matching.md.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from api.access.principal import Principal
from api.openings import service
from deploy.environment import AT_ANY_HOUR
from deploy.local.processes import Process
from producers.publisher import Publisher
from roost import ids
from roost.events.account import AccountRole
from roost.events.envelope import Record
from roost.events.match import About, Match, MatchState
from roost.kafka.incoming import Fact, Incoming, decode_fact
from roost.rules.capacity import HeldBackBy
from roost.settings import Settings
from roost.time.clock import FixedClock, start_of_day
from roost.topics import MATCHES, SEARCHABLE
from roost.views.answers import Write
from roost.views.elastic import Elastic, Json
from roost.views.first_employers import first_employers
from streams.match.announcing import announce_vacant
from streams.match.match_stage import MatchLimits, MatchStage
from streams.queue.match_projection import match_write
from streams.views.counts import count_matches
from streams.views.remembered_entities import remembered_openings
from tests.made import a_match
from tests.stack.kept import Kept
from tests.stack.stages import running
from tests.stack.test_pipeline import opening, profile
from tests.stack.waiting import all_processed
from tests.unit.api.services import services_with

pytestmark = [pytest.mark.stack, pytest.mark.timeout(1_200)]
FLOOD, PEOPLE = int(os.environ.get("FLOOD", "150")), 120
COUNTY = {name: value for name, value in AT_ANY_HOUR.items() if not name.startswith("matches_")}
"""A test's settings with the limits of a day that a county has."""


@pytest.fixture(scope="module")
def county(own_settings: Settings) -> Settings:
    # The reserve opens at midnight: the outcome does not depend on the hour of the test.
    return own_settings.model_copy(update=COUNTY | {"matches_reserved_until": "00:00"})


@pytest.fixture(scope="module")
def processes(county: Settings) -> Iterator[dict[str, Process]]:
    with running(county) as made:
        yield made


async def matches_of(elastic: Elastic, field: str, id: str) -> list[Json]:
    await elastic.refresh(MATCHES.name)
    query = {"size": 2_000, "query": {"term": {field: id}}}
    return [hit.source for hit in (await elastic.search(MATCHES.name, query)).hits]


@pytest.mark.usefixtures("processes")
async def test_a_flood_leaves_others_their_matches_and_waits_for_the_next_day(
    county: Settings,
) -> None:
    elastic = Elastic(county.elasticsearch_url)
    flooder = {"id": "flooder", "name": "大量发布单位"}
    honest = {"id": "honest", "name": "普通单位"}
    with Publisher(county.bootstrap_servers) as publisher:
        publisher.publish([profile(f"flood-{number}")[1] for number in range(PEOPLE)])
        await all_processed(county)
        flood = [
            opening(f"flood-{number}", hiringOrganization=flooder, totalJobOpenings=10)
            for number in range(1_000, 1_000 + FLOOD)
        ]
        publisher.publish([record for _, record in flood])
        await all_processed(county, within_s=900)
        other, record = opening("flood-1", hiringOrganization=honest, totalJobOpenings=7)
        publisher.publish([record])
        await all_processed(county)
        late, late_record = profile("flood-late")
        publisher.publish([late_record])
        await all_processed(county)

    capacity = county.capacity
    got = await matches_of(elastic, "opening_id", other.id)
    print(f"flood of {FLOOD}: the other opening has {len(got)} of {capacity.places(7, 0)} matches")
    assert len(got) >= 0.8 * capacity.places(7, 0)
    flooded = await matches_of(elastic, "employer_id", "flooder")
    assert 0 < len(flooded) <= capacity.employer_day
    most = Counter(match["worker_id"] for match in flooded).most_common(1)[0][1]
    assert most <= capacity.per_employer
    for_late = await matches_of(elastic, "worker_id", late.id)
    assert len([each for each in for_late if each["employer_id"] == "flooder"]) <= 2

    matched = {match["opening_id"] for match in flooded}
    held_back = next(one.id for one, _ in flood if one.id not in matched)
    await _is_explained(county, elastic, held_back)
    await _comes_again_tomorrow(county, elastic, {each.id for each, _ in flood})
    await elastic.close()


START = datetime(2026, 1, 5, tzinfo=UTC)


def proposed(
    employer: str,
    day: int,
    *alike: str,
    before: tuple[str, ...] | None = None,
    **changes: Any,
) -> Match:
    """Return an employer's match of a day in January, under keys of its content."""
    at = START + timedelta(days=day)
    about = About(employer_id=employer, alike=alike, first_alike=before)
    opening_id, worker_id = ids.opening_id(employer, str(day)), ids.worker_id("first", "1")
    return a_match(opening_id, worker_id, at, about=about, **changes)


async def written(elastic: Elastic, made: Sequence[Match]) -> None:
    writes = [match_write(each, each.to_json(), each.revision) for each in made]
    assert await elastic.write(writes, refresh=True) == []


async def test_the_first_employer_of_a_content_is_read_from_all_matches(county: Settings) -> None:
    """An old match whose opening took the text over by an edit does not count for it."""
    made = [
        proposed("edited", 0, "~first-a", "~first-b", before=("~first-old",)),
        proposed("author", 2, "~first-a", "~first-b", state=MatchState.EXPIRED),
        proposed("copier", 3, "~first-a"),
        proposed("copier", 1, "~first-b"),
    ]
    elastic = Elastic(county.elasticsearch_url)
    await written(elastic, made)
    keys = ["~first-a", "~first-b", "~first-old", "~first-none"]
    assert await first_employers(elastic, keys) == {
        "~first-a": {"author"},
        "~first-b": {"copier"},
        "~first-old": {"edited"},
    }
    assert await first_employers(elastic, []) == {}
    await elastic.close()


async def test_the_employer_of_the_first_posting_is_first_as_well(county: Settings) -> None:
    """Copies may have the first match of a text: its author's opening waited for approval."""

    def posted(employer: str, day: int, *keys: str, **changes: Any) -> Write:
        id = ids.opening_id(employer, f"posted-{day}")
        at = (START + timedelta(days=day)).isoformat()
        document = {"id": id, "version": 1, "employer_id": employer, "created_at": at, **changes}
        return Write("openings", id, 1, document | {"first_content": list(keys), "active": False})

    elastic = Elastic(county.elasticsearch_url)
    await written(elastic, [proposed("quick", 5, "~posted-a", "~posted-b")])
    openings = [
        posted("poster", 3, "~posted-a"),
        posted("quick", 4, "~posted-a", "~posted-b"),
        posted("new", 2, "~posted-a", awaiting=True),
    ]
    assert await elastic.write(openings, refresh=True) == []
    found = await first_employers(elastic, ["~posted-a", "~posted-b"])
    assert found == {"~posted-a": {"poster", "quick"}, "~posted-b": {"quick"}}
    await elastic.close()


async def test_further_keys_of_a_frequent_text_hide_no_author_of_a_rare_one(
    county: Settings,
) -> None:
    """A text has four keys; those of a text with many matches must not fill the answer."""
    frequent, rare = (
        tuple(f"~{text}-{band}" for band in range(4)) for text in ("frequent", "rare")
    )
    made = [proposed("often", day, *frequent) for day in range(5)]
    made += [proposed("seldom", 6, *rare), proposed("often", 7, rare[0])]
    elastic = Elastic(county.elasticsearch_url)
    await written(elastic, made)
    for band, other in zip(frequent, rare, strict=True):
        assert await first_employers(elastic, [band, other]) == {band: {"often"}, other: {"seldom"}}
    counts = await count_matches(elastic, [], [], START, budgets=[("seldom", frequent[3], rare[3])])
    assert counts.by_budget == {"seldom": 1, frequent[3]: 5, rare[3]: 1}
    await elastic.close()


def facts_of(records: Sequence[Record], at: datetime) -> list[Fact[Any]]:
    """Return announcements as the match stage receives them."""
    return [
        decode_fact(Incoming(SEARCHABLE, each.partition, 0, each.key.encode(), each.value, at))
        for each in records
    ]


async def _is_explained(county: Settings, elastic: Elastic, id: str) -> None:
    """Assert that the page of an opening without matches names the limit and the next day."""
    now = datetime.now(UTC)
    given = services_with(settings=county, elastic=elastic, clock=FixedClock(now))
    admin = Principal("u-1", AccountRole.ADMIN, "admin")
    since = start_of_day(now, county.zone)
    counts = await count_matches(elastic, [], [], since, budgets=[("flooder",)])
    waiting = await service.explain_waiting(given, admin, id)
    assert waiting is not None
    spent = counts.by_budget["flooder"] >= county.matches_per_employer_day
    assert (waiting.by == (HeldBackBy.BUDGET,)) is spent
    assert waiting.again_on == given.today + timedelta(days=1)


async def _comes_again_tomorrow(county: Settings, elastic: Elastic, flood: set[str]) -> None:
    """Assert that the held-back openings are announced on the next day, and get new matches."""
    tomorrow, announced = FixedClock(datetime.now(UTC) + timedelta(days=1)), Kept()
    await elastic.refresh("openings")
    known = remembered_openings(elastic)
    zone = county.zone
    await announce_vacant(elastic, announced, tomorrow, known, county.capacity, zone)
    again = [each for each in announced.records if each.key in flood]
    active = await matches_of(elastic, "employer_id", "flooder")
    full = Counter(match["opening_id"] for match in active if match["active"])
    vacant = {id for id in flood if full[id] < county.capacity.places(10, 0)}
    assert {each.key for each in again} == vacant, "nothing that was held back is forgotten"
    proposed = Kept()
    limits = MatchLimits(county.least_score, zone, county.capacity, county.reserve_opens)
    stage = MatchStage(elastic, proposed, tomorrow, limits)
    await stage.handle(facts_of(again[:32], tomorrow.now()))
    assert proposed.records, "a new day has a new budget"
