"""`roost evaluate`: how good the deployed search is, beside what people would use instead."""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from deploy.train import progress

evaluate = typer.Typer(
    no_args_is_help=True,
    help="Measure the search and the model on judged queries, beside baselines.",
)
DOCUMENTS = {"titles": "corpus_documents.tsv", "linking": "corpus_elements.tsv"}
NAMES = {
    "system": "Roost · 本系统",
    "bm25_stock": "BM25, Elasticsearch as it comes",
    "word_tfidf": "TF-IDF of words",
    "char_tfidf": "TF-IDF of character n-grams",
    "sentence_model": "BGE small alone",
}

Folder = Annotated[Path, typer.Argument(help="queries.tsv, annotations.tsv and the documents")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@evaluate.command()
def titles(folder: Folder, as_json: AsJson = False) -> None:
    """Job titles that annotators judged similar: is the like of a title found first?

    The folder holds queries.tsv, corpus_documents.tsv (id, title) and annotations.tsv (TREC qrels).
    Elasticsearch is started for the time being when none runs.

    Examples:
        roost evaluate titles jobtitlesimilarity/zh

        roost evaluate titles jobtitlesimilarity/en --json
    """
    _run("titles", folder, as_json)


@evaluate.command()
def linking(folder: Folder, as_json: AsJson = False) -> None:
    """Free-text titles and the names of a taxonomy: is the right occupation found first?

    The folder holds queries.tsv, corpus_elements.tsv (id, name) and annotations.tsv (TREC qrels).
    Elasticsearch is started for the time being when none runs.

    Examples:
        roost evaluate linking melo/usa_q_en_c_en

        roost evaluate linking melo/usa_q_en_c_en --json
    """
    _run("linking", folder, as_json)


def _run(task: str, folder: Path, as_json: bool) -> None:
    from deploy import evaluation
    from deploy.environment import in_usual_folder
    from deploy.model import ensure
    from matcher.evaluation import read
    from roost.settings import Settings
    from streams.views.model_files import model_path

    judged = read(folder, DOCUMENTS[task])
    settings = in_usual_folder(Settings())
    with progress(quiet=as_json) as told:
        model = ensure(model_path(settings), told)
        with evaluation.elasticsearch(settings, os.environ, told) as url:
            found = asyncio.run(
                evaluation.evaluate(url, model, judged, told, names=task == "linking")
            )
    figures = found.rows
    if as_json:
        system = figures.pop("system")
        typer.echo(json.dumps({"system": system, "baselines": figures}, indent=2))
        return
    table = Table(title=f"{folder}: {found.queries} queries, {found.documents:,} documents")
    table.add_column("")
    for name in ("MAP", "nDCG@10", "MRR", "recall@10", "ms a query"):
        table.add_column(name, justify="right")
    for name, row in figures.items():
        *values, ms = row.values()
        table.add_row(NAMES[name], *(f"{value:.3f}" for value in values), f"{ms:.1f}")
    Console().print(table)
    typer.echo(f"Model {found.model}")
