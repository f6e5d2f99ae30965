from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest

from matcher.similarity import SimilarityModel
from roost.events.opening import Opening
from roost.events.profile import Profile
from roost.ids import worker_id
from roost.kafka.incoming import Fact, Incoming
from roost.places.gazetteer import gazetteer
from roost.topics import OPENINGS, PROFILES
from streams.index.entity_projection import EntityProjection
from streams.index.vocabulary import SharedVocabulary
from tests.unit.matcher.builders import NOW, opening, profile


def person(id: str, *skills: str) -> Profile:
    return profile(id=worker_id("test", id), skills=list(skills), occupationsWanted=[])


def test_a_persons_own_words_are_no_vocabulary_until_another_person_uses_them() -> None:
    known = SharedVocabulary()
    first, second = person("a", "砌墙", "会修老王家的收音机"), person("b", "砌墙")
    assert known.of([first, first]) == []
    assert known.of([first]) == []
    assert known.of([second]) == ["砌墙"]
    assert known.of([first]) == []


@pytest.mark.parametrize("text", ["手机 13812345678", "me@example.org", "x" * 61])
def test_numbers_addresses_and_long_texts_are_no_vocabulary(text: str) -> None:
    known = SharedVocabulary()
    known.of([person("a", text)])
    assert text not in known.of([person("b", text)])
    assert text not in known.of([opening(title=text)])


def test_the_texts_of_openings_are_vocabulary() -> None:
    assert "shotcreter" in SharedVocabulary().of([opening(title="shotcreter")])


def test_the_oldest_words_are_forgotten() -> None:
    known = SharedVocabulary(most_pending=1)
    known.of([person("a", "one"), person("a", "two")])
    assert known.of([person("b", "one")]) == []


class Kept(dict[str, bytes]):
    """A store of vectors in memory."""

    def read(self, texts: Sequence[str]) -> Mapping[str, bytes]:
        return {text: self[text] for text in texts if text in self}

    def write(self, vectors: Mapping[str, bytes]) -> None:
        self.update(vectors)


def facts(*events: Opening | Profile) -> list[Fact[object]]:
    return [
        Fact(each.id, each, Incoming(topic, 0, 0, each.id.encode(), each.to_json(), NOW))
        for each in events
        for topic in [OPENINGS if isinstance(each, Opening) else PROFILES]
    ]


def test_the_index_stage_stores_vocabulary_and_the_next_process_does_not_encode_it(
    artefact: Path,
) -> None:
    store = Kept()
    model = SimilarityModel.load(artefact)
    model.store = store
    project = EntityProjection(model, gazetteer())
    events = (
        opening(title="leading hand shotcreter"),
        person("a", "喷浆班班长助手", "welding alone"),
    )
    first = project(facts(*events))
    project(facts(person("b", "喷浆班班长助手")))
    assert "leading hand shotcreter" in store
    assert "喷浆班班长助手" in store
    assert not any("alone" in text for text in store)
    again = SimilarityModel.load(artefact)
    again.store = store
    assert EntityProjection(again, gazetteer())(facts(*events)) == first
    for text, packed in store.items():
        (meant,) = again.meant([text])
        assert meant is not None
        assert meant.packed() == packed
        assert np.array_equal(again.embed([text])[0], meant.shared)
