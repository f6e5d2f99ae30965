"""notify: `matches`, `notices` ─► who is told ─► `notifications` ─► view

1. decide whom the matches of a batch tell (`rules`): workers, stations, and the webhooks of the
   employer, whose opening is looked up only when some webhook belongs to an employer
2. tell them, `AT_ONCE` at a time: pass over what the view holds already, send the rest, and once
   the broker has acknowledged it write it to the view
3. find whom each notice is for, a page at a time (`audience`), and tell each page as in 2 before
   the next is looked for. One that is withdrawn meanwhile tells nobody further.

Commits after 3, when the view holds all notifications of the batch. A kill at any point repeats
the batch from 1: who was told already is passed over, so a notice to many goes on about where it
was. Killed between the two halves of 2, at most `AT_ONCE` are said twice with the same ids, and the
deliver stage drops the repeat.

Beside the stream, from time to time, stations are alerted of what waits too long (`waiting`). That
commits nothing: it is told as in 2, and looked for again the next time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from roost.events.envelope import record, value_of
from roost.events.match import Match
from roost.events.notice import Notice
from roost.events.notification import Notification
from roost.events.webhook import Webhook
from roost.kafka.incoming import Fact
from roost.kafka.sender import Sends
from roost.metrics import NOTIFIED
from roost.places.gazetteer import Gazetteer
from roost.rules.notices import notice_notification
from roost.time.clock import Clock, day_of
from roost.topics import MATCHES, NOTICES, NOTIFICATIONS, Topic
from roost.views.elastic import Elastic
from streams.kernel.retry import retry_transient
from streams.notify import rules
from streams.notify.audience_pages import Audiences
from streams.notify.longest_waiting import longest_waiting
from streams.views.projections import notification_write
from streams.views.registry import Registry
from streams.views.remembered_entities import remembered_employers

AT_ONCE = 500


class NotifyStage:
    name = "notify"
    topics: tuple[Topic, ...] = (MATCHES, NOTICES)
    housekeeping_s = 60.0

    def __init__(
        self,
        elastic: Elastic,
        sender: Sends,
        clock: Clock,
        places: Gazetteer,
        zone: ZoneInfo,
        waiting_alert: timedelta,
    ) -> None:
        self._elastic = elastic
        self._sender = sender
        self._clock = clock
        self._zone = zone
        self._waiting_alert = waiting_alert
        self._audiences = Audiences(elastic, places)
        self._webhooks = Registry(elastic, Webhook)
        self._employers = remembered_employers(elastic)

    async def handle(self, facts: Sequence[Fact[Any]]) -> None:
        matches = [fact.event for fact in facts if isinstance(fact.event, Match)]
        await self._tell(await self._of_matches(matches))
        for notice in _newest_notices(facts):
            await self._spread(notice)

    async def housekeeping(self) -> None:
        """Alerts every station, once a day, of the match that has waited longest in its queue."""
        now = self._clock.now()
        since, day = now - self._waiting_alert, day_of(now, self._zone)
        found = await retry_transient(
            "notify.waiting", lambda: longest_waiting(self._elastic, since)
        )
        await self._tell(
            rules.waiting_alert(
                hit.source["station_id"], hit.source["id"], hit.source["opening_id"], day, now
            )
            for hit in found
        )

    async def _of_matches(self, matches: Sequence[Match]) -> list[Notification]:
        """Step 1."""
        if not matches:
            return []
        webhooks = [each for each in await self._webhooks.all() if each.enabled]
        employers = await self._employers_of(matches, webhooks)
        return [
            notification
            for match in matches
            for notification in (
                *rules.notifications_for(match),
                *rules.webhook_notifications(match, webhooks, employers.get(match.opening_id)),
            )
        ]

    async def _employers_of(
        self, matches: Sequence[Match], webhooks: Sequence[Webhook]
    ) -> Mapping[str, str | None]:
        """The employers by opening; nothing is read when no webhook asks whose opening it is."""
        if all(each.employer_id is None for each in webhooks):
            return {}
        openings = {match.opening_id for match in matches}
        known = await retry_transient("notify.employers", lambda: self._employers.newest(openings))
        return {id: each.value for id, each in known.items()}

    async def _spread(self, notice: Notice) -> None:
        """Step 3."""
        async for recipients in self._audiences.of(notice):
            if await self._withdrawn(notice):
                return
            await self._tell(notice_notification(notice, each) for each in recipients)

    async def _withdrawn(self, notice: Notice) -> bool:
        key = (NOTICES.name, notice.id)
        found = await retry_transient(
            "notify.notice", lambda: self._elastic.mget([key], ("erased",))
        )
        return bool(found.get(key, {}).get("erased"))

    async def _tell(self, due: Iterable[Notification]) -> None:
        """Step 2."""
        once = list({each.id: each for each in due}.values())
        for start in range(0, len(once), AT_ONCE):
            await self._send(await self._fresh(once[start : start + AT_ONCE]))

    async def _fresh(self, due: Sequence[Notification]) -> list[Notification]:
        keys = [(NOTIFICATIONS.name, each.id) for each in due]
        told = await retry_transient("notify.read", lambda: self._elastic.versions(keys))
        return [each for each, key in zip(due, keys, strict=True) if key not in told]

    async def _send(self, fresh: Sequence[Notification]) -> None:
        now = self._clock.now()
        records = [
            record(each, each.recipient.id, source="/streams/notify", at=now) for each in fresh
        ]
        versions = await retry_transient("notify.send", lambda: self._sender.send(records))
        writes = [
            notification_write(each, value_of(made), version)
            for each, made, version in zip(fresh, records, versions, strict=True)
        ]
        refusals = await retry_transient("notify.write", lambda: self._elastic.write(writes))
        if refusals:
            raise ValueError(
                f"The view refuses {len(refusals)} notifications: {refusals[0].reason}"
            )
        for each in fresh:
            NOTIFIED.labels(each.kind).inc()


def _newest_notices(facts: Sequence[Fact[Any]]) -> list[Notice]:
    """The notices of a batch, each as it was said last; none of those withdrawn after it."""
    newest = {fact.key: fact.event for fact in facts if fact.origin.topic == NOTICES}
    return [each for each in newest.values() if each is not None]
