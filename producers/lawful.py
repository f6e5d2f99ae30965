"""Refusal of unlawful criteria in openings.

Forbidden are sex, ethnicity, religion, hukou, family state, infection and age.

Source: China's Employment Promotion Law (2007, articles 3, 26 to 31) and, for age, the practice of
public employment services; in New York the city's Human Rights Law.
"""

from __future__ import annotations

from collections.abc import Sequence

from roost.errors import FieldError, Unlawful
from roost.events.opening import Opening, OpeningContent, ReviewMark
from roost.law.findings import CRITERIA, Finding, all_demanded

LONGEST_WORDS = 200
"""Maximum length in characters of the words of a mark."""
MOST_MARKS = 200
"""Most marks of one opening."""


def check_lawful(opening: OpeningContent) -> None:
    """Raise Unlawful if an opening has a forbidden criterion.

    The error names each field, the criterion, the words with their span, and the remedy.
    """
    review_of(opening, refuse=True)


def review_of(
    opening: OpeningContent, former: Sequence[ReviewMark] | None = None, *, refuse: bool
) -> tuple[ReviewMark, ...] | None:
    """Return marks of the unlawful demands of an opening; None if it makes none.

    Words that were approved before (`former`) are approved. With `refuse`, Unlawful is raised if
    any other remains.
    """
    demands = unlawful_demands(opening)[:MOST_MARKS]
    approved = {(each.criterion, each.words) for each in former or () if each.approved}
    marks = tuple(_mark(field, found, approved) for field, found in demands)
    refused = [
        _error(field, found)
        for (field, found), mark in zip(demands, marks, strict=True)
        if refuse and not mark.approved
    ]
    if refused:
        first = refused[0]
        raise Unlawful(
            f"{first.field}: {first.message}",
            f"{first.field}：{first.message_zh}",
            fields=tuple(refused),
        )
    return marks or None


def awaited_reviews(opening: Opening) -> list[FieldError]:
    """Return a remark on each mark of an opening that a person must review."""
    by_name = {each.name: each for each in CRITERIA}
    return [
        FieldError(
            mark.field,
            f"asks for {mark.criterion} ({mark.words!r}), which the law forbids; the opening waits "
            "for a station or the association to edit or approve it",
            f"含有法律禁止的{by_name[mark.criterion].name_zh}要求（“{mark.words}”），"
            "该岗位待服务站或总会修改或审核后发布",
            span=(mark.start, mark.end),
        )
        for mark in opening.review or ()
        if not mark.approved
    ]


def _mark(field: str, found: Finding, approved: set[tuple[str, str]]) -> ReviewMark:
    words = found.words[:LONGEST_WORDS]
    return ReviewMark(
        field=field,
        criterion=found.criterion.name,
        words=words,
        start=found.start,
        end=found.end,
        approved=(found.criterion.name, words) in approved,
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
