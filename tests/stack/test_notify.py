"""The notify stage alone on a real Elasticsearch: notices, webhooks and waiting alerts."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from producers import facts
from roost import ids
from roost.events.envelope import Record, decode, record, tombstone
from roost.events.match import Match, MatchState
from roost.events.notice import Audience, Notice, NoticeKind, Words
from roost.events.notification import Notification
from roost.events.station import Station, StationContent
from roost.events.webhook import Webhook
from roost.kafka.incoming import Fact, Incoming, decode_fact
from roost.kafka.ports import Position
from roost.places.gazetteer import gazetteer
from roost.settings import Settings
from roost.time.clock import FixedClock
from roost.time.station_hours import by_the_clock
from roost.topics import MATCHES, NOTICES
from roost.views.elastic import Elastic
from streams.index.entity_projection import EntityProjection
from streams.maintenance.rebuild import rebuild
from streams.notify.notify_stage import NotifyStage
from streams.queue.batch import SOURCE
from streams.queue.match_projection import match_write, project_matches
from streams.views.foreign_records import ForeignRecords
from streams.views.model_files import installed_model
from streams.views.registry import Registry
from tests.made import a_match
from tests.stack.kept import Healed, Kept
from tests.stack.test_pipeline import opening, profile

pytestmark = pytest.mark.stack

NOW = datetime(2031, 3, 3, 9, 0, tzinfo=UTC)
"""Years from now, so that no stage running alongside acts on this module's matches."""
ZONE, WAITING = ZoneInfo("Asia/Shanghai"), timedelta(minutes=240)
PREFECTURE, COUNTY, ELSEWHERE = "cn:5425", "cn:542521", "cn:5404"
"""Places used by no other test."""
OF_WITHDRAWN = "cn:5405"
MANY = 1_050
"""More than two pages of people."""


@pytest.fixture(scope="module")
def project(settings: Settings) -> EntityProjection:
    return EntityProjection(installed_model(settings), gazetteer())


@pytest.fixture(scope="module", autouse=True)
async def as_the_topics_say(settings: Settings, project: EntityProjection) -> AsyncIterator[None]:
    """Rebuild the views afterwards: documents written here are in no topic."""
    yield
    views = Elastic(settings.elasticsearch_url)
    await rebuild(views, settings.bootstrap_servers, project)
    await views.close()


class Killed(Exception):
    """Stands for the end of the process."""


class Ends(Kept):
    """A sender whose process is killed after `number` records."""

    def __init__(self, after: int) -> None:
        super().__init__()
        self._after = after

    async def publish(self, records: Sequence[Record]) -> list[Position]:
        if len(self.records) >= self._after:
            raise Killed
        return await super().publish(records)


def fact(made: Record, version: int = 1) -> Fact[Any]:
    key, headers = made.key.encode(), (("ce_source", SOURCE.encode()),)
    return decode_fact(Incoming(made.topic, 0, version - 1, key, made.value, NOW, headers))


def said(event: Any) -> Fact[Any]:
    return fact(record(event, event.id, source="/test", at=NOW))


async def written(
    elastic: Elastic, project: EntityProjection, *written: Record, version: int = 1
) -> None:
    writes = project([fact(each, version) for each in written])
    assert await elastic.write(writes, refresh=True) == []


def stage(elastic: Elastic, sender: Kept, clock: FixedClock | None = None) -> NotifyStage:
    clock = clock or FixedClock(NOW)
    hours = by_the_clock(ZONE)
    return NotifyStage(
        elastic,
        sender,
        clock,
        gazetteer(),
        hours,
        WAITING,
        Registry(elastic, Station),
        Healed(),
        ForeignRecords(elastic, MATCHES, SOURCE, project_matches),
    )


def told(sender: Kept) -> list[Notification]:
    return [decode(Notification, each.value or b"") for each in sender.records]


def recipients(sender: Kept) -> list[str]:
    return sorted(each.recipient.id for each in told(sender))


def station(name: str, *serves: str) -> tuple[Station, Record]:
    place = {"name": name, "latitude": 31.0, "longitude": 81.0}
    content = {"identifier": name, "name": name, "place": place, "serves": serves}
    return facts.station_put(StationContent.model_validate(content), at=NOW, source="test")


def notice(reference: str, **audience: tuple[str, ...]) -> Notice:
    return Notice(
        id=ids.derive("b", reference),
        kind=NoticeKind.POLICY_NEWS,
        zh=Words(title="返乡补贴", body="可在服务站申请。"),
        audience=Audience(**audience),
        urgent=True,
        posted_at=NOW,
    )


def match(opening_id: str, worker: str, **changes: Any) -> Match:
    return a_match(opening_id, ids.worker_id("notify", worker), NOW, **changes)


async def test_a_notice_to_a_place_reaches_exactly_its_people_and_a_repeat_after_a_kill_nobody(
    elastic: Elastic, project: EntityProjection
) -> None:
    there, here = {"name": COUNTY}, {"name": ELSEWHERE}
    living = [profile(f"notice-{n}", home=here, location=there) for n in range(MANY)]
    away = profile("notice-away", home=there, location=here)
    paused = profile("notice-paused", home=there, location=there, status="paused")
    others = profile("notice-elsewhere", home=here, location=here)
    named = profile("notice-named", home=here, location=here)
    serving, far = station("notice-there", COUNTY), station("notice-far", ELSEWHERE)
    everybody = [*living, away, paused, others, named, serving, far]
    await written(elastic, project, *(made for _, made in everybody))
    news = notice("policy", places=(PREFECTURE,), worker_ids=(named[0].id, away[0].id))

    first = Ends(after=600)
    with pytest.raises(Killed):
        await stage(elastic, first).handle([said(news)])
    assert 600 <= len(first.records) < MANY
    second = Kept()
    await stage(elastic, second).handle([said(news)])
    meant = [*(each.id for each, _ in living), away[0].id, named[0].id, serving[0].id]
    assert sorted(recipients(first) + recipients(second)) == sorted(meant)
    assert {(each.kind, each.notice_id, each.urgent) for each in told(second)} == {
        ("policy_news", news.id, True)
    }

    third = Kept()
    await stage(elastic, third).handle([said(news), said(news)])
    assert third.records == []


