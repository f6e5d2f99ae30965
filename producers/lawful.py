"""What an opening may not ask for: sex, ethnicity, religion, hukou, family state, infection, age.

The law: China's Employment Promotion Law (2007, articles 3, 26 to 31) and, for age, the practice of
public employment services; in New York the city's Human Rights Law.
"""

from __future__ import annotations

import re
import unicodedata

from producers.forbidden import CRITERIA, Criterion
from roost.errors import FieldError, Unlawful
from roost.events.opening import OpeningContent

_BETWEEN_HAN = re.compile(r"(?<=[\u4e00-\u9fff])[ \t]+(?=[\u4e00-\u9fff])")
_SENTENCE_ENDS = re.compile(r"[。！？!?;；\n]|\.\s")


def check(opening: OpeningContent) -> None:
    """Raises Unlawful, naming each field, the criterion, the words and the remedy."""
    found = [
        _error(field, criterion, words)
        for field, text in _texts(opening)
        for criterion in CRITERIA
        if (words := demanded(criterion, text))
    ]
    if found:
        first = found[0]
        raise Unlawful(
            f"{first.field}: {first.message}",
            f"{first.field}：{first.message_zh}",
            fields=tuple(found),
        )


def demanded(criterion: Criterion, text: str) -> str:
    """The words of a text that make the demand; empty when it makes none."""
    plain = _plain(text)
    for pattern in criterion.patterns:
        for found in pattern.finditer(plain):
            if not _exempt(criterion, plain, found):
                return found.group().strip(" \t\n，,。.;；(（")
    return ""


def _plain(text: str) -> str:
    """Full-width digits as digits; no invisible characters, no spaces put between characters."""
    folded = unicodedata.normalize("NFKC", text)
    visible = "".join(each for each in folded if unicodedata.category(each) != "Cf")
    return _BETWEEN_HAN.sub("", visible)


def _exempt(criterion: Criterion, text: str, found: re.Match[str]) -> bool:
    """Whether the rest of the sentence takes the demand back, or makes it of somebody else."""
    before = _SENTENCE_ENDS.split(text[: found.start()])[-1]
    after = _SENTENCE_ENDS.split(text[found.end() :], maxsplit=1)[0]
    return bool(criterion.exempt_before.search(before) or criterion.exempt_after.search(after))


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
    return texts + [(name, line) for name, lines in lists.items() for line in lines]


def _error(field: str, criterion: Criterion, words: str) -> FieldError:
    return FieldError(
        field,
        f"asks for {criterion.name} ({words!r}), which the law forbids; remove it and say what "
        "the work needs instead",
        f"含有法律禁止的{criterion.name_zh}要求（“{words}”），请删除，改写为岗位实际需要的条件",
    )
