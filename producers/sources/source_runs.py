"""One run of a source: read its pages, import them, close what was withdrawn, record the state.

1. Record that the run has begun, so that a killed one counts as failed.
2. Import each page (`listing_import`), after its accepted advertisements are entered. A source of
   changes keeps its cursor after every page.
3. Decide on withdrawals (`withdrawals`), enter them ahead, close them, and enter them as withdrawn.
4. Record the state with the counts, the validators and the time of the next run.

Every step may be repeated: rows that are stored already change nothing, and a closed opening is
closed once. A kill between two steps repeats the run.
"""

from __future__ import annotations

from collections.abc import Iterator, Set
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import structlog

from producers import source_facts
from producers.mappings.mapping_model import Mapping as MappingFile
from producers.sources.http_fetching import Bounds, Validators
from producers.sources.listing_import import Entries, ImportPorts, ListingImport
from producers.sources.pages import Page, Position, pages
from producers.sources.run_faults import RunFailed
from producers.sources.run_times import due_after_failure, due_after_success
from producers.sources.source_mappings import mapping_of
from producers.sources.withdrawals import (
    Withdrawals,
    decide_removals,
    decide_withdrawals,
    missing_from,
)
from roost.errors import Invalid, RoostError, Transient
from roost.events.envelope import content_id
from roost.events.import_mapping import SavedMapping
from roost.events.source import (
    KEPT_RUNS,
    RunFault,
    RunOutcome,
    Source,
    SourceMode,
    SourceRun,
    SourceState,
)

_log = structlog.get_logger(__name__)
LONGEST_WHY = 500


@dataclass(frozen=True, slots=True)
class RunPorts:
    """Surroundings of runs: the import's ports, the folders, and the bounds of downloads."""

    imports: ImportPorts
    root: Path
    """Folder that holds the folders of sources."""
    bounds: Bounds


def definition_of(source: Source, mapping: MappingFile) -> str:
    """Return the hash of everything that the meaning of an answer depends on."""
    parts = (
        source.url or "",
        source.folder or "",
        source.mode.value,
        source.cursor.model_dump_json() if source.cursor else "",
        source.removal.model_dump_json() if source.removal else "",
        mapping.model_dump_json(),
        *((source.near,) if source.near else ()),
    )
    return content_id("", "", "\x1f".join(parts).encode())


def begun(source: Source, state: SourceState | None, at: datetime) -> SourceState:
    """Return the state of a source whose run begins."""
    if state is None:
        return SourceState(source_id=source.id, definition="", due_at=at, running_since=at)
    return state.model_copy(update={"running_since": at})


def run_source(
    source: Source,
    state: SourceState | None,
    entries: Entries,
    ports: RunPorts,
    elsewhere: Set[str] = frozenset(),
    saved: SavedMapping | None = None,
) -> SourceState:
    """Read a source once; return its new state, which is published. Raises Transient.

    `elsewhere` are the openings that other sources list; `saved` is the source's mapping, if it was
    saved in the console. A failure of the source, or of a server
    while it is read, is part of the state.
    """
    clock = ports.imports.clock
    started = clock.now()
    running = begun(source, state, started)
    _publish(ports, running)
    run = _Run(source, running, entries, ports, started, elsewhere, saved)
    try:
        ended = run.read()
    except RunFailed as error:
        ended = run.failed(error)
    except Transient as error:
        ended = run.failed(RunFailed(RunFault.SERVICE, error.message, error.message_zh))
    except RoostError as error:
        ended = run.failed(RunFailed(RunFault.UNREADABLE, error.message, error.message_zh))
    except Exception as error:  # noqa: BLE001  the other sources must still be read
        _log.error("source_run_failed", source=source.id, error=type(error).__name__)
        ended = run.failed(
            RunFailed(
                RunFault.SERVICE,
                "Internal error; the details are in the log.",
                "系统内部错误，已记录。",
            )
        )
    _publish(ports, ended)
    return ended


