"""CPU time of new short texts in the index stage's way: vectors and links, in batches.

It also checks that a text has the same vector and links alone as in its batch. The texts are names
of occupations with a word before them, so that none is known.

    python -m bench.new_texts --texts 400
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from bench.measuring import write_results
from deploy.model_setup import ensure_model
from matcher.similarity import SimilarityModel
from roost.text.taxonomy import taxonomy
from roost.text.tokens import CJK

CHECKED = 20
"""Texts that are computed again, each alone."""


def new_texts(count: int) -> dict[str, list[str]]:
    """Return unknown texts in Chinese and in English."""
    draw = random.Random(20)
    names = [name for _, name in taxonomy().names()]
    chinese = [f"本地{name}" for name in names if CJK.search(name)]
    english = [f"local {name}" for name in names if not CJK.search(name)]
    return {"zh": draw.sample(chinese, count), "en": draw.sample(english, count)}


def measured(texts: Sequence[str], artefact: Path) -> dict[str, Any]:
    """Return the CPU time of a text in milliseconds, new and repeated."""
    model = SimilarityModel.load(artefact)
    times = []
    for _ in range(2):
        began, cpu = time.perf_counter(), time.process_time()
        vectors, links = model.embed(texts), model.links_of(texts)
        spent = time.process_time() - cpu, time.perf_counter() - began
        times.append([round(1000 * each / len(texts), 3) for each in spent])
    alone = SimilarityModel.load(artefact)
    some = range(0, len(texts), max(1, len(texts) // CHECKED))
    return {
        "texts": len(texts),
        "new_cpu_ms": times[0][0],
        "new_wall_ms": times[0][1],
        "repeated_cpu_ms": times[1][0],
        "same_alone": all(
            np.array_equal(alone.embed([texts[at]])[0], vectors[at])
            and alone.links(texts[at]) == links[at]
            for at in some
        ),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--texts", type=int, default=400)
    count = parser.parse_args().texts
    with tempfile.TemporaryDirectory() as home:
        artefact = Path(home) / "similarity"
        ensure_model(artefact)
        results = {
            language: measured(texts, artefact) for language, texts in new_texts(count).items()
        }
    write_results("new_texts", results)


if __name__ == "__main__":
    main()
