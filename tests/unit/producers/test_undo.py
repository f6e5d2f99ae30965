"""Undo of an import: withdrawn, restored, or left alone and named."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from producers.importing.undo import UndoEntry, entry_of, undo_entry, undo_records
from roost.errors import Conflict
from roost.events.envelope import Record
from tests.unit.producers.import_runs import (
    NOW,
    OPENING,
    WORKER,
    D,
    Imported,
    Memory,
    P,
    imported_table,
)


def entries(found: Imported) -> list[UndoEntry]:
    made = [undo_entry(each) for each in found.outcomes]
    return [entry_of(each.to_line()) for each in made if each is not None]


def undone(entry: UndoEntry, memory: Memory, *, acted: bool = False) -> list[Record]:
    records = undo_records(entry, memory.facts.get(entry.id), acted=acted, by="u-1", at=NOW)
    for each in records:
        if each.topic.name == entry.view:
            if each.value is None:
                memory.facts.pop(each.key, None)
            else:
                memory.facts[each.key] = json.loads(each.value)
    return records


def imported(folder: Path, kind: str, memory: Memory | None = None, **cells: str) -> Imported:
    if kind == "openings":
        return imported_table(folder, kind, D, OPENING | cells, memory=memory)
    return imported_table(folder, kind, P, WORKER | cells, memory=memory, mapping="zh_profiles")


@pytest.mark.parametrize(("kind", "change"), [("openings", "title"), ("profiles", "姓名")])
def test_a_changed_entity_gets_its_former_fact_back(tmp_path: Path, kind: str, change: str) -> None:
    first = imported(tmp_path, kind)
    [id] = first.memory.facts
    first.memory.facts[id]["newField"] = 7
    before = dict(first.memory.facts[id])
    second = imported(tmp_path, kind, first.memory, **{change: "李四"})
    [entry] = entries(second)
    undone(entry, first.memory)
    assert first.memory.facts[id] == before


@pytest.mark.parametrize("kind", ["openings", "profiles"])
def test_a_new_entity_is_withdrawn_and_can_be_imported_again(tmp_path: Path, kind: str) -> None:
    first = imported(tmp_path, kind)
    [entry] = entries(first)
    records = undone(entry, first.memory)
    assert first.memory.facts == {}
    assert [each.topic.name for each in records][-1] == kind
    if kind == "profiles":
        assert json.loads(records[0].value or b"")["suppressed"] is False
        assert json.loads(entry.to_line())["worker"] == entry.id
    assert undone(entry, first.memory) == []
    assert imported(tmp_path, kind, first.memory).summary.published == 1


@pytest.mark.parametrize(
    ("edit", "acted", "words"),
    [({"title": "木工"}, False, "edited since"), ({}, True, "acted upon")],
)
def test_an_entity_with_later_work_stays_and_is_named(
    tmp_path: Path, edit: dict[str, Any], acted: bool, words: str
) -> None:
    first = imported(tmp_path, "openings")
    [entry] = entries(first)
    first.memory.facts[entry.id] |= edit
    with pytest.raises(Conflict, match=f"row 2 .*{words}") as caught:
        undone(entry, first.memory, acted=acted)
    assert "第 2 行" in caught.value.message_zh


def test_rows_that_published_nothing_have_nothing_to_undo(tmp_path: Path) -> None:
    first = imported(tmp_path, "openings")
    assert entries(imported(tmp_path, "openings", first.memory)) == []
    assert entries(imported(tmp_path, "openings", jobLocation="无此地方")) == []
