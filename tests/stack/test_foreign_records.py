"""The views of real stages hold the records of every producer, as a rebuild would."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from producers import facts
from producers.publisher import Publisher
from roost import ids
from roost.events.envelope import record
from roost.events.notification import Notification, NotificationKind, Recipient, RecipientKind
from roost.events.preferences import ChannelKind
from roost.places.gazetteer import gazetteer
from roost.settings import Settings
from roost.topics import MATCHES, NOTIFICATIONS
from roost.views.elastic import Elastic
from streams.index.entity_projection import EntityProjection
from streams.maintenance.rebuild import rebuild
from streams.views.model_files import installed_model
from tests.made import a_match
from tests.stack.test_pipeline import different, opening, profile, snapshot
from tests.stack.waiting import all_processed, undisturbed

pytestmark = [pytest.mark.stack, pytest.mark.usefixtures("stages")]


async def test_the_views_are_the_same_live_and_rebuilt_whoever_published(
    publisher: Publisher, elastic: Elastic, settings: Settings
) -> None:
    now = datetime.now(UTC)
    worker, worker_record = profile("foreign")
    posted, opening_record = opening("foreign", licencesRequired=["别处的操作证"])
    recipient = Recipient(kind=RecipientKind.WORKER, id=worker.id)
    match = a_match(posted.id, worker.id, now)
    told = Notification(
        id=ids.notification_id(worker.id, match.id, NotificationKind.NEW_MATCH.value, 1),
        recipient=recipient,
        kind=NotificationKind.NEW_MATCH,
        opening_id=posted.id,
        match_id=match.id,
        version=1,
        caused_at=now,
    )
    code = facts.address_code_asked(recipient, ChannelKind.SMS, "foreign", at=now)
    publisher.publish([worker_record, opening_record])
    await all_processed(settings)
    publisher.publish(
        [
            record(match, match.id, source="/partner", at=now),
            record(told, worker.id, source="/partner", at=now),
            code,
        ]
    )
    await all_processed(settings)
    query = {"term": {"recipient_id": worker.id}}
    await elastic.refresh(NOTIFICATIONS.name)
    assert await elastic.count(NOTIFICATIONS.name, query) >= 2
    assert await elastic.get(MATCHES.name, match.id) is not None
    project = EntityProjection(installed_model(settings), gazetteer())

    async def rebuilt() -> list[object]:
        before = await snapshot(elastic)
        await rebuild(elastic, settings.bootstrap_servers, project)
        return different(before, await snapshot(elastic))

    assert await undisturbed(settings, rebuilt) == []
