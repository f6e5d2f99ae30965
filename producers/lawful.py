"""Refusal of unlawful criteria in openings.

Forbidden are sex, ethnicity, religion, hukou, family state, infection and age.

Source: China's Employment Promotion Law (2007, articles 3, 26 to 31) and, for age, the practice of
public employment services; in New York the city's Human Rights Law.
"""

from __future__ import annotations

from roost.errors import FieldError, Unlawful
from roost.events.opening import OpeningContent
from roost.law.findings import Finding, all_demanded


def check_lawful(opening: OpeningContent) -> None:
    """Raise Unlawful if an opening has a forbidden criterion.

    The error names each field, the criterion, the words with their span, and the remedy.
    """
    found = [_error(field, each) for field, each in unlawful_demands(opening)]
    if found:
        first = found[0]
        raise Unlawful(
            f"{first.field}: {first.message}",
            f"{first.field}：{first.message_zh}",
            fields=tuple(found),
        )


def unlawful_demands(opening: OpeningContent) -> list[tuple[str, Finding]]:
    """Return the unlawful demands of an opening's texts, each with its field."""
    return [(field, each) for field, text in _texts(opening) for each in all_demanded(text)]


def text_length(opening: OpeningContent) -> int:
    """Return the number of characters that `check_lawful` reads."""
    return sum(len(text) for _, text in _texts(opening))


def _texts(opening: OpeningContent) -> list[tuple[str, str]]:
    lists = {
        "skills": opening.skills,
        "preferredSkills": opening.preferred_skills,
        "licencesRequired": opening.licences_required,
        "jobBenefits": opening.job_benefits,
    }
    texts = [
        ("title", opening.title),
        ("description", opening.description),
        ("occupationalCategory", opening.occupational_category or ""),
    ]
    return texts + [
        (f"{name}.{at}", line) for name, lines in lists.items() for at, line in enumerate(lines)
    ]


def _error(field: str, found: Finding) -> FieldError:
    criterion = found.criterion
    return FieldError(
        field,
        f"asks for {criterion.name} ({found.words!r}), which the law forbids; {criterion.remedy}",
        f"含有法律禁止的{criterion.name_zh}要求（“{found.words}”），{criterion.remedy_zh}",
        span=(found.start, found.end),
    )
