"""Similarity models by version, so that two of them can be at work side by side.

    <folder>/versions/<version>/artefact    what `SimilarityModel.save` made
    <folder>/current                        the version that somebody has installed
    <folder>/similarity                     the one that comes with Roost, when nobody has

A version's artefact is never changed or removed: views that name it can always be written.
What is inside an artefact is the model's own business.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from pathlib import Path

from matcher.similarity import SimilarityModel, version_of
from roost.errors import Invalid, Transient

SHIPPED = "similarity"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,100}")


def installed(folder: Path, shipped: Path | None = None) -> SimilarityModel:
    """The model that was installed, else the one that comes with Roost.

    Raises Transient when it is not there.
    """
    current = folder / "current"
    if current.exists():
        return of_version(folder, current.read_text("utf-8").strip())
    path = shipped or folder / SHIPPED
    if not version_of(path):
        raise Transient(
            f"The similarity model is not in {path}; `roost train` puts it there.",
            f"{path} 中没有相似度模型；请运行 `roost train`。",
        )
    model = SimilarityModel.load(path)
    keep(model, folder)
    return model


def installed_version(folder: Path, shipped: Path | None = None) -> str:
    """The version that `installed` gives, without loading it; empty when there is none."""
    current = folder / "current"
    if current.exists():
        return current.read_text("utf-8").strip()
    return version_of(shipped or folder / SHIPPED)


def install(model: SimilarityModel, folder: Path) -> None:
    """Keeps the model and makes it the installed one; the views follow by `roost rebuild --model`.

    Raises Invalid for a version that is no file name.
    """
    keep(model, folder)
    partial = folder / f".current.{os.getpid()}"
    partial.write_text(f"{model.version}\n", encoding="utf-8")
    partial.replace(folder / "current")


def keep(model: SimilarityModel, folder: Path) -> None:
    """Keeps the model under its version; one that is kept already is left alone.

    Raises Invalid for a version that is no file name.
    """
    place = _place(folder, model.version)
    if place.exists():
        return
    place.parent.mkdir(parents=True, exist_ok=True)
    partial = Path(tempfile.mkdtemp(prefix=".partial-", dir=place.parent))
    try:
        model.save(partial / "artefact")
        partial.chmod(0o755)
        partial.rename(place)
    except OSError:
        # Another process may have kept the same version meanwhile.
        if not place.exists():
            raise
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def of_version(folder: Path, version: str) -> SimilarityModel:
    """The model of a version. Raises Transient when it is not (yet) in the folder."""
    artefact = _place(folder, version) / "artefact"
    if not artefact.exists():
        raise Transient(
            f"The similarity model {version} is not in {folder}; put it there, or make the "
            "vectors anew with `roost rebuild --model`.",
            f"{folder} 中没有相似度模型 {version};请放入该模型,"
            "或用 `roost rebuild --model` 重建向量。",
        )
    return SimilarityModel.load(artefact)


def dimensions(model: SimilarityModel) -> int:
    """How many numbers a vector of the model has."""
    return int(model.embed([]).shape[1])


def _place(folder: Path, version: str) -> Path:
    if not _NAME.fullmatch(version):
        raise Invalid(
            f"version: {version!r} is no name for a model; use letters, digits, '.', '-', '_'.",
            f"version:模型版本 {version!r} 不可用;请只用字母、数字、“.”、“-”、“_”。",
        )
    return folder / "versions" / version
