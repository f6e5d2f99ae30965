"""Outcomes on real Kafka and Elasticsearch teach precedents; new matches give them as a reason."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from matcher.features import OpeningFeatures, WorkerFeatures
from matcher.precedent_files import load_precedents
from matcher.ranking import evaluate
from producers.publisher import Publisher
from roost import ids
from roost.events.envelope import record
from roost.events.match import (
    PRECEDENTS,
    ActionKind,
    Actor,
    DeclineReason,
    HistoryEntry,
    Match,
    MatchState,
    Outcome,
    Role,
)
from roost.events.opening import Opening, OpeningStatus
from roost.events.profile import Profile
from roost.settings import Settings
from roost.time.clock import SystemClock
from roost.views.elastic import Elastic
from streams.learning.outcome_collection import collect_outcomes
from streams.learning.precedent_training import train_precedents
from streams.learning.weight_training import ModelBuild, TrainingResult
from streams.views.model_files import (
    installed_weights,
    model_path,
    precedents_path,
    weights_path,
)
from tests.stack.stages import running
from tests.stack.test_pipeline import become, now, opening, profile
from tests.stack.waiting import all_processed

pytestmark = [pytest.mark.stack]

SKILLS = (["焊接"], ["缝纫"], ["做饭"], ["保洁"])
TITLES = ("电焊工", "缝纫工", "厨师", "保洁员")
GOOD = 1
"""Each kind of work goes well for the people of the next skill, whatever the texts say."""


def ended(posted: Opening, worker: Profile, day: int, *, placed: bool) -> Match:
    """Return a match of an earlier day that ended with a placement or a decline."""
    at = now() - timedelta(days=60 - day)
    kind = ActionKind.PLACE if placed else ActionKind.DECLINE
    match = ids.match_id(posted.id, worker.id)
    return Match(
        id=match,
        opening_id=posted.id,
        worker_id=worker.id,
        state=MatchState.PLACED if placed else MatchState.DECLINED,
        revision=1,
        score=50,
        worker_side=0.5,
        employer_side=0.5,
        opening_version=1,
        profile_version=1,
        model="earlier",
        proposed_at=at,
        changed_at=at,
        caused_at=at,
        cause="" if placed else DeclineReason.SKILLS.value,
        history=(
            HistoryEntry(
                action_id=ids.derive("a", match, kind),
                kind=kind,
                actor=Actor(role=Role.CLERK, id="li"),
                at=at,
                outcome=Outcome.ACCEPTED,
            ),
        ),
    )


async def _seed(publisher: Publisher, settings: Settings) -> list[Profile]:
    """Publish people, openings and their ended matches; return the people."""
    people, records = [], []
    for number in range(32):
        worker, put = profile(
            f"precedents-{number}",
            skills=SKILLS[number % 4],
            occupationsWanted=list(TITLES),
            willing={},
        )
        people.append(worker)
        records.append(put)
    for number in range(60):
        posted, _ = opening(f"precedents-{number}", TITLES[number % 4], skills=[])
        closed = posted.model_copy(update={"status": OpeningStatus.CLOSED})
        records.append(record(closed, closed.id, source="/test", at=now()))
        for worker in range(number % 3, 32, 3):
            placed = (worker - number) % 4 == GOOD
            match = ended(posted, people[worker], number, placed=placed)
            records.append(record(match, match.id, source="/test", at=now()))
    publisher.publish(records)
    with running(settings):
        await all_processed(settings)
    return people


async def test_seeded_outcomes_are_learned_and_shown_as_a_reason(own_settings: Settings) -> None:
    settings = own_settings
    elastic = Elastic(settings.elasticsearch_url)
    try:
        with Publisher(settings.bootstrap_servers) as publisher:
            people = await _seed(publisher, settings)
            collected = await collect_outcomes(elastic, settings.bootstrap_servers)
            assert len(collected.rows) >= 300
            trained = _trained(settings, collected)
            assert trained.precedents is not None
            version = trained.precedents_in_force
            assert version, trained.precedents
            await _new_match_names_them(settings, elastic, publisher, people, version)
    finally:
        await elastic.close()


def _trained(settings: Settings, collected: Any) -> TrainingResult:
    built = ModelBuild("", model_path(settings), built=False, replaced=False)
    before = installed_weights(settings).version
    return train_precedents(
        TrainingResult(built, before, collected=collected),
        weights_path(settings),
        precedents_path(settings),
        SystemClock().now(),
    )


async def _new_match_names_them(
    settings: Settings,
    elastic: Elastic,
    publisher: Publisher,
    people: list[Profile],
    version: str,
) -> None:
    posted, put = opening("precedents-new", TITLES[0], skills=[], totalJobOpenings=20)
    seamstress = people[GOOD]
    publisher.publish([put])
    with running(settings):
        await become(elastic, ids.match_id(posted.id, seamstress.id), "proposed")
        await all_processed(settings)
    view = await elastic.get("matches", ids.match_id(posted.id, seamstress.id))
    assert view is not None
    match = Match.model_validate(view["fact"])
    assert match.model.endswith(f"/{version}")
    (reason,) = [each for each in match.reasons if each.part == PRECEDENTS]
    assert "were placed in such work" in reason.en
    assert reason.zh.startswith("已有 ")
    assert 0 < reason.points <= 8
    await _replays(settings, elastic, match)


async def _replays(settings: Settings, elastic: Elastic, match: Match) -> None:
    """Compute the match again from the stored features and the named versions."""
    work = await elastic.get("openings", match.opening_id)
    worker = await elastic.get("profiles", match.worker_id)
    assert work is not None
    assert worker is not None
    weights = installed_weights(settings)
    assert weights.precedents == load_precedents(precedents_path(settings))
    again = evaluate(
        OpeningFeatures.unpacked(work["features"]),
        WorkerFeatures.unpacked(worker["features"]),
        match.changed_at.astimezone(settings.zone).date(),
        weights,
    )
    assert (again.score, again.reasons) == (match.score, match.reasons)
