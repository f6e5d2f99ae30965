"""The texts to an erased worker are taken out of the outbox in place."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

from roost.events.preferences import ChannelKind
from roost.time.leases import UNBOUNDED
from roost.wording import Message
from streams.deliver.channels import OutboxSink
from streams.deliver.outbox import Outbox

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


async def write(sink: OutboxSink, to: str, at: datetime = NOW) -> None:
    await sink.send(Message(f"n-{to}", "答复", f"给 {to} 的话", False), to, "+8610", at, UNBOUNDED)


def erased_flags(path: Path) -> list[bool]:
    return [json.loads(line).get("erased", False) for line in path.read_bytes().splitlines()]


async def test_the_texts_to_an_erased_worker_go_and_all_other_lines_stay(tmp_path: Path) -> None:
    path = tmp_path / "messages.jsonl"
    outbox = Outbox(path)
    sink = OutboxSink(outbox, ChannelKind.SMS)
    for to in ("w-1", "w-2", "w-1"):
        await write(sink, to)
    before = path.read_bytes().splitlines()
    assert await outbox.erase_texts({"w-1": None}) == 2
    await write(sink, "w-3")  # the open descriptor still appends
    after = path.read_bytes().splitlines()
    assert [len(line) for line in after[:3]] == [len(line) for line in before]
    assert after[1] == before[1]
    messages = [json.loads(line) for line in after]
    assert erased_flags(path) == [True, False, True, False]
    assert "body" not in messages[0]
    assert messages[3]["to"] == "w-3"
    assert await outbox.erase_texts({"w-1": None}) == 0, "there is nothing more to erase"


async def test_only_the_texts_up_to_a_time_go_when_one_is_given(tmp_path: Path) -> None:
    path = tmp_path / "messages.jsonl"
    outbox = Outbox(path)
    sink = OutboxSink(outbox, ChannelKind.SMS)
    for minutes in (-1, 0, 1):
        await write(sink, "w-1", NOW + timedelta(minutes=minutes))
    assert await outbox.erase_texts({"w-1": NOW}) == 2
    assert erased_flags(path) == [True, True, False]


async def test_a_line_that_names_another_recipient_in_its_text_stays(tmp_path: Path) -> None:
    path = tmp_path / "messages.jsonl"
    outbox = Outbox(path)
    message = Message("n-1", "答复", '{"to":"w-1"} "to":"w-1"', False)
    await OutboxSink(outbox, ChannelKind.SMS).send(message, "w-2", "+8610", NOW, UNBOUNDED)
    outbox.write(b'not our json, "to":"w-1"')
    assert await outbox.erase_texts({"w-1": None}) == 0
    assert path.read_bytes().count(b"w-1") == 3


async def test_an_empty_outbox_has_nothing_to_erase(tmp_path: Path) -> None:
    assert await Outbox(tmp_path / "new" / "messages.jsonl").erase_texts({"w-1": None}) == 0
