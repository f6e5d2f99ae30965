"""An employer is notified on its channel that a webhook was disabled, once, also after a kill.

API, index and notify run as processes on a Kafka and an Elasticsearch used by this module alone.
The deliver stage runs in process with a clock that is moved over the days. The webhook and the
channel's service are real receivers over HTTP.
"""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest

from roost import ids
from roost.contact.address_codes import address_code
from roost.events.account import AccountRole
from roost.events.envelope import record, value_of
from roost.events.match import MatchState
from roost.events.notification import (
    DeliveryStatus,
    Notification,
    NotificationKind,
    Recipient,
    RecipientKind,
)
from roost.events.preferences import ChannelKind
from roost.events.profile import Channel
from roost.events.webhook import Outage
from roost.kafka.sender import Sender
from roost.security.county_key import county_key
from roost.settings import Settings
from roost.topics import NOTIFICATIONS, OUTAGES
from roost.views.elastic import Elastic
from streams.deliver.channels import AppriseSink
from streams.deliver.deliver_stage import DeliverStage
from streams.deliver.delivery_rules import DeliveryRules
from streams.deliver.message_texts import MessageWriter
from streams.deliver.outages import Outages
from streams.deliver.outbox import Outbox
from streams.deliver.timing import CountyDefaults
from streams.deliver.webhooks import WebhookLookup, WebhookSink
from streams.notify.notify_stage import SOURCE
from streams.queue.match_projection import match_write
from streams.stages import outbox_path
from streams.views.foreign_records import ForeignRecords
from streams.views.notification_projection import project_notifications
from tests.made import a_match
from tests.stack.delivering import DAY, ZONE, World, facts
from tests.stack.serving import Serving, headers_for, served
from tests.stack.stages import running
from tests.stack.told import WAIT, records_of
from tests.stack.waiting import until

pytestmark = [pytest.mark.stack, pytest.mark.random_order(disabled=True)]
"""The tests follow one employer: its contact, its first decision, its first referral."""
EMPLOYER, ACCOUNT = "contact-test", "hr-office"
WECOM, WEBHOOK = ChannelKind.WECOM, ChannelKind.WEBHOOK


@dataclass
class Receiver:
    """A server that records what it receives and answers with a status."""

    status: int = 200
    received: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    url: str = ""

    def handler(self) -> type[BaseHTTPRequestHandler]:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length", "0")))
                receiver.received.append((self.headers.get("webhook-id", ""), json.loads(body)))
                self.send_response(receiver.status)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                pass

        return Handler


@pytest.fixture
def receivers() -> Iterator[tuple[Receiver, Receiver]]:
    """The employer's webhook, which fails, and the service of its channel."""
    pair = Receiver(503), Receiver(200)
    servers = [ThreadingHTTPServer(("127.0.0.1", 0), each.handler()) for each in pair]
    for each, server in zip(pair, servers, strict=True):
        each.url = f"127.0.0.1:{server.server_address[1]}"
        threading.Thread(target=server.serve_forever, daemon=True).start()
    yield pair
    for server in servers:
        server.shutdown()


@pytest.fixture(scope="module")
def settings(own_settings: Settings) -> Settings:
    return own_settings.model_copy(update={"webhooks_may_be_private": True})


@pytest.fixture(scope="module")
def serving(settings: Settings) -> Iterator[Serving]:
    with running(settings, "index", "notify"), served(settings) as serving:
        yield serving


@pytest.fixture
async def world(settings: Settings, elastic: Elastic) -> AsyncIterator[World]:
    async with Sender(settings.bootstrap_servers) as sender:
        yield World(elastic, sender, settings)


@asynccontextmanager
async def deliverer(world: World, service: Receiver) -> AsyncIterator[DeliverStage]:
    """Run a deliver stage with the moved clock, whose channels all go to one service."""
    key, settings = county_key(world.settings), world.settings
    rules = DeliveryRules(CountyDefaults(ZONE, None, timedelta(0)), 20, DAY, frozenset())
    template = f"json://{service.url}/{{address}}"
    hooks = WebhookSink(WebhookLookup(world.elastic), key, may_be_private=True)
    stage = DeliverStage(
        world.elastic,
        world.ledger,
        world.clock,
        {kind: AppriseSink(template, kind, knows_ids=True) for kind in ChannelKind},
        hooks,
        MessageWriter("https://jobs.example", key, None, ZONE),
        rules,
        {},
        Outbox(outbox_path(settings)),
        ForeignRecords(world.elastic, NOTIFICATIONS, SOURCE, project_notifications),
        Outages(world.elastic, world.sender, world.clock),
    )
    async with stage.running():
        yield stage
    await hooks.aclose()


