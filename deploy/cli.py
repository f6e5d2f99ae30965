"""The command `roost`: every command in one place, each defined in its own package."""

from __future__ import annotations

import os
import sys

import typer
from pydantic import ValidationError

import api.serve_commands as api_commands
import producers.identity_commands as identity_commands
import producers.import_commands as producers_commands
import producers.source_commands as source_commands
import roost.wording.preview_command as wording_commands
import streams.stage_commands as streams_commands
from deploy import servers, stack_commands
from deploy.calendar_command import calendar_command
from deploy.courses_command import courses_command
from deploy.discovery import adopt_running_stack
from deploy.evaluate_command import evaluation_commands
from deploy.listen_command import listen
from deploy.migrate_ids_command import migrate_ids
from deploy.places_command import places_command
from deploy.provider_urls_command import provider_urls
from deploy.settings_command import settings_command
from deploy.train_command import train
from roost.errors import RoostError, Transient
from roost.settings import Settings
from roost.text.terminal_text import terminal_text

SERVER_AWAY = 3
REFUSED = 1

app = typer.Typer(
    name="roost",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Roost (凤还巢): event-driven job matching for public employment services.",
)
OWN_STACK = {"up", "demo", "down", "status", "places"}
"""Commands that name their stack by folder; the others find the one that runs."""


@app.callback()
def find_stack(context: typer.Context) -> None:
    """Point every command to the stack that runs on this machine, unless settings name one."""
    given = frozenset(os.environ)
    if context.invoked_subcommand not in OWN_STACK:
        adopt_running_stack(os.environ)
    context.obj = given


app.command("up")(stack_commands.up)
app.command("down")(stack_commands.down_command)
app.command("status")(stack_commands.status_command)
app.command("demo")(stack_commands.demo)
app.add_typer(producers_commands.imports, name="import")
app.command("simulate")(producers_commands.simulate)
app.add_typer(source_commands.sources, name="sources")
app.add_typer(identity_commands.keys, name="keys")
app.add_typer(identity_commands.accounts, name="accounts")
app.command("serve")(api_commands.serve)
app.command("preview")(wording_commands.preview)
app.command("openapi")(api_commands.openapi)
app.command("asyncapi")(api_commands.asyncapi)
app.add_typer(evaluation_commands, name="evaluate")
app.command("settings")(settings_command)
app.command("calendar")(calendar_command)
app.command("prepare")(servers.prepare)
app.command("grant")(servers.grant)
app.command("elasticsearch-role")(servers.elasticsearch_role)
app.command("worker")(streams_commands.worker)
app.command("migrate-ids")(migrate_ids)
app.command("rebuild")(streams_commands.rebuild)
app.command("train")(train)
app.command("courses")(courses_command)
app.command("places")(places_command)
app.add_typer(streams_commands.dead_letters, name="dead-letters")
app.command("deliveries")(streams_commands.deliveries)
app.command("listen")(listen)
app.command("provider-urls")(provider_urls)


def main() -> None:
    """Run a command; print an error that it cannot recover from as one sentence on standard error.

    A setting that cannot be used is reported in the same way.
    """
    os.umask(0o077)  # no other user of the machine reads a county's files
    try:
        app()
    except RoostError as error:
        print(terminal_text(f"roost: {error}"), file=sys.stderr)
        sys.exit(SERVER_AWAY if isinstance(error, Transient) else REFUSED)
    except ValidationError as error:
        if error.title != Settings.__name__:
            raise
        for wrong in error.errors(include_input=False):
            variable = f"{Settings.model_config['env_prefix']}{wrong['loc'][0]}".upper()
            print(f"roost: {variable}: {wrong['msg']}", file=sys.stderr)
        sys.exit(REFUSED)
