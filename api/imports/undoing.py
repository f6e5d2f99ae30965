"""Undo of a whole import while nothing depends on it: new records go, changed ones are restored."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import orjson

from api.access.principal import Principal
from api.imports import service
from api.imports.exclusive_writes import ExclusiveWrites
from api.imports.import_work import Work
from api.imports.row_rules import RowRules, row_rules
from api.imports.upload import Upload
from api.imports.waiting_jobs import waiting_job
from api.lists.paging import bool_of
from api.ports.services import Services
from producers import facts
from producers.ends_search import ends_of_rows, read_everybody
from producers.importing.import_kinds import KINDS
from producers.importing.verdicts import Summary
from producers.rejected_rows import UNDO_ENDING
from producers.suppressions import registration_taken_back
from roost import ids
from roost.errors import Conflict, RoostError
from roost.events.envelope import Record, keep_unknown_fields, record, tombstone
from roost.events.import_job import ImportJob, ImportState
from roost.events.import_mapping import ImportKind
from roost.events.match import MatchState
from roost.events.opening import Opening
from roost.events.profile import Profile
from roost.topics import (
    CONVERSATIONS,
    MATCHES,
    NOTES,
    OPENINGS,
    PREFERENCES,
    SAVED_SEARCHES,
    STOPS,
)
from roost.views.answers import Json
from roost.views.stored_facts import STORED_FIELDS

CHUNK = 500
IN_USE = (
    MatchState.CLAIMED,
    MatchState.CONTACTED,
    MatchState.REFERRED,
    MatchState.INTERVIEWED,
    MatchState.PLACED,
    MatchState.DECLINED,
)
"""States of a match that somebody has worked on."""
USED: list[Json] = [
    {"terms": {"state": [each.value for each in IN_USE]}},
    {"exists": {"field": "accepted_at"}},
]
"""Matches that somebody has worked on, or that the worker has accepted."""
OWN = (PREFERENCES.name, STOPS.name)
"""Views of what a worker has said: it ends with the profile, and an undo must not lose it."""


@dataclass(frozen=True, slots=True)
class UndoLine:
    """Record that an import published: the version, and the fact that it replaced, if any."""

    id: str
    version: int
    stored: Mapping[str, Any] | None


@dataclass(slots=True)
class UndoPlan:
    """Effect of an undo, and what prevents it."""

    removed: int = 0
    restored: int = 0
    edited: int = 0
    """Records that somebody has changed since."""
    in_use: int = 0
    """New records with a match that somebody has worked on or a worker has accepted, an account,
    preferences, a stop, a conversation, or notes, and restored ones whose former content ends a
    match in progress."""
    already: bool = False
    """True if the import has been taken back, or is being taken back."""
    gone: bool = False
    """True if the replaced facts are no longer kept, or are on another server."""

    @property
    def is_possible(self) -> bool:
        """Whether nothing depends on the import."""
        blocked = self.edited or self.in_use or self.already or self.gone
        return not blocked and bool(self.removed or self.restored)


async def plan_undo(given: Services, who: Principal, id: str) -> UndoPlan:
    """Return the effect of taking an import back. Raises NotFound."""
    job = await service.find_import(given, who, id)
    plan = UndoPlan()
    if undo_of(given, id) is not None:
        plan.already = True
        return plan
    path = undo_path(given, id)
    if job.dry_run or job.undoes is not None or not job.state.over or not path.exists():
        plan.gone = True
        return plan
    reading = undo_lines(path)
    while chunk := await asyncio.to_thread(lambda: list(islice(reading, CHUNK))):
        await _judge(given, job.kind, chunk, plan)
    return plan


def undo_of(given: Services, id: str) -> ImportJob | None:
    """Return the job that takes an import back, if there is one that has not failed."""
    ended = {ImportState.FAILED, ImportState.INTERRUPTED}
    return next(
        (
            each
            for each in given.imports.jobs.newest(given.clock.now())
            if each.undoes == id and each.state not in ended
        ),
        None,
    )


async def begin_undo(given: Services, who: Principal, id: str) -> ImportJob:
    """Queue the undo of an import. Raises NotFound, and Conflict if anything depends on it."""
    plan = await plan_undo(given, who, id)
    if not plan.is_possible:
        raise depends(plan)
    done = await service.find_import(given, who, id)
    job = waiting_job(
        given,
        who,
        ids.derive("i", "undo", id, given.clock.now().isoformat()),
        kind=done.kind,
        undoes=id,
        format=done.format,
        rows=plan.removed + plan.restored,
        sent=ids.derive("u", "undo", id),
    )
    rules = await row_rules(given, who, done.kind, dry_run=False)
    path = undo_path(given, id)
    work = Work(
        job,
        Upload(path, job.format, job.rows, ""),
        rules.authorise,
        kind=KINDS[done.kind],
        keeps_upload=True,
        undo=_Undoing(given, who, done.kind, path, rules).run,
    )
    with given.imports.pending.reserved(who.counted_as):
        return await given.imports.begin(work)


def undo_path(given: Services, id: str) -> Path:
    """Return the path of the facts that an import has replaced."""
    return given.settings.rejects_folder / f"{id}{UNDO_ENDING}"


def undo_lines(path: Path) -> Iterator[UndoLine]:
    """Yield the records of an import; a line that is not complete ends them."""
    with path.open("rb") as lines:
        for line in lines:
            try:
                found = orjson.loads(line)
            except orjson.JSONDecodeError:
                return
            yield UndoLine(found["id"], found["version"], found["stored"])


def depends(plan: UndoPlan) -> Conflict:
    """Return the error for an import that can no longer be taken back."""
    return Conflict(
        f"The import can no longer be undone: {plan.edited} records were edited since, and "
        f"{plan.in_use} are in use. Correct them one by one.",
        f"该导入已不能撤销：{plan.edited} 条已被修改，{plan.in_use} 条已在使用，请逐条更正。",
    )


async def _judge(
    given: Services, kind: ImportKind, chunk: Sequence[UndoLine], plan: UndoPlan
) -> None:
    """Add some records to a plan."""
    view = KINDS[kind].view
    fields = ("version", *STORED_FIELDS)
    found = await given.elastic.mget([(view, each.id) for each in chunk], fields)
    used = await _used(given, kind, [each.id for each in chunk if each.stored is None])
    changes = {
        each.id: (document["fact"], dict(each.stored))
        for each in chunk
        if each.stored is not None
        and not (document := found.get((view, each.id), {"erased": True})).get("erased")
    }
    ends = await ends_of_rows(given.elastic, view, changes, given.today, read_everybody)
    used |= {id for id, number in ends.items() if number}
    for each in chunk:
        seen = found.get((view, each.id), {}).get("version", 0)
        version = max(seen, given.latest.version(view, each.id))
        if version > each.version:
            plan.edited += 1
        elif each.id in used:
            plan.in_use += 1
        elif each.stored is None:
            plan.removed += 1
        else:
            plan.restored += 1


async def _used(given: Services, kind: ImportKind, new: Sequence[str]) -> frozenset[str]:
    """Return the new records that somebody has used: see `UndoPlan.in_use`."""
    if not new:
        return frozenset()
    field = "opening_id" if kind == "openings" else "worker_id"
    body = {
        "query": {
            "bool": {
                "filter": [
                    {"terms": {field: list(new)}},
                    {"bool": {"should": USED, "minimum_should_match": 1}},
                ]
            }
        },
        "_source": [field],
        "size": 1_000,
    }
    page = await given.elastic.search(MATCHES.name, body)
    used = {str(each.source[field]) for each in page.hits}
    if kind == "profiles":
        accounts = given.identities.accounts.values()
        used |= {each.worker_id for each in accounts if each.worker_id in set(new)}
        said = await given.elastic.mget([(view, id) for id in new for view in OWN], ("erased",))
        used |= {id for (_, id), document in said.items() if not document.get("erased")}
        for view in (CONVERSATIONS.name, NOTES.name, SAVED_SEARCHES.name):
            (texts,) = await given.elastic.tallies(view, [("worker_id", new, bool_of([]))])
            used |= texts.keys()
    return frozenset(used)


@dataclass(slots=True)
class _Undoing:
    """Work of an undo, in the thread of imports."""

    given: Services
    who: Principal
    kind: ImportKind
    path: Path
    rules: RowRules
    summary: Summary = field(default_factory=Summary)

    def run(self, writes: ExclusiveWrites, progress: Callable[[Summary], None]) -> None:
        """Judge all records again, then take them back in chunks. Raises Conflict."""
        plan = UndoPlan()
        reading = undo_lines(self.path)
        while chunk := list(islice(reading, CHUNK)):
            writes.await_on_loop(_judge(self.given, self.kind, chunk, plan))
        if not plan.is_possible:
            raise depends(plan)
        reading = undo_lines(self.path)
        while chunk := list(islice(reading, CHUNK)):
            self._take_back(chunk, writes)
            progress(self.summary)
        self.path.unlink(missing_ok=True)

    def _take_back(self, chunk: Sequence[UndoLine], writes: ExclusiveWrites) -> None:
        """Publish the tombstones and the former facts of some records, under their locks."""
        view = KINDS[self.kind].view
        with writes.hold_stored(view, [each.id for each in chunk]) as stored:
            plan = UndoPlan()
            writes.await_on_loop(_judge(self.given, self.kind, chunk, plan))
            records: list[Record] = []
            for each in chunk:
                self.summary.read += 1
                current = stored.get(each.id)
                if current is None or plan.edited or plan.in_use:
                    self.summary.rejected += 1
                    continue
                try:
                    records += self._records(each, current)
                except RoostError:
                    self.summary.rejected += 1
            writes.publish(records)
            self.summary.published = self.summary.read - self.summary.rejected

    def _records(self, line: UndoLine, current: Mapping[str, Any]) -> list[Record]:
        """Return the records that take one record back. Raises Forbidden, Conflict."""
        now, model = self.given.clock.now(), Opening if self.kind == "openings" else Profile
        self.rules.authorise(current, model.from_stored(current))
        if line.stored is not None:
            fact = model.from_stored(line.stored)
            restored = record(fact, line.id, source=facts.API, at=now)
            return [keep_unknown_fields(restored, line.stored)]
        if self.kind == "openings":
            return [tombstone(OPENINGS, line.id, source=facts.API, at=now)]
        return [
            registration_taken_back(line.id, self.who.id, at=now),
            facts.profile_erased(line.id, at=now),
        ]
