"""An upload leaves no file and no place behind when its import cannot begin."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from starlette.requests import Request

from api.access.policy import Forbidden
from api.access.principal import Principal
from api.guards.idempotency.answer_cache import KeyReused
from api.imports import service
from api.imports.jobs import Jobs
from api.imports.pending import PendingImports, TooManyImports
from api.imports.row_rules import ImportRequirement, importable_kinds
from api.imports.saved_mappings import group_of
from api.imports.service import Begun, begin_import
from api.imports.upload_body import UploadBody
from api.ports.services import Services
from roost import ids
from roost.errors import Invalid, Transient
from roost.events.account import AccountRole, Permission
from roost.events.import_job import ImportJob, ImportReport, ImportState
from roost.events.import_mapping import ChosenColumn, SavedMapping
from roost.settings import Settings
from tests.unit.api.builders import NOW
from tests.unit.api.services import services_with

WHO = Principal(id="k-" + "a" * 26, role=AccountRole.ADMIN, name="admin")


class Queue:
    """A queue whose `begin` raises an error, or takes the work."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.jobs, self.pending = folder, Jobs(), PendingImports(1, 5)
        self.error: Exception | None = None
        self.works: list[Any] = []

    async def caught_up(self) -> None:
        return None

    async def begin(self, work: Any) -> ImportJob:
        if self.error is not None:
            raise self.error
        self.jobs.take(ImportReport(job=work.job))
        self.works.append(work)
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
        given, WHO, UploadBody(body(), kind), mapping=None, dry_run=False, idempotency_key=key
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

    monkeypatch.setattr(service, "row_rules", refuse)
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


# --- kinds, mappings and orders of days


def person(role: AccountRole, **confined: Any) -> Principal:
    return Principal(id="k-" + "b" * 26, role=role, name="someone", **confined)


def saved_mapping(owner: str, *fields: tuple[str, str], **changes: Any) -> SavedMapping:
    content: dict[str, Any] = {
        "id": ids.derive("g", owner),
        "owner": owner,
        "name": "招聘会 岗位表",
        "kind": "openings",
        "columns": tuple(ChosenColumn(column=column, field=field) for column, field in fields),
        "saved_at": NOW,
        "saved_by": "u-" + "a" * 26,
    }
    return SavedMapping(**content | changes)


def keep(given: Services, *mappings: SavedMapping) -> None:
    for offset, each in enumerate(mappings):
        given.import_mappings.apply(each.id.encode(), each.to_json(), offset)


FAIR = (("企业", "employer"), ("岗位", "title"), ("地点", "place"), ("截止", "validThrough"))


async def work_of(queue: Queue, given: Services, who: Principal = WHO, **options: Any) -> Any:
    """Begin an import, and return the work that was queued."""
    begun: dict[str, Any] = {"mapping": None, "dry_run": False, "idempotency_key": None} | options
    await begin_import(given, who, UploadBody(body(), "text/csv"), **begun)
    queue.pending.release(who.id)
    return queue.works[-1]


async def test_a_roster_is_imported_with_its_own_mappings(given: Services, queue: Queue) -> None:
    work = await work_of(queue, given, kind="profiles", mapping="zh_profiles")
    assert (work.job.kind, work.kind.view, work.mapping.source) == (
        "profiles",
        "profiles",
        "zh-roster",
    )
    with pytest.raises(Invalid, match="zh_profiles"):
        await work_of(queue, given, kind="profiles", mapping="nyc_jobs")


@pytest.mark.parametrize(
    "who",
    [
        person(AccountRole.EMPLOYER, employer_id="e"),
        person(AccountRole.DEPARTMENT),
        person(AccountRole.ADMIN, scopes=frozenset({Permission.OPENINGS_WRITE})),
    ],
    ids=lambda who: who.role,
)
async def test_a_roster_needs_the_permission_for_workers(
    given: Services, queue: Queue, who: Principal
) -> None:
    with pytest.raises(Forbidden):
        await work_of(queue, given, who, kind="profiles")
    assert not queue.works


async def test_a_key_for_workers_alone_imports_workers_alone(given: Services, queue: Queue) -> None:
    who = person(AccountRole.ADMIN, scopes=frozenset({Permission.PROFILES_WRITE}))
    work = await work_of(queue, given, who, kind="profiles")
    assert work.job.kind == "profiles"
    with pytest.raises(Forbidden):
        await work_of(queue, given, who)


@pytest.mark.parametrize("role", AccountRole)
async def test_the_routes_of_imports_are_for_those_who_may_import_something(
    role: AccountRole,
) -> None:
    who = person(role)
    request = Request({"type": "http", "state": {"principal": who}})
    required = ImportRequirement(Permission.OPENINGS_WRITE)
    if importable_kinds(who):
        assert await required(request) is who
    else:
        with pytest.raises(Forbidden):
            await required(request)


async def test_a_saved_mapping_is_named_by_its_people(given: Services, queue: Queue) -> None:
    own, other = saved_mapping(group_of(WHO), *FAIR), saved_mapping("station:s-x", *FAIR)
    keep(given, own, other)
    for name in (own.id, own.name):
        work = await work_of(queue, given, mapping=name)
        assert work.mapping.fields["jobLocation"].columns == ("地点",)
        assert work.mapping.source == "api"
    with pytest.raises(Invalid, match="saved in the console"):
        await work_of(queue, given, mapping=other.id)


async def test_a_saved_mapping_without_the_employer_is_refused(
    given: Services, queue: Queue
) -> None:
    keep(given, saved_mapping(group_of(WHO), *FAIR[1:]))
    with pytest.raises(Invalid, match="employer"):
        await work_of(queue, given, mapping="招聘会 岗位表")


async def test_a_request_states_the_order_of_days(given: Services, queue: Queue) -> None:
    keep(given, saved_mapping(group_of(WHO), *FAIR))
    work = await work_of(queue, given, mapping="招聘会 岗位表", day_orders=["截止=month-first"])
    assert work.mapping.fields["validThrough"].order == "month-first"
    plain = await work_of(queue, given, day_orders=["validThrough=day-first"])
    assert plain.mapping.fields["validThrough"].order == "day-first"
    assert "dayOrder=截止=day-first" in plain.ask_order("截止").en
    with pytest.raises(Invalid, match="no day is read"):
        await work_of(queue, given, day_orders=["title=day-first"])


async def test_the_same_key_with_another_kind_or_order_is_refused(
    given: Services, queue: Queue
) -> None:
    await work_of(queue, given, idempotency_key="once")
    for other in ({"kind": "profiles"}, {"day_orders": ["validThrough=day-first"]}):
        with pytest.raises(KeyReused):
            await work_of(queue, given, idempotency_key="once", **other)
