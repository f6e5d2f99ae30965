"""Sentence encoders: text to unit vectors. The only importer of onnxruntime and tokenizers.

Both are imported when an encoder is made, so that a process that only compares vectors, such as the
API, does not load them.

A text runs together with others of equal length, never padded, and each token is quantised by
itself (`bert_graph`). Its vector therefore depends on nothing but the text.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import onnxruntime
    from tokenizers import Tokenizer

Floats = npt.NDArray[np.float32]
LONGEST = 64
"""Tokens read from a text; names are far shorter."""
AT_ONCE = 32
"""Most texts in one run."""
BLOCK = 32
"""Number of 4-bit weights that share a scale."""


class Encoder(Protocol):
    """A function from texts to unit vectors."""

    def __call__(self, texts: Sequence[str]) -> Floats:
        """Return unit vectors of shape (texts, dimensions)."""
        ...


def unit_vectors(vectors: npt.NDArray[Any]) -> Floats:
    """Scale each row to length 1; a zero row stays zero."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    scaled = np.divide(vectors, lengths, out=np.zeros_like(vectors), where=lengths > 1e-9)
    return scaled.astype(np.float32)


def _session(path: Path, threads: int) -> onnxruntime.InferenceSession:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def _by_length(token_ids: Sequence[Sequence[int]]) -> list[list[int]]:
    """Group the positions of texts by token count, at most `AT_ONCE` a group."""
    groups: dict[int, list[int]] = defaultdict(list)
    for at, ids in enumerate(token_ids):
        groups[len(ids)].append(at)
    return [
        group[start : start + AT_ONCE]
        for group in groups.values()
        for start in range(0, len(group), AT_ONCE)
    ]


class BertEncoder:
    """A BERT that pools the first token; `matcher.published_bert` makes its folder.

    Source: Xiao et al., "C-Pack: Packed Resources For General Chinese Embeddings" (2023), for BGE.
    """

    def __init__(self, folder: Path, *, threads: int = 1) -> None:
        from tokenizers import Tokenizer

        self._session = _session(folder / "layers.onnx", threads)
        self._words = np.load(folder / "words.npy", mmap_mode="r")  # (vocabulary, dimensions)
        self._places: Floats = np.load(folder / "places.npy")  # (tokens, dimensions)
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.enable_truncation(LONGEST)

    def __call__(self, texts: Sequence[str]) -> Floats:
        """Return unit vectors of shape (texts, dimensions)."""
        token_ids = [each.ids for each in self._tokenizer.encode_batch(list(texts))]
        return _pooled(self._session, token_ids, self._embedded, _first_token)

    def _embedded(self, ids: npt.NDArray[np.intp]) -> Floats:
        words: Floats = self._words[ids].astype(np.float32)
        return words + self._places[: ids.shape[1]]


class MultilingualEncoder:
    """multilingual-e5-small; `matcher.packed` makes its folder.

    The word embeddings stay packed with 4 bits on disk and are read row by row.
    Pooling is the mean, the prefix is "query: ".

    Source: Wang et al., "Multilingual E5 Text Embeddings: A Technical Report" (2024).
    """

    def __init__(self, folder: Path, *, threads: int = 1) -> None:
        self._session = _session(folder / "layers.onnx", threads)
        self._words = np.load(folder / "words.npy", mmap_mode="r")  # (vocabulary, blocks, 18)
        with np.load(folder / "tokens.npz", allow_pickle=False) as stored:
            self._places: Floats = stored["places"]  # (tokens, dimensions)
            self._first, self._last, unknown = (int(each) for each in stored["special"])
            pieces = stored["pieces"].tobytes()
            ends = stored["ends"]
            scores = stored["scores"].tolist()
        starts = [0, *ends[:-1].tolist()]
        words = [pieces[a:b].decode("utf-8") for a, b in zip(starts, ends.tolist(), strict=True)]
        self._tokenizer = _unigram(list(zip(words, scores, strict=True)), unknown)

    def __call__(self, texts: Sequence[str]) -> Floats:
        """Return unit vectors of shape (texts, dimensions)."""
        encoded = self._tokenizer.encode_batch([f"query: {text}" for text in texts])
        token_ids = [[self._first, *each.ids[: LONGEST - 2], self._last] for each in encoded]
        return _pooled(self._session, token_ids, self._embedded, _mean_token)

    def _embedded(self, ids: npt.NDArray[np.intp]) -> Floats:
        words = unpack_weights(self._words[ids.ravel()]).reshape(*ids.shape, -1)
        return words + self._places[: ids.shape[1]]


def _pooled(
    session: onnxruntime.InferenceSession,
    token_ids: Sequence[Sequence[int]],
    embedded: Callable[[npt.NDArray[np.intp]], Floats],
    pool: Callable[[Floats], Floats],
) -> Floats:
    """Return the pooled states of each text as unit vectors; equal lengths run together."""
    pooled: dict[int, Floats] = {}
    for group in _by_length(token_ids):
        ids = np.array([token_ids[at] for at in group])
        (states,) = session.run(None, {"words": embedded(ids)})
        pooled.update(zip(group, pool(states), strict=True))
    return unit_vectors(np.stack([pooled[at] for at in range(len(token_ids))]))


def _first_token(states: Floats) -> Floats:
    return states[:, 0]


def _mean_token(states: Floats) -> Floats:
    return np.asarray(states.mean(axis=1), np.float32)


def unpack_weights(blocks: npt.NDArray[np.uint8]) -> Floats:
    """Unpack bytes of shape (…, blocks, 18) into weights of shape (…, blocks × 32).

    Each block is a half-float scale and 32 nibbles. Nibble j of the low halves is weight j, that of
    the high halves weight j + 16; 8 means zero.

    Source: the layout Q4_0 of ggml.
    """
    scales = np.ascontiguousarray(blocks[..., :2]).view("<f2").astype(np.float32)
    weights = unpack_nibbles(blocks).astype(np.float32) - 8
    return (weights * scales).reshape(*blocks.shape[:-2], -1)


def unpack_nibbles(blocks: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Unpack bytes of shape (…, 18) into numbers from 0 to 15 of shape (…, 32), in weight order."""
    packed = blocks[..., 2:]
    return np.concatenate([packed & 15, packed >> 4], axis=-1)


def _unigram(pieces: list[tuple[str, float]], unknown: int) -> Tokenizer:
    """Build XLM-R's SentencePiece tokenizer from its pieces.

    Source: Kudo, "Subword Regularization" (ACL 2018); Conneau et al., "Unsupervised Cross-lingual
    Representation Learning at Scale" (ACL 2020).
    """
    from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers

    tokenizer = Tokenizer(models.Unigram(pieces, unknown, False))
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.Nmt(), normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " ")]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    return tokenizer
