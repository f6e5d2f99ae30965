"""One start of the servers for the whole session; a stage's process is started where asked for."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from deploy.environment import AT_ANY_HOUR, settings_for
from deploy.local.ports import Ports
from deploy.local.processes import Process
from deploy.local.stack import Stack, local_stack
from deploy.up import prepare, stage_parts
from producers.publisher import Publisher
from roost.settings import Settings
from roost.views.elastic import Elastic

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A real broker and a real node on free ports."""
    with local_stack(ports=Ports.free()) as running:
        yield running


@pytest.fixture(scope="session")
def settings(stack: Stack) -> Settings:
    """Settings of the stack, with topics, views and model in place."""
    made = settings_for(stack.data, stack.ports).model_copy(update=AT_ANY_HOUR)
    prepare(made)
    return made


@pytest.fixture
async def elastic(settings: Settings) -> AsyncIterator[Elastic]:
    views = Elastic(settings.elasticsearch_url)
    yield views
    await views.close()


@pytest.fixture(scope="session")
def publisher(settings: Settings) -> Iterator[Publisher]:
    with Publisher(settings.bootstrap_servers) as opened:
        yield opened


@pytest.fixture(scope="session")
def stages(settings: Settings) -> Iterator[dict[str, Process]]:
    """All five stages as processes of their own, as `roost up` runs them."""
    processes = {part.name: Process(part, settings.data) for part in stage_parts(settings)}
    for process in processes.values():
        process.start()
    for process in processes.values():
        process.wait_ready()
    yield processes
    for process in processes.values():
        process.stop()


@pytest.fixture
def outbox(settings: Settings) -> Path:
    return settings.data / "outbox" / "messages.jsonl"
