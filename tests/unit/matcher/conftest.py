"""Fixtures: simulated people and openings as features."""

from __future__ import annotations

import pytest

from matcher.features import OpeningFeatures, WorkerFeatures
from matcher.similarity import SimilarityModel
from producers import simulator
from tests.unit.matcher.builders import Builder


@pytest.fixture(scope="session")
def make(model: SimilarityModel) -> Builder:
    return Builder(model)


@pytest.fixture(scope="session")
def workers(make: Builder) -> list[WorkerFeatures]:
    return [make.worker_of(content) for content in simulator.profiles(150)]


@pytest.fixture(scope="session")
def openings(make: Builder) -> list[OpeningFeatures]:
    return [make.opening_of(content) for content in simulator.openings(60)]
