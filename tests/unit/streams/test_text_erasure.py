"""Texts about an erased worker are erased, in whatever order the stage reads the two facts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from itertools import permutations
from typing import Any, cast

import pytest

from roost import ids
from roost.events.conversation import Author, ConversationMessage
from roost.events.envelope import Record, record, tombstone
from roost.events.note import Note, NoteAbout
from roost.kafka.incoming import Fact, Incoming
from roost.kafka.ports import Position
from roost.time.clock import FixedClock
from roost.topics import PROFILES, TOPICS, Topic, topic_of
from roost.views.answers import Hit, Page, Write
from roost.views.elastic import Json
from streams.index.index_stage import IndexStage
from streams.index.text_erasure import WRITTEN, TextErasure, concerned_workers
from streams.views.editions import Editions
from tests.unit.streams.in_memory import NOON

WORKER, OTHER = ids.worker_id("t", "1"), ids.worker_id("t", "2")


def message(number: int, worker: str = WORKER) -> ConversationMessage:
    return ConversationMessage(
        id=ids.derive("d", str(number)),
        worker_id=worker,
        author=Author.WORKER,
        text="明天几点面试？",
        sent_at=NOON,
    )


def note(number: int, worker: str = WORKER) -> Note:
    return Note(
        id=ids.derive("j", str(number)),
        about=NoteAbout.WORKER,
        worker_id=worker,
        text="周三前请勿致电。",
        by="u-1",
        written_at=NOON,
    )


Writes = Callable[..., Any]
written = pytest.mark.parametrize("text", [message, note])


def fact(made: Record, event: Any, offset: int) -> Fact[Any]:
    key = made.key.encode()
    return Fact(made.key, event, Incoming(made.topic, 0, offset, key, made.value, NOON))


def of_text(said: Any) -> Fact[Any]:
    return fact(record(said, said.id, source="/test", at=NOON), said, 1)


ERASED = fact(tombstone(PROFILES, WORKER, source="/test", at=NOON), None, 7)

REGISTERED_AGAIN: Fact[Any] = Fact(
    WORKER, object(), Incoming(PROFILES, 0, 8, WORKER.encode(), b"{}", NOON)
)


def meets(document: Json, condition: Json) -> bool:
    """Return whether a document meets a condition of the searches for texts."""
    if "bool" in condition:
        return all(meets(document, each) for each in condition["bool"]["filter"])
    if "range" in condition:
        ((field, bounds),) = condition["range"].items()
        return bool(document.get(field, "") <= bounds["lte"])
    return document.get("worker_id") in condition["terms"]["worker_id"]


class Views:
    """The views of workers and texts; every write is refreshed at once."""

    def __init__(self) -> None:
        self.documents: dict[tuple[str, str], Json] = {}

    async def mget(
        self, keys: Sequence[tuple[str, str]], fields: Sequence[str] | None = None
    ) -> dict[tuple[str, str], Json]:
        return {key: self.documents[key] for key in keys if key in self.documents}

    async def search(self, view: str, body: Json) -> Page:
        (either,) = body["query"]["bool"]["filter"]
        after = body.get("search_after", [""])[0]
        hits = [
            Hit(id, None, {}, (id,))
            for (of, id), document in sorted(self.documents.items())
            if of == view
            and any(meets(document, each) for each in either["bool"]["should"])
            and id > after
        ]
        return Page(tuple(hits[: body["size"]]), len(hits))

    async def write(self, writes: Sequence[Write], *, refresh: bool = False) -> list[Any]:
        for each in writes:
            self.documents[each.view, each.id] = each.document
        return []


class Topics:
    def __init__(self) -> None:
        self.records: list[Record] = []

    async def publish(self, records: Iterable[Record]) -> list[Position]:
        made = list(records)
        self.records += made
        return [Position(each.topic.name, 0, 100) for each in made]


def stage() -> tuple[Views, Topics, TextErasure]:
    views, topics = Views(), Topics()
    clock = FixedClock(NOON)
    return views, topics, TextErasure(cast(Any, views), topics, clock)


def test_a_batch_concerns_erased_workers_and_those_with_texts() -> None:
    kept = of_text(message(1, OTHER))
    of_employer = note(1).model_copy(update={"worker_id": None})
    assert concerned_workers([ERASED, kept, of_text(of_employer)]) == {WORKER, OTHER}
    assert concerned_workers([of_text(note(1))]) == {WORKER}
    assert concerned_workers([]) == set()


ORDERS = [
    order
    for order in permutations(("write tombstone", "look", "write message", "look again"))
    if order.index("write tombstone") < order.index("look")
    and order.index("write message") < order.index("look again")
]


@written
@pytest.mark.parametrize("order", ORDERS, ids=" < ".join)
async def test_of_a_text_and_an_erasure_at_the_same_time_the_erasure_wins(
    order: Sequence[str], text: Writes
) -> None:
    views, topics, erasure = stage()
    views.documents[PROFILES.name, WORKER] = {"fact": {}}
    said = text(1)
    topic = topic_of(type(said))
    for step in order:
        match step:
            case "write tombstone":
                views.documents[PROFILES.name, WORKER] = {"erased": True}
            case "write message":
                document: Json = {"worker_id": WORKER, "fact": said.to_dict()}
                views.documents[topic.name, said.id] = document
            case "look":
                await erasure.after([ERASED])
            case _:
                await erasure.after([of_text(said)])
    left = views.documents[topic.name, said.id]
    assert left == {"id": said.id, "version": 101, "erased": True}
    assert {(each.topic, each.key, each.value) for each in topics.records} == {
        (topic, said.id, None)
    }


@written
async def test_the_texts_of_others_stay_and_a_repeat_erases_nothing(text: Writes) -> None:
    views, topics, erasure = stage()
    views.documents[PROFILES.name, WORKER] = {"erased": True}
    views.documents[PROFILES.name, OTHER] = {"fact": {}}
    for said in (text(1, OTHER), text(2), text(3)):
        topic = topic_of(type(said))
        document: Json = {"worker_id": said.worker_id, "fact": said.to_dict()}
        views.documents[topic.name, said.id] = document
    for _ in range(2):
        await erasure.after([ERASED, of_text(text(1, OTHER))])
    assert [each.key for each in topics.records] == sorted([text(2).id, text(3).id])
    assert "fact" in views.documents[topic.name, text(1).id]


@written
async def test_a_worker_who_is_registered_again_in_the_batch_keeps_new_texts_alone(
    text: Writes,
) -> None:
    views, topics, erasure = stage()
    views.documents[PROFILES.name, WORKER] = {"fact": {}}
    old, new = text(1), text(2)
    topic = topic_of(type(old))
    for said, at in ((old, NOON - timedelta(days=1)), (new, NOON + timedelta(minutes=1))):
        document: Json = {"worker_id": WORKER, "fact": said.to_dict()}
        document[WRITTEN[topic]] = at.isoformat()
        views.documents[topic.name, said.id] = document
    await erasure.after([ERASED, REGISTERED_AGAIN])
    assert [(each.key, each.value) for each in topics.records] == [(old.id, None)]
    assert "fact" in views.documents[topic.name, new.id]


async def test_the_stage_hands_over_the_erasures_that_newer_versions_hide(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen: list[Fact[Any]] = []

    async def after(self: TextErasure, facts: Sequence[Fact[Any]]) -> None:
        seen.extend(facts)

    async def written(*_: Any) -> list[Any]:
        return []

    monkeypatch.setattr(TextErasure, "after", after)
    monkeypatch.setattr(Editions, "run_on_current", written)
    views: Any = Views()
    indexing = IndexStage(views, Topics(), FixedClock(NOON), cast(Any, None))
    await indexing.handle([ERASED, REGISTERED_AGAIN])
    assert ERASED in seen


def test_every_topic_of_texts_about_a_worker_is_erased() -> None:
    texts = {each for each in TOPICS if each.compacted and _names_a_worker(each)}
    assert texts == set(WRITTEN)


def _names_a_worker(topic: Topic) -> bool:
    """Return whether the events of a topic hold a text and the worker whom it concerns."""
    fields = topic.event.model_fields.keys()
    return "worker_id" in fields and not fields.isdisjoint({"text", "words"})
