"""Posts of providers: authenticated by their address, bounded, and without effect when repeated."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from api.app import create_app
from api.provider_reports.posted_reports import aliyun_reply, moment, tencent_reply
from api.provider_reports.schemas import MOST_REPORTS, AliyunReply, TencentReply
from roost.carriers.report_links import PATH, report_token
from roost.events.notification import Answer, Delivery
from roost.events.preferences import ChannelKind
from roost.events.profile import Channel
from roost.events.receipt import Receipt, ReceiptKind
from roost.settings import Settings
from roost.topics import CONVERSATIONS, RECEIPTS, STOPS
from roost.views.answers import Hit, Page
from roost.views.elastic import Json
from tests.unit.api.builders import NOW, delivery, notification
from tests.unit.api.conversation_views import ConversationViews
from tests.unit.api.signed import Topics, given_to

SMS = Channel(kind=ChannelKind.SMS, address="+8613800138000")
MESSAGE = notification("1")


class ReportedViews(ConversationViews):
    """Views with deliveries, found by a provider's reference or by the message's id."""

    rows: tuple[Delivery, ...] = ()

    async def search(self, view: str, body: Json) -> Page:
        if view != "deliveries" or "references" not in str(body):
            return await super().search(view, body)
        (by_reference, by_id) = body["query"]["bool"]["should"]
        found = [
            row
            for row in self.rows
            if {each.reference for each in row.answers} & set(by_reference["terms"]["references"])
            or row.message_id in by_id["terms"]["message_id"]
        ]
        hits = tuple(Hit(row.id, None, {"fact": row.to_dict()}) for row in found)
        return Page(hits, len(hits))

    @property
    def receipts(self) -> list[Receipt]:
        said = [each.value for each in self.published if each.topic is RECEIPTS]
        return [Receipt.model_validate_json(each or b"") for each in said]


class Posting:
    """A client that posts as a provider does."""

    def __init__(self, client: httpx.AsyncClient, views: ReportedViews, key: bytes) -> None:
        self.client, self.views, self.key = client, views, key

    async def post(self, path: str, content: Any, token: str | None = None) -> httpx.Response:
        where = f"{PATH}/{token or report_token(self.key)}/{path}"
        return await self.client.post(where, json=content)


@pytest.fixture
async def posting() -> AsyncIterator[Posting]:
    views, app = ReportedViews(), create_app(Settings())
    topics: Any = Topics(views)
    services = given_to(app, topics, elastic=views)
    views.rows = (sent(),)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        yield Posting(client, views, services.key)


def sent(channel: ChannelKind = ChannelKind.SMS) -> Delivery:
    answer = Answer(at=NOW, status=200, reference="b-1")
    return delivery(MESSAGE, channel=channel, answers=(answer,), message_id=MESSAGE.id)


def aliyun(**changes: Any) -> Json:
    return {
        "phone_number": "13800138000",
        "send_time": "2017-01-01 00:00:00",
        "report_time": "2017-01-01 00:00:05",
        "success": True,
        "err_code": "DELIVERED",
        "err_msg": "用户接收成功",
        "sms_size": "1",
        "biz_id": "b-1",
        "out_id": "67890",
        "a_later_field": {},
    } | changes


def tencent(**changes: Any) -> Json:
    return {
        "user_receive_time": "2015-10-17 08:03:04",
        "nationcode": "86",
        "mobile": "13800138000",
        "report_status": "SUCCESS",
        "errmsg": "DELIVRD",
        "description": "用户短信送达成功",
        "sid": "b-1",
    } | changes


@pytest.mark.parametrize(
    ("path", "content", "kind", "answered"),
    [
        ("aliyun-reports", aliyun(), ReceiptKind.DELIVERED, {"code": 0, "msg": "接收成功"}),
        (
            "aliyun-reports",
            aliyun(success=False, err_code="MK:0001"),
            ReceiptKind.UNDELIVERED,
            {"code": 0, "msg": "接收成功"},
        ),
        ("tencent-reports", tencent(), ReceiptKind.DELIVERED, {"result": 0, "errmsg": "OK"}),
        (
            "tencent-reports",
            tencent(report_status="FAIL", errmsg="MK:0001"),
            ReceiptKind.UNDELIVERED,
            {"result": 0, "errmsg": "OK"},
        ),
    ],
)
async def test_a_report_is_a_receipt_of_its_message_and_a_repeat_the_same_one(
    posting: Posting, path: str, content: Json, kind: ReceiptKind, answered: Json
) -> None:
    for _ in range(2):
        answer = await posting.post(path, [content])
        assert (answer.status_code, answer.json()) == (200, answered)
    first, again = posting.views.receipts
    assert first.id == again.id
    assert (first.notification_id, first.kind) == (MESSAGE.id, kind)
    assert first.code == content.get("err_code", content.get("errmsg"))
    assert first.channel is ChannelKind.SMS


CALL = {
    "status_code": "200000",
    "callee": "13800138000",
    "duration": "10",
    "end_time": "2021-04-28 10:03:40",
    "call_id": "b-1",
    "status_msg": "执行完成",
    "out_id": "PROD#2021",
    "toll_type": "LOCAL",
}


@pytest.mark.parametrize(
    ("status", "kind"),
    [("200000", ReceiptKind.DELIVERED), ("200005", ReceiptKind.UNDELIVERED)],
)
async def test_a_call_is_delivered_if_somebody_answered(
    posting: Posting, status: str, kind: ReceiptKind
) -> None:
    posting.views.rows = (sent(ChannelKind.VOICE),)
    answer = await posting.post("aliyun-calls", [CALL | {"status_code": status}])
    assert answer.status_code == 200
    assert [(each.kind, each.code) for each in posting.views.receipts] == [(kind, status)]


async def test_aliyun_returns_the_messages_own_id_which_suffices(posting: Posting) -> None:
    posting.views.rows = (sent().model_copy(update={"answers": ()}),)
    await posting.post("aliyun-reports", [aliyun(biz_id="other", out_id=MESSAGE.id)])
    assert [each.notification_id for each in posting.views.receipts] == [MESSAGE.id]


async def test_a_report_of_another_channel_changes_nothing(posting: Posting) -> None:
    posting.views.rows = (sent(ChannelKind.EMAIL),)
    assert (await posting.post("aliyun-reports", [aliyun()])).status_code == 200
    assert not posting.views.receipts


async def test_a_report_before_its_message_is_recorded_is_asked_for_again(posting: Posting) -> None:
    now = datetime.now(UTC) + timedelta(hours=8)
    early = aliyun(biz_id="b-2", report_time=f"{now:%Y-%m-%d %H:%M:%S}")
    answer = await posting.post("aliyun-reports", [early, aliyun()])
    assert answer.status_code == 503
    assert len(posting.views.receipts) == 1  # that of the other message
    old = await posting.post("aliyun-reports", [aliyun(biz_id="b-2")])
    assert old.status_code == 200


@pytest.mark.parametrize("token", ["0" * 40, "x", "%00", "é", "a" * 101])
async def test_only_the_secret_address_is_answered(posting: Posting, token: str) -> None:
    answer = await posting.post("aliyun-reports", [aliyun()], token)
    assert answer.status_code in {404, 422}
    assert not posting.views.published


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("aliyun-reports", {}),
        ("aliyun-reports", [{}]),
        ("aliyun-reports", [aliyun(success="perhaps")]),
        ("aliyun-reports", [aliyun()] * (MOST_REPORTS + 1)),
        ("aliyun-reports", [aliyun(err_code="x" * 201)]),
        ("tencent-replies", {"mobile": "", "text": "TD"}),
        ("tencent-replies", {"mobile": "1", "text": "TD", "time": 10**15}),
        ("aliyun-replies", [{"phone_number": "1", "content": "x" * 5_001}]),
    ],
)
async def test_a_post_is_bounded_and_of_the_providers_form(
    posting: Posting, path: str, content: Any
) -> None:
    assert (await posting.post(path, content)).status_code == 422
    assert not posting.views.published


REPLIES = [
    (
        "aliyun-replies",
        lambda text: [
            {
                "phone_number": "13800138000",
                "content": text,
                "send_time": "2026-11-24 12:00:00",
                "sequence_id": 7,
            }
        ],
    ),
    (
        "tencent-replies",
        lambda text: {
            "mobile": "13800138000",
            "nationcode": "86",
            "extend": "",
            "sign": "凤城就业",
            "text": text,
            "time": 1457336869,
        },
    ),
]


@pytest.mark.parametrize(("path", "content"), REPLIES)
async def test_a_stop_word_stops_and_another_text_is_a_message_once(
    posting: Posting, path: str, content: Any
) -> None:
    worker = posting.views.worker("1", SMS)
    for _ in range(2):
        assert (await posting.post(path, content("明天几点面试？"))).status_code == 200
    assert [each.text for each in posting.views.messages] == ["明天几点面试？"]
    for word in ("TD", "退订"):
        assert (await posting.post(path, content(word))).status_code == 200
        stops = [each.key for each in posting.views.published if each.topic is STOPS]
        assert set(stops) == {worker}
    unknown = posting.views.published.copy()
    other = content("在吗")
    (other[0] if isinstance(other, list) else other).update(
        {"phone_number": "13900139000"} if isinstance(other, list) else {"mobile": "13900139000"}
    )
    assert (await posting.post(path, other)).status_code == 200
    assert posting.views.published == unknown
    assert CONVERSATIONS.name in {each.topic.name for each in unknown}


def test_times_are_chinas_and_texts_without_controls() -> None:
    assert moment("2026-11-24 12:00:00") == datetime(2026, 11, 24, 4, tzinfo=UTC)
    assert moment("x") is None
    told = aliyun_reply(AliyunReply(phone_number="1", content="a\x00b", send_time=""))
    assert (told.text, told.message_id, told.received_at) == ("a b", None, None)
    abroad = tencent_reply(TencentReply(mobile="2025550123", nationcode="1", text="x"))
    assert abroad.address == "+12025550123"