async def notifications_of(world: World, recipient: str) -> list[Notification]:
    """Return the notifications to a recipient that the view shows."""
    await world.elastic.refresh("notifications")
    query = {"query": {"term": {"recipient_id": recipient}}, "size": 10}
    page = await world.elastic.search("notifications", query)
    return [Notification.from_stored(hit.source["fact"]) for hit in page.hits]


async def confirmed_contact(
    own: httpx.AsyncClient, world: World, service: Receiver, stage: DeliverStage
) -> str:
    """Enter the employer's channel and confirm it by the code that arrives; return its record."""
    where = f"/v1/employers/{EMPLOYER}/contact"
    content = {"channels": [{"kind": "wecom", "address": ACCOUNT}], "language": "en"}
    assert (await own.put(where, json=content, headers=WAIT)).status_code == 201
    sent = await own.post(f"{where}/channels/wecom/code")
    assert sent.status_code == 202, sent.text
    id = (await own.get(where)).json()["id"]
    [asked] = [
        Notification.from_stored(each)
        for each in records_of(world.settings, NOTIFICATIONS, id)
        if each is not None
    ]
    world.clock.moment = asked.caused_at  # codes are of use for ten minutes
    await stage.handle(facts(asked))
    await until("the code has arrived", lambda: _arrived(service, 1))
    channel = Channel(kind=WECOM, address=ACCOUNT, confirmed=False)
    code = address_code(county_key(world.settings), id, channel, asked.caused_at)
    assert code in service.received[0][1]["message"]
    typed = await own.post(f"{where}/channels/wecom/confirm", json={"code": code}, headers=WAIT)
    assert typed.status_code == 200, typed.text
    return str(id)


async def known_contact(
    own: httpx.AsyncClient, world: World, service: Receiver, stage: DeliverStage
) -> str:
    """Return the id of the employer's confirmed contact, entered now if it is not stored yet."""
    await until("the key is known", lambda: _is_known(own))
    where = f"/v1/employers/{EMPLOYER}/contact"
    if (await own.get(where)).status_code == 404:
        await confirmed_contact(own, world, service, stage)
    return str((await own.get(where)).json()["id"])


async def _arrived(service: Receiver, count: int) -> bool:
    return len(service.received) >= count


async def test_a_webhook_that_fails_for_days_is_told_once_on_the_employers_channel(
    serving: Serving, world: World, receivers: tuple[Receiver, Receiver]
) -> None:
    hook_receiver, service = receivers
    headers = headers_for(world.settings, AccountRole.EMPLOYER, employer_id=EMPLOYER)
    async with (
        httpx.AsyncClient(base_url=serving.url, headers=headers, timeout=60) as own,
        deliverer(world, service) as stage,
    ):
        await until("the key is known", lambda: _is_known(own))
        owner = await confirmed_contact(own, world, service, stage)
        content = {"url": f"http://{hook_receiver.url}/roost", "employerId": EMPLOYER}
        made = await own.post("/v1/webhooks", json=content, headers=WAIT)
        assert made.status_code == 201, made.text
        hook = made.json()["id"]

        about = await failing_message(world, hook)
        await stage.handle(facts(about))
        await until_disabled(world, about, stage)
        [told] = await until("notified", lambda: notifications_of_kind(world, owner))
        assert (told.webhook_id, told.version) == (hook, 1)
        await stage.handle(facts(told))
        await until("the message has arrived", lambda: _arrived(service, 2))
        id, message = service.received[1]
        assert id == told.id
        assert message["title"] == "Webhook disabled: 127.0.0.1"
        assert "503" in message["message"]

        # The outage arrives again, as after a kill of the notify stage, and so does the message.
        outage = (await asyncio.to_thread(records_of, world.settings, OUTAGES, hook))[-1]
        again = record(Outage.from_stored(outage), hook, source="/test", at=world.clock.now())
        await world.sender.publish([again, again])
        marker = Outage.from_stored(outage | {"enabling": 2})
        await world.sender.publish([record(marker, hook, source="/test", at=world.clock.now())])

        async def both() -> list[Notification]:
            found = await notifications_of_kind(world, owner)
            return found if len(found) >= 2 else []

        found = await until("the marker has passed the stage", both)
        assert sorted(each.version for each in found) == [1, 2]

    async with deliverer(world, service) as second:
        await second.handle(facts(told, told))
        [later] = [each for each in found if each.version == 2]
        await second.handle(facts(later))  # the webhook was never switched on: not true, not sent
        row = await world.row(later, ChannelKind.INBOX)
        assert row.status is DeliveryStatus.SUPPRESSED
    assert len(service.received) == 2
    published = records_of(world.settings, NOTIFICATIONS, owner)
    of_outages = [each["id"] for each in published if each and "webhookId" in each]
    assert sorted(of_outages) == sorted({each.id for each in found})


