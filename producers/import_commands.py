"""`roost import` and `roost simulate`."""

from __future__ import annotations

import asyncio
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from roost.servers.connections import brokers_of
from roost.settings import Settings
from roost.text.terminal_text import terminal_text

if TYPE_CHECKING:
    from producers.importing.verdicts import PlaceQuestion, RowOutcome, Summary

SHOWN_CANDIDATES = 6
"""Places that a question of the command line names."""
REJECTED = 4
"""Exit status of a strict import with rejected rows."""

imports = typer.Typer(
    no_args_is_help=True,
    help="Put openings, profiles or stations from a file into Kafka: XLSX, XLS, ODS, CSV, JSON.",
)

File = Annotated[
    Path, typer.Argument(exists=True, dir_okay=False, help="XLSX, XLS, ODS, CSV, TSV or JSON")
]
MappingName = Annotated[
    str | None,
    typer.Option("--mapping", help="A mapping's name or file; without one, columns are fields."),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Check everything, publish nothing.")]
Rejects = Annotated[
    Path | None,
    typer.Option(
        "--rejects", help="File for rejected rows, which expires; by default in <data>/rejects."
    ),
]
Source = Annotated[str, typer.Option("--source", help="Origin of the rows: part of their ids.")]
Limit = Annotated[int | None, typer.Option("--limit", min=1, help="Only the first rows.")]
Strict = Annotated[bool, typer.Option("--strict", help="Exit with status 4 if a row is rejected.")]
Encoding = Annotated[
    str | None,
    typer.Option("--encoding", help="Encoding of a text, e.g. gb18030; found by default."),
]
Near = Annotated[
    list[str] | None,
    typer.Option(
        "--near",
        help="A place nearby, such as the county of the file; decides between places of one name.",
    ),
]
DayOrders = Annotated[
    list[str] | None,
    typer.Option(
        "--day-order",
        metavar="COLUMN=ORDER",
        help="Order of a column such as 1/5/2026: COLUMN=day-first or =month-first; repeatable.",
    ),
]
AsJson = Annotated[
    bool, typer.Option("--json", help="Print one JSON object per row, in the order of the file.")
]

Decisions = Annotated[
    Path | None,
    typer.Option(
        "--decisions",
        exists=True,
        dir_okay=False,
        help='Lines of --json with "decision": "another", or the id of the same person '
        "or employer.",
    ),
]

HELP = {
    "openings": """Import openings.

    Examples:
        roost import openings NYC_Jobs.csv --mapping nyc_jobs

        roost import openings jobs.xlsx --mapping my_columns.yaml --dry-run
    """,
    "profiles": """Import workers' profiles.

    Examples:
        roost import profiles roster.csv --mapping zh_profiles

        roost import profiles roster.jsonl --strict
    """,
    "stations": """Import the registry of stations.

    Example:
        roost import stations stations.csv
    """,
}


def _add_command(kind: str, help: str) -> None:
    """Add `roost import KIND`; the options are the same for every kind."""

    @imports.command(kind, help=help)
    def import_file(
        file: File,
        mapping: MappingName = None,
        dry_run: DryRun = False,
        rejects: Rejects = None,
        source: Source = "import",
        limit: Limit = None,
        strict: Strict = False,
        encoding: Encoding = None,
        near: Near = None,
        decisions: Decisions = None,
        day_order: DayOrders = None,
        json: AsJson = False,
    ) -> None:
        from producers.importing.local_import import ImportOptions, ignore_outcome, run_import

        settings = Settings()
        rejects = _rejects_of(settings, file, rejects)
        options = ImportOptions(
            mapping,
            dry_run,
            source,
            limit,
            encoding,
            near=tuple(near or ()),
            decisions=decisions,
            day_orders=tuple(day_order or ()),
        )
        report = _print_outcome if json else ignore_outcome
        with ImportProgress(file, quiet=json) as progress:
            summary = run_import(
                settings,
                kind,
                file,
                rejects,
                options,
                report=report,
                progress=progress,
                wait_for_turn=_say_waiting,
            )
        _report(summary, rejects, dry_run, strict, to_errors=json)


for _kind, _help in HELP.items():
    _add_command(_kind, _help)


@imports.command("rejected")
def rejected(
    rejects: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, help="File of rejected rows (JSON lines)")
    ],
    out: Annotated[Path, typer.Argument(dir_okay=False, help="Workbook to write (XLSX)")],
    language: Annotated[str, typer.Option("--language", help="zh or en")] = "zh",
) -> None:
    """Write rejected rows as a workbook with the reasons, to be corrected and imported again.

    Example:
        roost import rejected data/rejects/roster.csv.20261130-101500.rejects.jsonl corrected.xlsx
    """
    from producers.importing.reject_workbook import write_reject_workbook

    if language not in {"zh", "en"}:
        raise typer.BadParameter("write zh or en", param_hint="--language")
    write_reject_workbook(rejects, out, language)
    typer.echo(f"{out}: delete it when the rows are corrected; it does not expire")


def _rejects_of(settings: Settings, file: Path, chosen: Path | None) -> Path:
    """Return the file for the rejected rows, after removing those that have expired."""
    from producers.rejected_rows import new_rejects_path, prune_rejected_rows
    from roost.time.clock import SystemClock

    now = SystemClock().now()
    prune_rejected_rows(settings.rejects_folder, now, timedelta(days=settings.rejects_days))
    return chosen or new_rejects_path(settings.rejects_folder, file, now)


def _say_waiting() -> None:
    typer.echo("Another import is running; this one begins when it has ended.", err=True)


