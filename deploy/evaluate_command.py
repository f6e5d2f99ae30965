"""`roost evaluate`: the quality of the deployed search, compared with common baselines."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from deploy.discovery import NAMED_BY
from deploy.progress import progress

if TYPE_CHECKING:
    from collections.abc import Callable

    from matcher.judgments import Judgments
    from matcher.people_judgments import PeopleJudgments
    from roost.settings import Settings
    from streams.evaluation.search_evaluation import Evaluation

evaluation_commands = typer.Typer(
    no_args_is_help=True,
    help="Measure the search and the model on judged queries, and compare baselines.",
)
DOCUMENTS = {"titles": "corpus_documents.tsv", "linking": "corpus_elements.tsv"}
NAMES = {
    "system": "Roost · 本系统",
    "bm25_stock": "BM25, Elasticsearch defaults",
    "word_tfidf": "TF-IDF of words",
    "char_tfidf": "TF-IDF of character n-grams",
    "sentence_model": "BGE small alone",
}

Folder = Annotated[Path, typer.Argument(help="queries.tsv, annotations.tsv and the documents")]
PeopleFolder = Annotated[
    Path, typer.Argument(help="persons.jsonl, trades.tsv or openings.jsonl, and qrels.tsv")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@evaluation_commands.command()
def titles(folder: Folder, as_json: AsJson = False) -> None:
    """Measure how well the search ranks job titles that annotators judged similar.

    The folder holds queries.tsv, corpus_documents.tsv (id, title) and annotations.tsv (TREC qrels).
    If no Elasticsearch runs, the command starts a temporary one.

    Examples:
        roost evaluate titles jobtitlesimilarity/zh

        roost evaluate titles jobtitlesimilarity/en --json
    """
    _run("titles", folder, as_json)


@evaluation_commands.command()
def linking(folder: Folder, as_json: AsJson = False) -> None:
    """Measure how well linking ranks the names of a taxonomy for free-text titles.

    The folder holds queries.tsv, corpus_elements.tsv (id, name) and annotations.tsv (TREC qrels).
    If no Elasticsearch runs, the command starts a temporary one.

    Examples:
        roost evaluate linking melo/usa_q_en_c_en

        roost evaluate linking melo/usa_q_en_c_en --json
    """
    _run("linking", folder, as_json)


@evaluation_commands.command()
def people(folder: PeopleFolder, as_json: AsJson = False) -> None:
    """Measure how well matching ranks the openings or occupations that judged people want.

    persons.jsonl: id and any of skills, occupationsWanted, summary, experienceYears, licences;
    trades.tsv (id, name) or openings.jsonl (id and fields of an opening); qrels.tsv (TREC qrels:
    person, 0, document, grade). Every person is matched as by the match stage: the same search, the
    same score. If no Elasticsearch runs, the command starts a temporary one.

    Examples:
        roost evaluate people judged-people

        roost evaluate people judged-people --json
    """
    _run("people", folder, as_json)


def _run(task: str, folder: Path, as_json: bool) -> None:
    evaluation = _evaluation(task, folder, quiet=as_json)
    if as_json:
        measures = evaluation.rows
        system = measures.pop("system")
        typer.echo(json.dumps({"system": system, "baselines": measures}, indent=2))
        return
    Console().print(_table(folder, evaluation))
    typer.echo(f"Model {evaluation.model}")


def _evaluation(task: str, folder: Path, *, quiet: bool) -> Evaluation:
    from deploy.environment import in_usual_folder
    from matcher.judgments import read_judgments
    from matcher.people_judgments import read_people
    from roost.settings import Settings
    from streams.views.model_files import model_path

    judgments = read_people(folder) if task == "people" else read_judgments(folder, DOCUMENTS[task])
    settings = in_usual_folder(Settings())
    with progress(quiet=quiet) as say, _elasticsearch(settings, say) as url:
        return evaluate_judgments(task, judgments, url, model_path(settings), say)


def evaluate_judgments(
    task: str,
    judgments: Judgments | PeopleJudgments,
    url: str,
    model_path: Path,
    say: Callable[[str], object],
) -> Evaluation:
    """Evaluate `titles`, `linking` or `people` on judgments, with the Elasticsearch at `url`.

    Raises CannotStart when the encoder files cannot be fetched.
    """
    from deploy.local import encoder_files
    from deploy.model_setup import ensure_model
    from matcher.people_judgments import PeopleJudgments
    from roost.views.elastic import Elastic
    from streams.evaluation.search_evaluation import evaluate, evaluate_people

    model = ensure_model(model_path, say)
    encoders = encoder_files.fetch(say)

    async def measured() -> Evaluation:
        elastic = Elastic(url, timeout_s=120)
        try:
            if isinstance(judgments, PeopleJudgments):
                today = datetime.now(UTC).date()
                return await evaluate_people(elastic, encoders, model, judgments, say, today)
            return await evaluate(elastic, encoders, model, judgments, say, names=task == "linking")
        finally:
            await elastic.close()

    return asyncio.run(measured())


@contextmanager
def _elasticsearch(settings: Settings, say: Callable[[str], object]) -> Iterator[str]:
    """Yield the URL of the running node, or of one started for this command only."""
    from deploy.local.stack import only_elasticsearch

    if any(name in os.environ for name in NAMED_BY):
        yield settings.elasticsearch_url
        return
    say("Starting Elasticsearch")
    with only_elasticsearch() as url:
        yield url


def _table(folder: Path, evaluation: Evaluation) -> Table:
    table = Table(
        title=f"{folder}: {evaluation.queries} queries, {evaluation.documents:,} documents"
    )
    table.add_column("")
    for name in ("MAP", "nDCG@10", "MRR", "recall@10", "ms a query"):
        table.add_column(name, justify="right")
    for name, row in evaluation.rows.items():
        *values, ms = row.values()
        table.add_row(NAMES[name], *(f"{value:.3f}" for value in values), f"{ms:.1f}")
    return table
