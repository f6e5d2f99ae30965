"""The similarity model: text of any language to vectors of 128 signed bytes.

It has two sentence encoders (`encoders`) and a head learned on occupation names (`head`). An
artefact is a folder, under 150 MB, with `head.npz` and the encoders; its version names both. The
vector of a text depends on nothing but the text and the model, not on its batch.

Links use the same space, except for English text: a single encoder separates English names best
(`Meant.english`), and no other language shares its space.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from matcher.encoders import BertEncoder, Encoder, Floats, MultilingualEncoder, unit_vectors
from matcher.head import DIMENSIONS, PULL, Head, join_vectors
from matcher.linking import TRADE, Least, Link, Linker
from matcher.name_vectors import Meant
from roost.security.private_folders import private_folder
from roost.text.taxonomy import taxonomy
from roost.text.tokens import CJK, LATIN, singular_words

CODE = "metric-5"
"""Increased whenever the same encoders and taxonomies would give another model."""
HEAD = "head.npz"
"""File of an artefact next to its folder `encoders`."""
BGE, MULTILINGUAL = "bge-small-en", "multilingual-e5-small"
"""Folders of the encoders in an artefact's folder `encoders`."""
MATRICES = ("centre", "projection", "bridge", "eastern", "occupations")
"""Arrays of a head's file that make the head, in the order of its fields."""
BGE_DIMENSIONS = 384
TRUSTED = 0.5
"""Least trust at which a text counts as English (`Head.trust`)."""
COARSE = 48
"""Steps per unit in which the English vectors of names are stored.

This takes a third of the space, and links are no worse (measured).
"""
REMEMBERED = 50_000
"""Texts whose vectors are cached, since titles recur; .5 kB each at most."""
Vectors = npt.NDArray[np.int8]


class VectorStore(Protocol):
    """Packed vectors by text that outlive the process (`Meant.packed`)."""

    def read(self, texts: Sequence[str]) -> Mapping[str, bytes]:
        """Return the vectors of those texts that have any."""
        ...

    def write(self, vectors: Mapping[str, bytes]) -> None:
        """Store vectors by text."""
        ...


@dataclass(frozen=True, slots=True)
class Encoders:
    """The sentence encoders: BGE for English, multilingual E5 for all languages."""

    bge: Encoder
    multilingual: Encoder

    @classmethod
    def load(cls, folder: Path, *, threads: int = 1) -> Encoders:
        """Load them from the folder `encoders` of an artefact."""
        return cls(
            BertEncoder(folder / BGE, threads=threads),
            MultilingualEncoder(folder / MULTILINGUAL, threads=threads),
        )


