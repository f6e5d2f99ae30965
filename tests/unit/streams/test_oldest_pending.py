"""The age of the oldest pending item, per stage and kind of recipient."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from roost import ids
from roost.events.envelope import Record
from roost.events.notification import DeliveryStatus
from roost.events.preferences import ChannelKind
from roost.kafka.incoming import Fact, Incoming
from roost.metrics import NO_RECIPIENT, OLDEST_PENDING
from roost.time.clock import FixedClock
from roost.topics import PROFILES, SEARCHABLE, Topic
from roost.views.elastic import Hit
from streams.deliver import rows
from streams.deliver.claims import LEASE
from streams.deliver.oldest_due import ID_PREFIXES
from streams.kernel.guard import Guard
from streams.notify.longest_waiting import overlong
from tests.unit.roost.test_station_hours import CHINA
from tests.unit.roost.test_station_hours import station as a_station
from tests.unit.streams.in_memory import NOON, World, notification, run
from tests.unit.streams.test_deliver_stage import Stand

SMS, WEBHOOK = ChannelKind.SMS, ChannelKind.WEBHOOK
MINUTE = timedelta(minutes=1)
STATION, HOOK = ids.station_id("t"), ids.derive("h", "t")


def age_s(stage: str, recipient: str = NO_RECIPIENT) -> float:
    [metric] = OLDEST_PENDING.collect()
    wanted = {"stage": stage, "recipient": recipient}
    return next(sample.value for sample in metric.samples if sample.labels == wanted)


def measured(*made: Any) -> dict[str, float]:
    """Record these rows and read the gauge of each kind of recipient."""
    stand = Stand(World())

    async def flow() -> None:
        await stand.ledger.record(made)
        await stand.stage.measure()

    run(flow())
    return {kind.value: age_s("deliver", kind.value) for kind in ID_PREFIXES}


def test_the_oldest_due_delivery_of_each_kind_of_recipient_counts() -> None:
    found = measured(
        rows.waiting(notification(), SMS, NOON, NOON - 2 * MINUTE),
        rows.waiting(notification(), SMS, NOON, NOON - 5 * MINUTE),
        rows.waiting(notification(recipient=STATION), SMS, NOON, NOON - 3 * MINUTE),
        rows.waiting(notification(recipient=HOOK), WEBHOOK, NOON, NOON - MINUTE),
    )

    assert found == {"worker": 300, "station": 180, "webhook": 60, "employer": 0}


def test_a_delivery_in_flight_is_pending_still() -> None:
    row = rows.waiting(notification(), SMS, NOON - 2 * MINUTE, NOON - 2 * MINUTE)

    assert measured(rows.claimed(row, "m", NOON, LEASE))["worker"] == 120


def test_nothing_pending_is_zero() -> None:
    due = rows.waiting(notification(), SMS, NOON, NOON - MINUTE)

    found = measured(
        rows.waiting(notification(), SMS, NOON, NOON + MINUTE),
        rows.ended(due, DeliveryStatus.FAILED, NOON, "refused"),
    )

    assert found == {"worker": 0, "station": 0, "webhook": 0, "employer": 0}


def test_the_stage_measures_alongside_and_a_figure_does_not_outlive_its_delivery() -> None:
    one = notification()
    stand = Stand(World())

    async def flow() -> None:
        row = rows.waiting(one, SMS, NOON, NOON - MINUTE)
        await stand.ledger.record([row])
        await stand.stage.measure()
        assert age_s("deliver", "worker") == 60
        await stand.ledger.record([rows.ended(row, DeliveryStatus.SUPPRESSED, NOON, "muted")])
        await stand.ledger.in_flight([one.recipient.id])  # refreshes the view
        await stand.stage.measure()

    run(flow())
    assert age_s("deliver", "worker") == 0


class ScrapedStage:
    """A stage that is scraped while it handles a batch."""

    name = "match"
    topics: tuple[Topic, ...] = (SEARCHABLE,)

    def __init__(self, clock: FixedClock) -> None:
        self._clock = clock
        self.ages: list[float] = []

    async def handle(self, facts: Sequence[Fact[Any]]) -> None:
        self.ages.append(age_s(self.name))
        self._clock.moment += MINUTE
        self.ages.append(age_s(self.name))


class NoSender:
    async def send(self, records: Sequence[Record]) -> list[int]:
        raise AssertionError("nothing is sent")


async def test_the_age_of_the_oldest_event_in_hand_grows_until_the_batch_is_done() -> None:
    clock = FixedClock(NOON)
    stage = ScrapedStage(clock)
    batch = [
        Incoming(PROFILES, 0, offset, ids.worker_id("t", str(offset)).encode(), None, at)
        for offset, at in enumerate((NOON - 3 * MINUTE, NOON - 4 * MINUTE))
    ]

    await Guard(stage, NoSender(), clock).process(batch)

    assert stage.ages == [240, 300]
    assert age_s("match") == 0


def test_a_match_is_overlong_by_the_opening_hours_of_its_station() -> None:
    monday_only = a_station({"dayOfWeek": ["Monday"], "opens": "09:00", "closes": "17:00"})
    hits = [
        Hit(
            station,
            None,
            {
                "id": f"m-{station}",
                "station_id": station,
                "opening_id": "o-1",
                "waits_from": "2026-09-11T17:30:00+08:00",
            },
        )
        for station in (monday_only.id, STATION)
    ]

    def found(at: str) -> list[tuple[str, timedelta]]:
        now = datetime.fromisoformat(at).replace(tzinfo=CHINA.zone)
        stations = {monday_only.id: monday_only}
        waiting = overlong(hits, stations, CHINA, now, timedelta(hours=4))
        return [(each.station_id, each.waited) for each in waiting]

    four = timedelta(hours=4)
    assert found("2026-09-13 21:30") == []
    assert found("2026-09-14 11:59") == []
    assert found("2026-09-14 12:00") == [(STATION, four)]
    assert found("2026-09-14 13:00") == [(monday_only.id, four), (STATION, four)]
