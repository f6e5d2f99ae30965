"""`roost sources`, which writes to Kafka directly: access to Kafka is all that it needs."""

from __future__ import annotations

import asyncio
import json
from datetime import time
from typing import TYPE_CHECKING, Annotated

import typer
from pydantic import ValidationError

from roost.errors import Invalid
from roost.events.envelope import Record, invalid
from roost.events.source import RunOutcome, Schedule, Source, SourceContent, SourceMode, SourceState
from roost.servers.connections import brokers_of
from roost.settings import Settings
from roost.text.terminal_text import terminal_text
from roost.time.clock import SystemClock

if TYPE_CHECKING:
    from producers.sources.known_sources import KnownSources

sources = typer.Typer(
    no_args_is_help=True,
    help="Sources of openings, read on a schedule. Writes to Kafka directly.",
)
Named = Annotated[str, typer.Argument(help="name or id of the source")]
FAILED = 4
"""Exit status of a run that failed, or whose withdrawals wait."""


@sources.command("list")
def list_sources(
    as_json: Annotated[bool, typer.Option("--json", help="JSON lines.")] = False,
) -> None:
    """List the sources with their last and next runs.

    Examples:
        roost sources list

        roost sources list --json
    """
    from producers.sources.composition import read_known

    known = asyncio.run(read_known(Settings()))
    for source in sorted(known.sources.values(), key=lambda each: each.name):
        state = known.states.get(source.id)
        line = _json_line(source, state) if as_json else terminal_text(_line(source, state))
        typer.echo(line)
    if not known.sources and not as_json:
        typer.echo("There are no sources; add one with `roost sources add`.")


@sources.command("add")
def add_source(
    name: Annotated[str, typer.Argument(help="name that the console shows")],
    url: Annotated[str | None, typer.Option("--url", help="https URL of the listing.")] = None,
    folder: Annotated[
        str | None, typer.Option("--folder", help="Folder within the folder of sources.")
    ] = None,
    mapping: Annotated[
        str | None,
        typer.Option("--mapping", help="Mapping of its columns: shipped, a file's, or saved."),
    ] = None,
    near: Annotated[
        str | None,
        typer.Option("--near", help="A place nearby; decides between places of one name."),
    ] = None,
    every: Annotated[int | None, typer.Option("--every", help="Minutes between runs.")] = None,
    at: Annotated[
        list[str] | None, typer.Option("--at", help="Time of day, such as 06:30; repeatable.")
    ] = None,
    mode: Annotated[
        SourceMode, typer.Option("--mode", help="All advertisements, or changes since a cursor.")
    ] = SourceMode.LISTING,
) -> None:
    """Add a source; it is read at once, and then on its schedule. Prints its id.

    Examples:
        roost sources add "City jobs" --url https://jobs.example.com/all.csv --mapping nyc_jobs

        roost sources add "Job fair" --folder fair --mapping sample_workshops --at 06:30 --at 12:30

        roost sources add "市人才网" --url https://jobs.example.com/all.csv --mapping 人才网岗位
    """
    from producers.source_facts import source_put

    settings = Settings()
    _install_ids(settings)
    schedule = {
        "every_minutes": every or (None if at else 60),
        "at": [_time(each) for each in at or ()],
    }
    try:
        content = SourceContent(
            name=name,
            url=url,
            folder=folder,
            mapping=_referenced_mapping(settings, mapping),
            near=near,
            mode=mode,
            schedule=Schedule.model_validate(schedule),
        )
    except ValidationError as error:
        raise invalid(error) from None
    source, record = source_put(
        content, None, at=SystemClock().now(), may_be_private=settings.webhooks_may_be_private
    )
    _publish(settings, record)
    typer.echo(source.id)


@sources.command("run")
def run_now(name: Named) -> None:
    """Read a source now, in this process; exit with status 4 if that fails or withdrawals wait.

    Example:
        roost sources run "City jobs"
    """
    from producers.sources.composition import run_ports
    from producers.sources.source_runs import run_source

    settings = Settings()
    known, source = _known_source(settings, name)
    asked = source.model_copy(update={"run_asked_at": SystemClock().now()})
    with run_ports(settings) as ports:
        state = run_source(
            asked,
            known.states.get(source.id),
            known.entries.get(source.id, {}),
            ports,
            known.listed_elsewhere(source.id),
            known.saved_mapping(source),
        )
    typer.echo(terminal_text(_line(source, state)))
    for problem in state.problems:
        for each in problem.problems:
            typer.echo(terminal_text(f"  row {problem.row}: {each.field}: {each.en}"), err=True)
    if state.last is not None and state.last.outcome in {RunOutcome.FAILED, RunOutcome.HELD}:
        raise typer.Exit(FAILED)


