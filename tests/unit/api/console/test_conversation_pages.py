"""Pages of conversations in memory: the list, the thread, an answer, closing, the own page."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Any

import pytest

from producers import conversation_facts, reply_facts
from roost.events.account import AccountRole as R
from roost.events.conversation import Author
from roost.events.envelope import tombstone
from roost.events.preferences import ChannelKind
from roost.events.profile import Channel
from roost.events.saved_reply import SavedReplyContent
from roost.kafka.ports import Position
from roost.topics import CONVERSATIONS
from tests.unit.api.builders import NOW, minutes
from tests.unit.api.console.pages import Signed
from tests.unit.api.conversation_views import STATION, ConversationViews

SMS = Channel(kind=ChannelKind.SMS, address="+8613800138000")
ELSEWHERE = "cn:1404"
LATER = Position("conversations", 0, 1_000)


class Live:
    """Live changes that never come."""

    async def position(self, ago_s: float = 0.0) -> str:
        return "now"

    async def resumed(self, last_id: str | None) -> str:
        return "now"

    async def watch(self, *ignored: Any) -> AsyncIterator[Any]:
        return
        yield


@pytest.fixture
def views() -> ConversationViews:
    return ConversationViews()


def signed(views: ConversationViews, role: R, **confined: Any) -> Signed:
    made = Signed(role, elastic=views, others=views, **confined)
    object.__setattr__(made.given, "live", Live())
    return made


@pytest.fixture
def clerk(views: ConversationViews) -> Signed:
    return signed(views, R.CLERK, station_ids=(STATION,))


async def replies(views: ConversationViews, worker: str, *texts: str) -> list[str]:
    """Store replies a minute apart; return their ids."""
    found = []
    for number, text in enumerate(texts):
        id = conversation_facts.reply_id(ChannelKind.SMS, worker, str(number))
        at = minutes(number - 60)
        record = conversation_facts.reply_received(id, worker, ChannelKind.SMS, text, at=at)[1]
        await views.publish([record])
        found.append(id)
    return found


def field_of(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, name
    return found[1]


async def test_the_list_holds_those_whom_the_station_serves(
    clerk: Signed, views: ConversationViews
) -> None:
    assert "No reply waits" in (await clerk.get("/console/conversations")).text
    near, far = views.worker("1", SMS), views.worker("2", SMS, place=ELSEWHERE)
    for worker in (near, far):
        await replies(views, worker, "明天几点面试？", "在哪里？")
    shown = (await clerk.get("/console/conversations")).text
    assert f"/console/profiles/{near}/conversation" in shown
    assert far not in shown
    assert "2 messages wait" in shown
    assert ">1<" in (await clerk.get("/console/conversations/count")).text
    assert (await clerk.get(f"/console/profiles/{far}/conversation")).status_code == 404


async def test_a_clerk_answers_once_and_what_was_read_is_settled(
    clerk: Signed, views: ConversationViews
) -> None:
    worker = views.worker("1", SMS)
    await replies(views, worker, "第一条", "第二条")
    where = f"/console/profiles/{worker}/conversation"
    shown = (await clerk.get(where)).text
    assert shown.index("第一条") < shown.index("第二条"), "the newest is last"
    assert shown.count("Waits for an answer") == 2
    form = {"seed": field_of(shown, "seed"), "through": field_of(shown, "through")}
    empty = await clerk.send(where, text="  ", **form)
    assert empty.status_code == 422
    assert field_of(empty.text, "seed") == form["seed"]
    for _ in range(2):
        answer = await clerk.send(where, text="九点", **form)
        assert answer.status_code == 303, answer.text
    written = [each for each in views.messages if each.author is Author.STATION]
    assert [(each.text, each.by) for each in written] == [("九点", clerk.account.id)]
    assert {each.answer_id for each in views.messages if each.author is Author.WORKER} == {
        written[0].id
    }
    assert "Waits for an answer" not in (await clerk.get(where)).text


async def test_a_message_that_came_after_the_page_stays_open(
    clerk: Signed, views: ConversationViews
) -> None:
    worker = views.worker("1", SMS)
    first, later = await replies(views, worker, "第一条", "第二条")
    where = f"/console/profiles/{worker}/conversation"
    assert (await clerk.send(f"{where}/close", through=first)).status_code == 303
    assert [each.id for each in views.messages if each.is_open] == [later]
    shown = (await clerk.get(where)).text
    assert "Needed no answer" in shown
    other = views.worker("2", SMS)
    elsewhere = await clerk.send(
        f"/console/profiles/{other}/conversation", text="x", through=later, seed="1"
    )
    assert elsewhere.status_code == 422, "the message belongs to another conversation"
    assert len(views.messages) == 2


async def test_a_message_that_is_erased_meanwhile_does_not_fail_the_answer(
    clerk: Signed, views: ConversationViews
) -> None:
    worker = views.worker("1", SMS)
    erased, kept = await replies(views, worker, "第一条", "第二条")
    clerk.given.latest.note(tombstone(CONVERSATIONS, erased, source="/t", at=NOW), LATER)
    where = f"/console/profiles/{worker}/conversation"
    form = {"seed": "1", "through": kept}
    assert (await clerk.send(where, text="九点", **form)).status_code == 303
    by_id = {each.id: each for each in views.messages}
    assert not by_id[kept].is_open, "the others are settled"
    assert by_id[erased].is_open, "the tombstone is not undone"


@pytest.mark.parametrize(
    ("channels", "stopped", "words"),
    [
        ((SMS,), False, "An answer goes to: "),
        ((), False, "no channel for messages"),
        ((SMS.model_copy(update={"confirmed": False}),), False, "no channel for messages"),
        ((SMS,), True, "has stopped all messages"),
    ],
)
async def test_the_page_says_whether_an_answer_can_be_sent(
    clerk: Signed,
    views: ConversationViews,
    channels: tuple[Channel, ...],
    stopped: bool,
    words: str,
) -> None:
    worker = views.worker("1", *channels)
    if stopped:
        views.documents["stops", worker] = {"version": 1, "fact": {"stopped": True}}
    assert words in (await clerk.get(f"/console/profiles/{worker}/conversation")).text


async def test_a_worker_writes_on_the_own_page(views: ConversationViews) -> None:
    worker = views.worker("1", SMS)
    own = signed(views, R.WORKER, worker_id=worker)
    aside = await own.get(f"/console/profiles/{worker}/conversation")
    assert (aside.status_code, aside.headers["location"]) == (303, "/console/me/conversation")
    shown = (await own.get("/console/me/conversation")).text
    sent = await own.send(
        "/console/me/conversation", text="我想换班", seed=field_of(shown, "seed"), through=""
    )
    assert sent.status_code == 303
    (message,) = views.messages
    assert (message.author, message.text, message.is_open) == (Author.WORKER, "我想换班", True)
    shown = (await own.get("/console/me/conversation")).text
    assert "我想换班" in shown
    assert "Waits for an answer" not in shown


async def test_employers_and_departments_have_no_access(views: ConversationViews) -> None:
    worker = views.worker("1", SMS)
    for role, confined in ((R.EMPLOYER, {"employer_id": "x"}), (R.DEPARTMENT, {}), (R.AUDITOR, {})):
        stranger = signed(views, role, **confined)
        for path in ("/console/conversations", f"/console/profiles/{worker}/conversation"):
            assert (await stranger.get(path)).status_code == 403, (role, path)


async def test_an_answer_begins_with_a_saved_reply_without_scripts(
    clerk: Signed, views: ConversationViews
) -> None:
    worker = views.worker("1", SMS)
    content = SavedReplyContent(title="面试材料", text="请带身份证原件。")
    saved, record = reply_facts.reply_saved(content, STATION, by="u-1", at=minutes(0))
    clerk.topics.put(record)
    where = f"/console/profiles/{worker}/conversation"
    page = await clerk.get(where)
    assert f'<option value="{saved.id}">面试材料</option>' in page.text
    assert "请带身份证原件。" not in page.text
    assert ">请带身份证原件。</textarea>" in (await clerk.get(where, reply=saved.id)).text