class SimilarityModel:
    """Embeds and links texts; every match names the `version` that scored it.

    `store`, if set, holds vectors of earlier processes; only `keep` writes to it.
    """

    store: VectorStore | None = None

    def __init__(self, encoders: Encoders, learned: Learned, folder: Path) -> None:
        self.version = learned.version
        self._linker = Linker(taxonomy(), learned.names, learned.english)
        self._encoders = encoders
        self._learned = learned
        self._unseen = max(learned.idf.values())
        self._folder = folder
        self._names = {
            singular_words(name): vector
            for (_, name), vector in zip(taxonomy().names(), learned.names, strict=True)
        }
        self._known: dict[str, Meant] = {}
        self._unstored: set[str] = set()

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return vectors of shape (n, 128): signed bytes, unit vectors times 127.

        The vector of a text without a letter is zero.
        """
        spoken = [singular_words(text) for text in texts]
        self._learn([each for each in spoken if each not in self._names])
        nothing = np.zeros(DIMENSIONS, np.int8)
        found = [self._shared(each) if each else nothing for each in spoken]
        self._forget()
        return np.array(found, np.int8) if found else np.zeros((0, DIMENSIONS), np.int8)

    def _shared(self, text: str) -> Vectors:
        """Return the vector of a name of the taxonomy or of a cached text."""
        known = self._names.get(text)
        return self._known[text].shared if known is None else known

    def links(self, text: str, least: Least = TRADE) -> list[Link]:
        """Return the occupations that a text means, best first; empty when none is near."""
        return self.links_of([text], least)[0]

    def links_of(self, texts: Sequence[str], least: Least = TRADE) -> list[list[Link]]:
        """Return the links of each text, the same as those of the text alone."""
        return self._linker.links(texts, self.meant, least)

    def meant(self, texts: Sequence[str]) -> list[Meant | None]:
        """Return the vectors used for links; None for a text without a letter."""
        spoken = [singular_words(text) for text in texts]
        self._learn(spoken)
        found = [self._known.get(text) for text in spoken]
        self._forget()
        return found

    def meant_names(self, names: Sequence[str]) -> list[Meant | None]:
        """Return the vectors that links compare with names: those stored of the taxonomy's names.

        Other names are encoded.
        """
        stored = self._stored_names
        rest = [name for name in names if singular_words(name) not in stored]
        encoded = dict(zip(rest, self.meant(rest), strict=True))
        return [
            encoded[name] if name in encoded else self._stored(stored[singular_words(name)])
            for name in names
        ]

    @cached_property
    def _stored_names(self) -> dict[str, int]:
        """Positions of ESCO's names, which come last, among all names, by their spoken form."""
        esco = len(self._learned.names) - len(self._learned.english)
        names = enumerate(taxonomy().names())
        return {singular_words(name): at for at, (_, name) in names if at >= esco}

    def _stored(self, at: int) -> Meant:
        esco = len(self._learned.names) - len(self._learned.english)
        return Meant(self._learned.names[at], self._learned.english[at - esco], True)

    def keep(self, texts: Sequence[str]) -> None:
        """Store the vectors of these texts, as far as this process has just encoded them."""
        if self.store is None:
            return
        new = self._unstored.intersection(map(singular_words, texts))
        if new:
            self.store.write({text: self._known[text].packed() for text in sorted(new)})
            self._unstored -= new

    def _learn(self, texts: Sequence[str]) -> None:
        """Read or encode the texts, in their spoken form, that are not cached yet."""
        new = [text for text in dict.fromkeys(texts) if text and text not in self._known]
        if new and self.store is not None:
            stored = self.store.read(new)
            self._known.update((text, Meant.unpacked(stored[text], DIMENSIONS)) for text in stored)
            new = [text for text in new if text not in stored]
            self._unstored.update(new)
        if new:
            vectors = embed_in_spaces(self._encoders, self._learned.head, new)
            self._known.update(zip(new, vectors.meant(), strict=True))

    def _forget(self) -> None:
        """Drop the oldest texts beyond the cache's limit."""
        while len(self._known) > REMEMBERED:
            oldest = next(iter(self._known))
            del self._known[oldest]
            self._unstored.discard(oldest)

    def idf(self, token: str) -> float:
        """Return the IDF of a token; an unknown one gets that of the rarest."""
        return self._learned.idf.get(token, self._unseen)

    def save(self, path: Path) -> None:
        """Write the artefact; the encoder files are hard-linked where possible."""
        save_artefact(self._learned, self._folder, path)

    @classmethod
    def load(cls, path: Path, *, threads: int = 1) -> SimilarityModel:
        """Load the artefact of a folder. Raises OSError when it does not exist."""
        learned = Learned.load(path / HEAD)
        encoders = path / "encoders"
        return cls(Encoders.load(encoders, threads=threads), learned, encoders)


@dataclass(frozen=True, slots=True)
class Learned:
    """The result of training: the head, the vectors of all names, and the IDF of tokens."""

    version: str
    head: Head
    names: Vectors  # (names of the taxonomy in its order, dimensions)
    english: Vectors  # (ESCO's names in its order, BGE's dimensions), in coarse steps
    idf: Mapping[str, float]

    def save(self, path: Path) -> None:
        """Write all arrays to one compressed file."""
        np.savez_compressed(
            path,
            about=np.frombuffer(json.dumps({"version": self.version}).encode(), np.uint8),
            centre=self.head.centre,
            projection=self.head.projection,
            bridge=self.head.bridge,
            eastern=self.head.eastern,
            occupations=self.head.occupations,
            names=self.names,
            english=np.ascontiguousarray(self.english.T),  # compresses better by column
            tokens=np.frombuffer("\n".join(self.idf).encode(), np.uint8),
            idf=np.array(list(self.idf.values()), np.float32),
        )

    @classmethod
    def load(cls, path: Path) -> Learned:
        """Load the file that `save` wrote."""
        with np.load(path, allow_pickle=False) as stored:
            head = Head(*(stored[name] for name in MATRICES))
            words = stored["tokens"].tobytes().decode().split("\n")
            return cls(
                json.loads(stored["about"].tobytes())["version"],
                head,
                stored["names"],
                np.ascontiguousarray(stored["english"].T),
                dict(zip(words, stored["idf"].tolist(), strict=True)),
            )


@dataclass(frozen=True, slots=True)
class SpaceVectors:
    """Texts in both spaces, as unit vectors."""

    shared: Floats  # (n, dimensions)
    bge: Floats  # (n, BGE's dimensions); zero for a text without Latin script
    is_english: npt.NDArray[np.bool_]  # (n,)

    def meant(self) -> list[Meant]:
        """Return the vectors of each text in whole numbers, 127 steps to a unit."""
        rows = zip(quantize(self.shared), quantize(self.bge), self.is_english, strict=True)
        return [
            Meant(shared, bge if bge.any() else None, bool(is_english))
            for shared, bge, is_english in rows
        ]


