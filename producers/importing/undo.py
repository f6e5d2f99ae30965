"""Undo of an import: new entities are withdrawn, changed ones get their former fact back. Pure.

An entity that was edited since, or with a match that somebody acted upon, is left as it is, and
named. The former facts are personal data: the lines belong into a private file that expires, and
carry the worker's id, so that an erasure finds them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from producers.importing.import_kinds import StoredFact
from producers.importing.verdicts import RowOutcome, Verdict
from roost.errors import Conflict, FieldError
from roost.events.envelope import Record, keep_unknown_fields, record, tombstone
from roost.events.suppression import Suppression
from roost.topics import PROFILES, TOPICS

SOURCE = "/import-undo"
_TOPICS = {topic.name: topic for topic in TOPICS}


@dataclass(frozen=True, slots=True)
class UndoEntry:
    """Effect of an import on one entity: the row, a digest of the new fact, the former fact."""

    view: str
    id: str
    line: int
    sheet: str
    digest: str
    before: Mapping[str, Any] | None

    def to_line(self) -> str:
        """Return the entry as a line of JSON."""
        found: dict[str, Any] = {
            "view": self.view,
            "id": self.id,
            "line": self.line,
            "sheet": self.sheet,
            "digest": self.digest,
            "before": self.before,
        }
        if self.view == PROFILES.name:
            found["worker"] = self.id
        return json.dumps(found, ensure_ascii=False)


def entry_of(line: str) -> UndoEntry:
    """Return the entry of a line."""
    found = json.loads(line)
    names = ("view", "id", "line", "sheet", "digest", "before")
    return UndoEntry(*(found[name] for name in names))


def undo_entry(outcome: RowOutcome) -> UndoEntry | None:
    """Return the entry of a row that published a fact; None for any other row."""
    event = outcome.event()
    if event is None or outcome.record is None or outcome.change is Verdict.UNCHANGED:
        return None
    return UndoEntry(
        outcome.record.topic.name,
        outcome.id,
        outcome.row.line,
        outcome.row.sheet,
        fact_digest(event),
        outcome.stored,
    )


def fact_digest(fact: Mapping[str, Any]) -> str:
    """Return a digest of a fact, which does not depend on the order of its fields."""
    data = orjson.dumps(fact, option=orjson.OPT_SORT_KEYS)
    return hashlib.blake2b(data, digest_size=16).hexdigest()


def undo_records(
    entry: UndoEntry, current: StoredFact, *, acted: bool, by: str, at: datetime
) -> list[Record]:
    """Return the records that undo one row; none if the entity is gone already.

    `acted` is true if somebody acted upon a match of the entity. Raises Conflict, which names
    the row, for an entity that was edited since or has such a match.
    """
    if current is None:
        return []
    if fact_digest(current) != entry.digest:
        raise _kept(entry, "was edited since", "导入后已被修改")
    if acted:
        raise _kept(entry, "has a match that somebody acted upon", "已有处理中的匹配记录")
    topic = _TOPICS[entry.view]
    if entry.before is not None:
        former = topic.event.model_validate(entry.before, extra="ignore")
        restored = record(former, entry.id, source=SOURCE, at=at)
        return [keep_unknown_fields(restored, entry.before)]
    withdrawn = tombstone(topic, entry.id, source=SOURCE, at=at)
    if topic is not PROFILES:
        return [withdrawn]
    # The worker was not erased on request: the corrected file may register them again.
    welcome = Suppression(worker_id=entry.id, suppressed=False, at=at, by=by)
    return [record(welcome, entry.id, source=SOURCE, at=at), withdrawn]


def _kept(entry: UndoEntry, why: str, why_zh: str) -> Conflict:
    place = f"{entry.sheet}!{entry.line}" if entry.sheet else str(entry.line)
    return Conflict(
        f"row {place} {why} and stays as it is",
        f"第 {place} 行{why_zh}，保留现状",
        fields=(FieldError(place, f"{why} and stays as it is", f"{why_zh}，保留现状"),),
    )