def _print_outcome(outcome: RowOutcome) -> None:
    """Print the outcome of a row as one line of JSON."""
    from producers.importing.outcome_lines import outcome_line

    typer.echo(outcome_line(outcome))


def _report(
    summary: Summary, rejects: Path, dry_run: bool, strict: bool, *, to_errors: bool = False
) -> None:
    """Print the counts; exit with status 4 if a row was rejected in a strict import.

    With `to_errors`, everything goes to the standard error output: the other holds the rows.
    """
    verb = "would be published" if dry_run else "published"
    for notice in summary.notices:
        typer.echo(terminal_text(notice.en), err=True)
    typer.echo(
        f"{summary.read} rows: {summary.published} {verb}, {summary.unchanged} unchanged, "
        f"{summary.repeated} repeated, {summary.rejected} rejected"
        + (f"; {summary.doubtful} should be checked" if summary.doubtful else ""),
        err=to_errors,
    )
    for question in summary.questions:
        typer.echo(_question(question), err=True)
    if summary.suppressed:
        typer.echo(
            f"{summary.suppressed} of the rejected rows name people who have been erased; they "
            "return only with new consent",
            err=True,
        )
    if summary.undecided:
        typer.echo(
            f"{summary.undecided} of the doubtful rows are not imported: their people or employers "
            "seem to be known. Decide on the lines of --dry-run --json, and import with "
            "--decisions",
            err=True,
        )
    if summary.rejected or summary.undecided:
        typer.echo(f"The rejected rows, with their reasons: {rejects}", err=True)
        if strict:
            raise typer.Exit(REJECTED)
    else:
        rejects.unlink(missing_ok=True)


def _question(question: PlaceQuestion) -> str:
    """Return the question which place a name means, with the ways to answer it."""
    from roost.places.gazetteer import gazetteer

    names = [gazetteer().full_name(key) for key in question.candidates[:SHOWN_CANDIDATES]]
    more = " …" if len(question.candidates) > len(names) else ""
    counted = "once" if question.rows == 1 else f"{question.rows} times"
    return (
        f"{question.text!r} ({counted}) may be {', '.join(names)}{more}: write one of "
        "them in full, or name a place nearby with --near"
    )


class ImportProgress:
    """Progress of an import: a bar on a terminal, else a line every ten thousand rows."""

    def __init__(self, file: Path, *, quiet: bool = False) -> None:
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

        self._quiet = quiet
        self._bar = Progress(
            TextColumn(file.name),
            BarColumn(),
            TextColumn("{task.completed} rows"),
            TimeElapsedColumn(),
            disable=quiet or not sys.stderr.isatty(),
        )
        self._task = self._bar.add_task("", total=None)
        self._reported = 0

    def __enter__(self) -> ImportProgress:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def __call__(self, summary: Any) -> None:
        self._bar.update(self._task, completed=summary.read)
        if not self._quiet and not sys.stderr.isatty() and summary.read - self._reported >= 10_000:
            self._reported = summary.read
            typer.echo(f"  {summary.read} rows", err=True)


def simulate(
    workers: Annotated[int, typer.Option("--workers", min=0, help="Number of workers.")] = 1_000,
    openings: Annotated[int, typer.Option("--openings", min=0, help="Number of openings.")] = 0,
    language: Annotated[
        str, typer.Option("--language", help="zh (county) or en (New York)")
    ] = "zh",
    seed: Annotated[int, typer.Option("--seed", help="The same seed gives the same people.")] = 1,
    start: Annotated[
        int, typer.Option("--start", min=0, help="Number of the first worker and opening.")
    ] = 0,
    rate: Annotated[
        float | None, typer.Option("--rate", help="Most events per second.", min=0.01)
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print JSON lines, publish nothing.")
    ] = False,
) -> None:
    """Simulate the workers and openings of a county.

    Examples:
        roost simulate --workers 1000

        roost simulate --workers 500 --language en --rate 20

        roost simulate --workers 3 --dry-run
    """
    if language not in {"zh", "en"}:
        raise typer.BadParameter("write zh or en", param_hint="--language")
    published = run_simulation(
        Settings(), workers, openings, language, seed, start=start, rate=rate, dry_run=dry_run
    )
    if not dry_run:
        typer.echo(f"{published} published")


def run_simulation(
    settings: Settings,
    workers: int,
    openings: int,
    language: str,
    seed: int,
    *,
    start: int = 0,
    rate: float | None = None,
    dry_run: bool = False,
) -> int:
    """Publish simulated workers and openings; return the number of events."""
    from itertools import chain, islice

    from producers import facts, simulator
    from producers.publisher import Publisher
    from roost.county_ids import install_ids
    from roost.time.clock import SystemClock, day_of

    clock = SystemClock()
    today = day_of(clock.now(), settings.zone)
    people = simulator.profiles(workers, language=language, seed=seed, start=start)
    jobs = simulator.openings(openings, language=language, seed=seed, start=start)
    if dry_run:
        for content in chain(people, jobs):
            typer.echo(content.to_json())
        return 0
    asyncio.run(install_ids(settings))
    records = chain(
        (facts.profile_put(each, at=clock.now(), source=simulator.SOURCE)[1] for each in people),
        (
            facts.opening_posted(each, at=clock.now(), today=today, source=simulator.SOURCE)[1]
            for each in jobs
        ),
    )
    published = 0
    chunk = 500 if rate is None else 1
    with Publisher(brokers_of(settings)) as publisher:
        while batch := list(islice(records, chunk)):
            publisher.publish(batch)
            published += len(batch)
            if rate is not None:
                time.sleep(1 / rate)
    return published
