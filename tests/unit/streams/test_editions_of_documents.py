"""The same facts give the same documents, or their view's edition is raised."""

from __future__ import annotations

import hashlib
import json
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any

import pytest

from matcher.features import OpeningFeatures, WorkerFeatures
from matcher.similarity import SimilarityModel
from roost import ids
from roost.events.envelope import record
from roost.kafka.incoming import Incoming, decode_fact
from roost.places.gazetteer import gazetteer
from roost.topics import MATCHES, OPENINGS, PROFILES, STATIONS, Topic
from roost.views.elastic import Json
from roost.views.mappings import EDITIONS, shape_of
from streams.index.entity_projection import EntityProjection
from streams.maintenance.projection_registry import projection_of
from tests.made import a_match

AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
OPENING_ID = ids.derive_public("o", "editions", "1")
WORKER_ID = ids.derive_public("w", "editions", "1")
OPENING: Json = {
    "id": OPENING_ID,
    "identifier": "1",
    "hiringOrganization": {"id": "e-1", "name": "示例用工单位"},
    "title": "电焊工（二保焊），男，35岁以下",
    "skills": ["CO2气体保护焊", "识图", "forklift", "叉车驾驶"],
    "licencesRequired": ["焊工证"],
    "baseSalary": {"minValue": 6000, "maxValue": 7500},
    "jobLocation": {"name": "sample:lanling-101"},
    "totalJobOpenings": 3,
    "lodging": True,
}
PROFILE: Json = {
    "id": WORKER_ID,
    "identifier": "1",
    "name": "张三",
    "skills": ["氩弧焊", "女装裁剪", "care of the elderly"],
    "occupationsWanted": ["焊工，女", "Welder"],
    "licences": ["特种作业操作证"],
    "wageWanted": {"minValue": 5000},
    "home": {"name": "sample:lanling-101"},
    "location": {"name": "sample:lanling-102"},
    "willing": {"places": ["太原市"], "radiusKm": 30},
    "channels": [{"kind": "sms", "address": "13800000000"}],
    "experienceYears": 6,
}
STATION: Json = {
    "id": ids.station_id("editions"),
    "identifier": "1",
    "name": "太原服务站",
    "place": {"name": "太原市"},
    "serves": ["太原市"],
}
MATCH = json.loads(record(a_match(OPENING_ID, WORKER_ID, AT), "m", source="/t", at=AT).value or b"")
SAMPLES = {OPENINGS: OPENING, PROFILES: PROFILE, STATIONS: STATION, MATCHES: MATCH}
MADE = {
    "openings": (11, "9af90ecf3eb7"),
    "profiles": (7, "e98c74359721"),
    "stations": (1, "16cacfa736d8"),
    "matches": (1, "1c63f1f8e1b2"),
}
"""The edition of each view, and the digest of the sample's document."""
VECTORS = ("vector", "title_vector", "requirement_vectors", "wish_vectors", "skill_vectors")


@pytest.mark.parametrize("topic", SAMPLES, ids=lambda topic: topic.name)
def test_the_same_fact_gives_the_document_that_its_edition_gave(
    topic: Topic, model: SimilarityModel
) -> None:
    edition, made = MADE[topic.name]
    assert EDITIONS.get(topic.name, 1) == edition, "write down here what it comes out as"
    now = digest(document_of(topic, model))
    assert now == made, (
        f"a document of {topic.name} comes out differently: raise EDITIONS[{topic.name!r}], so "
        f"that a start makes the view anew, and write down {now!r} here (the latter alone when "
        "only the model, the sample or an empty new field is another)"
    )


def test_a_raised_edition_is_another_shape(monkeypatch: pytest.MonkeyPatch) -> None:
    before = shape_of("stations")
    monkeypatch.setitem(EDITIONS, "stations", 2)
    assert shape_of("stations") != before


def document_of(topic: Topic, model: SimilarityModel) -> Json:
    value = json.dumps(SAMPLES[topic]).encode()
    fact = decode_fact(Incoming(topic, 0, 6, SAMPLES[topic]["id"].encode(), value, AT))
    with ids.installed(ids.UNKEYED):  # the digests do not depend on a county's key
        [write] = projection_of(topic, EntityProjection(model, gazetteer()))([fact])
    return dict(write.document)


def digest(document: Json) -> str:
    """Return the digest of a document without its vectors, whose last digits vary by machine."""
    kept = {name: value for name, value in document.items() if name not in ("vector", "fact")}
    if stored := kept.pop("features", None):
        kind = OpeningFeatures if "title" in document else WorkerFeatures
        features = kind.unpacked(stored)
        kept["features"] = {
            each.name: getattr(features, each.name)
            for each in fields(kind)
            if each.name not in VECTORS
        }
    said = json.dumps(_rounded(kept), sort_keys=True, default=str).encode()
    return hashlib.blake2b(said, digest_size=6).hexdigest()


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, 4)
    if isinstance(value, dict):
        return {str(name): _rounded(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(each) for each in value]
    return value
