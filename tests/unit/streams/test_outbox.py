"""The outbox forgets who was erased, in its place."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

from roost.events.preferences import ChannelKind
from roost.wording import Message
from streams.deliver.channels import OutboxSink
from streams.deliver.outbox import Outbox, forget

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


async def write(sink: OutboxSink, to: str) -> None:
    await sink.send(Message(f"n-{to}", "答复", f"给 {to} 的话", False), to, "+8610", NOW)


async def test_the_words_to_an_erased_worker_go_and_all_other_lines_stay(tmp_path: Path) -> None:
    path = tmp_path / "messages.jsonl"
    sink = OutboxSink(Outbox(path), ChannelKind.SMS)
    for to in ("w-1", "w-2", "w-1"):
        await write(sink, to)
    before = path.read_bytes().splitlines()
    assert forget(path, ["w-1"]) == 2
    await write(sink, "w-3")  # who has it open goes on
    after = path.read_bytes().splitlines()
    assert [len(line) for line in after[:3]] == [len(line) for line in before]
    assert after[1] == before[1]
    said = [json.loads(line) for line in after]
    assert [each.get("erased", False) for each in said] == [True, False, True, False]
    assert "body" not in said[0]
    assert said[3]["to"] == "w-3"
    assert forget(path, ["w-1"]) == 0, "there is nothing more to forget"


def test_without_an_outbox_there_is_nothing_to_forget(tmp_path: Path) -> None:
    assert forget(tmp_path / "none.jsonl", ["w-1"]) == 0
