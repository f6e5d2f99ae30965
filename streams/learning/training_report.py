"""The report of one training: readable lines, or JSON."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table

from matcher.comparison import Comparison
from matcher.learned import values_of
from matcher.lessons import Decision, Lesson
from matcher.weights import Weights

if TYPE_CHECKING:
    from streams.learning.weight_training import TrainingResult


def show(result: TrainingResult, console: Console) -> None:
    """Print the report."""
    for line in _similarity_lines(result):
        _say(console, line)
    if result.lesson is None or result.collected is None:
        _say(console, f"No outcomes were read: {result.not_looked_at}.")
    else:
        _say(console, f"Outcomes: {len(result.collected.rows)}{_left_out(result)}.")
        _show_lesson(result, result.lesson, console)
    _say(console, f"Weights in force: {result.in_force}.")
    if result.precedents is not None:
        _show_precedents(result, result.precedents, console)
    _say(console, f"Precedents in force: {result.precedents_in_force or 'none'}.")


def as_json(result: TrainingResult) -> dict[str, Any]:
    """Return the report as plain values, fit for JSON."""
    lesson, collected = result.lesson, result.collected
    compared = lesson.comparison if lesson else None
    return {
        "dryRun": result.dry_run,
        "similarity": {
            "version": result.similarity.version or None,
            "path": str(result.similarity.path),
            "built": result.similarity.built,
        },
        "outcomes": {
            "notLookedAt": result.not_looked_at or None,
            "rows": len(collected.rows) if collected else None,
            "erased": collected.gone if collected else None,
            "older": collected.dropped if collected else None,
            "counts": [asdict(count) for count in lesson.counts] if lesson else [],
            "missing": [asdict(count) for count in lesson.missing] if lesson else [],
        },
        "comparison": compared.as_dict() if compared else None,
        "decision": lesson.decision.value if lesson else "not_looked_at",
        "candidate": _weights_json(lesson.candidate) if lesson else None,
        "before": result.before,
        "inForce": result.in_force,
        "precedents": _precedents_json(result),
    }


def _precedents_json(result: TrainingResult) -> dict[str, Any]:
    lesson = result.precedents
    compared = lesson.comparison if lesson else None
    candidate = lesson.candidate.precedents if lesson and lesson.candidate else None
    return {
        "decision": lesson.decision.value if lesson else "not_looked_at",
        "missing": [asdict(count) for count in lesson.missing] if lesson else [],
        "candidate": {"version": candidate.version, "lifts": len(candidate.lifts)}
        if candidate
        else None,
        "comparison": compared.as_dict() if compared else None,
        "before": result.precedents_before or None,
        "inForce": result.precedents_in_force or None,
    }


def _weights_json(weights: Weights | None) -> dict[str, Any] | None:
    return {"version": weights.version, **values_of(weights)} if weights else None


def _similarity_lines(result: TrainingResult) -> list[str]:
    similarity = result.similarity
    name = f"Similarity model {similarity.version}".rstrip()
    built = "would be built" if result.dry_run else "built"
    lines = [f"{name}: {built if similarity.built else 'up to date'} ({similarity.path})."]
    if similarity.replaced and not result.dry_run:
        lines.append("It replaces another model: run `roost rebuild --model` to update the views.")
    return lines


def _left_out(result: TrainingResult) -> str:
    assert result.collected is not None
    parts = []
    if result.collected.gone:
        parts.append(f"{result.collected.gone} of erased people or openings left out")
    if result.collected.dropped:
        parts.append(f"{result.collected.dropped} older ones left out")
    return f" ({', '.join(parts)})" if parts else ""


def _show_lesson(result: TrainingResult, lesson: Lesson, console: Console) -> None:
    if lesson.decision is Decision.TOO_FEW:
        _say(console, "There are too few outcomes to learn from. Missing:")
        _show_missing(lesson, console)
        return
    comparison, candidate = lesson.comparison, lesson.candidate
    assert comparison is not None
    assert candidate is not None
    console.print(_measures_table(comparison, result.before, candidate.version))
    _say(console, _compared(comparison, "learned weights"))
    if lesson.decision is Decision.REFUSED:
        _say(console, "Refused: not better beyond chance. The weights in force stay.")
    elif result.dry_run:
        _say(console, f"Accepted: {candidate.version} would be installed.")
    else:
        _say(console, f"Installed: {candidate.version}. The stages use it from their next start.")


def _show_precedents(result: TrainingResult, lesson: Lesson, console: Console) -> None:
    if lesson.decision is Decision.TOO_FEW:
        _say(console, "There are too few outcomes for precedents. Missing:")
        _show_missing(lesson, console)
    else:
        comparison, candidate = lesson.comparison, lesson.candidate
        assert comparison is not None
        assert candidate is not None
        version = candidate.precedents.version
        console.print(_measures_table(comparison, "content alone", version))
        _say(console, _compared(comparison, "precedents"))
        if lesson.decision is Decision.REFUSED:
            _say(console, "Refused: not better than content alone.")
        else:
            _say(console, f"{'Accepted' if result.dry_run else 'Installed'}: {version}.")
    if result.precedents_before and not result.precedents_in_force:
        _say(console, "The earlier precedents are removed: this training does not confirm them.")


def _show_missing(lesson: Lesson, console: Console) -> None:
    for count in lesson.missing:
        _say(
            console,
            f"  {count.what}: {count.has} of {count.least}, {count.missing} more needed",
        )


def _compared(comparison: Comparison, what: str) -> str:
    return (
        f"Held out: {comparison.first_day} to {comparison.last_day}, {comparison.rows} outcomes, "
        f"{comparison.openings} openings. The {what} rank better by "
        f"{comparison.difference:+.3f} (95 % interval: {comparison.low:+.3f} to "
        f"{comparison.high:+.3f})."
    )


def _measures_table(comparison: Comparison, before: str, candidate: str) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column("On the days held out (1 is perfect)")
    table.add_column(f"in force ({before})", justify="right")
    table.add_column(f"learned ({candidate})", justify="right")
    now, then = comparison.current, comparison.candidate
    table.add_row("Best outcomes first (nDCG@10)", f"{now.ndcg:.3f}", f"{then.ndcg:.3f}")
    table.add_row("Pairs in the right order", f"{now.in_order:.3f}", f"{then.in_order:.3f}")
    return table


def _say(console: Console, line: str) -> None:
    console.print(line, highlight=False, markup=False, soft_wrap=True)