async def test_an_employer_is_told_that_its_opening_was_approved_and_the_next_one_refused(
    serving: Serving, world: World, receivers: tuple[Receiver, Receiver]
) -> None:
    _, service = receivers
    headers = headers_for(world.settings, AccountRole.EMPLOYER, employer_id=EMPLOYER)
    admin = httpx.AsyncClient(base_url=serving.url, headers=serving.headers, timeout=60)
    own = httpx.AsyncClient(base_url=serving.url, headers=headers, timeout=60)
    async with admin, own, deliverer(world, service) as stage:
        owner = await known_contact(own, world, service, stage)
        posted = []
        for number in ("1", "2"):
            content = {
                "identifier": f"decided-{number}",
                "hiringOrganization": {"id": EMPLOYER, "name": "示例公司"},
                "title": "砌筑工",
                "jobLocation": {"name": "大同市"},
            }
            made = await own.post("/v1/openings", json=content, headers=WAIT)
            assert made.status_code == 201, made.text
            posted.append(made.json()["id"])
        refusal = await admin.post(f"/v1/openings/{posted[1]}/close", headers=WAIT)
        assert refusal.status_code == 200, refusal.text
        approval = await admin.post(f"/v1/openings/{posted[0]}/approve", headers=WAIT)
        assert approval.status_code == 200, approval.text

        async def both() -> list[Notification]:
            about = {NotificationKind.OPENING_APPROVED, NotificationKind.OPENING_REFUSED}
            found = [each for each in await notifications_of(world, owner) if each.kind in about]
            return found if len(found) >= 2 else []

        decided = await until("both decisions are notified", both)
        assert {(each.kind, each.opening_id) for each in decided} == {
            (NotificationKind.OPENING_APPROVED, posted[0]),
            (NotificationKind.OPENING_REFUSED, posted[1]),
        }
        world.clock.moment = max(each.caused_at for each in decided)
        for number, each in enumerate(decided, len(service.received) + 1):
            await stage.handle(facts(each))
            await until("the message has arrived", partial(_arrived, service, number))
        titles = [message["title"] for _, message in service.received[-2:]]
        assert sorted(titles) == ["Opening approved: 砌筑工", "Opening not approved: 砌筑工"]


async def _is_known(own: httpx.AsyncClient) -> bool:
    return (await own.get("/v1/me")).status_code == 200


async def notifications_of_kind(world: World, owner: str) -> list[Notification]:
    found = await notifications_of(world, owner)
    return [each for each in found if each.kind is NotificationKind.WEBHOOK_DISABLED]


async def failing_message(world: World, hook: str) -> Notification:
    """Return a message to the webhook, about an opening that the views know."""
    opening = ids.opening_id("contact", "1")
    said = {
        "title": "砌筑工",
        "hiringOrganization": {"id": EMPLOYER, "name": "示例公司"},
        "jobLocation": {"name": "大同市"},
    }
    await world.put("openings", opening, said)
    return Notification(
        id=ids.notification_id(hook, opening, "opening_closed", 1),
        recipient=Recipient(kind=RecipientKind.WEBHOOK, id=hook),
        kind=NotificationKind.OPENING_CLOSED,
        opening_id=opening,
        version=1,
        caused_at=world.clock.now(),
    )


