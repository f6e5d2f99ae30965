"""Import from the command line: stored facts from Elasticsearch, records to Kafka, no accounts."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from shlex import quote

from producers.importing.decision_lines import load_decisions
from producers.importing.file_places import PlaceEvidence
from producers.importing.import_kinds import KINDS
from producers.importing.import_turn import (
    POLL_S,
    READABLE_WITHIN_S,
    ImportTurn,
    NotingPublisher,
    are_shown,
    not_shown_yet,
)
from producers.importing.importer import Importer, nobody_suppressed
from producers.importing.local_employer_names import decided_names, remembered_of_county
from producers.importing.local_views import LocalViews
from producers.importing.reject_lines import RejectedRows
from producers.importing.row_workers import names_no_worker, workers_of
from producers.importing.verdicts import RowOutcome, Summary
from producers.mappings.day_orders import stated_orders, with_day_orders
from producers.mappings.direct_mapping import direct_mapping
from producers.mappings.mapping_files import load_mapping
from producers.publisher import Publisher
from producers.rejected_rows import KeptLines
from producers.rejects_elsewhere import note_path
from producers.tables.sheets import Fault
from producers.values import DayOrder
from roost.county_ids import install_ids, install_ids_for_dry_run
from roost.kafka.reader import KafkaReader
from roost.places.place_search import find_place
from roost.servers.connections import brokers_of
from roost.servers.heap import freeze_heap
from roost.settings import Settings
from roost.time.clock import SystemClock

DAY_ORDER = "--day-order"


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """Options of an import from the command line."""

    mapping: str | None = None
    dry_run: bool = False
    source: str = "import"
    limit: int | None = None
    encoding: str | None = None
    near: tuple[str, ...] = ()
    """Texts that name places nearby, which decide between places of one name."""
    decisions: Path | None = None
    """File of decisions on rows whose person or employer is known."""
    day_orders: tuple[str, ...] = ()
    """Orders of days by column, such as `到岗日期=day-first`."""


def ask_with_option(column: str) -> Fault:
    """Return how to state the order of a column of days on the command line."""
    first, other = (quote(f"{column}={order.value}") for order in DayOrder)
    return Fault(
        f"write {DAY_ORDER} {first}, or {DAY_ORDER} {other}",
        f"请加上 {DAY_ORDER} {first}（日在前）或 {DAY_ORDER} {other}（月在前）",
    )


def ignore_outcome(outcome: RowOutcome) -> None:
    """Ignore the outcome of a row."""


def wait_silently() -> None:
    """Say nothing of a wait for another import."""


@contextmanager
def turn_to_import(
    turn: ImportTurn, views: LocalViews, on_wait: Callable[[], None] = wait_silently
) -> Iterator[None]:
    """Hold the turn among all processes of the data folder, as the API's imports do.

    `on_wait` is called once before a wait. Raises Transient if the views lag behind for too long.
    """
    if not turn.take():
        on_wait()
        while not turn.take():
            time.sleep(POLL_S)
    try:
        _await_writes(turn, views)
        yield
    finally:
        turn.release()


def _await_writes(turn: ImportTurn, views: LocalViews) -> None:
    writes = turn.earlier_writes()
    deadline = time.monotonic() + READABLE_WITHIN_S
    while writes and not are_shown(writes, views.find_versions(list(writes))):
        if time.monotonic() > deadline:
            raise not_shown_yet()
        time.sleep(POLL_S)


def ignore_progress(summary: Summary) -> None:
    """Ignore the progress of an import."""


def run_import(
    settings: Settings,
    kind: str,
    file: Path,
    rejects: Path,
    options: ImportOptions,
    *,
    report: Callable[[RowOutcome], None] = ignore_outcome,
    progress: Callable[[Summary], None] = ignore_progress,
    wait_for_turn: Callable[[], None] = wait_silently,
) -> Summary:
    """Import a file; return once Kafka has acknowledged all records.

    A dry run needs no server, but without Elasticsearch each valid row counts as new.
    Raises Invalid for a file or decisions that cannot be read, for a text in `near` that does not
    name one place, and for a column of days whose order neither the options nor the file tell.
    """
    dry_run = options.dry_run
    near = tuple(find_place(each).key for each in options.near)
    decisions = load_decisions(options.decisions) if options.decisions else {}
    asyncio.run(install_ids_for_dry_run(settings) if dry_run else install_ids(settings))
    content = KINDS[kind].content
    chosen = (
        load_mapping(options.mapping)
        if options.mapping
        else direct_mapping(content, options.source)
    )
    orders = stated_orders(options.day_orders, DAY_ORDER)
    chosen = with_day_orders(chosen, orders, DAY_ORDER)
    people, openings = kind == "profiles", kind == "openings"
    reader = KafkaReader(brokers_of(settings))
    remembered = remembered_of_county(reader, dry_run=dry_run) if openings else {}
    with (
        Publisher(brokers_of(settings)) as publisher,
        LocalViews(settings, dry_run=dry_run) as views,
        ExitStack() as at_end,
    ):
        turn = ImportTurn(settings.data / "imports", SystemClock())
        if not dry_run:
            at_end.enter_context(turn_to_import(turn, views, wait_for_turn))
        kept = KeptLines(rejects, folder=settings.rejects_folder)
        note_path(settings.rejects_folder, rejects)  # before a row: a sweep forgets missing files
        rejected = RejectedRows(kept, workers_of(chosen) if people else names_no_worker)
        at_end.callback(rejected.flush)

        def report_both(outcome: RowOutcome) -> None:
            rejected.take(outcome)
            report(outcome)

        def flush_and_progress(summary: Summary) -> None:
            rejected.flush()
            progress(summary)

        freeze_heap()  # the gazetteer and the words are no garbage
        importer = Importer(
            KINDS[kind],
            chosen,
            SystemClock(),
            settings.zone,
            None if dry_run else NotingPublisher(publisher, turn),
            views.hold_stored,
            find_suppressed=views.find_suppressed if people else nobody_suppressed,
            places=PlaceEvidence(near),
            find_people=views.find_people if people else None,
            find_employers=views.find_employers if openings else None,
            remembered=remembered,
            find_ends=views.find_ends,
            decisions=decisions,
            ask_order=ask_with_option,
        )
        began = SystemClock().now()
        summary = importer.run(
            file,
            report_both,
            limit=options.limit,
            encoding=options.encoding,
            progress=flush_and_progress,
        )
        if openings and decisions and not dry_run:
            publisher.publish(decided_names(decisions, views.find_employers, began))
        return summary
