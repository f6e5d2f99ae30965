"""`roost prepare`, `grant`, `elasticsearch-role`: for servers that Roost did not start itself."""

from __future__ import annotations

import asyncio
import json
from typing import Annotated

import typer

from producers import admin
from roost.reachability import check_access
from roost.servers.connections import brokers_of
from roost.settings import Settings
from roost.views.role import role


def prepare() -> None:
    """Make the topics and views that are missing, on the servers that the settings name.

    Example:
        ROOST_BOOTSTRAP_SERVERS=kafka:9093 ROOST_ELASTICSEARCH_URL=https://search:9200 roost prepare
    """
    from deploy import up

    settings = Settings()
    asyncio.run(check_access(settings))
    up.prepare(settings, typer.echo)
    typer.echo("Topics and views are in place.")


def grant(
    user: Annotated[str, typer.Argument(help="the name that Kafka knows Roost by")],
) -> None:
    """Let a user of Kafka do what Roost does and nothing else: ACLs on its topics and groups.

    The settings name an administrator of the brokers for this once.

    Example:
        ROOST_KAFKA_SASL_USERNAME=admin roost grant roost
    """
    number = admin.grant(brokers_of(Settings()), user)
    typer.echo(f"User {user}: {number} ACLs stand.")


def elasticsearch_role() -> None:
    """Print the role that Roost needs in Elasticsearch, for a user or an API key.

    Example:
        roost elasticsearch-role | curl --cacert ca.crt -u elastic -H content-type:application/json
        -T - https://search:9200/_security/role/roost
    """
    typer.echo(json.dumps(role(), indent=2))
