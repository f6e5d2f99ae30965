"""notify: matches, notices, conversations, openings and others ─► `notifications` ─► view.

1. decide whom the matches of a batch concern (`rules`): workers, stations, and webhooks, which are
   looked up by the employers of the batch; and the workers whom a station has answered
2. notify them, some at a time (`NewNotifications`): skip the notifications that the view has
   already, or whose cause is so old that they are of no more use (`end_of_use`), publish the
   others and, once the broker has acknowledged them, write them to the view
3. read the audience of each notice, a page at a time, and notify each page as in 2 before the next
   page is read. A notice that is withdrawn meanwhile notifies nobody further
4. notify, as in 2, the employers whose webhooks were disabled, whose openings were decided on or
   wait for review, or whose requests for candidates were answered, if they have a contact; and the
   stations that are asked for candidates

Matches that another producer than the queue stage published are first written into their view
(`ForeignRecords`).

Commits after 4, when the view has all notifications of the batch. A kill at any point repeats the
batch from 1 and skips who was notified already, so a notice to many resumes about where it was. A
kill between the two halves of 2 publishes at most that many notifications twice with the same ids;
the deliver stage drops the repeats. Whatever a killed process published without writing it is
replayed into the view when the next one takes its partitions over (`TailReplay`).

Periodic work alerts stations of matches that wait too long (`longest_waiting`), in their opening
hours, reminds workers of the interviews of the next day (`interview_reminders`), and notifies
employers of requests that were fulfilled or have expired (`request_ends`). It commits nothing: it
notifies as in 2, and looks again the next time.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol

from roost.events.candidate_request import CandidateRequest
from roost.events.conversation import ConversationMessage
from roost.events.match import Match
from roost.events.notice import Notice
from roost.events.notification import Notification, RecipientKind
from roost.events.opening import Opening
from roost.events.station import Station
from roost.events.webhook import Outage
from roost.kafka.incoming import Fact
from roost.kafka.ports import Partition, Producer
from roost.metrics import OLDEST_PENDING
from roost.places.gazetteer import Gazetteer
from roost.rules.conversation_notices import message_notification
from roost.rules.notices import notice_notification
from roost.rules.request_states import request_news
from roost.time.clock import Clock, day_of
from roost.time.open_time import is_open
from roost.time.station_hours import CountyHours
from roost.topics import (
    CANDIDATE_REQUESTS,
    CONVERSATIONS,
    MATCHES,
    NOTICES,
    NOTIFICATIONS,
    OPENINGS,
    OUTAGES,
    Topic,
)
from roost.views.elastic import Elastic
from streams.kernel.retry import retry_transient
from streams.notify import rules
from streams.notify.audience_pages import Audiences
from streams.notify.employer_contacts import EmployerContacts
from streams.notify.interview_reminders import matches_to_remind
from streams.notify.longest_waiting import Waiting, longest_waiting, overlong
from streams.notify.renewed_pairs import RenewedPairs
from streams.notify.request_ends import ended_requests
from streams.notify.subscribed_webhooks import SubscribedWebhooks
from streams.views.new_notifications import NewNotifications
from streams.views.projections import Follower, Recovery
from streams.views.remembered_entities import remembered_employers

SOURCE = "/streams/notify"


class Stations(Protocol):
    """The current registry of stations."""

    async def all(self) -> Sequence[Station]: ...


class NotifyStage:
    """The stage that turns matches and notices into notifications."""

    name = "notify"
    topics: tuple[Topic, ...] = (
        MATCHES,
        NOTICES,
        CONVERSATIONS,
        OUTAGES,
        OPENINGS,
        CANDIDATE_REQUESTS,
    )
    housekeeping_s = 60.0

    def __init__(
        self,
        elastic: Elastic,
        sender: Producer,
        clock: Clock,
        places: Gazetteer,
        hours: CountyHours,
        waiting_alert: timedelta,
        stations: Stations,
        recovery: Recovery,
        foreign: Follower,
    ) -> None:
        self._elastic = elastic
        self._clock = clock
        self._new = NewNotifications(elastic, sender, clock, self.name, SOURCE)
        self._hours = hours
        self._waiting_alert = waiting_alert
        self._stations = stations
        self._recovery = recovery
        self._foreign = foreign
        self._audiences = Audiences(elastic, places)
        self._webhooks = SubscribedWebhooks(elastic)
        self._contacts = EmployerContacts(elastic)
        self._renewed = RenewedPairs(elastic)
        self._employers = remembered_employers(elastic)

    def forget(self, partitions: Collection[Partition]) -> None:
        """Replay the end of `notifications` again: the next owner of a partition may write it."""
        self._recovery.forget(range(NOTIFICATIONS.partitions))

    async def handle(self, facts: Sequence[Fact[Any]]) -> None:
        """Notify everyone whom these matches and notices concern."""
        await self._recovery.ensure(range(NOTIFICATIONS.partitions))
        await self._foreign.write(facts)
        matches = [fact.event for fact in facts if isinstance(fact.event, Match)]
        await self._notify([*await self._of_matches(matches), *_of_conversations(facts)])
        for notice in _newest_notices(facts):
            await self._notify_audience(notice)
        outages = [fact.event for fact in facts if isinstance(fact.event, Outage)]
        await self._notify(await self._of_outages(outages))
        await self._notify(await self._of_openings(facts))
        await self._notify(await self._of_requests(facts))

    async def housekeeping(self) -> None:
        """Alert stations of matches that wait too long, and remind workers of interviews."""
        now = self._clock.now()
        await self._alert_stations(now)
        async for matches in matches_to_remind(self._elastic, now):
            await self._notify(rules.interview_reminder(each) for each in matches)
        async for ended in ended_requests(self._elastic, now, day_of(now, self._hours.zone)):
            await self._notify(await self._to_reachable(ended))

    async def _alert_stations(self, now: datetime) -> None:
        """Alert each open station, once a day, of the match that has waited longest in its queue.

        Only opening hours count. At night and on holidays nobody is alerted.
        """
        found = await self._overlong(now)
        longest = max((each.waited.total_seconds() for each in found), default=0.0)
        OLDEST_PENDING.labels(self.name, RecipientKind.STATION.value).set(longest)
        day = day_of(now, self._hours.zone)
        await self._notify(
            rules.waiting_alert(each.station_id, each.match_id, each.opening_id, day, now)
            for each in found
            if is_open(now, each.schedule)
        )

    async def _overlong(self, now: datetime) -> list[Waiting]:
        """Return the matches that have waited too long, one a station."""
        # Opening hours never pass faster than the clock, so no later match is due.
        since = now - self._waiting_alert
        hits = await retry_transient(
            "notify.waiting", lambda: longest_waiting(self._elastic, since)
        )
        if not hits:
            return []
        stations = {each.id: each for each in await self._stations.all()}
        return overlong(hits, stations, self._hours, now, self._waiting_alert)

    async def _of_matches(self, matches: Sequence[Match]) -> list[Notification]:
        """Return the notifications of these matches: step 1."""
        if not matches:
            return []
        employers = await self._employers_of(matches)
        referrals = await self._referrals(matches, employers)
        webhooks = await self._webhooks.of({each for each in employers.values() if each})
        people = await self._renewed.notifications_for(matches)
        return [
            *referrals,
            *people,
            *(
                notification
                for match in matches
                for notification in rules.webhook_notifications(
                    match, webhooks, employers.get(match.opening_id)
                )
            ),
        ]

    async def _referrals(
        self, matches: Sequence[Match], employers: Mapping[str, str | None]
    ) -> list[Notification]:
        """Return the notifications of referrals and interviews to employers that have a contact."""
        owned = [(each, employers.get(each.opening_id)) for each in matches]
        news = [
            (employer, told)
            for match, employer in owned
            if employer is not None
            for told in (rules.referral(match, employer), rules.interview_news(match, employer))
            if told is not None
        ]
        return await self._to_reachable(news)

    async def _of_outages(self, outages: Sequence[Outage]) -> list[Notification]:
        """Return the notifications of these outages to the owners that have a contact."""
        if not outages:
            return []
        owners = await self._contacts.owners_of(each.webhook_id for each in outages)
        reachable = await self._contacts.reachable(set(owners.values()))
        return [
            rules.webhook_disabled(each, owners[each.webhook_id])
            for each in outages
            if owners.get(each.webhook_id) in reachable
        ]

    async def _of_openings(self, facts: Sequence[Fact[Any]]) -> list[Notification]:
        """Return the notifications of these openings to the employers that have a contact."""
        by_employer: dict[str, list[Notification]] = {}
        for fact in facts:
            if isinstance(fact.event, Opening):
                news = list(rules.opening_news(fact.event, fact.version, fact.origin.at))
                if news:
                    by_employer.setdefault(fact.event.hiring_organization.id, []).extend(news)
        reachable = await self._contacts.reachable(by_employer.keys())
        return [
            each for employer, news in by_employer.items() if employer in reachable for each in news
        ]

    async def _of_requests(self, facts: Sequence[Fact[Any]]) -> list[Notification]:
        """Return the notifications of these requests for candidates, and of their answers."""
        requests = [fact.event for fact in facts if isinstance(fact.event, CandidateRequest)]
        news = [(each.employer_id, told) for each in requests for told in request_news(each)]
        to_stations = [
            told for _, told in news if told.recipient.kind is not RecipientKind.EMPLOYER
        ]
        to_employers = [each for each in news if each[1].recipient.kind is RecipientKind.EMPLOYER]
        return [*to_stations, *await self._to_reachable(to_employers)]

    async def _to_reachable(self, news: Sequence[tuple[str, Notification]]) -> list[Notification]:
        """Return the notifications to those of these employers that have a contact."""
        reachable = await self._contacts.reachable({employer for employer, _ in news})
        return [told for employer, told in news if employer in reachable]

    async def _employers_of(self, matches: Sequence[Match]) -> Mapping[str, str | None]:
        """Return the employers by opening; those that the matches do not name are looked up."""
        named = {
            match.opening_id: match.about.employer_id
            for match in matches
            if match.about is not None and match.about.employer_id
        }
        openings = {match.opening_id for match in matches} - named.keys()
        if not openings:
            return named
        found = await retry_transient("notify.employers", lambda: self._employers.newest(openings))
        return named | {id: each.value for id, each in found.items()}

    async def _notify_audience(self, notice: Notice) -> None:
        """Notify the audience of a notice: step 3."""
        async for recipients in self._audiences.of(notice):
            if await self._withdrawn(notice):
                return
            await self._notify(notice_notification(notice, each) for each in recipients)

    async def _withdrawn(self, notice: Notice) -> bool:
        key = (NOTICES.name, notice.id)
        found = await retry_transient(
            "notify.notice", lambda: self._elastic.mget([key], ("erased",))
        )
        return bool(found.get(key, {}).get("erased"))

    async def _notify(self, due: Iterable[Notification]) -> None:
        """Publish the notifications that are new and still of use, and write them: step 2."""
        await self._new.notify(due)


def _of_conversations(facts: Sequence[Fact[Any]]) -> list[Notification]:
    """Return the notifications of the stations' messages in a batch."""
    messages = (fact.event for fact in facts if isinstance(fact.event, ConversationMessage))
    due = (message_notification(each) for each in messages)
    return [each for each in due if each is not None]


def _newest_notices(facts: Sequence[Fact[Any]]) -> list[Notice]:
    """Return the newest version of each notice in a batch; withdrawn ones left out."""
    newest = {fact.key: fact.event for fact in facts if fact.origin.topic == NOTICES}
    return [each for each in newest.values() if each is not None]
