"""An opening that is closed and opened again notifies its workers and stations a few times only."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from roost import ids
from roost.events.envelope import decode, value_of
from roost.events.match import Match, MatchState
from roost.events.notification import PAIR_WITHDRAWN, DeliveryStatus, Notification, NotificationKind
from roost.events.preferences import ChannelKind
from roost.events.webhook import Webhook
from roost.topics import MATCHES, NOTIFICATIONS
from roost.views.remembered import Versioned
from streams.deliver import rows
from streams.deliver.delivery_projection import delivery_write
from streams.notify.renewed_pairs import MOST_ENTERED
from streams.notify.rules import webhook_notifications
from streams.queue.batch import SOURCE, Batch
from streams.queue.batch_evidence import Evidence
from streams.views.counts import MatchCounts
from tests.unit.streams.test_capacity import MIDNIGHT, NOW, RULES, opening, proposals, worker
from tests.unit.streams.test_employer_notifications import Stage
from tests.unit.streams.test_foreign_records import from_topic

K = NotificationKind
DAY = timedelta(days=1)
STATION = ids.station_id("east")
WEBHOOK = Webhook.model_validate({"id": "h-" + "a" * 26, "url": "https://hr.example.com/"})


def judged(match: Match | None, at: datetime, *, open: bool) -> Match | None:
    """Judge a pair whose opening is open or closed."""
    work, person = opening(active=open), worker(1)
    evidence = Evidence(
        openings={work.id: Versioned(7, work)},
        workers={person.id: Versioned(3, person)},
        matches={} if match is None else {match.id: match},
        counts=MatchCounts(),
        since=MIDNIGHT + (at - MIDNIGHT) // DAY * DAY,
        stations=(),
        model="m",
    )
    made = Batch(RULES, evidence, at, at.date())
    made.propose(proposals([person], at=at))
    return next(iter(made.matches.values()), None)


def toggled(times: int, every: timedelta) -> Iterator[Match]:
    """Yield the match after each opening and closing of its opening."""
    match: Match | None = None
    for number in range(times):
        at = NOW + number * every
        for open in (True, False):
            match = judged(match, at, open=open)
            assert match is not None
            assert match.state is (MatchState.PROPOSED if open else MatchState.EXPIRED)
            match = match.model_copy(update={"station_id": STATION})
            yield match


class Notified:
    """The notify stage over the rounds of a match, with the deliveries that a test puts."""

    def __init__(self) -> None:
        self.stage = Stage(contact=False)

    def follow(self, *matches: Match) -> None:
        facts = [from_topic(MATCHES, each.to_dict(), SOURCE, 4) for each in matches]
        self.stage.world.clock.moment = matches[-1].caused_at
        self.stage.handle(*facts)

    def announced(self, kind: NotificationKind) -> list[Notification]:
        """Return the announcements of a kind, in order."""
        said = [each for each in self.stage.world.said if each.topic is NOTIFICATIONS]
        found = [decode(Notification, value_of(each)) for each in said]
        return [each for each in found if each.kind is kind]

    def ended(
        self,
        one: Notification,
        status: DeliveryStatus,
        why: str = "",
        channel: ChannelKind = ChannelKind.SMS,
    ) -> None:
        """Put the outcome of an announcement on a channel into the ledger's view."""
        row = rows.waiting(one, channel, NOW, NOW)
        write = delivery_write(done := rows.ended(row, status, NOW, why), done.to_json())
        assert self.stage.world.write(write, equal=True)


@pytest.mark.parametrize("at_once", [True, False])
def test_an_opening_that_is_toggled_all_day_notifies_a_worker_and_a_station_twice(
    at_once: bool,
) -> None:
    notified, matches = Notified(), list(toggled(20, timedelta(minutes=10)))
    for part in [matches] if at_once else [[each] for each in matches]:
        notified.follow(*part)
    assert len(notified.announced(K.NEW_MATCH)) == 2
    assert len(notified.announced(K.QUEUE_NEW)) == 2
    webhook = {
        each.id for match in matches for each in webhook_notifications(match, [WEBHOOK], None)
    }
    assert len(webhook) == 40, "its own employer follows each change"


def test_a_pair_whose_announcements_were_dropped_is_announced_when_it_holds_in_the_end() -> None:
    """Each message waited for the end of a minimum gap; by then the pair was withdrawn."""
    notified = Notified()
    for match in toggled(6, timedelta(hours=1)):
        notified.follow(match)
        if match.state is MatchState.EXPIRED:
            newest = notified.announced(K.NEW_MATCH)[-1]
            notified.ended(newest, DeliveryStatus.SUPPRESSED, PAIR_WITHDRAWN)
    assert [each.version for each in notified.announced(K.NEW_MATCH)] == [1, 2, 3, 4, 5, 6]
    assert len(notified.announced(K.QUEUE_NEW)) == 2


def test_an_inbox_does_not_fill_with_announcements_that_other_channels_dropped() -> None:
    """An inbox entry is delivered at once, while the text message waits for the end of a gap."""
    notified = Notified()
    for match in toggled(20, timedelta(minutes=10)):
        notified.follow(match)
        if match.state is MatchState.EXPIRED:
            newest = notified.announced(K.NEW_MATCH)[-1]
            notified.ended(newest, DeliveryStatus.SUPPRESSED, PAIR_WITHDRAWN)
            notified.ended(newest, DeliveryStatus.SENT, channel=ChannelKind.INBOX)
    assert len(notified.announced(K.NEW_MATCH)) == MOST_ENTERED


@pytest.mark.parametrize("status", [DeliveryStatus.SENT, DeliveryStatus.FAILED, None])
def test_one_that_was_sent_or_still_waits_counts(status: DeliveryStatus | None) -> None:
    notified = Notified()
    for number, match in enumerate(toggled(5, timedelta(hours=1))):
        notified.follow(match)
        if number % 2 or not notified.announced(K.NEW_MATCH):
            continue
        newest = notified.announced(K.NEW_MATCH)[-1]
        if number == 2:
            notified.ended(newest, DeliveryStatus.SUPPRESSED, PAIR_WITHDRAWN)
        elif status is not None and number != 2:
            notified.ended(newest, status)
    assert [each.version for each in notified.announced(K.NEW_MATCH)] == [1, 2, 3]


def test_on_another_day_they_are_notified_again() -> None:
    notified = Notified()
    for match in toggled(3, DAY):
        notified.follow(match)
    assert len(notified.announced(K.NEW_MATCH)) == 3
    assert len(notified.announced(K.QUEUE_NEW)) == 3


def test_a_repeat_of_the_same_event_counts_no_renewal() -> None:
    first = judged(None, NOW, open=True)
    closed = judged(first, NOW + timedelta(minutes=1), open=False)
    again = judged(closed, NOW + timedelta(minutes=2), open=True)
    assert again is not None
    assert judged(again, NOW + timedelta(minutes=2), open=True) == again
    assert (again.round, again.renewed) == (2, 1)