def embed_in_spaces(
    encoders: Encoders, head: Head, texts: Sequence[str], pull: float = PULL
) -> SpaceVectors:
    """Embed texts in both spaces; only Latin script goes through the English encoder.

    Both encoders run in parallel, on two cores.
    """
    latin = [at for at, text in enumerate(texts) if LATIN.search(text)]
    with ThreadPoolExecutor(1) as other_core:
        pending = other_core.submit(encoders.multilingual, texts)
        some = [texts[at] for at in latin]
        english = encoders.bge(some) if latin else None
        multilingual = pending.result()
    eastern = np.array([bool(CJK.search(text)) for text in texts], np.bool_)
    vectors = head.bridged(multilingual, eastern)
    bge = np.zeros((len(texts), BGE_DIMENSIONS), np.float32)
    is_english = np.zeros(len(texts), np.bool_)
    if english is not None:
        spoken = head.english(join_vectors([english, multilingual[latin]]))
        bge[latin] = english
        is_english[latin] = head.trust(spoken, vectors[latin]) >= TRUSTED
        vectors[latin] = head.blended(spoken, vectors[latin])
    return SpaceVectors(head.drawn(vectors, pull), bge, is_english)


def quantize(vectors: Floats, steps: int = 127) -> Vectors:
    """Round unit vectors to integers with this number of steps per unit."""
    return np.rint(vectors * steps).astype(np.int8)


def save_artefact(learned: Learned, encoders: Path, path: Path) -> None:
    """Write an artefact atomically; the encoder files are hard-linked where possible."""
    assemble_artefact(learned.save, encoders, path)


def assemble_artefact(write_head: Callable[[Path], object], encoders: Path, path: Path) -> None:
    """Write an artefact as `save_artefact` does; `write_head` writes the head to a path."""
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    shutil.rmtree(partial, ignore_errors=True)
    private_folder(partial)
    write_head(partial / HEAD)
    shutil.copytree(encoders, partial / "encoders", copy_function=_linked)
    shutil.rmtree(path, ignore_errors=True)
    partial.rename(path)


def copy_artefact(artefact: Path, path: Path) -> None:
    """Copy an artefact without loading it; all files are hard-linked where possible."""
    shutil.copytree(artefact, path, copy_function=_linked)


def version_of(artefact: Path) -> str:
    """Read only the version of an artefact; empty when there is none."""
    head = artefact / HEAD
    return version_of_head(head) if head.exists() else ""


def version_of_head(head: Path) -> str:
    """Read only the version of a head's file."""
    with np.load(head, allow_pickle=False) as stored:
        return str(json.loads(stored["about"].tobytes())["version"])


def fits_release(artefact: Path) -> bool:
    """Return whether this release can load an artefact.

    Earlier ones had other encoder files, or fewer matrices.
    """
    encoders, head = artefact / "encoders", artefact / HEAD
    if not all((encoders / each / "layers.onnx").is_file() for each in (BGE, MULTILINGUAL)):
        return False
    with np.load(head, allow_pickle=False) as stored:
        return set(MATRICES) <= set(stored.files)


def _linked(source: str, target: str) -> str:
    """Make a hard link where the file system allows it, else a copy."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
    return target


def hexadecimal(vectors: Vectors) -> list[str]:
    """Encode each vector as text; a zero vector, which cannot be indexed, becomes empty."""
    return [each.tobytes().hex() if each.any() else "" for each in vectors]


def unpacked_vectors(vectors: Sequence[str]) -> Floats:
    """Return vectors in hexadecimal as rows of whole numbers, (n, dimensions); zero for empty.

    If all are empty, the rows have the dimensions of the model, so that they compare with others.
    """
    dimensions = max((len(each) // 2 for each in vectors), default=0) or DIMENSIONS
    packed = bytes.fromhex("".join(each or "00" * dimensions for each in vectors))
    return np.frombuffer(packed, np.int8).reshape(len(vectors), dimensions).astype(np.float32)


def mean_vector(vectors: Vectors, weights: Sequence[float] | None = None) -> Vectors:
    """Return the direction of the mean of vectors, (dimensions,), with 127 steps to a unit.

    `weights` are those of the vectors; all equal without it.
    """
    some = vectors.astype(np.float64)
    if weights is not None:
        some *= np.array(weights, np.float64)[:, None]
    return quantize(unit_vectors(some.sum(axis=0, keepdims=True)))[0]


def cosines(vector: str, others: Sequence[str]) -> npt.NDArray[np.float32]:
    """Return the cosine of one vector with each of the others, all in hexadecimal.

    It is 0 where either vector is zero.
    """
    if not others or not vector:
        return np.zeros(len(others), dtype=np.float32)
    nothing = "0" * len(vector)
    packed = bytes.fromhex("".join(other or nothing for other in others))
    matrix = np.frombuffer(packed, np.int8).reshape(len(others), -1).astype(np.float32)
    one = np.frombuffer(bytes.fromhex(vector), np.int8).astype(np.float32)
    lengths = np.linalg.norm(matrix, axis=1) * np.linalg.norm(one)
    products = matrix @ one
    return np.divide(products, lengths, out=np.zeros_like(products), where=lengths > 0)
