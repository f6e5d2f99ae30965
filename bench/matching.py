"""`roost evaluate` over several folders of judgments, with a file of results and a plot.

It writes `bench/results/matching.json` and `docs/matching.svg`: MAP of titles and MRR of linking,
for the deployed system and its baselines.

    python -m bench.matching --titles DIR/zh --titles DIR/en --linking DIR/usa_q_en_c_en
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import matplotlib

from bench.measuring import write_results
from deploy.evaluate_command import DOCUMENTS, evaluate_judgments
from deploy.local.stack import only_elasticsearch
from matcher.judgments import read_judgments

matplotlib.use("svg")
from matplotlib import pyplot

ROOT = Path(__file__).parents[1]
PLOT = ROOT / "docs" / "matching.svg"
SHOWN = {"titles": "map", "linking": "mrr"}
LABELS = {
    "bm25_stock": "BM25, default settings",
    "word_tfidf": "word TF-IDF",
    "char_tfidf": "char TF-IDF",
    "sentence_model": "BGE small alone",
    "system": "Roost",
}
COLOURS = ["#c9ced6", "#aab3c0", "#8a97a8", "#5f7d9c", "#c8501e"]


def measured(task: str, folder: Path) -> dict[str, object]:
    judgments = read_judgments(folder, DOCUMENTS[task])
    with tempfile.TemporaryDirectory() as home, only_elasticsearch() as url:
        found = evaluate_judgments(
            task, judgments, url, Path(home) / "similarity", lambda step: None
        )
    print(f"{task} {folder.name}: {found.system}", flush=True)
    return {
        "task": task,
        "set": folder.name,
        "model": found.model,
        "queries": found.queries,
        "documents": found.documents,
        "figures": found.rows,
    }


def draw(results: list[dict[str, object]]) -> None:
    """Draw one group of bars for each set of judgments."""
    drawing, axes = pyplot.subplots(figsize=(8, 3.6))
    width = 0.8 / len(LABELS)
    for number, (name, label) in enumerate(LABELS.items()):
        heights = [each["figures"][name][SHOWN[str(each["task"])]] for each in results]  # type: ignore[index]
        places = [at + (number - 2) * width for at in range(len(results))]
        bars = axes.bar(places, heights, width * 0.92, label=label, color=COLOURS[number])
        axes.bar_label(bars, fmt="%.2f", fontsize=7, padding=1)
    ticks = [
        f"{each['task']} {each['set']}\n{SHOWN[str(each['task'])].upper()}" for each in results
    ]
    axes.set_xticks(range(len(results)), ticks)
    axes.set_ylim(0, 0.8)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, fontsize=8, ncols=5, loc="upper center")
    drawing.tight_layout()
    drawing.savefig(PLOT, metadata={"Date": None})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    for task in DOCUMENTS:
        parser.add_argument(f"--{task}", type=Path, action="append", default=[])
    chosen = parser.parse_args()
    results = [measured(task, folder) for task in DOCUMENTS for folder in getattr(chosen, task)]
    write_results("matching", results)
    draw(results)


if __name__ == "__main__":
    main()
