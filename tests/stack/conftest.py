"""The servers, started once per session, and stage processes on demand."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from deploy.environment import AT_ANY_HOUR, settings_for
from deploy.local.processes import Process
from deploy.local.stack import Stack, local_stack
from deploy.local.stack_ports import Ports
from deploy.up import prepare
from producers.publisher import Publisher
from roost.settings import Settings
from roost.views.elastic import Elastic
from tests.stack.serving import Serving, served
from tests.stack.stages import running

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A real broker and a real node on free ports."""
    with local_stack(ports=Ports.free()) as made:
        yield made


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
    with running(settings) as processes:
        yield processes


@pytest.fixture(scope="module")
def own_settings() -> Iterator[Settings]:
    """Settings of a broker and a node used by one module alone."""
    with local_stack(ports=Ports.free()) as stack:
        made = settings_for(stack.data, stack.ports)
        prepare(made)
        yield made


@pytest.fixture(scope="module")
def index(settings: Settings) -> Iterator[Process]:
    """The index stage as a process."""
    with running(settings, "index") as processes:
        yield processes["index"]


@pytest.fixture(scope="module")
def serving(settings: Settings) -> Iterator[Serving]:
    with served(settings) as running_api:
        yield running_api


@pytest.fixture
async def api(serving: Serving) -> AsyncIterator[httpx.AsyncClient]:
    """A client with an administrator's key."""
    async with httpx.AsyncClient(
        base_url=serving.url, headers=serving.headers, timeout=60
    ) as client:
        yield client


@pytest.fixture
def outbox(settings: Settings) -> Path:
    return settings.data / "outbox" / "messages.jsonl"
