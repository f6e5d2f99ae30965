"""Limits count a person, or the owner of a machine's key: more keys give no more allowance."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from api.access.principal import Principal
from api.guards.rate_limits import TooOften, by_principal
from api.imports.draft_files import MOST_OF_OWNER, Draft, keep_file, new_draft_id, read_draft
from api.imports.jobs import MOST_JOBS_OF_OWNER, Jobs
from api.imports.pending import PendingImports
from api.imports.waiting_jobs import waiting_job
from api.live.open_streams import OpenStreams
from api.webhooks import trials
from roost import ids
from roost.errors import NotFound, RoostError
from roost.events.account import AccountRole
from roost.events.import_job import ImportJob, ImportReport, ImportState
from roost.settings import Settings
from roost.time.clock import FixedClock
from tests.unit.api.builders import NOW
from tests.unit.api.services import services_with

R = AccountRole
API = Path(__file__).parents[3] / "api"


def key(number: int, role: AccountRole = R.EMPLOYER, **belongs: Any) -> Principal:
    return Principal(id=f"k-{number}", role=role, name="machine", **belongs)


def person(number: int, role: AccountRole = R.EMPLOYER, **belongs: Any) -> Principal:
    return Principal(id=f"u-{number}", role=role, name="x", login=f"x{number}", **belongs)


ACME: dict[str, Any] = {"employer_id": "e-1"}
STATION: dict[str, Any] = {"station_ids": ("s-1", "s-2")}
OTHER: dict[str, Any] = {"station_ids": ("s-3",)}
SHARING = {
    "keys of an employer": (key(1, **ACME), key(2, **ACME)),
    "keys of a station": (key(1, R.CLERK, **STATION), key(2, R.CHIEF, **STATION)),
    "one person": (person(1, **ACME), person(1, **ACME)),
}
APART = {
    "keys of two employers": (key(1, **ACME), key(2, employer_id="e-2")),
    "keys of two stations": (key(1, R.CLERK, **STATION), key(2, R.CLERK, **OTHER)),
    "keys of the county": (key(1, R.ADMIN), key(2, R.ADMIN)),
    "colleagues of an employer": (person(1, **ACME), person(2, **ACME)),
    "colleagues of a station": (person(1, R.CLERK, **STATION), person(2, R.CLERK, **STATION)),
    "a person and a key of the employer": (person(1, **ACME), key(1, **ACME)),
}


def use_streams(first: Principal, second: Principal) -> None:
    streams = OpenStreams(1, 10)
    with streams.one(first.counted_as), streams.one(second.counted_as):
        pass


def use_requests(first: Principal, second: Principal) -> None:
    choose = by_principal(Settings(rate_per_principal_per_minute=60))

    def passes(who: Principal) -> bool:
        chosen = choose({"state": {"principal": who}})
        assert chosen is not None
        return chosen[0].take(chosen[1], now=0.0).passes

    while passes(first):
        pass
    if not passes(second):
        raise TooOften(1)


def use_test_calls(first: Principal, second: Principal) -> None:
    given = services_with(clock=FixedClock(NOW))
    for number in range(trials.CALLS_PER_CALLER):
        trials.count_call(given, first, f"h-{number}")
    trials.count_call(given, second, "h-last")


def use_resends(first: Principal, second: Principal) -> None:
    given = services_with(clock=FixedClock(NOW))
    for number in range(trials.RESENDS_PER_CALLER):
        trials.count_resend(given, first, f"h-{number}")
    trials.count_resend(given, second, "h-last")


def job_of(who: Principal, number: int) -> ImportJob:
    given = services_with(clock=FixedClock(NOW))
    job = waiting_job(
        given, who, ids.derive("i", who.id, str(number)), format="csv", rows=1, sent="x"
    )
    return job.model_copy(update={"state": ImportState.DONE})


def use_imports(first: Principal, second: Principal) -> None:
    pending = PendingImports(1, 10)
    pending.reserve(first.counted_as)
    pending.release(job_of(first, 1).counted_as)
    pending.reserve(first.counted_as)
    pending.reserve(second.counted_as)


def use_jobs(first: Principal, second: Principal) -> None:
    jobs = Jobs()
    for number in range(MOST_JOBS_OF_OWNER):
        jobs.take(ImportReport(job=job_of(first, number)))
    jobs.take(ImportReport(job=job_of(second, MOST_JOBS_OF_OWNER)))
    if jobs.get(job_of(first, 0).id, NOW) is None:
        raise RoostError("the oldest job is dropped", "已删除最早的任务")


def use_drafts(first: Principal, second: Principal) -> None:
    with TemporaryDirectory() as name:
        folder = Path(name) / "drafts"

        def keep(who: Principal) -> str:
            uploaded = Path(name) / "uploaded"
            uploaded.write_text("x", "utf-8")
            draft = Draft(
                id=new_draft_id(),
                owner=who.id,
                counted_as=who.counted_as,
                kind="openings",
                file_name="a.csv",
                digest="d",
            )
            keep_file(folder, draft, uploaded)
            return draft.id

        kept = [keep(first) for _ in range(MOST_OF_OWNER)]
        keep(second)
        for id in kept:
            read_draft(folder, id, first.id)


LIMITS = (use_streams, use_requests, use_test_calls, use_resends, use_imports, use_jobs, use_drafts)
Limit = Callable[[Principal, Principal], None]


@pytest.mark.parametrize("limit", LIMITS)
@pytest.mark.parametrize("callers", SHARING.values(), ids=SHARING)
def test_a_further_key_of_an_owner_gives_no_further_allowance(
    callers: tuple[Principal, Principal], limit: Limit
) -> None:
    with pytest.raises((RoostError, NotFound)):
        limit(*callers)


@pytest.mark.parametrize("limit", LIMITS)
@pytest.mark.parametrize("callers", APART.values(), ids=APART)
def test_callers_of_different_owners_have_separate_allowances(
    callers: tuple[Principal, Principal], limit: Limit
) -> None:
    limit(*callers)


def test_keys_of_a_worker_share_the_workers_allowance() -> None:
    first, second = (key(number, R.WORKER, worker_id="w-1") for number in (1, 2))
    with pytest.raises(RoostError):
        use_streams(first, second)


COUNTING = ("LiveResponse(", "streams.one(", "pending.reserve", "pending.release", "_PER_CALLER}")


def test_no_limit_counts_by_the_id_of_a_key() -> None:
    found = [
        f"{path.name}: {line.strip()}"
        for path in API.rglob("*.py")
        for line in path.read_text("utf-8").splitlines()
        if any(each in line for each in COUNTING) and "who.id" in line
    ]
    assert not found
