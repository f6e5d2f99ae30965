"""Text messages through Aliyun and Tencent Cloud, against their simulators."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread
from urllib.parse import quote

import pytest

from deploy.simulators.aliyun_server import AliyunSmsServer
from deploy.simulators.provider_server import ProviderServer
from deploy.simulators.tencent_server import TencentSmsServer
from roost.errors import RoostError
from roost.events.preferences import ChannelKind
from roost.time.clock import FixedClock
from roost.time.leases import UNBOUNDED, Lease, LeaseEnded
from roost.wording import Message
from streams.deliver.delivery_errors import DeliveryRefused, RetryLater, Sink
from streams.deliver.providers.provider_sinks import provider_sink

NOW = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)
KEY, SECRET = "AKIDexample", "s3/cr+et=:"
NUMBER = "+8613800138000"
MESSAGE = Message(
    "n-aaaaaaaaaaaaaaaaaaaaaaaaaa",
    "新的岗位匹配：电焊工",
    "…",
    kind="new_match",
    values={"opening.title": "电焊工", "opening.employer": "大同机械（www.bad.cn）"},
)
TEMPLATES = {
    "new_match": {
        "zh": {
            "id": "SMS_1",
            "text": "${employer}招聘${title}",
            "values": {"employer": "opening.employer", "title": "opening.title"},
        }
    },
    "other": {"zh": {"id": "SMS_2", "text": "您有新的消息。"}},
}
Made = tuple[ProviderServer, Sink]


@pytest.fixture
def templates(tmp_path: Path) -> Path:
    return written(tmp_path, TEMPLATES)


def written(folder: Path, content: object) -> Path:
    path = folder / "sms.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def url_of(server: ProviderServer, templates: Path, secret: str = SECRET) -> str:
    scheme = f"{server.provider}-sms"
    options = {"sign": "凤城就业", "templates": str(templates), "plain": "yes"}
    if server.provider == "tencent":
        options["app"] = "1400006666"
    query = "&".join(f"{name}={quote(value)}" for name, value in options.items())
    account = f"{KEY}:{quote(secret, safe='')}"
    return f"{scheme}://{account}@127.0.0.1:{server.server_port}/?{query}"


def sink_of(server: ProviderServer, templates: Path, secret: str = SECRET) -> Sink:
    clock = FixedClock(NOW)
    found = provider_sink(ChannelKind.SMS, url_of(server, templates, secret), clock)
    assert found is not None
    return found


@pytest.fixture(params=[AliyunSmsServer, TencentSmsServer])
def server(request: pytest.FixtureRequest) -> Iterator[ProviderServer]:
    with running(request.param) as made:
        yield made
        made.shutdown()


def running(kind: Callable[..., ProviderServer]) -> ProviderServer:
    made = kind(0, KEY, SECRET, now=lambda: NOW)
    Thread(target=made.serve_forever, daemon=True).start()
    return made


async def test_a_message_goes_by_its_approved_template(
    server: ProviderServer, templates: Path
) -> None:
    answer = await sink_of(server, templates).send(MESSAGE, "w-1", NUMBER, NOW, UNBOUNDED)
    (sent,) = server.messages
    assert answer is not None
    assert answer.reference == sent.reference
    assert answer.request_id
    assert sent.out_id == MESSAGE.id
    assert sent.number.endswith("13800138000")
    assert list(sent.values.values()) == ["大同机械（（链接已略））", "电焊工"]


async def test_a_kind_without_a_template_uses_the_other_one(
    server: ProviderServer, templates: Path
) -> None:
    other = replace(MESSAGE, kind="station_message", values={})
    await sink_of(server, templates).send(other, "w-1", NUMBER, NOW, UNBOUNDED)
    assert server.messages[0].template == "SMS_2"


async def test_without_any_template_the_message_is_refused(
    server: ProviderServer, templates: Path
) -> None:
    written(templates.parent, {"digest": {"zh": {"id": "SMS_9", "text": "x"}}})
    with pytest.raises(DeliveryRefused, match="new_match"):
        await sink_of(server, templates).send(MESSAGE, "w-1", NUMBER, NOW, UNBOUNDED)


ALIYUN_CODES = {
    "isv.MOBILE_NUMBER_ILLEGAL": None,
    "isv.BLACK_KEY_CONTROL_LIMIT": None,
    "isv.BUSINESS_LIMIT_CONTROL": 3_600.0,
    "isv.AMOUNT_NOT_ENOUGH": 1_800.0,
    "isv.SMS_SIGNATURE_ILLEGAL": 1_800.0,
    "isp.SYSTEM_ERROR": 0.0,
    "Throttling.User": 0.0,
    "": 0.0,
}
TENCENT_CODES = {
    "InvalidParameterValue.IncorrectPhoneNumber": None,
    "FailedOperation.PhoneNumberInBlacklist": None,
    "LimitExceeded.PhoneNumberDailyLimit": 3_600.0,
    "FailedOperation.InsufficientBalanceInSmsPackage": 1_800.0,
    "AuthFailure.SecretIdNotFound": 1_800.0,
    "InternalError.Timeout": 0.0,
    "RequestLimitExceeded": 0.0,
}


async def test_each_code_is_refused_for_good_or_tried_after_its_wait(
    server: ProviderServer, templates: Path
) -> None:
    codes = ALIYUN_CODES if server.provider == "aliyun" else TENCENT_CODES
    sink = sink_of(server, templates)
    for code, wait_s in codes.items():
        if not code:
            continue
        server.behaviour.codes.append(code)
        expected = DeliveryRefused if wait_s is None else RetryLater
        with pytest.raises(expected) as caught:
            await sink.send(MESSAGE, "w-1", NUMBER, NOW, UNBOUNDED)
        assert code in str(caught.value)
        if isinstance(caught.value, RetryLater):
            assert (caught.value.retry_after_s or 0.0) == wait_s, code
            assert caught.value.answer is not None
            assert caught.value.answer.error == code
    assert not server.messages


async def test_a_wrong_secret_is_refused_by_the_signature(
    server: ProviderServer, templates: Path
) -> None:
    with pytest.raises(RetryLater, match="key, sign name"):
        await sink_of(server, templates, "wrong").send(MESSAGE, "w-1", NUMBER, NOW, UNBOUNDED)
    assert not server.messages
    assert server.refused[0] in {"SignatureDoesNotMatch", "AuthFailure.SignatureFailure"}


async def test_a_call_of_another_hour_is_refused(server: ProviderServer, templates: Path) -> None:
    server.now = lambda: NOW + timedelta(hours=1)
    with pytest.raises(RetryLater):
        await sink_of(server, templates).send(MESSAGE, "w-1", NUMBER, NOW, UNBOUNDED)
    assert not server.messages


async def test_nothing_is_sent_once_the_lease_has_ended(
    server: ProviderServer, templates: Path
) -> None:
    ended = Lease(FixedClock(NOW), NOW)
    with pytest.raises(LeaseEnded):
        await sink_of(server, templates).send(MESSAGE, "w-1", NUMBER, NOW, ended)
    assert not server.messages


async def test_an_address_of_an_earlier_release_is_refused(
    server: ProviderServer, templates: Path
) -> None:
    for address in ("13800138000,13900139000", "110", "x"):
        with pytest.raises(DeliveryRefused):
            await sink_of(server, templates).send(MESSAGE, "w-1", address, NOW, UNBOUNDED)


@pytest.mark.parametrize(("kind", "seen"), [(AliyunSmsServer, 1), (TencentSmsServer, 2)])
async def test_a_repeat_after_a_lost_answer_is_looked_up_where_the_provider_can(
    kind: Callable[..., ProviderServer], seen: int, templates: Path
) -> None:
    with running(kind) as server:
        sink = sink_of(server, templates)
        server.behaviour.silent = 1
        with pytest.raises(RetryLater, match="did not answer") as lost:
            await sink.send(MESSAGE, "w-1", NUMBER, NOW, UNBOUNDED)
        assert lost.value.retry_after_s == (60.0 if sink.knows_ids else None)
        repeat = replace(MESSAGE, repeated=True)
        assert await sink.send(repeat, "w-1", NUMBER, NOW, UNBOUNDED)
        assert len(server.messages) == seen
        assert sink.knows_ids is (seen == 1)
        server.shutdown()


WRONG = [
    ("aliyun-sms://KEY:SECRET@h/?sign=x", "templates"),
    ("aliyun-sms://KEY@h/?sign=x&templates=t", "percent-encoded"),
    ("aliyun-sms://KEY:SECRET@h/?sign=x&templates=t&colour=red", "colour"),
    ("aliyun-sms://KEY:SECRET@h/?sign=x&templates=/nowhere/t.json", "cannot be read"),
    ("aliyun-sms://KEY:SECRET@h:99999/?sign=x&templates=t", "cannot be read"),
    ("tencent-sms://KEY:SECRET@h/?sign=x&templates=t&app=1&plain=yes", "this computer"),
]


@pytest.mark.parametrize(("url", "says"), WRONG)
def test_a_wrong_setting_is_named_without_its_secret(url: str, says: str) -> None:
    with pytest.raises(RoostError, match=says) as caught:
        provider_sink(ChannelKind.SMS, url, FixedClock(NOW))
    assert "SECRET" not in caught.value.message.replace("KEY:SECRET@host", "")


def test_a_provider_of_another_channel_is_refused(templates: Path) -> None:
    with pytest.raises(RoostError, match="serves sms"):
        provider_sink(ChannelKind.EMAIL, "aliyun-sms://K:S@h/?sign=x&templates=t", FixedClock(NOW))
    assert provider_sink(ChannelKind.SMS, "json://gateway/{address}", FixedClock(NOW)) is None
