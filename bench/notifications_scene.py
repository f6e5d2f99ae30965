"""Recipients and notifications of the delivery bench.

Documents go straight into the views, as the earlier stages would write them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar

from bench.measuring import now
from producers import facts, simulator, webhook_facts
from roost import ids
from roost.events.envelope import Record, record, value_of
from roost.events.match import Match, MatchState, Reason
from roost.events.notification import Notification, NotificationKind, Recipient, RecipientKind
from roost.events.opening import Opening
from roost.events.preferences import ChannelKind, Preferences
from roost.events.profile import Channel, Profile
from roost.events.webhook import Webhook, WebhookContent
from roost.kafka.incoming import Incoming, decode_fact
from roost.places.gazetteer import gazetteer
from roost.settings import Settings
from roost.views.elastic import Elastic
from streams.index.entity_projection import EntityProjection
from streams.queue.match_projection import match_write
from streams.views.model_files import installed_model

OPENINGS = 300
WEBHOOKS = 4
CHUNK = 500
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Scene:
    """Recipients and matches; each match causes one notification."""

    workers: Sequence[Profile]
    webhooks: Sequence[Webhook]
    matches: Sequence[Match]


def scene(count: int, sink: str) -> tuple[Scene, list[Record]]:
    openings = [
        facts.opening_posted(each, at=now(), today=now().date(), source="bench")
        for each in simulator.openings(OPENINGS)
    ]
    workers = [facts.profile_put(reachable(each), at=now()) for each in simulator.profiles(count)]
    content = WebhookContent.model_validate({"url": f"{sink}/hook"})
    webhooks = [
        webhook_facts.webhook_put(content, None, at=now(), may_be_private=True)
        for _ in range(WEBHOOKS)
    ]
    matches = [
        match_of(openings[number % OPENINGS][0], worker)
        for number, (worker, _) in enumerate(workers)
    ]
    made = Scene([each for each, _ in workers], [each for each, _ in webhooks], matches)
    return made, [out for _, out in (*openings, *workers, *webhooks)]


def reachable(content: facts.ProfileContent) -> facts.ProfileContent:
    address = f"199{int((content.identifier or '-0').rpartition('-')[2]):08d}"
    sms = Channel(kind=ChannelKind.SMS, address=address)
    preferences = Preferences.model_validate({"language": "zh"})
    return content.model_copy(
        update={
            "channels": (Channel(kind=ChannelKind.INBOX), sms),
            "preferences": preferences,
        }
    )


def match_of(opening: Opening, worker: Profile) -> Match:
    reasons = [("skills", "技能相符"), ("distance", "离家 12 公里"), ("wage", "工资高于期望")]
    return Match.model_validate(
        {
            "id": ids.match_id(opening.id, worker.id),
            "opening_id": opening.id,
            "worker_id": worker.id,
            "state": MatchState.PROPOSED,
            "revision": 1,
            "score": 71.5,
            "worker_side": 0.7,
            "employer_side": 0.7,
            "reasons": [Reason(part=part, points=20, en=zh, zh=zh) for part, zh in reasons],
            "opening_version": 1,
            "profile_version": 1,
            "model": "bench",
            "proposed_at": now(),
            "changed_at": now(),
            "caused_at": now(),
        }
    )


async def put(settings: Settings, made: Scene, records: Sequence[Record]) -> None:
    """Write the documents that the index and queue stages would have written."""
    project = EntityProjection(installed_model(settings), gazetteer())
    elastic = Elastic(settings.elasticsearch_url)
    try:
        for chunk in chunks(records):
            await elastic.write(project([decode_fact(incoming(each)) for each in chunk]))
        for some in chunks(made.matches):
            await elastic.write([match_write(each, each.to_json(), 1) for each in some])
        await elastic.refresh("profiles", "openings", "webhooks", "matches")
    finally:
        await elastic.close()


def incoming(out: Record) -> Incoming:
    return Incoming(out.topic, out.partition, 0, out.key.encode(), value_of(out), now())


def chunks(items: Sequence[T]) -> Iterator[list[T]]:
    rest = iter(items)
    while chunk := list(islice(rest, CHUNK)):
        yield chunk


def notification_records(made: Scene, way: ChannelKind, numbers: range) -> list[Record]:
    return [one(made, way, number) for number in numbers]


def one(made: Scene, way: ChannelKind, number: int) -> Record:
    match, webhook = made.matches[number], made.webhooks[number % len(made.webhooks)]
    recipient = Recipient(kind=RecipientKind.WORKER, id=match.worker_id)
    if way is ChannelKind.WEBHOOK:
        recipient = Recipient(kind=RecipientKind.WEBHOOK, id=webhook.id)
    kind = NotificationKind.NEW_MATCH
    notification = Notification(
        id=ids.notification_id(recipient.id, match.id, kind.value, 1),
        recipient=recipient,
        kind=kind,
        opening_id=match.opening_id,
        match_id=match.id,
        version=1,
        caused_at=now(),
    )
    return record(notification, recipient.id, source="/bench", at=now())
