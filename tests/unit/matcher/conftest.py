"""A model trained once, and simulated people and openings as features."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from matcher import features
from matcher.features import OpeningFeatures, WorkerFeatures
from matcher.similarity import SimilarityModel, train
from producers import facts, simulator
from roost.places import gazetteer

TODAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, tzinfo=UTC)


@pytest.fixture(scope="session")
def model() -> SimilarityModel:
    return train()


@pytest.fixture(scope="session")
def workers(model: SimilarityModel) -> list[WorkerFeatures]:
    made = []
    for content in simulator.profiles(150):
        profile, _ = facts.profile_put(content, at=NOW, source="test")
        vector = model.embed([features.worker_text(profile)])[0].tobytes().hex()
        made.append(features.of_worker(profile, 1, vector, model, gazetteer()))
    return made


@pytest.fixture(scope="session")
def openings(model: SimilarityModel) -> list[OpeningFeatures]:
    made = []
    for content in simulator.openings(60):
        opening, _ = facts.opening_posted(content, at=NOW, today=TODAY, source="test")
        vector = model.embed([features.opening_text(opening)])[0].tobytes().hex()
        made.append(features.of_opening(opening, 1, vector, model, gazetteer()))
    return made