def killed(source: Source, state: SourceState, at: datetime, ports: RunPorts) -> SourceState:
    """Record that the process of a run was killed; the next one waits as after a failure."""
    assert state.running_since is not None
    run = _Run(source, state, {}, ports, state.running_since)
    ended = run.failed(
        RunFailed(
            RunFault.SERVICE,
            "The process ended during the run; it is repeated.",
            "处理过程中进程中断，将重新读取。",
        )
    )
    _publish(ports, ended)
    return ended


def _publish(ports: RunPorts, state: SourceState) -> None:
    at = ports.imports.clock.now()
    ports.imports.publisher.publish([source_facts.state_record(state, at=at)])


class _Run:
    """One run in progress."""

    def __init__(
        self,
        source: Source,
        state: SourceState,
        entries: Entries,
        ports: RunPorts,
        started: datetime,
        elsewhere: Set[str] = frozenset(),
        saved: SavedMapping | None = None,
    ) -> None:
        self._source = source
        self._state = state
        self._entries = entries
        self._ports = ports
        self._started = started
        self._elsewhere = elsewhere
        self._saved = saved
        self._import: ListingImport | None = None
        self._closed = 0

    def read(self) -> SourceState:
        """Read all pages, and carry out what follows from them. Raises RunFailed and RoostError."""
        try:
            mapping = mapping_of(self._source, self._ports.root, self._saved)
        except Invalid as error:
            raise RunFailed(RunFault.MAPPING, error.message, error.message_zh) from None
        definition = definition_of(self._source, mapping)
        imported = self._import = ListingImport(
            self._source.id,
            mapping,
            self._source.removal,
            self._entries,
            self._ports.imports,
            self._elsewhere,
            self._source.near,
        )
        read = self._changes if self._source.mode is SourceMode.CHANGES else self._listing
        with TemporaryDirectory(prefix="roost-source-") as scratch:
            decided = read(imported, definition, self._pages(definition, Path(scratch)))
        if decided is None:
            return self._ended(RunOutcome.UNCHANGED, self._state)
        changes = {
            "definition": definition,
            "held": decided.held,
            "held_reason": decided.reason,
            "held_matches": self._held_matches(imported, decided),
            "listed": sum(each.listed for each in imported.entries.values()),
            "problems": tuple(imported.found.problems),
        }
        outcome = RunOutcome.HELD if decided.held else RunOutcome.READ
        return self._ended(outcome, self._state.model_copy(update=changes))

    def _listing(
        self, imported: ListingImport, definition: str, found: Iterator[Page]
    ) -> Withdrawals | None:
        """Import a whole listing, then close what is missing; return None if it is unchanged."""
        last: Page | None = None
        for last in found:
            imported.take(last.path)
        if last is None:
            return None
        imported.check_readable()
        decided = decide_withdrawals(
            imported.found.listing,
            imported.entries,
            self._source.most_withdrawn_percent,
            self._confirmed(),
        )
        self._closed = imported.close_withdrawn(decided.closing)
        self._state = self._state.model_copy(update=_kept(last))
        return decided

    def _changes(
        self, imported: ListingImport, definition: str, found: Iterator[Page]
    ) -> Withdrawals | None:
        """Import each page, close what it marks, and keep its cursor.

        A page with more withdrawals than the limit ends the run before its cursor is kept, so that
        the next run reads it again. Returns None if nothing has changed.
        """
        decided = None
        for page in found:
            imported.take(page.path)
            imported.check_readable()
            decided = decide_removals(
                imported.removed_openings(),
                imported.entries,
                self._source.most_withdrawn_percent,
                self._confirmed(),
                self._closed,
            )
            if decided.held:
                return decided
            self._closed += imported.close_withdrawn(decided.closing)
            kept = {"definition": definition, **_kept(page)}
            self._state = self._state.model_copy(update=kept)
            _publish(self._ports, self._state)
        return decided

    def _held_matches(self, imported: ListingImport, decided: Withdrawals) -> int:
        """Return the number of matches in progress that end if held withdrawals are confirmed."""
        if not decided.held:
            return 0
        entries = imported.entries
        if self._source.mode is SourceMode.LISTING:
            return imported.count_ends(missing_from(imported.found.listing, entries))
        removed = imported.removed_openings()
        return imported.count_ends(
            sorted(removed & {id for id, each in entries.items() if each.listed})
        )

    def failed(self, error: RunFailed) -> SourceState:
        """Return the state after a failure; nothing was closed because of it."""
        now = self._ports.imports.clock.now()
        failures = self._state.failures + 1
        due = due_after_failure(
            self._source.schedule, now, failures, self._ports.imports.zone, error.retry_after
        )
        changes = {"running_since": None, "failures": failures, "due_at": due}
        run = self._summary(RunOutcome.FAILED, now, error)
        return _with_run(self._state.model_copy(update=changes), run)

    def _pages(self, definition: str, scratch: Path) -> Iterator[Page]:
        return pages(
            self._source,
            self._position(definition),
            self._ports.root,
            scratch,
            self._ports.bounds,
            self._ports.imports.clock.now(),
        )

    def _position(self, definition: str) -> Position:
        """Return the position to read from: the beginning after a change of the definition.

        An answer is read in full, whether it has changed or not, if a person asks for a run or
        withdrawals wait.
        """
        state, source = self._state, self._source
        if state.definition != definition:
            return Position()
        last = state.last
        asked = [each for each in (source.run_asked_at, source.confirmed_at) if each is not None]
        is_asked = last is None or any(each > last.started_at for each in asked)
        if is_asked or state.held:
            keeps = source.mode is SourceMode.CHANGES
            return Position(state.cursor) if keeps else Position()
        return Position(state.cursor, Validators(state.etag, state.last_modified))

    def _confirmed(self) -> int:
        """Return the number of withdrawals that a person has confirmed since the last run."""
        at, last = self._source.confirmed_at, self._state.last
        if at is None or (last is not None and at <= last.started_at):
            return 0
        return self._source.confirmed_withdrawals

    def _ended(self, outcome: RunOutcome, state: SourceState) -> SourceState:
        now = self._ports.imports.clock.now()
        changes = {
            "running_since": None,
            "failures": 0,
            "succeeded_at": now,
            "due_at": due_after_success(
                self._source.schedule, self._started, self._ports.imports.zone
            ),
        }
        return _with_run(state.model_copy(update=changes), self._summary(outcome, now))

    def _summary(
        self, outcome: RunOutcome, now: datetime, error: RunFailed | None = None
    ) -> SourceRun:
        counts: dict[str, int] = {}
        if self._import is not None:
            found = self._import.found
            counts = {
                "read": found.read,
                "published": found.published,
                "unchanged": found.unchanged,
                "rejected": found.rejected,
                "closed": self._closed,
                "reopened": len(found.reopened),
                "ended_matches": found.ended_matches,
            }
        return SourceRun(
            started_at=self._started,
            ended_at=max(now, self._started),
            outcome=outcome,
            fault=error.fault if error is not None else None,
            why=error.message[:LONGEST_WHY] if error is not None else "",
            why_zh=error.message_zh[:LONGEST_WHY] if error is not None else "",
            **counts,
        )


def _kept(page: Page) -> dict[str, object]:
    """Return the fields of a state that a processed page sets."""
    return {
        "cursor": page.cursor,
        "etag": page.validators.etag,
        "last_modified": page.validators.last_modified,
    }


def _with_run(state: SourceState, run: SourceRun) -> SourceState:
    """Return the state with one more run; runs without a change are kept as one."""
    runs = list(state.runs)
    if runs and run.outcome is runs[-1].outcome is RunOutcome.UNCHANGED:
        runs.pop()
    return state.model_copy(update={"runs": (*runs, run)[-KEPT_RUNS:]})
