"""All new texts of a batch go through the encoders together, those read from descriptions too."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from matcher.encoders import Floats
from matcher.features import OpeningFeatures
from matcher.similarity import Encoders, Learned, SimilarityModel
from roost import ids
from roost.events.opening import Opening
from roost.kafka.incoming import Fact, Incoming
from roost.places.gazetteer import gazetteer
from roost.topics import OPENINGS
from streams.index.entity_documents import documents_of_facts
from tests.unit.matcher.builders import NOW, opening

DESCRIPTIONS = ["要求熟练掌握砌墙和抹灰。", "会用叉车，能看懂图纸。", "需会砌墙、贴瓷砖。"]


def test_a_batch_with_read_skills_runs_the_encoders_once(artefact: Path) -> None:
    runs: list[list[str]] = []
    real = Encoders.load(artefact / "encoders")

    def multilingual(texts: Sequence[str]) -> Floats:
        runs.append(list(texts))
        return real.multilingual(texts)

    model = SimilarityModel(
        Encoders(real.bge, multilingual), Learned.load(artefact / "head.npz"), artefact / "encoders"
    )
    batch = [posted(str(at), text) for at, text in enumerate(DESCRIPTIONS)]
    documents = documents_of_facts(batch, model, gazetteer())
    found = [OpeningFeatures.unpacked(each["features"]) for each in documents]
    assert all(each.read_skills for each in found)
    assert any(set(each.read_skills) & set(runs[0]) for each in found)
    assert len(runs) == 1
    for fact, document in zip(batch, documents, strict=True):
        alone = documents_of_facts([fact], SimilarityModel.load(artefact), gazetteer())
        assert alone == [document]


def posted(reference: str, description: str) -> Fact[Any]:
    content = {"title": f"工地杂工{reference}组", "skills": [], "description": description}
    event: Opening = opening(id=ids.opening_id("test", reference), **content)
    origin = Incoming(OPENINGS, 0, 0, event.id.encode(), event.to_json(), NOW)
    return Fact(event.id, event, origin)
