"""An import of workers is not undone once anybody has used what it stored."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType, SimpleNamespace
from typing import Any

import pytest

from api.access.principal import Principal
from api.imports.jobs import Jobs
from api.imports.undoing import IN_USE, OWN, plan_undo
from api.ports.latest_writes import LatestWrites
from api.ports.services import Services
from producers.rejected_rows import UNDO_ENDING
from roost import ids
from roost.events.account import AccountRole
from roost.events.import_job import ImportJob, ImportReport, ImportState
from roost.events.match import MatchState
from roost.settings import Settings
from roost.topics import CONVERSATIONS, MATCHES, NOTES
from roost.views.answers import Hit, Json, Page
from tests.unit.api.builders import NOW
from tests.unit.api.clause_evaluation import meets
from tests.unit.api.services import services_with

JOB = ids.derive("i", "roster")
NEW = ids.worker_id("roster", "A-1")
WHO = Principal(id="u-" + "a" * 26, role=AccountRole.ASSOCIATION, name="someone")


class Views:
    """Views with some documents by key, and the worker's match in a state."""

    def __init__(
        self,
        documents: dict[tuple[str, str], Json],
        state: MatchState | None,
        talks: Mapping[str, int],
        accepted_at: str | None = None,
        texts: str = CONVERSATIONS.name,
    ) -> None:
        self._documents, self._talks, self._texts = documents, talks, texts
        self._match: Json = {"state": state.value, "accepted_at": accepted_at} if state else {}

    async def msearch(self, searches: Sequence[tuple[str, Json]]) -> list[Page]:
        return [await self.search(*each) for each in searches]

    async def mget(
        self, keys: Sequence[tuple[str, str]], fields: Sequence[str] | None = None
    ) -> dict[tuple[str, str], Json]:
        return {key: self._documents[key] for key in keys if key in self._documents}

    async def search(self, view: str, body: Json) -> Page:
        assert view == MATCHES.name
        match = {"worker_id": NEW, **self._match}
        found = bool(match.get("state")) and meets(match, body["query"])
        return Page((Hit("m", None, {"worker_id": NEW}),) if found else (), int(found))

    async def tallies(
        self, view: str, questions: Sequence[tuple[str, Collection[str], Json]]
    ) -> list[Mapping[str, int]]:
        assert questions[0][:2] == ("worker_id", [NEW])
        return [self._talks if view == self._texts else {}]


def services(
    folder: Path,
    documents: dict[tuple[str, str], Json],
    state: MatchState | None = None,
    talks: Mapping[str, int] = MappingProxyType({}),
    accepted_at: str | None = None,
    texts: str = CONVERSATIONS.name,
) -> Services:
    jobs = Jobs()
    job = ImportJob(
        id=JOB,
        kind="profiles",
        state=ImportState.DONE,
        owner=WHO.id,
        format="xlsx",
        rows=1,
        published=1,
        sent="x",
        created_at=NOW,
        updated_at=NOW,
    )
    jobs.take(ImportReport(job=job))

    async def caught_up() -> None:
        return None

    given = services_with(
        imports=SimpleNamespace(jobs=jobs, caught_up=caught_up, folder=folder / "imports"),
        settings=Settings(data=folder),
        clock=SimpleNamespace(now=lambda: NOW),
        elastic=Views(documents, state, talks, accepted_at, texts),
        latest=LatestWrites(),
    )
    rejects = given.settings.rejects_folder
    rejects.mkdir()
    line = {"id": NEW, "version": 7, "stored": None, "worker": NEW}
    (rejects / f"{JOB}{UNDO_ENDING}").write_text(f"{json.dumps(line)}\n", "utf-8")
    return given


async def test_an_unused_worker_is_taken_back(tmp_path: Path) -> None:
    erased: dict[tuple[str, str], Any] = {(view, NEW): {"erased": True} for view in OWN}
    plan = await plan_undo(services(tmp_path, erased, MatchState.PROPOSED), WHO, JOB)
    assert (plan.removed, plan.in_use, plan.is_possible) == (1, 0, True)


@pytest.mark.parametrize("view", OWN)
async def test_a_worker_who_has_set_preferences_or_stopped_is_kept(
    tmp_path: Path, view: str
) -> None:
    plan = await plan_undo(services(tmp_path, {(view, NEW): {}}), WHO, JOB)
    assert (plan.in_use, plan.is_possible) == (1, False)


@pytest.mark.parametrize("view", [CONVERSATIONS.name, NOTES.name])
async def test_a_worker_of_whom_texts_are_stored_is_kept(tmp_path: Path, view: str) -> None:
    given = services(tmp_path, {}, talks={NEW: 1}, texts=view)
    plan = await plan_undo(given, WHO, JOB)
    assert (plan.in_use, plan.is_possible) == (1, False)


@pytest.mark.parametrize("state", IN_USE)
async def test_a_worker_with_a_match_that_somebody_has_worked_on_is_kept(
    tmp_path: Path, state: MatchState
) -> None:
    plan = await plan_undo(services(tmp_path, {}, state), WHO, JOB)
    assert (plan.in_use, plan.is_possible) == (1, False)


async def test_a_worker_who_has_accepted_a_match_is_kept(tmp_path: Path) -> None:
    given = services(tmp_path, {}, MatchState.PROPOSED, accepted_at=NOW.isoformat())
    plan = await plan_undo(given, WHO, JOB)
    assert (plan.in_use, plan.is_possible) == (1, False)


def test_a_decline_is_work_too() -> None:
    assert MatchState.DECLINED in IN_USE
