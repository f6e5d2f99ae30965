"""Forwarded replies: whose message each becomes, and that nobody can probe for addresses."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any, cast

import httpx
import pytest

from api.app import create_app
from api.conversations.daily_limit import MOST_A_DAY
from api.conversations.inbound import Outcome, receive_reply
from api.ports.services import Services
from api.stop.schemas import Reply
from roost.events.account import AccountRole as R
from roost.events.account import Permission as P
from roost.events.conversation import LONGEST_KEPT, Author
from roost.events.preferences import ChannelKind
from roost.events.profile import Channel
from roost.settings import Settings
from roost.time.clock import FixedClock
from tests.unit.api.builders import NOW, delivery, minutes, notification
from tests.unit.api.conversation_views import STATION, ConversationViews
from tests.unit.api.services import services_with
from tests.unit.api.signed import Topics, given_to, headers_for

SMS = Channel(kind=ChannelKind.SMS, address="+8613800138000")


@pytest.fixture
def views() -> ConversationViews:
    return ConversationViews()


@pytest.fixture
def given(views: ConversationViews) -> Services:
    known: Any = views
    return services_with(publisher=known, elastic=known, clock=FixedClock(NOW))


def reply(text: str = "明天几点面试？", **changes: Any) -> Reply:
    content = {"channel": "sms", "address": "138 0013 8000", "text": text, "messageId": "1"}
    return Reply.model_validate(content | changes)


async def test_a_reply_is_an_open_message_of_the_worker_with_the_address(
    given: Services, views: ConversationViews
) -> None:
    worker = views.worker("1", SMS)
    assert await receive_reply(given, reply()) is Outcome.MESSAGE
    (message,) = views.messages
    assert (message.worker_id, message.author, message.is_open) == (worker, Author.WORKER, True)
    assert (message.text, message.channel) == ("明天几点面试？", ChannelKind.SMS)
    assert message.by is None


async def test_a_repeat_of_the_gateway_is_one_message_whatever_its_text(
    given: Services, views: ConversationViews
) -> None:
    views.worker("1", SMS)
    await receive_reply(given, reply())
    for again in (reply(), reply("other words"), reply(address="+86-138-0013-8000")):
        assert await receive_reply(given, again) is Outcome.REPEATED
    assert await receive_reply(given, reply(messageId="2")) is Outcome.MESSAGE
    assert len(views.messages) == 2


async def test_without_an_id_of_the_gateway_every_reply_is_kept_and_a_possible_repeat_marked(
    given: Services, views: ConversationViews
) -> None:
    views.worker("1", SMS)
    outcomes = [await receive_reply(given, reply("好的", messageId=None)) for _ in range(3)]
    assert outcomes == [Outcome.MESSAGE, Outcome.MARKED, Outcome.MARKED]
    assert await receive_reply(given, reply(messageId=None)) is Outcome.MESSAGE
    first, *later, other = views.messages
    assert [each.repeats for each in later] == [first.id, first.id]
    assert (first.repeats, other.repeats) == (None, None)
    assert all(each.is_open for each in views.messages)
    cast(FixedClock, given.clock).moment = minutes(24 * 60)
    assert await receive_reply(given, reply("好的", messageId=None)) is Outcome.MESSAGE


async def test_two_replies_that_arrive_together_without_an_id_are_both_kept(
    given: Services, views: ConversationViews
) -> None:
    views.worker("1", SMS)
    together = (receive_reply(given, reply("好的", messageId=None)) for _ in range(2))
    assert Counter(await asyncio.gather(*together)) == {Outcome.MESSAGE: 1, Outcome.MARKED: 1}
    assert len(views.messages) == 2


async def test_the_gateways_time_tells_a_repeat_from_a_second_reply(
    given: Services, views: ConversationViews
) -> None:
    views.worker("1", SMS)

    async def received(at: str, text: str = "好的") -> Outcome:
        return await receive_reply(given, reply(text, messageId=None, receivedAt=at))

    assert await received("2026-11-30T09:00:00+08:00") is Outcome.MESSAGE
    assert await received("2026-11-30T01:00:00Z") is Outcome.REPEATED
    assert await received("2026-11-30T09:00:07+08:00") is Outcome.MESSAGE
    assert await received("2026-11-30T09:00:00+08:00", "几点？") is Outcome.MESSAGE
    assert [each.repeats for each in views.messages] == [None] * 3
    for extreme in ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"):
        assert await received(extreme) is Outcome.MESSAGE


async def test_repeats_without_an_id_are_limited_by_the_day_like_other_replies(
    given: Services, views: ConversationViews
) -> None:
    views.worker("1", SMS)
    outcomes = [
        await receive_reply(given, reply("好的", messageId=None)) for _ in range(MOST_A_DAY + 2)
    ]
    assert outcomes[-2:] == [Outcome.LIMITED] * 2
    assert len(views.messages) == MOST_A_DAY


@pytest.mark.parametrize(
    ("changes", "outcome"),
    [
        ({"address": "13900139000"}, Outcome.UNKNOWN),
        ({"address": "not a number"}, Outcome.UNKNOWN),
        ({"channel": "wecom"}, Outcome.UNKNOWN),
        ({"text": " \n "}, Outcome.EMPTY),
    ],
)
async def test_a_reply_of_nobody_leaves_nothing(
    given: Services, views: ConversationViews, changes: dict[str, Any], outcome: Outcome
) -> None:
    views.worker("1", SMS)
    assert await receive_reply(given, reply(**changes)) is outcome
    assert views.published == []


async def test_an_address_that_nobody_confirmed_belongs_to_nobody(
    given: Services, views: ConversationViews
) -> None:
    views.worker("1", SMS.model_copy(update={"confirmed": False}))
    assert await receive_reply(given, reply()) is Outcome.UNKNOWN
    views.worker("2", SMS)
    assert await receive_reply(given, reply()) is Outcome.MESSAGE


async def test_of_several_workers_the_one_messaged_last_on_the_channel_replies(
    given: Services, views: ConversationViews
) -> None:
    workers = [views.worker(str(n), SMS) for n in range(3)]
    for minute, worker in enumerate(workers[:2]):
        sent = delivery(notification("1", worker), channel=ChannelKind.SMS, at=minutes(minute))
        views.documents["deliveries", sent.id] = {
            "id": sent.id,
            "recipient_id": worker,
            "channel": "sms",
            "status": "sent",
            "at": sent.at.isoformat(),
        }
    await receive_reply(given, reply())
    assert [each.worker_id for each in views.messages] == [workers[1]]


async def test_a_day_holds_a_limited_number_and_the_next_day_others(
    given: Services, views: ConversationViews
) -> None:
    views.worker("1", SMS)
    outcomes = [await receive_reply(given, reply(messageId=str(n))) for n in range(MOST_A_DAY + 2)]
    assert outcomes == [Outcome.MESSAGE] * MOST_A_DAY + [Outcome.LIMITED] * 2
    cast(FixedClock, given.clock).moment = minutes(24 * 60)
    assert await receive_reply(given, reply(messageId="next")) is Outcome.MESSAGE
    assert len(views.messages) == MOST_A_DAY + 1


async def test_of_many_that_arrive_together_exactly_the_limit_is_kept(
    given: Services, views: ConversationViews
) -> None:
    views.worker("1", SMS)
    together = (receive_reply(given, reply(messageId=str(n))) for n in range(MOST_A_DAY + 20))
    outcomes = Counter(await asyncio.gather(*together))
    assert outcomes == {Outcome.MESSAGE: MOST_A_DAY, Outcome.LIMITED: 20}
    assert len(views.messages) == MOST_A_DAY


async def test_a_long_reply_is_cut(given: Services, views: ConversationViews) -> None:
    views.worker("1", SMS)
    await receive_reply(given, reply("好" * 20_000))
    (message,) = views.messages
    assert (len(message.text), message.shortened) == (LONGEST_KEPT, True)


async def test_a_gateway_does_not_learn_whether_an_address_is_known(
    views: ConversationViews,
) -> None:
    worker, topics, app = views.worker("1", SMS), Topics(views), create_app(Settings())
    given_to(app, topics, elastic=views)

    async def answers(*scopes: P) -> list[Any]:
        headers = headers_for(topics, R.ASSOCIATION, scopes)
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(
            transport=transport, base_url="http://x", headers=headers
        ) as it:
            sent = [
                {"channel": "sms", "address": address, "text": text, "messageId": text}
                for address in ("13900139000", "13800138000")
                for text in ("退订", "几点？")
            ]
            return [(await it.post("/v1/replies", json=each)).json() for each in sent]

    assert await answers(P.REPLIES_FORWARD) == [{}] * 4
    stops = [each for each in views.published if each.topic.name == "stops"]
    assert [each.key for each in stops] == [worker]
    assert (await answers(P.REPLIES_FORWARD, P.PROFILES_READ))[0] == {"stopped": 0}


@pytest.mark.parametrize(
    ("role", "scopes", "forwards", "writes"),
    [
        (R.ADMIN, (P.REPLIES_FORWARD,), 200, 403),
        (R.ASSOCIATION, (P.REPLIES_FORWARD,), 200, 403),
        (R.ASSOCIATION, (P.INBOX_WRITE,), 403, 202),
        (R.ADMIN, (), 200, 202),
        (R.DEPARTMENT, (), 403, 403),
        (R.CLERK, (), 403, 202),
        (R.CLERK, (P.REPLIES_FORWARD,), 403, 403),
        (R.WORKER, (), 403, 202),
        (R.EMPLOYER, (), 403, 403),
    ],
)
async def test_a_gateway_forwards_and_neither_reads_answers_nor_closes(
    views: ConversationViews, role: R, scopes: tuple[P, ...], forwards: int, writes: int
) -> None:
    worker, topics, app = views.worker("1", SMS), Topics(views), create_app(Settings())
    given_to(app, topics, elastic=views)
    confined: dict[R, dict[str, Any]] = {
        R.CLERK: {"station_ids": (STATION,)},
        R.WORKER: {"worker_id": worker},
        R.EMPLOYER: {"employer_id": "x"},
    }
    headers = headers_for(topics, role, scopes, **confined.get(role, {}))
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://x", headers=headers
    ) as client:
        sent = {"channel": "sms", "address": "13800138000", "text": "几点？", "messageId": "1"}
        assert (await client.post("/v1/replies", json=sent)).status_code == forwards
        where = f"/v1/profiles/{worker}/conversation"
        answer = await client.post(where, json={"text": "九点"})
        assert answer.status_code == writes, answer.text
        closed = await client.post(f"{where}/close", json={})
        assert (closed.status_code == 403) is (writes == 403), closed.text
        if P.REPLIES_FORWARD in scopes:
            assert (await client.get(where)).status_code == 403
