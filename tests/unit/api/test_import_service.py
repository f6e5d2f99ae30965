"""An upload leaves no file and no place behind when its import cannot begin."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from api.access.principal import Principal
from api.imports import service
from api.imports.jobs import Jobs
from api.imports.pending import PendingImports, TooManyImports
from api.imports.service import Begun, begin_import
from api.ports.services import Services
from roost.errors import Invalid, Transient
from roost.events.account import AccountRole
from roost.events.import_job import ImportJob, ImportReport, ImportState
from roost.settings import Settings
from tests.unit.api.builders import NOW
from tests.unit.api.services import services_with

WHO = Principal(id="k-" + "a" * 26, role=AccountRole.ADMIN, name="admin")


class Queue:
    """A queue whose `begin` raises an error, or takes the work."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.jobs, self.pending = folder, Jobs(), PendingImports(1, 5)
        self.error: Exception | None = None

    async def caught_up(self) -> None:
        return None

    async def begin(self, work: Any) -> ImportJob:
        if self.error is not None:
            raise self.error
        self.jobs.take(ImportReport(job=work.job))
        return cast(ImportJob, work.job)


async def body() -> AsyncIterator[bytes]:
    yield b'{"title": "x"}\n'


@pytest.fixture
def queue(tmp_path: Path) -> Queue:
    return Queue(tmp_path)


@pytest.fixture
def given(queue: Queue) -> Services:
    clock = SimpleNamespace(now=lambda: NOW)
    return services_with(imports=queue, settings=Settings(), clock=clock)


async def begin(given: Services, key: str | None = None, kind: str = "text/csv") -> Begun:
    return await begin_import(
        given, WHO, body(), kind, mapping=None, dry_run=False, idempotency_key=key
    )


async def test_an_upload_is_removed_when_kafka_is_away(given: Services, queue: Queue) -> None:
    queue.error = Transient("away", "away")
    for _ in range(2):  # the place is free again
        with pytest.raises(Transient):
            await begin(given)
    assert list(queue.folder.iterdir()) == []


async def test_an_upload_is_removed_when_the_caller_may_not_post(
    given: Services, queue: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(*_: object, **__: object) -> None:
        raise Transient("the views are away", "x")

    monkeypatch.setattr(service, "import_rules", refuse)
    with pytest.raises(Transient):
        await begin(given)
    assert list(queue.folder.iterdir()) == []


async def test_a_wrong_content_type_takes_no_place(given: Services) -> None:
    for _ in range(2):
        with pytest.raises(Invalid):
            await begin(given, kind="application/pdf")


async def test_a_second_import_of_an_owner_is_refused_before_it_is_read(
    given: Services, queue: Queue
) -> None:
    await begin(given)
    with pytest.raises(TooManyImports):
        await begin(given)
    assert len(list(queue.folder.iterdir())) == 1


async def test_the_same_key_begins_an_import_once(given: Services, queue: Queue) -> None:
    first = await begin(given, key="once")
    queue.pending.release(WHO.id)  # it has ended
    again = await begin(given, key="once")
    assert (again.job.id, again.replayed) == (first.job.id, True)
    assert len(list(queue.folder.iterdir())) == 1
    queue.pending.reserve(WHO.id)


async def test_the_same_key_begins_an_interrupted_import_again(
    given: Services, queue: Queue
) -> None:
    first = await begin(given, key="once")
    queue.pending.release(WHO.id)
    changes = {"state": ImportState.INTERRUPTED, "updated_at": NOW.replace(year=2027)}
    queue.jobs.take(ImportReport(job=first.job.model_copy(update=changes)))
    again = await begin(given, key="once")
    assert not again.replayed
    assert again.job.id != first.job.id
