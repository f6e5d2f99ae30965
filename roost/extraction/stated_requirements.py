"""Requirements and terms that an opening's title, description and benefits state.

Precision before recall: a revoked or preferred requirement is none, and of two different values of
a field with one value (2 years, 5 years) neither is taken.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from roost.events.opening import OpeningContent
from roost.extraction.extracted import MANY_VALUED, Extracted, Field, Span
from roost.extraction.negation import is_of_the_company, is_revoked, is_taught
from roost.extraction.skill_words import skills_in
from roost.extraction.term_words import terms_in
from roost.text.plain_text import plain, positions
from roost.text.skill_names import one_name

READ = 6_000
"""Characters of a description that are read."""
MOST = 40
"""Most findings of one opening."""
_OF_BENEFITS = frozenset({Field.LODGING, Field.MEALS, Field.SHIFTS})
"""Fields that benefits state; a skill among them is training."""
_OFFERED = frozenset({Field.LODGING, Field.MEALS, Field.SHIFTS, Field.HOURS})
"""Fields that describe the employer's offer."""
_TAUGHT = frozenset({Field.SKILLS, Field.LICENCES})


def requirements_of(content: OpeningContent) -> tuple[Extracted, ...]:
    """Return the findings of all texts of an opening, each value once, in order of the texts."""
    texts = [("title", content.title), ("description", content.description[:READ])]
    texts += [(f"jobBenefits.{at}", line) for at, line in enumerate(content.job_benefits)]
    found = [
        each
        for source, text in texts
        for each in extracted(text, source)
        if not source.startswith("jobBenefits") or each.field in _OF_BENEFITS
    ]
    return tuple(_without_conflicts(_distinct(found)))[:MOST]


def extracted(text: str, source: str = "description") -> list[Extracted]:
    """Return the findings of one text, by their place."""
    searched = plain(text)
    spans = [
        each
        for each in _outermost([*terms_in(searched), *skills_in(searched)])
        if not is_revoked(searched, each.start, each.end)
        and not (each.field not in _OFFERED and is_of_the_company(searched, each.start, each.end))
        and not (each.field in _TAUGHT and is_taught(searched, each.start, each.end))
    ]
    if not spans:
        return []
    at = positions(text)
    found = [_extracted(each, text, source, at) for each in spans]
    return _without_conflicts(_distinct(found))


def _extracted(span: Span, text: str, source: str, at: Sequence[int]) -> Extracted:
    start, end = at[span.start], at[span.end - 1] + 1
    value = span.value.strip() if isinstance(span.value, str) else span.value
    return Extracted(span.field, value, source, text[start:end], start, end)


def _outermost(spans: Iterable[Span]) -> list[Span]:
    """Leave out skills within a licence or another skill (叉车 in 叉车证), and shorter repeats."""
    kept: list[Span] = []
    ends: dict[Field, int] = defaultdict(int)
    """Furthest end so far, by field: a span that ends before it lies within another one."""
    for span in sorted(spans, key=lambda each: (each.start, -each.end)):
        if span.end > max(ends[span.field], ends[Field.LICENCES]):
            kept.append(span)
        ends[span.field] = max(ends[span.field], span.end)
    return kept


def _distinct(found: Iterable[Extracted]) -> list[Extracted]:
    """Keep the first finding of each value; a skill by any of its names."""
    kept: dict[tuple[Field, object], Extracted] = {}
    for each in found:
        value = one_name(str(each.value)) if each.field is Field.SKILLS else each.value
        kept.setdefault((each.field, value), each)
    return list(kept.values())


def _without_conflicts(found: Sequence[Extracted]) -> list[Extracted]:
    """Leave out the fields with one value for which different values were found."""
    values: dict[Field, set[object]] = defaultdict(set)
    for each in found:
        values[each.field].add(each.value)
    return [each for each in found if each.field in MANY_VALUED or len(values[each.field]) == 1]
