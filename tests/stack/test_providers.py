"""The deliver stage with a simulated provider, on a separate Kafka and Elasticsearch."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path
from threading import Thread
from urllib.parse import quote

import pytest

from api.access.principal import Principal
from api.health.cost_figures import count_message_costs
from api.provider_reports.posted_reports import DeliveryReport, aliyun_call, aliyun_report
from api.provider_reports.schemas import AliyunCall, AliyunReport
from api.provider_reports.service import note_reports
from deploy.simulators.aliyun_server import AliyunSmsServer, AliyunVoiceServer
from deploy.simulators.provider_server import ProviderServer
from deploy.simulators.wechat_server import WeChatServer
from roost import ids
from roost.errors import Transient
from roost.events.account import AccountRole
from roost.events.envelope import Record
from roost.events.notification import DeliveryStatus, Hold, Notification
from roost.events.preferences import ChannelKind
from roost.events.receipt import Receipt
from roost.kafka.ports import Position
from roost.kafka.sender import Sender
from roost.message_cost_settings import CostCap
from roost.settings import Settings
from roost.time.leases import UNBOUNDED
from roost.views.elastic import Elastic
from roost.wording import Message
from streams.deliver.delivery_errors import Sink
from streams.deliver.message_costs import CostRules
from streams.deliver.providers.provider_sinks import provider_sink
from tests.stack.delivering import DAY, EMAIL, NOON, SMS, ZONE, World, facts
from tests.unit.api.services import services_with

pytestmark = pytest.mark.stack
S = DeliveryStatus
PRICE = 45
VOICE, WECOM = ChannelKind.VOICE, ChannelKind.WECOM
IDS = {"aliyun-voice": "TTS_1"}
STATION = ids.station_id("costs")
ADMIN = Principal(id="k-1", role=AccountRole.ADMIN, name="ops")


@pytest.fixture(scope="module")
def settings(own_settings: Settings) -> Settings:
    return own_settings


@pytest.fixture
async def world(settings: Settings, elastic: Elastic) -> AsyncIterator[World]:
    async with Sender(settings.bootstrap_servers) as sender:
        made = World(elastic, sender, settings)
        yield made
        await made.end_all()


@pytest.fixture
def server(world: World) -> Iterator[AliyunSmsServer]:
    with AliyunSmsServer(0, "key", "secret", now=world.clock.now) as made:
        Thread(target=made.serve_forever, daemon=True).start()
        yield made
        made.shutdown()


def sink_at(
    server: ProviderServer, kind: ChannelKind, world: World, file: Path, scheme: str, options: str
) -> Sink:
    text = {"id": "SMS_1", "text": "新岗位${title}", "values": {"title": "opening.title"}}
    file.write_text(
        json.dumps({"new_match": {"zh": text | {"id": IDS.get(scheme, "SMS_1")}}}), encoding="utf-8"
    )
    where = f"127.0.0.1:{server.server_port}"
    url = f"{scheme}://key:secret@{where}/?{options}plain=yes"
    found = provider_sink(kind, url.replace("FILE", quote(str(file))), world.clock)
    assert found is not None
    return found


@pytest.fixture
def sink(server: AliyunSmsServer, world: World, tmp_path: Path) -> Sink:
    file = tmp_path / "sms.json"
    return sink_at(server, SMS, world, file, "aliyun-sms", "sign=x&templates=FILE&")


class Published:
    """A publisher that keeps the receipts."""

    def __init__(self) -> None:
        self.receipts: list[Receipt] = []

    async def publish(self, records: Sequence[Record]) -> list[Position]:
        self.receipts += [Receipt.model_validate_json(each.value or b"") for each in records]
        return [Position(each.topic.name, 0, 0) for each in records]


async def reported(world: World, content: dict[str, object]) -> list[Receipt]:
    """Return the receipts that the API publishes for a report of the provider."""
    return await noted(world, aliyun_report(AliyunReport.model_validate(content)))


async def noted(world: World, report: DeliveryReport) -> list[Receipt]:
    published = Published()
    given = services_with(elastic=world.elastic, publisher=published, clock=world.clock)
    await note_reports(given, [report])
    return published.receipts


async def news(world: World, digits: str, station: str = "") -> Notification:
    """Return news of a match to a new worker with a telephone and a mailbox."""
    worker = await world.worker(f"+861380013{digits}", SMS, EMAIL)
    one = await world.news(worker, digits)
    if station:
        match = {"score": 80.0, "reasons": [], "state": "proposed"}
        columns = {"active": True, "station_id": station}
        await world.put("matches", str(one.match_id), match, **columns)
    return one


async def test_a_report_changes_the_delivery_and_a_failure_goes_on_by_the_next_channel(
    world: World, server: AliyunSmsServer, sink: Sink
) -> None:
    good, bad = await news(world, "8001"), await news(world, "8002")
    async with world.stage(own={SMS: sink}) as stage:
        await stage.handle(facts(good, bad))
        await world.quiet()
        sent = {message.out_id: message for message in server.messages}
        assert set(sent) == {good.id, bad.id}
        assert (await world.row(good)).answers[0].reference == sent[good.id].reference
        stamp = "2026-11-23 12:00:01"
        delivered = {"biz_id": sent[good.id].reference, "success": True, "report_time": stamp}
        failed = {"biz_id": "?", "out_id": bad.id, "success": False, "err_code": "MK:0001"}
        for _ in range(2):
            receipts = await reported(world, delivered) + await reported(world, failed)
            await stage.handle(facts(*receipts))
        await world.quiet()
    row = await world.row(good)
    assert row.status is S.SENT
    assert row.delivered_at is not None
    assert (await world.row(bad)).status is S.FAILED
    assert (await world.row(bad, EMAIL)).status is S.SENT
    assert len(server.messages) == 2
    with pytest.raises(Transient):
        await reported(world, {"biz_id": "unknown", "success": True, "report_time": stamp})


async def test_a_send_that_a_kill_interrupted_is_looked_up_at_the_provider(
    world: World, server: AliyunSmsServer, sink: Sink
) -> None:
    one = await news(world, "8003")
    message = Message(one.id, "新岗位", "", kind="new_match", values={"opening.title": "8003"})
    await sink.send(message, one.recipient.id, "+8613800138003", NOON, UNBOUNDED)
    await world.interrupted(one, message_id=one.id)
    async with world.stage(own={SMS: sink}, parks=frozenset({SMS})) as stage:
        await world.look(stage)
        await world.look(stage)
    assert (await world.row(one)).status is S.SENT
    assert len(server.messages) == 1


async def test_a_call_that_nobody_answers_goes_on_by_text_at_once(
    world: World, tmp_path: Path
) -> None:
    with AliyunVoiceServer(0, "key", "secret", now=world.clock.now) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        file = tmp_path / "calls.json"
        call = sink_at(server, VOICE, world, file, "aliyun-voice", "templates=FILE&")
        worker = await world.worker("+8613800138301", VOICE, SMS)
        one = await world.news(worker, "8301")
        async with world.stage(own={VOICE: call}) as stage:
            await stage.handle(facts(one))
            await world.quiet()
            (made,) = server.messages
            assert (await world.row(one, VOICE)).status is S.SENT
            posted = {"call_id": made.reference, "out_id": one.id, "status_code": "200005"}
            receipts = await noted(world, aliyun_call(AliyunCall.model_validate(posted)))
            await stage.handle(facts(*receipts))
            await world.look(stage)
        server.shutdown()
    assert (await world.row(one, VOICE)).status is S.FAILED
    assert (await world.row(one, SMS)).status is S.SENT
    assert len(server.messages) == 1


async def test_a_member_of_wecom_is_written_to(world: World, tmp_path: Path) -> None:
    with WeChatServer(0, "key", "secret", now=world.clock.now) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        app = sink_at(server, WECOM, world, tmp_path / "none.json", "wecom-app", "agent=1&")
        one = await world.news(await world.worker("li.na", WECOM), "8401")
        async with world.stage(own={WECOM: app}) as stage:
            await stage.handle(facts(one))
            await world.quiet()
        server.shutdown()
    row = await world.row(one, WECOM)
    assert row.status is S.SENT
    assert row.answers[0].reference == server.messages[0].reference
    assert "8401" in server.messages[0].values["text"]


async def test_costs_are_capped_by_county_and_station_and_shown(
    world: World, server: AliyunSmsServer, sink: Sink
) -> None:
    told = [await news(world, f"81{number:02d}", STATION) for number in range(3)]
    told += [await news(world, f"82{number:02d}") for number in range(3)]
    caps = {CostCap.DAY: 3 * PRICE, CostCap.STATION_DAY: 2 * PRICE}
    costs = CostRules(ZONE, {SMS: PRICE}, caps)
    async with world.stage(own={SMS: sink}, costs=costs) as stage:
        await stage.handle(facts(*told))
        await world.quiet()
        rows = await world.rows(*told)
        held = [row for row in rows if row.held_by is Hold.BUDGET]
        assert [row.status for row in rows].count(S.SENT) == len(server.messages) == 3
        assert len(held) == 3
        of_station = [row for row in rows if row.station_id == STATION and row.status is S.SENT]
        assert 1 <= len(of_station) <= 2
        await world.elastic.refresh("deliveries")
        prices = {"sms": PRICE / 10}
        shown = services_with(
            settings=Settings(message_prices_fen=prices), elastic=world.elastic, clock=world.clock
        )
        figures = await count_message_costs(shown, ADMIN)
        assert figures is not None
        assert (figures.today, figures.month, figures.held) == (0.135, 0.135, 3)
        assert {each.channel for each in figures.days} == {"sms"}
        assert sum(each.month for each in figures.stations) == pytest.approx(0.135)
        world.clock.moment += DAY
        await world.look(stage)
    assert [row.status for row in await world.rows(*told)].count(S.SENT) == 6