@sources.command("confirm")
def confirm_withdrawals(name: Named) -> None:
    """Let the next run close the advertisements whose withdrawal waits; it follows at once.

    Example:
        roost sources confirm "City jobs"
    """
    from producers.source_facts import withdrawals_confirmed

    settings = Settings()
    known, source = _known_source(settings, name)
    _, record = withdrawals_confirmed(source, known.states.get(source.id), at=SystemClock().now())
    _publish(settings, record)
    state = known.states[source.id]
    typer.echo(
        f"{source.name}: the next run closes up to {state.held}, which ends "
        f"{state.held_matches} matches in progress"
    )


@sources.command("remove")
def remove_source(name: Named) -> None:
    """Remove a source; its openings stay as they are.

    Example:
        roost sources remove "City jobs"
    """
    from producers.source_facts import source_removed

    settings = Settings()
    _, source = _known_source(settings, name)
    _publish(settings, source_removed(source.id, at=SystemClock().now()))
    typer.echo(f"{source.name}: removed")


@sources.command("work")
def work_on_sources() -> None:
    """Read sources on their schedules until it is stopped; `roost up` starts it.

    Example:
        roost sources work
    """
    from producers.sources.composition import work
    from roost.logs import configure

    configure()
    settings = Settings()
    _install_ids(settings, wait=True)
    work(settings)


def _install_ids(settings: Settings, *, wait: bool = False) -> None:
    from roost.county_ids import install_ids

    asyncio.run(install_ids(settings, wait=wait))


def _known_source(settings: Settings, name: str) -> tuple[KnownSources, Source]:
    """Return the known sources, and the one with a name or an id. Raises NotFound."""
    from producers.sources.composition import read_known

    _install_ids(settings)
    known = asyncio.run(read_known(settings))
    return known, known.named(name)


def _referenced_mapping(settings: Settings, name: str | None) -> str | None:
    """Return the name of a shipped mapping or a file, or the id of a saved one. Raises Invalid."""
    from producers.mappings.mapping_files import shipped_mappings
    from producers.sources.composition import read_known
    from producers.sources.source_mappings import KIND, referenced_mapping

    if name is None or name in shipped_mappings(KIND):
        return name
    return referenced_mapping(name, asyncio.run(read_known(settings)).mappings.values())


def _publish(settings: Settings, record: Record) -> None:
    from producers.publisher import Publisher

    with Publisher(brokers_of(settings)) as publisher:
        publisher.publish([record])


def _time(text: str) -> time:
    try:
        return time.fromisoformat(text)
    except ValueError:
        raise Invalid(f"--at: write a time such as 06:30, not {text!r}.") from None


def _line(source: Source, state: SourceState | None) -> str:
    last = state.last if state is not None else None
    if state is None or last is None:
        return f"{source.name}  {source.id}  not read yet"
    counts = (
        f"{last.read} rows, {last.published} published, {last.unchanged} unchanged, "
        f"{last.rejected} rejected, {last.closed} closed, {last.reopened} reopened, "
        f"{last.ended_matches} matches in progress ended"
    )
    found = [
        source.name,
        source.id,
        f"{last.outcome} at {last.ended_at:%Y-%m-%d %H:%M} UTC",
        counts,
    ]
    if last.why:
        found.append(f"{last.fault}: {last.why}")
    if state.held:
        found.append(
            f"{state.held} withdrawals wait ({state.held_reason}); confirmed, they end "
            f"{state.held_matches} matches in progress"
        )
    found.append("paused" if source.paused else f"next at {state.due_at:%Y-%m-%d %H:%M} UTC")
    return "  ".join(found)


def _json_line(source: Source, state: SourceState | None) -> str:
    shown = {"source": source.to_dict(), "state": state.to_dict() if state else None}
    return json.dumps(shown, ensure_ascii=False)
