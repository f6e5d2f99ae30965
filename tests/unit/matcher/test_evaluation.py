from __future__ import annotations

from pathlib import Path

import pytest

from matcher import baselines
from matcher.judgments import Judgments, own_documents, read_judgments
from matcher.ranking_measures import (
    average_precision,
    measure_rankings,
    ndcg,
    recall,
    reciprocal_rank,
)
from roost.errors import Invalid


def folder(path: Path, **files: str) -> Path:
    for name, content in files.items():
        (path / f"{name}.tsv").write_text(content, encoding="utf-8")
    return path


def test_average_precision_is_that_of_the_textbook() -> None:
    assert average_precision(["a", "x", "b", "y"], {"a", "b"}) == pytest.approx((1 + 2 / 3) / 2)
    assert average_precision(["x"], {"a"}) == 0


def test_a_relevant_document_that_is_never_found_lowers_the_average() -> None:
    assert average_precision(["a"], {"a", "b"}) == pytest.approx(0.5)


def test_the_first_relevant_one_gives_the_reciprocal_rank() -> None:
    assert reciprocal_rank(["x", "y", "a"], {"a"}) == pytest.approx(1 / 3)
    assert reciprocal_rank(["x"], {"a"}) == 0


def test_gain_is_discounted_by_rank_and_cut() -> None:
    assert ndcg(["a", "b"], {"a", "b"}) == pytest.approx(1)
    assert ndcg(["x", "a"], {"a"}) == pytest.approx(0.6309, abs=1e-4)
    assert ndcg(["x"] * 10 + ["a"], {"a"}) == 0


def test_recall_looks_at_the_first_ten() -> None:
    assert recall(["a", *["x"] * 9, "b"], {"a", "b"}) == pytest.approx(0.5)


def test_queries_without_judgments_do_not_count() -> None:
    figures = measure_rankings({"q": ["a"], "r": ["b"]}, {"q": {"a"}}, 3.0)
    assert (figures.map, figures.mrr, figures.ms_per_query) == (1.0, 1.0, 3.0)
    with pytest.raises(Invalid, match="annotations"):
        measure_rankings({"q": ["a"]}, {}, 1.0)


def test_the_own_title_is_its_id_or_its_words() -> None:
    documents = {"Nurse": "Nurse", "x": "NURSE ", "y": "nurses", "q1": "other"}
    judged = Judgments({"q1": "nurse"}, documents, {"q1": frozenset({"y"})})
    assert own_documents(judged)["q1"] == {"Nurse", "x", "q1"}


def test_a_folder_is_read_with_its_judgments(tmp_path: Path) -> None:
    path = folder(
        tmp_path,
        queries="\ufeffq1\t焊工\n",
        corpus_documents="d1\t电焊工\nd2\t律师\n\n",
        annotations="q1\t0\td1\t1\nq1\t0\td2\t0\n",
    )
    judged = read_judgments(path, "corpus_documents.tsv")
    assert judged.queries == {"q1": "焊工"}
    assert judged.documents == {"d1": "电焊工", "d2": "律师"}
    assert judged.relevant == {"q1": frozenset({"d1"})}


def test_a_missing_file_and_a_broken_line_are_named(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match=r"annotations.tsv is not in"):
        read_judgments(tmp_path, "corpus_documents.tsv")
    path = folder(tmp_path, queries="q1\n", corpus_documents="", annotations="q1\t0\td1\t1\n")
    with pytest.raises(Invalid, match=r"queries.tsv line 1: 1 columns; 2 are needed"):
        read_judgments(path, "corpus_documents.tsv")
    folder(tmp_path, annotations="q1\t0\td1\tyes\n")
    with pytest.raises(Invalid, match="grade"):
        read_judgments(path, "corpus_documents.tsv")


@pytest.mark.parametrize("ranker", [baselines.word_tfidf, baselines.char_tfidf])
@pytest.mark.parametrize(
    ("documents", "query", "best"),
    [(["电焊工", "律师", "厨师"], "焊工", 0), (["welder", "lawyer", "cook"], "a cook", 2)],
)
def test_the_baselines_find_the_same_words(
    ranker: object, documents: list[str], query: str, best: int
) -> None:
    assert callable(ranker)
    assert ranker(documents)(query).argmax() == best