async def test_a_notice_that_was_withdrawn_tells_nobody(
    elastic: Elastic, project: EntityProjection
) -> None:
    there = {"name": OF_WITHDRAWN}
    _, put = worker = profile("withdrawn", home=there, location=there)
    await written(elastic, project, put)
    news, sender = notice("withdrawn", worker_ids=(worker[0].id,), places=(OF_WITHDRAWN,)), Kept()
    gone = fact(tombstone(NOTICES, news.id, source="/test", at=NOW), 2)
    await stage(elastic, sender).handle([said(news), gone])
    assert sender.records == [], "withdrawn in the same batch"
    await elastic.write(project([gone]))
    await stage(elastic, sender).handle([said(news)])
    assert sender.records == [], "withdrawn long before the stage came to it"


async def test_an_employers_webhook_is_told_of_its_own_openings_and_of_nobody_elses(
    elastic: Elastic, project: EntityProjection
) -> None:
    openings = {
        name: opening(f"hook-{name}", hiringOrganization={"id": f"hook-{name}", "name": name})
        for name in ("one", "two", "three")
    }
    await written(elastic, project, *(made for _, made in openings.values()))
    url = "https://hooks.example.cn/roost"
    hooks = {
        name: Webhook.model_validate(
            {"id": ids.derive("h", name), "url": url, "employer_id": f"hook-{name}"} | changes
        )
        for name, changes in {"one": {}, "two": {"kinds": ("match_placed",)}}.items()
    }
    puts = [record(each, each.id, source="/test", at=NOW) for each in hooks.values()]
    await written(elastic, project, *puts)
    sender = Kept()
    made = [match(each.id, "hook") for each, _ in openings.values()]
    placed = [each.model_copy(update={"state": MatchState.PLACED}) for each in made]
    works = stage(elastic, sender)
    await works.handle([said(each) for each in made])
    await works.handle([said(each) for each in placed])

    to_hooks = [each for each in told(sender) if each.recipient.kind == "webhook"]
    assert sorted((each.recipient.id, each.opening_id, each.kind) for each in to_hooks) == sorted(
        [
            (hooks["one"].id, openings["one"][0].id, "new_match"),
            (hooks["one"].id, openings["one"][0].id, "match_placed"),
            (hooks["two"].id, openings["two"][0].id, "match_placed"),
        ]
    )
    off = hooks["one"].model_copy(update={"enabled": False})
    put_off = record(off, off.id, source="/test", at=NOW)
    await written(elastic, project, put_off, version=2)
    again = [each.model_copy(update={"round": 2}) for each in made]
    await works.handle([said(each) for each in again])
    assert {each.recipient.kind.value for each in told(sender)[-3:]} == {"worker"}, "it is off"


async def test_a_station_is_alerted_once_a_day_of_the_match_that_waits_longest(
    elastic: Elastic,
) -> None:
    busy, calm = (ids.station_id(f"waiting-{name}") for name in ("busy", "calm"))
    work = ids.opening_id("notify", "waiting")
    long, longer = timedelta(minutes=241), timedelta(hours=9)
    waits = [
        match(work, "long", station_id=busy, proposed_at=NOW - long),
        match(work, "longest", station_id=busy, proposed_at=NOW - longer),
        match(work, "fresh", station_id=calm, proposed_at=NOW - timedelta(minutes=239)),
        match(work, "nowhere", station_id=None, proposed_at=NOW - longer),
        match(
            work,
            "claimed",
            station_id=calm,
            proposed_at=NOW - longer,
            state=MatchState.CLAIMED,
            assigned_to="li",
        ),
    ]

    async def put(*matches: Match) -> None:
        writes = [match_write(each, each.to_json(), each.revision) for each in matches]
        assert await elastic.write(writes, refresh=True) == []

    def alerts(sender: Kept) -> list[tuple[str, str | None]]:
        mine = (each for each in told(sender) if each.recipient.id in (busy, calm))
        return [(each.recipient.id, each.match_id) for each in mine]

    await put(*waits)
    clock, sender = FixedClock(NOW), Kept()
    works = stage(elastic, sender, clock)
    await works.housekeeping()
    await works.housekeeping()
    assert alerts(sender) == [(busy, waits[1].id)]

    taken = {"state": MatchState.CLAIMED, "assigned_to": "li", "revision": 2}
    await put(waits[1].model_copy(update=taken))
    beside = Kept()
    await stage(elastic, beside, clock).housekeeping()
    assert alerts(beside) == [], "the next one waits, but the station has been told today"

    clock.moment += timedelta(hours=8)  # 17:00 and 01:00 in Shanghai: another day
    await works.housekeeping()
    assert alerts(sender)[1:] == sorted([(busy, waits[0].id), (calm, waits[2].id)])
