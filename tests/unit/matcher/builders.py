"""Openings and workers as features, made from raw input through the real facts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from matcher import features
from matcher.features import OpeningFeatures, WorkerFeatures
from matcher.similarity import SimilarityModel
from producers import facts
from roost.events.opening import Opening, OpeningContent
from roost.events.profile import Profile, ProfileContent
from roost.ids import opening_id, worker_id
from roost.places.gazetteer import gazetteer

TODAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, tzinfo=UTC)
OPENING: dict[str, Any] = {
    "identifier": "1",
    "hiringOrganization": {"id": "e-1", "name": "示例用工单位"},
    "title": "电焊工",
    "skills": ["焊接", "识图"],
    "baseSalary": {"minValue": 6000, "maxValue": 7000},
    "jobLocation": {"name": "sample:lanling-101"},
}
WORKER: dict[str, Any] = {
    "identifier": "1",
    "name": "张三",
    "skills": ["焊接"],
    "occupationsWanted": ["焊工"],
    "wageWanted": {"minValue": 5000},
    "home": {"name": "sample:lanling-101"},
    "location": {"name": "sample:lanling-102"},
}


def opening(**changes: Any) -> Opening:
    """Build an opening as in the topic, even one that the API would refuse."""
    return Opening.model_validate({"id": opening_id("test", "1")} | OPENING | changes)


def profile(**changes: Any) -> Profile:
    return Profile.model_validate({"id": worker_id("test", "1")} | WORKER | changes)


@dataclass(frozen=True, slots=True)
class Builder:
    """Turns raw input into features, with one model."""

    model: SimilarityModel

    def opening(self, **changes: Any) -> OpeningFeatures:
        return self.of_opening(opening(**changes))

    def worker(self, **changes: Any) -> WorkerFeatures:
        return self.of_worker(profile(**changes))

    def opening_of(self, content: OpeningContent) -> OpeningFeatures:
        return self.of_opening(facts.opening_posted(content, at=NOW, today=TODAY, source="t")[0])

    def worker_of(self, content: ProfileContent) -> WorkerFeatures:
        return self.of_worker(facts.profile_put(content, at=NOW, source="t")[0])

    def of_opening(self, made: Opening) -> OpeningFeatures:
        return features.of_opening(made, 1, self.model, gazetteer())

    def of_worker(self, made: Profile) -> WorkerFeatures:
        return features.of_worker(made, 1, self.model, gazetteer())
