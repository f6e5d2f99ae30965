"""The similarity model: latent semantic analysis of occupation names, 128 signed bytes a text.

Tokens and, inside Latin words, character trigrams are weighed by TF-IDF and projected by a
truncated SVD (Deerwester et al. 1990; scikit-learn's TfidfVectorizer and TruncatedSVD), trained
on taxonomies: all names of one occupation are one document, so that synonyms meet. A text's
vector depends on nothing but the text and the model: not on the batch it is embedded with.
"""

from __future__ import annotations

import csv
import hashlib
import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from importlib.resources import files
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy import sparse
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer

from matcher.text import CJK, tokens

DIMENSIONS = 128
SEED = 20_240_501
CODE = "lsa-1"
"""Changed whenever the same training data would give another model."""
Vectors = npt.NDArray[np.int8]


def terms(text: str) -> list[str]:
    """What the model counts: tokens, and trigrams of Latin words (marked with `~`)."""
    found = tokens(text)
    for token in tuple(found):
        if len(token) > 3 and not CJK.match(token):
            padded = f"^{token}$"
            found += (f"~{padded[at : at + 3]}" for at in range(len(padded) - 2))
    return found


class SimilarityModel:
    """Embeds texts. `version` names the model on every match that it took part in."""

    def __init__(
        self,
        vocabulary: Sequence[str],
        idf: npt.NDArray[np.float32],
        components: npt.NDArray[np.float32],
        version: str,
    ) -> None:
        self.version = version
        self._vocabulary = {term: at for at, term in enumerate(vocabulary)}
        self._idf = idf
        self._components = components  # (terms, dimensions)
        self._unseen = float(idf.max())

    def embed(self, texts: Sequence[str]) -> Vectors:
        """(n, 128) signed bytes, unit vectors times 127; zero for a text without known terms."""
        vectors = np.zeros((len(texts), DIMENSIONS), dtype=np.float32)
        for row, text in enumerate(texts):
            columns, weights = self._weights(text)
            if columns:
                vectors[row] = np.asarray(weights, np.float32) @ self._components[columns]
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        unit = np.divide(vectors, lengths, out=np.zeros_like(vectors), where=lengths > 1e-6)
        return np.rint(unit * 127).astype(np.int8)

    def idf(self, token: str) -> float:
        """How telling a token is; one that was never seen is as telling as the rarest."""
        at = self._vocabulary.get(token)
        return self._unseen if at is None else float(self._idf[at])

    def save(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(".partial.npz")
        np.savez_compressed(
            partial,
            about=np.frombuffer(json.dumps({"version": self.version}).encode(), np.uint8),
            vocabulary=np.frombuffer("\n".join(self._vocabulary).encode(), np.uint8),
            idf=self._idf,
            components=self._components,
        )
        partial.replace(path)

    @classmethod
    def load(cls, path: Path) -> SimilarityModel:
        with np.load(path, allow_pickle=False) as stored:
            about = json.loads(stored["about"].tobytes())
            vocabulary = stored["vocabulary"].tobytes().decode().split("\n")
            return cls(vocabulary, stored["idf"], stored["components"], about["version"])

    def _weights(self, text: str) -> tuple[list[int], list[float]]:
        counts: dict[int, int] = defaultdict(int)
        for term in terms(text):
            at = self._vocabulary.get(term)
            if at is not None:
                counts[at] += 1
        columns = sorted(counts)
        return columns, [(1 + np.log(counts[at])) * float(self._idf[at]) for at in columns]


def corpus() -> Iterator[str]:
    """The taxonomies that ship with Roost, a document per occupation."""
    folder = files("roost") / "data" / "taxonomy"
    with (folder / "zh_occupations.csv").open(encoding="utf-8") as rows:
        chinese = {row["code"]: row for row in csv.DictReader(rows)}
    for row in chinese.values():
        parent = chinese.get(row["parent"])
        yield f"{row['name']} {parent['name']}" if parent else row["name"]
    with (folder / "esco_occupations_en.csv").open(encoding="utf-8") as rows:
        for row in csv.DictReader(rows):
            yield f"{row['label']} {row['alternatives'].replace('|', ' ')}"


def expected_version(documents: Sequence[str]) -> str:
    """The version that training on these documents gives."""
    digest = hashlib.blake2b(f"{CODE}:{SEED}:{DIMENSIONS}".encode(), digest_size=5)
    for document in documents:
        digest.update(document.encode())
        digest.update(b"\n")
    return f"{CODE}-{digest.hexdigest()}"


def train(seed: int = SEED) -> SimilarityModel:
    """Trains on the taxonomies; takes some seconds and is deterministic."""
    documents = list(corpus())
    vectorizer = TfidfVectorizer(
        analyzer=terms, sublinear_tf=True, min_df=2, dtype=np.float32, norm="l2"
    )
    weighed: sparse.csr_matrix = vectorizer.fit_transform(documents)
    svd = TruncatedSVD(DIMENSIONS, n_iter=4, random_state=seed)
    svd.fit(weighed)
    return SimilarityModel(
        vectorizer.get_feature_names_out().tolist(),
        vectorizer.idf_.astype(np.float32),
        np.ascontiguousarray(svd.components_.T, dtype=np.float32),
        expected_version(documents),
    )


def load_or_train(path: Path) -> SimilarityModel:
    """The model at `path`, trained and saved there when it is missing or of another version."""
    if path.exists():
        model = SimilarityModel.load(path)
        if model.version == expected_version(list(corpus())):
            return model
    model = train()
    model.save(path)
    return model


def hexadecimal(vectors: Vectors) -> list[str]:
    """Each vector as text; empty for a zero one, which has no direction and cannot be indexed."""
    return [each.tobytes().hex() if each.any() else "" for each in vectors]


def cosines(vector: str, others: Sequence[str]) -> npt.NDArray[np.float32]:
    """Cosine of one vector with each of the others, all in hexadecimal; 0 where one is zero."""
    if not others or not vector:
        return np.zeros(len(others), dtype=np.float32)
    nothing = "0" * len(vector)
    packed = bytes.fromhex("".join(other or nothing for other in others))
    matrix = np.frombuffer(packed, np.int8).reshape(len(others), -1).astype(np.float32)
    one = np.frombuffer(bytes.fromhex(vector), np.int8).astype(np.float32)
    lengths = np.linalg.norm(matrix, axis=1) * np.linalg.norm(one)
    products = matrix @ one
    return np.divide(products, lengths, out=np.zeros_like(products), where=lengths > 0)
