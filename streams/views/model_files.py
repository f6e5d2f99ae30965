"""The files of similarity models, learned weights and precedents in the data folder."""

from __future__ import annotations

from pathlib import Path

from matcher import models
from matcher.similarity import SimilarityModel
from matcher.weights import Weights
from matcher.weights_in_force import PRECEDENTS, WEIGHTS, weights_in_force
from roost.security.county_key import derived, existing_county_key
from roost.settings import Settings
from streams.views.vector_cache import VectorCache


def model_folder(settings: Settings) -> Path:
    """Return the folder of similarity models, which are filed by version."""
    return settings.data / "model"


def model_path(settings: Settings) -> Path:
    """Return the path of the model that is shipped with Roost."""
    return settings.model_path or model_folder(settings) / models.SHIPPED


def installed_model(settings: Settings) -> SimilarityModel:
    """Load the model that new views are made with. Raises Transient when its file is missing."""
    return _with_cache(models.installed(model_folder(settings), model_path(settings)), settings)


def installed_version(settings: Settings) -> str:
    """Return the version of the installed model, or "" without one, without loading it."""
    return models.installed_version(model_folder(settings), model_path(settings))


def load_model(settings: Settings, version: str) -> SimilarityModel:
    """Load the model of a version that a view names. Raises Transient when its file is missing."""
    return _with_cache(models.of_version(model_folder(settings), version), settings)


def _with_cache(model: SimilarityModel, settings: Settings) -> SimilarityModel:
    """Attach the cache of vectors on disk; without a county key there is none."""
    county = existing_county_key(settings)
    if county is not None:
        path = settings.data / "vectors" / "cache.sqlite"
        model.store = VectorCache(path, derived(county, "vectors"), model.version)
    return model


def weights_path(settings: Settings) -> Path:
    """Return the path of the learned weights, next to the model (see `matcher.learned`)."""
    return settings.folder_of_weights / WEIGHTS


def precedents_path(settings: Settings) -> Path:
    """Return the path of the precedents, next to the weights (see `matcher.precedent_files`)."""
    return settings.folder_of_weights / PRECEDENTS


def installed_weights(settings: Settings) -> Weights:
    """Load the weights and precedents in force. Raises Invalid for an unusable file."""
    return weights_in_force(settings.folder_of_weights)
