"""The client's conversations and contacts of employers, against a served API with its stages."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from deploy.environment import AT_ANY_HOUR
from roost.settings import Settings
from roost_client import NotFound, Outdated, Roost
from tests.stack.serving import Serving, served
from tests.stack.stages import running
from tests.stack.waiting import until

pytestmark = pytest.mark.stack
NUMBER = "13900002001"
WORKER = {
    "identifier": "client-talks",
    "name": "测试",
    "home": {"name": "大同市"},
    "location": {"name": "大同市"},
    "channels": [{"kind": "sms", "address": NUMBER}],
}
HR = {"channels": [{"kind": "wecom", "address": "hr-office"}], "language": "zh"}


@pytest.fixture(scope="module")
def serving(own_settings: Settings) -> Iterator[Serving]:
    settings = own_settings.model_copy(update=AT_ANY_HOUR)
    with running(settings, "index", "notify", "deliver"), served(settings) as serving:
        yield serving


@pytest.fixture
def roost(serving: Serving) -> Iterator[Roost]:
    key = serving.headers["Authorization"].removeprefix("Bearer ")
    with Roost(serving.url, key) as client:
        yield client


async def test_a_worker_is_answered_in_the_conversation(roost: Roost) -> None:
    worker = roost.profiles.put(WORKER, wait_s=20).id
    said = {"channel": "sms", "address": NUMBER, "text": "明天几点面试？"}
    roost.ask("POST", "/v1/replies", json=said)
    talk = roost.conversations.of(worker)

    async def asked() -> bool:
        texts = [each.text for each in await asyncio.to_thread(lambda: list(talk.list()))]
        return texts == ["明天几点面试？"]

    await until("the reply to be in the conversation", asked)
    waiting = {each.worker_id: each for each in roost.conversations.waiting()}
    assert (waiting[worker].messages, waiting[worker].text) == (1, "明天几点面试？")
    (question,) = talk.list()
    assert (question.author, question.channel) == ("worker", "sms")

    first = talk.write("上午九点。", through=question.id, key="client-answer", wait_s=20)
    again = talk.write("上午九点。", through=question.id, key="client-answer", wait_s=20)
    assert again.id == first.id

    async def delivered() -> bool:
        newest = next(iter(await asyncio.to_thread(lambda: list(talk.list()))))
        return (newest.text, newest.delivery, newest.delivered_on) == (
            "上午九点。",
            "delivered",
            "sms",
        )

    await until("the answer to be delivered", delivered)
    state = talk.state()
    assert (state.waiting, state.channels, state.stopped) == (0, ("sms",), False)
    assert talk.close() == 0


async def test_a_contact_is_set_stopped_and_erased(roost: Roost) -> None:
    contact = roost.contact("client-hr")
    with pytest.raises(NotFound):
        contact.get()
    contact.put(HR, wait_s=20)
    read = contact.get()
    assert [(each.kind, each.address) for each in read.value.channels] == [("wecom", "hr-office")]
    contact.put(HR | {"language": "en"}, of=read, wait_s=20)
    with pytest.raises(Outdated):
        contact.put(HR, of=read)
    assert contact.get().value.language == "en"
    contact.stop(wait_s=20)
    assert (contact.stop_state().stopped, contact.stop_state().employer_id) == (True, "client-hr")
    contact.resume(wait_s=20)
    assert contact.stop_state().stopped is False
    contact.erase(wait_s=20)
    with pytest.raises(NotFound):
        contact.get()
