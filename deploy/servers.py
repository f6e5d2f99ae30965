"""`roost prepare`, `grant`, `elasticsearch-role`: commands for servers run by somebody else."""

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
    """Create missing topics and views on the servers that the settings name.

    Example:
        ROOST_BOOTSTRAP_SERVERS=kafka:9093 ROOST_ELASTICSEARCH_URL=https://search:9200 roost prepare
    """
    from deploy import up
    from roost.logs import configure

    configure()
    settings = Settings()
    asyncio.run(check_access(settings))
    up.prepare(settings, typer.echo)
    typer.echo("Topics and views are in place.")


def grant(
    user: Annotated[str, typer.Argument(help="the Kafka user of Roost")],
) -> None:
    """Grant a Kafka user the ACLs that Roost needs on its topics and groups, and no others.

    The settings must name an administrator of the brokers for this one command.

    Example:
        ROOST_KAFKA_SASL_USERNAME=admin roost grant roost
    """
    number = admin.grant(brokers_of(Settings()), user)
    typer.echo(f"User {user}: {number} ACLs are in place.")


def elasticsearch_role() -> None:
    """Print the role that Roost needs in Elasticsearch, for a user or an API key.

    Example:
        roost elasticsearch-role | curl --cacert ca.crt -u elastic -H content-type:application/json
        -T - https://search:9200/_security/role/roost
    """
    typer.echo(json.dumps(role(), indent=2))
