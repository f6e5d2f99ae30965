"""Messages of WeCom and of an official account, against their simulator."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from threading import Thread
from typing import cast
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploy.simulators.wechat_server import WeChatServer
from roost.errors import RoostError
from roost.events.preferences import ChannelKind
from roost.time.clock import FixedClock
from roost.time.leases import UNBOUNDED
from streams.deliver.delivery_errors import DeliveryRefused, RetryLater, Sink
from streams.deliver.providers.access_tokens import AccessTokens
from streams.deliver.providers.provider_sinks import provider_sink
from streams.deliver.providers.wechat_sinks import bounded, wecom_content
from tests.unit.streams.test_sms_providers import KEY, MESSAGE, NOW, SECRET

WECOM, WECHAT = ChannelKind.WECOM, ChannelKind.WECHAT
ADDRESSES = {WECOM: "li.na", WECHAT: "oABCD_1234567890-abcdefghijk"}
TEMPLATE = {"id": "ngqIpbwh8b-_U", "text": "{{thing1.DATA}}", "values": {"thing1": "opening.title"}}


@pytest.fixture
def server() -> Iterator[WeChatServer]:
    with WeChatServer(0, KEY, SECRET, now=lambda: NOW) as made:
        Thread(target=made.serve_forever, daemon=True).start()
        yield made
        made.shutdown()


@pytest.fixture(params=[WECOM, WECHAT])
def kind(request: pytest.FixtureRequest) -> ChannelKind:
    return cast(ChannelKind, request.param)


def sink_of(
    kind: ChannelKind,
    server: WeChatServer,
    folder: Path,
    *,
    secret: str = SECRET,
    extra: str = "",
    clock: FixedClock | None = None,
) -> Sink:
    file = folder / "wechat.json"
    file.write_text(json.dumps({"new_match": {"zh": TEMPLATE}}), encoding="utf-8")
    options = "agent=1000002" if kind is WECOM else f"templates={quote(str(file))}"
    scheme = "wecom-app" if kind is WECOM else "wechat-account"
    account = f"{KEY}:{quote(secret, safe='')}@127.0.0.1:{server.server_port}"
    url = f"{scheme}://{account}/?{options}&plain=yes{extra}"
    found = provider_sink(kind, url, clock or FixedClock(NOW))
    assert found is not None
    return found


async def test_a_message_goes_to_one_person_with_a_token(
    kind: ChannelKind, server: WeChatServer, tmp_path: Path
) -> None:
    sink = sink_of(kind, server, tmp_path)
    answer = await sink.send(MESSAGE, "w-1", ADDRESSES[kind], NOW, UNBOUNDED)
    (sent,) = server.messages
    assert sent.number == ADDRESSES[kind]
    assert answer is not None
    assert answer.reference == sent.reference
    shown = sent.values["text"] if kind is WECOM else sent.values["thing1"]
    assert shown == (f"{MESSAGE.title}\n{MESSAGE.body}" if kind is WECOM else "电焊工")


async def test_many_messages_share_one_fetch_of_the_token(
    kind: ChannelKind, server: WeChatServer, tmp_path: Path
) -> None:
    clock = FixedClock(NOW)
    sink = sink_of(kind, server, tmp_path, clock=clock)
    many = [replace(MESSAGE, id=f"n-{each}", body=f"{each}") for each in range(8)]
    await asyncio.gather(
        *(sink.send(each, "w-1", ADDRESSES[kind], NOW, UNBOUNDED) for each in many)
    )
    assert (len(server.messages), len(server.tokens)) == (8, 1)
    server.expire()  # and the next token is fetched before the end of the first
    clock.moment += timedelta(seconds=server.life_s - 299)
    await sink.send(replace(MESSAGE, body="later"), "w-1", ADDRESSES[kind], NOW, UNBOUNDED)
    assert "42001" not in server.refused


async def test_a_token_that_ended_early_is_replaced_once(
    kind: ChannelKind, server: WeChatServer, tmp_path: Path
) -> None:
    sink = sink_of(kind, server, tmp_path)
    await sink.send(MESSAGE, "w-1", ADDRESSES[kind], NOW, UNBOUNDED)
    server.expire()
    many = [replace(MESSAGE, id=f"n-{each}", body=f"{each}") for each in range(4)]
    await asyncio.gather(
        *(sink.send(each, "w-1", ADDRESSES[kind], NOW, UNBOUNDED) for each in many)
    )
    assert (len(server.messages), len(server.tokens)) == (5, 2)


@pytest.mark.parametrize(
    ("code", "wait_s"),
    [
        ("45009", 3_600.0),
        ("-1", None),
        ("40164", 1_800.0),
        ("48001", 1_800.0),
        ("81013", "never"),
        ("43101", "never"),
        ("99999", None),
    ],
)
async def test_each_code_is_refused_for_good_or_tried_after_its_wait(
    kind: ChannelKind, server: WeChatServer, tmp_path: Path, code: str, wait_s: float | str | None
) -> None:
    sink = sink_of(kind, server, tmp_path)
    server.behaviour.codes.append(code)
    expected = DeliveryRefused if wait_s == "never" else RetryLater
    with pytest.raises(expected) as caught:
        await sink.send(MESSAGE, "w-1", ADDRESSES[kind], NOW, UNBOUNDED)
    if isinstance(caught.value, RetryLater):
        assert caught.value.retry_after_s == wait_s
    assert not server.messages


async def test_a_repeat_after_a_lost_answer_is_seen_once(
    kind: ChannelKind, server: WeChatServer, tmp_path: Path
) -> None:
    sink = sink_of(kind, server, tmp_path)
    server.behaviour.silent = 1
    with pytest.raises(RetryLater):
        await sink.send(MESSAGE, "w-1", ADDRESSES[kind], NOW, UNBOUNDED)
    await sink.send(replace(MESSAGE, repeated=True), "w-1", ADDRESSES[kind], NOW, UNBOUNDED)
    assert len(server.messages) == 1
    assert sink.knows_ids


async def test_subscription_messages_have_no_id_that_drops_repeats(
    server: WeChatServer, tmp_path: Path
) -> None:
    sink = sink_of(WECHAT, server, tmp_path, extra="&messages=subscribe")
    for _ in range(2):
        await sink.send(MESSAGE, "w-1", ADDRESSES[WECHAT], NOW, UNBOUNDED)
    assert len(server.messages) == 2
    assert not sink.knows_ids


async def test_a_wrong_secret_is_a_fault_of_the_settings_and_no_address(
    kind: ChannelKind, server: WeChatServer, tmp_path: Path
) -> None:
    sink = sink_of(kind, server, tmp_path, secret="wrong")
    with pytest.raises(RetryLater, match="40125") as caught:
        await sink.send(MESSAGE, "w-1", ADDRESSES[kind], NOW, UNBOUNDED)
    assert "wrong" not in str(caught.value)


async def test_an_unknown_person_is_refused(
    kind: ChannelKind, server: WeChatServer, tmp_path: Path
) -> None:
    server.unknown_users.add(ADDRESSES[kind])
    with pytest.raises(DeliveryRefused):
        await sink_of(kind, server, tmp_path).send(MESSAGE, "w-1", ADDRESSES[kind], NOW, UNBOUNDED)
    for wrong in ("a|b", "@all", "x y"):
        with pytest.raises(DeliveryRefused):
            await sink_of(kind, server, tmp_path).send(MESSAGE, "w-1", wrong, NOW, UNBOUNDED)


def test_a_message_with_a_page_is_a_card() -> None:
    with_page = replace(MESSAGE, values={"link": "https://jobs.example.cn/1"})
    content = wecom_content(with_page)
    assert content["msgtype"] == "textcard"
    assert content["textcard"]["url"] == "https://jobs.example.cn/1"


@given(st.text(max_size=80), st.integers(0, 100))
def test_a_text_is_cut_at_a_character(text: str, most: int) -> None:
    text = text.encode("utf-8", "ignore").decode()
    cut = bounded(text, most)
    assert len(cut.encode()) <= most
    assert text.startswith(cut)


def test_the_agent_is_a_number() -> None:
    with pytest.raises(RoostError, match="agent"):
        provider_sink(WECOM, "wecom-app://k:s@h/?agent=one", FixedClock(NOW))


async def test_a_failed_fetch_of_a_token_is_tried_by_the_next_caller() -> None:
    answers = iter([RetryLater("away"), ("t", 7_200.0)])

    async def fetch() -> tuple[str, float]:
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    tokens = AccessTokens(fetch, FixedClock(NOW))
    with pytest.raises(RetryLater):
        await tokens.current()
    assert await tokens.current() == "t"
    tokens.drop("another")
    assert await tokens.current() == "t"
