"""Commands `roost serve`, `roost openapi` and `roost asyncapi`."""

from __future__ import annotations

import asyncio
import ipaddress
import json
import signal
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, cast

import typer

from roost.settings import Settings

if TYPE_CHECKING:
    import uvicorn
    from fastapi import FastAPI


def serve() -> None:
    """Serve the API and the console. Callers need a key or a session.

    Examples:
        roost serve

        ROOST_API_PORT=8080 roost serve
    """
    from uvicorn.main import STARTUP_FAILURE

    from api.app import create_app
    from api.bounded_connections import raise_descriptor_limit
    from api.stopping import StoppingServer
    from roost.county_ids import DUE, install_ids
    from roost.logs import configure
    from roost.reachability import check_access
    from roost.servers.heap import freeze_heap

    configure()
    settings = Settings()
    asyncio.run(check_access(settings))
    if asyncio.run(install_ids(settings, wait=True)):
        typer.echo(f"roost: {DUE}", err=True)
    if not settings.public_url.startswith("https://") and not _loopback(settings.api_host):
        typer.echo(
            f"roost: ROOST_PUBLIC_URL is {settings.public_url}: without https, keys and cookies "
            "can be read in transit; put a reverse proxy with TLS in front.",
            err=True,
        )
    if sys.stdout.isatty():
        _welcome(settings)
    # After an orderly shutdown uvicorn raises the signal again. A requested shutdown is not a
    # failure, so the exit status is 0.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(0))
    app = create_app(settings)
    freeze_heap()
    raise_descriptor_limit()
    server = StoppingServer(server_config(app, settings.api_host, settings.api_port))
    with suppress(KeyboardInterrupt):
        server.run()
    if not server.started:
        sys.exit(STARTUP_FAILURE)


def server_config(app: FastAPI, host: str, port: int) -> uvicorn.Config:
    """Return the configuration of the server: bounded connections, and an orderly shutdown."""
    import uvicorn

    from api.bounded_connections import BoundedConnections
    from api.stopping import REQUESTS_WITHIN_S

    return uvicorn.Config(
        app,
        host=host,
        port=port,
        http=cast("type[asyncio.Protocol]", BoundedConnections()),
        ws="none",
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=REQUESTS_WITHIN_S,
    )


def _welcome(settings: Settings) -> None:
    """Create the first administrator if there is no account yet, and print the login."""
    from producers.first_admin import create_first_admin, first_admin_message

    admin = create_first_admin(settings)
    if admin is not None:
        typer.echo(first_admin_message(admin, settings, terminal=True))


def _loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def openapi() -> None:
    """Print the OpenAPI document.

    Example:
        roost openapi > openapi.json
    """
    from api.app import create_app

    typer.echo(json.dumps(create_app(Settings()).openapi(), indent=2, ensure_ascii=False))


def asyncapi() -> None:
    """Print the AsyncAPI document of the topics.

    Example:
        roost asyncapi > docs/asyncapi.json
    """
    from roost.asyncapi import document

    typer.echo(json.dumps(document(), indent=2, ensure_ascii=False))
