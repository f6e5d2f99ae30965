"""The projection of openings, profiles, stations and other entities into their views."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from matcher.models import StoredModel
from matcher.similarity import SimilarityModel
from roost.kafka.incoming import Fact
from roost.places.gazetteer import Gazetteer
from roost.views.answers import Write
from streams.index import entity_documents
from streams.index.vocabulary import SharedVocabulary
from streams.views.projections import VIEW_OF


class EntityProjection:
    """The projection that one similarity model gives; it embeds the texts of a batch together.

    A stored model is loaded for the first facts: most starts have none to project.
    """

    def __init__(self, model: SimilarityModel | StoredModel, gazetteer: Gazetteer) -> None:
        self.version = model.version
        self._model = model
        self._gazetteer = gazetteer
        self._vocabulary = SharedVocabulary()

    @property
    def model(self) -> SimilarityModel:
        """The model, loaded now if it is only stored."""
        return self._model.loaded if isinstance(self._model, StoredModel) else self._model

    def __call__(self, facts: Sequence[Fact[Any]]) -> list[Write]:
        """Return the document of each fact, in order."""
        documents = entity_documents.documents_of_facts(facts, self.model, self._gazetteer)
        self.model.keep(self._vocabulary.of(fact.event for fact in facts))
        return [
            Write(VIEW_OF[fact.origin.topic], fact.key, fact.version, document)
            for fact, document in zip(facts, documents, strict=True)
        ]


class EntityProjectionCache:
    """Entity projections by the version of their model; the last one used stays loaded."""

    def __init__(
        self, first: SimilarityModel, load: Callable[[str], SimilarityModel], gazetteer: Gazetteer
    ) -> None:
        self._load = load
        self._gazetteer = gazetteer
        self._last = EntityProjection(first, gazetteer)

    async def for_model(self, version: str) -> EntityProjection:
        """Return the projection of a model version.

        Raises Transient when the model of that version is not installed.
        """
        if self._last.version != version:
            model = await asyncio.to_thread(self._load, version)
            self._last = EntityProjection(model, self._gazetteer)
        return self._last
