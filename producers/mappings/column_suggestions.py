"""Suggestions of a field for each column of a table: from its heading and from its values. Pure.

A heading that the shipped mappings know is strong evidence, a value's form alone is weak. A column
whose values the field's rule cannot read is suggested with little confidence.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from producers.mappings.cell_values import clean_text
from producers.mappings.mapping_files import load_mapping, shipped_mappings
from producers.mappings.mapping_model import Mapping as MappingFile
from producers.mappings.mapping_model import Rule, alternatives
from producers.mappings.value_forms import ValueForm, form_of_values, reads_as
from producers.tables.headings import folded_heading
from producers.values import NotUnderstood
from producers.values.vocabularies import vocabulary_file, words_in

EXACT, PARTIAL, VALUES_ONLY, UNREADABLE = 0.9, 0.6, 0.5, 0.3
READABLE = 0.7
"""Share of values that a rule must read for them to count as evidence."""
SAMPLED_VALUES = 200
SHORTEST_PART = 2
"""Characters of a known heading that may be part of a longer one."""
UNIT, CODE = -1, -2
"""Parts of a rule besides its columns: the pay period of a wage, an employer's credit code."""
_TEMPLATES = {"openings": "zh_job_fair", "profiles": "zh_worker_roster"}


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Field suggested for a column; an empty field means that nothing fits."""

    column: str
    field: str
    part: int
    """Position of the column within its rule: 1 for the upper end of a wage, or UNIT or CODE."""
    confidence: float
    why: str
    why_zh: str


def suggest_columns(
    columns: Sequence[str], rows: Iterable[Mapping[str, Any]], kind: str
) -> list[Suggestion]:
    """Return a suggestion for each column, in their order; no field is suggested twice."""
    samples = _samples(columns, rows)
    ranked = sorted(
        (each for column in columns for each in _candidates(column, samples[column], kind)),
        key=lambda each: -each.confidence,
    )
    chosen: dict[str, Suggestion] = {}
    taken: set[tuple[str, int]] = set()
    for each in ranked:
        if each.column not in chosen and (each.field, each.part) not in taken:
            chosen[each.column] = each
            taken.add((each.field, each.part))
    return [chosen.get(column) or _nothing(column) for column in columns]


def suggested_mapping(suggestions: Iterable[Suggestion], kind: str, source: str) -> MappingFile:
    """Return the mapping of the suggestions that a person has accepted."""
    columns: dict[str, dict[int, str]] = {}
    for each in suggestions:
        if each.field:
            columns.setdefault(each.field, {})[each.part] = each.column
    rules = {
        field: template(kind, field).model_copy(
            update={
                "columns": tuple(parts[part] for part in sorted(parts) if part >= 0),
                "unit": parts.get(UNIT),
                "code": parts.get(CODE),
            }
        )
        for field, parts in columns.items()
        if max(parts) >= 0
    }
    return MappingFile(source=source, kind=kind, fields=rules)


def shape_of(columns: Iterable[str]) -> str:
    """Return the fingerprint of a table's headings, by which a saved mapping is found again."""
    names = sorted(map(folded_heading, columns))
    return hashlib.blake2b("\x1f".join(names).encode(), digest_size=16).hexdigest()


def suggestible_fields(kind: str) -> list[str]:
    """Return the fields that a column can be read into."""
    return list(_template_mapping(kind).fields)


def template(kind: str, field: str) -> Rule:
    """Return the rule by which a field is usually read."""
    return _template_mapping(kind).fields.get(field) or Rule()


def _template_mapping(kind: str) -> MappingFile:
    if kind not in _TEMPLATES:
        from producers.mappings.direct_mapping import direct_mapping
        from roost.events.station import StationContent

        return direct_mapping(StationContent, "suggested")
    return load_mapping(_TEMPLATES[kind])