async def until_disabled(world: World, about: Notification, stage: DeliverStage) -> None:
    """Move the clock from attempt to attempt until the webhook is disabled."""
    hook, attempts = about.recipient.id, 0

    async def tried() -> bool:
        row = await world.row(about, WEBHOOK)
        settled = row.status in {DeliveryStatus.WAITING, DeliveryStatus.FAILED}
        return settled and row.attempts > attempts

    while True:
        await until(f"attempt {attempts + 1}", tried)
        row = await world.row(about, WEBHOOK)
        if row.status is DeliveryStatus.FAILED:
            break
        attempts, world.clock.moment = row.attempts, row.due_at
        await world.elastic.refresh("deliveries")
        await stage.poll()
    await until("the outage is published", lambda: _published(world, hook))
    assert world.clock.now() - about.caused_at >= timedelta(days=3)


async def _published(world: World, hook: str) -> bool:
    return bool(await asyncio.to_thread(records_of, world.settings, OUTAGES, hook))


async def test_an_employer_is_told_of_a_referral_without_the_candidate(
    serving: Serving, world: World, receivers: tuple[Receiver, Receiver]
) -> None:
    _, service = receivers
    headers = headers_for(world.settings, AccountRole.EMPLOYER, employer_id=EMPLOYER)
    admin = httpx.AsyncClient(base_url=serving.url, headers=serving.headers, timeout=60)
    own = httpx.AsyncClient(base_url=serving.url, headers=headers, timeout=60)
    async with admin, own, deliverer(world, service) as stage:
        owner = await known_contact(own, world, service, stage)
        content = {
            "identifier": "referred",
            "hiringOrganization": {"id": EMPLOYER, "name": "示例公司"},
            "title": "电焊工",
            "jobLocation": {"name": "大同市"},
        }
        posted = await admin.post("/v1/openings", json=content, headers=WAIT)
        assert posted.status_code == 201, posted.text
        at = world.clock.now()
        made = a_match(posted.json()["id"], ids.worker_id("contact", "1"), at).model_copy(
            update={"state": MatchState.REFERRED, "referred_at": at, "assigned_to": "li"}
        )
        put = record(made, made.id, source="/test", at=at)
        await world.elastic.write([match_write(made, value_of(put), 1)], refresh=True)
        await world.sender.publish([put, put])

        async def referred() -> list[Notification]:
            wanted = NotificationKind.CANDIDATE_REFERRED
            return [each for each in await notifications_of(world, owner) if each.kind is wanted]

        [told] = await until("the referral is notified", referred)
        number = len(service.received) + 1
        await stage.handle(facts(told, told))
        await until("the message has arrived", partial(_arrived, service, number))
        assert service.received[-1][1]["title"] == "Candidate referred: 电焊工"
        assert made.worker_id not in str(service.received[-1])


async def test_the_station_of_the_first_opening_keeps_the_contact(
    serving: Serving, settings: Settings
) -> None:
    """Another station that posts in the employer's name neither reads nor changes it."""
    employer, places = "kept-test", {"first": "大同市", "later": "长治市"}
    async with httpx.AsyncClient(
        base_url=serving.url, headers=serving.headers, timeout=60
    ) as admin:
        for name, place in places.items():
            station = {"identifier": name, "name": name, "place": {"name": place}}
            where = f"/v1/stations/{ids.station_id(name)}"
            made = await admin.put(where, json=station | {"serves": [place]}, headers=WAIT)
            assert made.status_code == 200, made.text
            opening = {
                "identifier": f"{employer}-{name}",
                "hiringOrganization": {"id": employer, "name": employer},
                "title": "电焊工",
                "jobLocation": {"name": place},
            }
            posted = await admin.post("/v1/openings", json=opening, headers=WAIT)
            assert posted.status_code == 201, posted.text
    first, later = (
        headers_for(settings, AccountRole.CLERK, station_ids=(ids.station_id(name),))
        for name in places
    )
    contact = f"/v1/employers/{employer}/contact"
    content = {"channels": [{"kind": "email", "address": "hr@example.com"}]}
    async with httpx.AsyncClient(base_url=serving.url, timeout=60) as clerk:
        for headers in (first, later):
            clerk.headers.update(headers)
            await until("the key is known", lambda: _is_known(clerk))
        assert (await clerk.put(contact, json=content, headers=later)).status_code == 409
        put = await clerk.put(contact, json=content, headers=first | WAIT)
        assert put.status_code == 201, put.text
        shown = (await clerk.get(contact, headers=later)).json()
        assert (shown["masked"], shown["channels"][0]["address"]) == (True, "h***@example.com")
        assert (await clerk.delete(contact, headers=later)).status_code == 409
        kept = (await clerk.get(contact, headers=first)).json()
        assert kept["channels"][0]["address"] == "hr@example.com"
