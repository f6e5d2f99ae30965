"""`roost up`, `down`, `status` and `demo`: the stack of one machine."""

from __future__ import annotations

import json
import time
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.live import Live
from rich.table import Table

from deploy.environment import in_usual_folder
from deploy.local import folders
from deploy.local.security import is_unused
from deploy.local.stack_errors import CannotStart
from deploy.local.stack_ports import Ports
from deploy.local.supervisor import HALTED, StackStatus, State, Supervisor, down, status
from roost.server_settings import KafkaProtocol
from roost.settings import Settings

NOTHING_RUNS = 3
OPEN_SERVERS = (
    "Kafka and Elasticsearch have no passwords here: every user of this machine can read and "
    "change all data. A new folder is secured unless --open is given."
)
COLOURS = {
    "ready": "green",
    "starting": "yellow",
    "restarting": "red",
    HALTED: "red",
    "stopped": "dim",
}

Data = Annotated[
    Path | None, typer.Option("--data", help="Folder for data and logs; a second start reuses it.")
]
PortOffset = Annotated[
    int, typer.Option("--port-offset", help="Add this to the usual ports 9092, 9200, 8000.")
]
PortChoice = Annotated[str, typer.Option("--ports", help="`usual`, or `auto` for free ports.")]


def chosen_ports(offset: int, choice: str, settings: Settings) -> Ports:
    """Return the ports that the options name; `ROOST_API_PORT` decides the API's."""
    if choice not in {"usual", "auto"}:
        raise typer.BadParameter("write `usual` or `auto`", param_hint="--ports")
    ports = Ports.free() if choice == "auto" else Ports.offset(offset)
    named = "api_port" in settings.model_fields_set
    return ports.with_api(settings.api_port) if named else ports


def chosen_folder(data: Path | None) -> Path:
    """Return the data folder: the option's, that of `ROOST_DATA`, or the usual one."""
    return (data or in_usual_folder(Settings()).data).resolve()


def check_own_servers(settings: Settings) -> None:
    """Raise CannotStart if the settings name other servers than those `roost up` starts."""
    for name in ("bootstrap_servers", "elasticsearch_url"):
        if name in settings.model_fields_set:
            raise CannotStart(
                f"ROOST_{name.upper()} names a server, but `roost up` starts its own; unset it, or "
                "run `roost prepare`, `roost serve` and `roost worker STAGE` with that server."
            )


