"""An opening that is closed and opened again notifies its workers and stations a few times only."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from roost import ids
from roost.events.match import Match, MatchState
from roost.events.notification import RecipientKind
from roost.events.webhook import Webhook
from roost.views.remembered import Versioned
from streams.notify.rules import notifications_for, webhook_notifications
from streams.queue.batch import Batch, Evidence
from streams.views.counts import MatchCounts
from tests.unit.streams.test_capacity import MIDNIGHT, NOW, RULES, opening, proposals, worker

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


def told(matches: Iterator[Match]) -> dict[RecipientKind, int]:
    """Return the number of different messages by kind of recipient."""
    found = {each: set[str]() for each in RecipientKind}
    for match in matches:
        for each in (*notifications_for(match), *webhook_notifications(match, [WEBHOOK], None)):
            found[each.recipient.kind].add(each.id)
    return {kind: len(ids) for kind, ids in found.items()}


def test_an_opening_that_is_toggled_all_day_notifies_a_worker_and_a_station_twice() -> None:
    numbers = told(toggled(20, timedelta(minutes=10)))
    assert numbers[RecipientKind.WORKER] == 2
    assert numbers[RecipientKind.STATION] == 2
    assert numbers[RecipientKind.WEBHOOK] == 40, "its own employer follows each change"


def test_on_another_day_they_are_notified_again() -> None:
    numbers = told(toggled(3, DAY))
    assert (numbers[RecipientKind.WORKER], numbers[RecipientKind.STATION]) == (3, 3)


def test_a_repeat_of_the_same_event_counts_no_renewal() -> None:
    first = judged(None, NOW, open=True)
    closed = judged(first, NOW + timedelta(minutes=1), open=False)
    again = judged(closed, NOW + timedelta(minutes=2), open=True)
    assert again is not None
    assert judged(again, NOW + timedelta(minutes=2), open=True) == again
    assert (again.round, again.renewed) == (2, 1)