def _samples(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> dict[str, list[str]]:
    """Return the texts of each column, each once; a cell that cannot be read is left out."""
    found: dict[str, dict[str, None]] = {column: {} for column in columns}
    for row in rows:
        for column in columns:
            texts = found[column]
            if len(texts) >= SAMPLED_VALUES:
                continue
            try:
                text = clean_text(row.get(column))
            except NotUnderstood:
                continue
            if text:
                texts[text] = None
    return {column: list(texts) for column, texts in found.items()}


def _candidates(column: str, values: Sequence[str], kind: str) -> Iterable[Suggestion]:
    """Yield the fields that may fit a column, with their confidence."""
    heading = folded_heading(column)
    form = form_of_values(values)
    for field, part, names in _headings(kind):
        merit = _heading_merit(heading, names)
        if merit:
            yield _judged(column, field, part, merit, values, kind)
    for field in _FIELDS_BY_FORM.get(kind, {}).get(form, ()):
        yield Suggestion(
            column, field, 0, VALUES_ONLY - 0.01 * _FIELDS_BY_FORM[kind][form].index(field),
            f"the values look like {form.en}", f"内容看似{form.zh}",
        )  # fmt: skip


def _heading_merit(heading: str, names: frozenset[str]) -> float:
    if heading in names:
        return EXACT
    parts = (each for each in names if len(each) >= SHORTEST_PART and each in heading)
    longest = max(map(len, parts), default=0)
    return PARTIAL * longest / len(heading) if longest else 0.0


def _judged(
    column: str, field: str, part: int, merit: float, values: Sequence[str], kind: str
) -> Suggestion:
    """Return the suggestion of a heading, by whether its rule can read the values."""
    rule = _PART_RULES.get(part) or template(kind, field)
    share = reads_as(rule, field, values)
    if share is None:
        return Suggestion(column, field, part, merit, "the heading", "列名相符")
    if share < READABLE:
        return Suggestion(
            column, field, part, min(merit, UNREADABLE),
            f"the heading; only {share:.0%} of the values can be read so",
            f"列名相符，但仅 {share:.0%} 的内容可按此读取",
        )  # fmt: skip
    confidence = min(0.99, merit + (1 - merit) * 0.8 * share)
    return Suggestion(column, field, part, confidence, "heading and values", "列名与内容均相符")


_PART_RULES = {UNIT: Rule(kind="pay-period"), CODE: Rule()}


def _nothing(column: str) -> Suggestion:
    return Suggestion(column, "", 0, 0.0, "no field fits", "没有相符的字段")


@cache
def _headings(kind: str) -> tuple[tuple[str, int, frozenset[str]], ...]:
    """Return the known headings by field and part, in the common spelling."""
    found: dict[tuple[str, int], set[str]] = {}
    for name in shipped_mappings(kind):
        mapping = load_mapping(name)
        if mapping.reads == "json" or name == "nyc_jobs":
            continue
        for field, rule in mapping.fields.items():
            for position, column in enumerate(rule.columns):
                part = position if rule.kind == "wage" else 0
                found.setdefault((field, part), set()).update(alternatives(column))
            for part, names in ((UNIT, rule.unit), (CODE, rule.code)):
                found.setdefault((field, part), set()).update(alternatives(names or ""))
    for field, words in vocabulary_file("headings").get(kind, {}).items():
        key = (field.rstrip("+"), int(field.endswith("+")))
        found.setdefault(key, set()).update(words_in(words))
    for field in suggestible_fields(kind):
        found.setdefault((field, 0), set()).add(field)
    fields = set(suggestible_fields(kind))
    return tuple(
        (field, part, frozenset(map(folded_heading, known)))
        for (field, part), known in found.items()
        if field in fields
    )


_FIELDS_BY_FORM: dict[str, dict[ValueForm, tuple[str, ...]]] = {
    "openings": {
        ValueForm.WAGE: ("baseSalary",),
        ValueForm.PLACE: ("jobLocation",),
        ValueForm.EDUCATION: ("educationRequirements",),
        ValueForm.DAY: ("validThrough",),
        ValueForm.LIST: ("skills",),
        ValueForm.YES_NO: ("lodging", "meals"),
        ValueForm.EMPLOYER: ("hiringOrganization",),
    },
    "profiles": {
        ValueForm.TELEPHONE: ("channels",),
        ValueForm.WAGE: ("wageWanted",),
        ValueForm.PLACE: ("location", "home"),
        ValueForm.EDUCATION: ("education",),
        ValueForm.DAY: ("availableFrom",),
        ValueForm.LIST: ("skills",),
        ValueForm.NAME: ("name",),
    },
}
"""Fields that a form of values suggests; never the number of an identity card."""
