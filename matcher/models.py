"""Similarity models by version, so that two of them can work side by side.

    <folder>/versions/<version>/artefact    written by `SimilarityModel.save`
    <folder>/current                        the installed version
    <folder>/similarity                     the shipped model, used while none is installed

The artefact of a version is never changed or removed, so views that name it can always be written.
The content of an artefact is private to the model.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Callable
from functools import cached_property
from pathlib import Path

import structlog

from matcher.similarity import SimilarityModel, copy_artefact, fits_release, version_of
from roost.errors import Invalid, Transient
from roost.security.private_folders import private_folder

_log = structlog.get_logger(__name__)
SHIPPED = "similarity"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,100}")


def installed(folder: Path, shipped: Path | None = None) -> SimilarityModel:
    """Load the installed model if this release can, else the shipped one, and log that.

    Raises Transient when the folder has neither.
    """
    if current := _usable_version(folder):
        return of_version(folder, current)
    left_out = _current_version(folder)
    path = shipped or folder / SHIPPED
    if not version_of(path):
        raise Transient(
            f"The similarity model is not in {path}; `roost train` puts it there.",
            f"{path} 中没有相似度模型；请运行 `roost train`。",
        )
    model = SimilarityModel.load(path)
    keep(model, folder)
    if left_out:
        _log.warning(
            "installed_model_unusable",
            version=left_out,
            used=model.version,
            remedy="Another release made it; `roost rebuild --model` recomputes the vectors.",
        )
    return model


def installed_version(folder: Path, shipped: Path | None = None) -> str:
    """Return the version that `installed` would load; empty when there is none."""
    return _usable_version(folder) or version_of(shipped or folder / SHIPPED)


def _usable_version(folder: Path) -> str:
    """Return the installed version; empty without one, or if only another release can load it."""
    version = _current_version(folder)
    if not version:
        return ""
    artefact = _place(folder, version) / "artefact"
    return version if not artefact.exists() or fits_release(artefact) else ""


def _current_version(folder: Path) -> str:
    """Return the version that was installed last; empty without one."""
    current = folder / "current"
    return current.read_text("utf-8").strip() if current.exists() else ""


def install(model: SimilarityModel, folder: Path) -> None:
    """Keep the model and make it the installed one; `roost rebuild --model` updates the views.

    Raises Invalid for a version that is not a valid file name.
    """
    keep(model, folder)
    partial = folder / f".current.{os.getpid()}"
    partial.write_text(f"{model.version}\n", encoding="utf-8")
    partial.replace(folder / "current")


def keep(model: SimilarityModel, folder: Path) -> None:
    """Keep the model under its version, unless it is kept already.

    Raises Invalid for a version that is not a valid file name.
    """
    _keep(model.version, model.save, folder)


def keep_artefact(artefact: Path, folder: Path) -> None:
    """Keep the model of an artefact under its version, unless it is kept already.

    The model is not loaded. Raises Invalid for a version that is not a valid file name.
    """
    _keep(version_of(artefact), lambda target: copy_artefact(artefact, target), folder)


def _keep(version: str, save: Callable[[Path], None], folder: Path) -> None:
    place = _place(folder, version)
    if place.exists():
        return
    private_folder(place.parent, within=folder)
    partial = Path(tempfile.mkdtemp(prefix=".partial-", dir=place.parent))
    try:
        save(partial / "artefact")
        partial.chmod(0o755)
        partial.rename(place)
    except OSError:
        # Another process may have kept the same version meanwhile.
        if not place.exists():
            raise
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def of_version(folder: Path, version: str) -> SimilarityModel:
    """Load the model of a version.

    Raises Transient when the folder does not have it (yet), or only another release can load it.
    """
    artefact = _place(folder, version) / "artefact"
    if not artefact.exists():
        raise Transient(
            f"The similarity model {version} is not in {folder}; put it there, or recompute the "
            "vectors with `roost up` or `roost rebuild --model`.",
            f"{folder} 中没有相似度模型 {version}；请放入该模型，"
            "或用 `roost up` 或 `roost rebuild --model` 重建向量。",
        )
    if not fits_release(artefact):
        raise Transient(
            f"The similarity model {version} was made by another release, which this one cannot "
            "load; recompute the vectors with `roost up` or `roost rebuild --model`.",
            f"相似度模型 {version} 由其他版本的程序生成，本版本无法加载；"
            "请用 `roost up` 或 `roost rebuild --model` 重建向量。",
        )
    return SimilarityModel.load(artefact)


class StoredModel:
    """A model on disk: its version is known, and its first use loads it."""

    def __init__(self, version: str, load: Callable[[], SimilarityModel]) -> None:
        self.version = version
        self._load = load

    @cached_property
    def loaded(self) -> SimilarityModel:
        """The model. Raises as `installed` does."""
        return self._load()


def dimensions(model: SimilarityModel) -> int:
    """Return the length of the model's vectors."""
    return int(model.embed([]).shape[1])


def _place(folder: Path, version: str) -> Path:
    if not _NAME.fullmatch(version):
        raise Invalid(
            f"version: {version!r} is not a valid model name; use letters, digits, '.', '-', '_'.",
            f"version:模型版本 {version!r} 不可用；请只用字母、数字、“.”、“-”、“_”。",
        )
    return folder / "versions" / version