class StatusLines:
    """One line a part: redrawn on a terminal, one line for every change elsewhere."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._states: dict[str, tuple[State, float]] = {}
        self._live = Live(console=console, refresh_per_second=8, transient=False)
        self._drawing = console.is_terminal

    def __enter__(self) -> StatusLines:
        if self._drawing:
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._live.stop()

    def pause(self) -> None:
        """Leave the lines unchanged; print a line for every later change."""
        self._live.stop()
        self._drawing = False

    def __call__(self, name: str, state: State) -> None:
        since = self._states.get(name, (state, time.monotonic()))[1]
        self._states[name] = (state, since)
        if self._drawing:
            self._live.update(self._table())
        else:
            self._console.print(f"{name}: {state.word}", highlight=False)

    def _table(self) -> Table:
        table = Table.grid(padding=(0, 2))
        for name, (state, _) in self._states.items():
            colour = COLOURS.get(state.word, "white")
            restarts = f"restarted {state.restarts}×" if state.restarts else ""
            table.add_row(name, f"[{colour}]{state.word}[/]", restarts)
        return table


def up(
    data: Data = None,
    port_offset: PortOffset = 0,
    ports: PortChoice = "usual",
    only_servers: Annotated[
        bool, typer.Option("--only-servers", help="Start Kafka and Elasticsearch only.")
    ] = False,
    guarded: Annotated[
        bool | None,
        typer.Option(
            "--secured/--open",
            help="Servers with TLS, passwords and ACLs (the default of a new folder), or without.",
        ),
    ] = None,
) -> None:
    """Start everything and stay in the foreground; Ctrl-C stops it all.

    Examples:
        roost up

        roost up --data ./data --port-offset 1000

        roost up --only-servers --ports auto

        roost up --open --data ./trial
    """
    from deploy.up import bring_up

    console = Console()
    folder, chosen = chosen_folder(data), Settings()
    check_own_servers(chosen)
    with StatusLines(console) as lines:
        supervisor = Supervisor(folder, chosen_ports(port_offset, ports, chosen), lines)
        try:
            with supervisor.held():
                settings = bring_up(
                    supervisor,
                    only_servers=only_servers,
                    say=console.print,
                    guarded=guarded if guarded is not None else is_unused(folder),
                    welcome=partial(_welcome, console),
                )
                _print_addresses(console, settings, only_servers=only_servers)
                supervisor.watch()
        except KeyboardInterrupt:
            console.print("Stopped.")


def _print_addresses(console: Console, settings: Settings, *, only_servers: bool) -> None:
    if settings.kafka_security_protocol is KafkaProtocol.PLAINTEXT:
        console.print(OPEN_SERVERS, style="yellow", soft_wrap=True)
    console.print(f"Kafka {settings.bootstrap_servers}", highlight=False)
    console.print(f"Elasticsearch {settings.elasticsearch_url}", highlight=False)
    if not only_servers:
        console.print(f"Pages and API {settings.public_url}", highlight=False)


def _welcome(console: Console, settings: Settings) -> None:
    """Create the first administrator where no account exists yet."""
    from producers.first_admin import create_first_admin, first_admin_message

    admin = create_first_admin(settings)
    if admin is not None:
        said = first_admin_message(admin, settings, terminal=console.is_terminal)
        console.print(said, highlight=False, soft_wrap=True)


def down_command(data: Data = None) -> None:
    """Stop the stack of a data folder, from any terminal, and wait until it has ended.

    Examples:
        roost down

        roost down --data ./data
    """
    folder = chosen_folder(data)
    if down(folder):
        typer.echo(f"The stack in {folder} has ended.")
    else:
        typer.echo(f"No stack runs in {folder}.")


def status_command(
    data: Data = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show each part, its process, its port and whether it is alive; exit with 3 if nothing runs.

    Examples:
        roost status

        roost status --json
    """
    folder = chosen_folder(data)
    found = status(folder)
    if as_json:
        typer.echo(json.dumps(asdict(found) if found else None, indent=2))
    elif found:
        _print_status(found)
    else:
        typer.echo(f"No stack runs in {folder}; `roost up` starts one.")
    if found is None:
        raise typer.Exit(NOTHING_RUNS)


def _print_status(found: StackStatus) -> None:
    typer.echo(f"supervisor  process {found.supervisor}")
    for part in found.parts:
        port = f"  port {part.port}" if part.port else ""
        typer.echo(f"{part.name:13} {'alive' if part.alive else 'dead '}  process {part.pid}{port}")
        if part.halted:
            typer.echo(f"  {HALTED}; `roost dead-letters list` says why, and what to do")


def demo(
    data: Annotated[
        Path | None, typer.Option("--data", help="Folder of the demo; emptied first.")
    ] = None,
    stay: Annotated[
        bool | None,
        typer.Option("--stay/--no-stay", help="Stay up afterwards, the default on a terminal."),
    ] = None,
) -> None:
    """Start everything with New York's postings and a sample county; watch the stages fill.

    Examples:
        roost demo

        roost demo --no-stay
    """
    from deploy import demo as demonstration
    from deploy.environment import AT_ANY_HOUR
    from deploy.up import bring_up
    from producers.first_admin import create_first_admin

    console = Console()
    folder = (data or folders.default_data() / "demo").resolve()
    with StatusLines(console) as lines:
        supervisor = Supervisor(folder, Ports.usual_or_free(), lines)
        try:
            with supervisor.held():
                demonstration.fresh_folder(folder)
                settings = bring_up(supervisor, but=AT_ANY_HOUR, brief=True)
                admin = create_first_admin(settings, must_change=False)
                lines.pause()
                result = demonstration.run(settings, console, supervisor.look)
                demonstration.print_summary(result, console)
                if console.is_terminal if stay is None else stay:
                    demonstration.print_addresses(result, settings.public_url, admin, console)
                    supervisor.watch(demonstration.trickle(settings))
        except KeyboardInterrupt:
            console.print("Stopped.")
            return
    if result.wrong:
        raise typer.Exit(1)
