"""Composition root of the runner of sources, and of one run from the command line."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from producers.importing.local_views import LocalViews
from producers.publisher import Publisher
from producers.sources.http_fetching import Bounds
from producers.sources.known_sources import TOPICS, KnownSources, known_from
from producers.sources.listing_import import ImportPorts
from producers.sources.source_runner import SourceRunner
from producers.sources.source_runs import RunPorts
from roost.kafka.reader import KafkaReader
from roost.security.private_folders import private_folder
from roost.servers.connections import brokers_of
from roost.settings import Settings
from roost.time.clock import SystemClock


@contextmanager
def run_ports(settings: Settings) -> Iterator[RunPorts]:
    """Open the ports of runs, and close them at the end."""
    bounds = Bounds(
        settings.source_bytes, settings.source_timeout_s, settings.webhooks_may_be_private
    )
    with (
        Publisher(brokers_of(settings)) as publisher,
        LocalViews(settings, dry_run=False) as views,
    ):
        imports = ImportPorts(
            SystemClock(), settings.zone, publisher, views.hold_stored, views.find_ends
        )
        yield RunPorts(imports, settings.folder_of_sources, bounds)


async def read_known(settings: Settings) -> KnownSources:
    """Return all sources with their states and entries. Raises Transient."""
    reader = KafkaReader(brokers_of(settings))
    found = [
        each for topic in TOPICS async for batch in reader.read_to_end(topic) for each in batch
    ]
    return known_from(found)


def work(settings: Settings) -> None:
    """Read due sources until SIGTERM or Ctrl-C."""
    private_folder(settings.folder_of_sources)
    with run_ports(settings) as ports, suppress(KeyboardInterrupt, asyncio.CancelledError):
        asyncio.run(_work(settings, ports))


async def _work(settings: Settings, ports: RunPorts) -> None:
    runner = asyncio.create_task(
        SourceRunner(KafkaReader(brokers_of(settings)), ports).run(), name="source-runner"
    )
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, runner.cancel)
    if settings.started_mark:
        settings.started_mark.touch()
    await runner
