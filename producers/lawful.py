"""What an opening may not ask for: sex, ethnicity, religion, hukou, family state, infection, age.

The law: China's Employment Promotion Law (2007, articles 3, 26 to 31) and, for age, the practice of
public employment services; in New York the city's Human Rights Law. The patterns look for a demand
made of the candidate, not for the word alone: 女装 is a trade and 女性优先 is not.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from roost.errors import FieldError, Unlawful
from roost.events.opening import OpeningContent

_PEOPLE = r"(?:工|性|士|生|员工|职员|同志|青年)?"
_WANTED = r"(?:优先|不限?要|限定|为佳|者佳)"


@dataclass(frozen=True, slots=True)
class Criterion:
    name: str
    name_zh: str
    patterns: tuple[re.Pattern[str], ...]


def _criterion(name: str, name_zh: str, *patterns: str) -> Criterion:
    return Criterion(name, name_zh, tuple(re.compile(each, re.IGNORECASE) for each in patterns))


CRITERIA = (
    _criterion(
        "sex",
        "性别",
        r"(?:限|只招|仅招|仅限|只要|招聘?)(?:男(?!女)|女(?!男))(?:工|性|士|生)?(?![装鞋士裤包])",
        rf"[男女]{_PEOPLE}(?:优先|为佳|者佳|勿扰)",
        r"性别\s*[:：]?\s*[男女]",
        r"不要[男女](?:工|性|士|生)",
        r"\b(?:men|women|males?|females?)\s+(?:only|preferred)\b(?!\s*[-–]?\s*owned)",
        r"\b(?:only|must be|prefer(?:ably)?)\s+(?:an?\s+)?(?:men|women|male|female)\b"
        r"(?!\s*-?\s*owned)",
    ),
    _criterion(
        "ethnicity",
        "民族",
        r"(?:限|仅限|只招)[^，。；\s]{1,4}族",
        r"[汉满蒙回藏壮苗]族(?:优先|为佳)",
        r"(?:不招|不要|谢绝)[^，。；\s]{1,4}族",
        r"\b(?:whites?|blacks?|asians?|hispanics?|caucasians?)\s+(?:only|preferred)\b",
    ),
    _criterion(
        "religion",
        "宗教信仰",
        r"(?:无|不信)宗教信仰(?:者)?(?:优先|为佳)?",
        r"(?:限|仅限|不招|不要)(?:信教|教徒|基督徒|穆斯林|佛教徒)",
        r"\b(?:christians?|muslims?|jews|jewish|buddhists?)\s+(?:only|preferred)\b",
    ),
    _criterion(
        "household registration (hukou)",
        "户籍",
        r"(?:限|仅限|只招|须|需|要求)?(?:本地|本市|城镇|非农)户(?:口|籍)(?:优先|者|为佳)?",
        r"(?:外地|农村)(?:户口|户籍|人)(?:勿扰|不要|除外)",
    ),
    _criterion(
        "marital or childbearing state",
        "婚育状况",
        r"(?:已|未)婚(?:已育|未育)?(?:者)?(?:优先|为佳|勿扰|者)",
        r"(?:已婚已育|未婚未育|婚育不限外)",
        r"(?:限|须|需|要求)(?:已|未)(?:婚|育)",
        r"\b(?:unmarried|single|married)\s+(?:women|men|candidates?|applicants?)\s*(?:only|preferred)\b",
        r"\bno\s+(?:children|pregnan\w+)\b",
    ),
    _criterion(
        "infection status",
        "传染病病原携带状况",
        r"(?:无|非|不得(?:有|是)?|谢绝|不招)(?:乙肝|乙肝病毒|艾滋|HIV)(?:病毒)?(?:携带)?(?:者)?",
        r"乙肝(?:两对半)?(?:阴性|检测合格)",
        r"\bHIV[- ](?:negative|free)\b",
    ),
    _criterion(
        "age",
        "年龄",
        r"(?:年龄)?(?:限|要求|在)?\s*[1-6]\d\s*[-—~～至到]\s*[1-7]\d\s*(?:周)?岁",
        r"(?:年龄)?\s*[2-6]\d\s*(?:周)?岁(?:以下|以内|之间)",
        r"(?:不超过|小于|低于|未满)\s*[2-6]\d\s*(?:周)?岁",
        r"\b(?:under|below|younger than|not over|no older than)\s+(?:the age of\s+)?[2-6]\d\s*"
        r"(?:years old|years of age|y/?o)\b",
        r"\bage(?:d)?\s*(?:between\s+)?[1-6]\d\s*(?:-|–|to|and)\s*[2-7]\d\b"
        r"(?!\s*(?:children|students|youth|clients))",
        r"\byoung\s+(?:men|women|candidates?|applicants?)\s+(?:only|preferred)\b",
    ),
)
"""A lowest age of 16 or 18 is the law's own and may be named (年满18周岁)."""


def check(opening: OpeningContent) -> None:
    """Raises Unlawful, naming each field, the criterion, the words and the remedy."""
    found = [
        _error(field, criterion, match.group().strip())
        for field, text in _texts(opening)
        for criterion in CRITERIA
        if (match := _first(criterion, text))
    ]
    if found:
        first = found[0]
        raise Unlawful(
            f"{first.field}: {first.message}",
            f"{first.field}：{first.message_zh}",
            fields=tuple(found),
        )


def _texts(opening: OpeningContent) -> list[tuple[str, str]]:
    lists = {
        "skills": opening.skills,
        "preferredSkills": opening.preferred_skills,
        "licencesRequired": opening.licences_required,
        "jobBenefits": opening.job_benefits,
    }
    texts = [("title", opening.title), ("description", opening.description)]
    return texts + [(name, line) for name, lines in lists.items() for line in lines]


def _first(criterion: Criterion, text: str) -> re.Match[str] | None:
    return next((found for pattern in criterion.patterns if (found := pattern.search(text))), None)


def _error(field: str, criterion: Criterion, words: str) -> FieldError:
    return FieldError(
        field,
        f"asks for {criterion.name} ({words!r}), which the law forbids; remove it and say what "
        "the work needs instead",
        f"含有法律禁止的{criterion.name_zh}要求（“{words}”），请删除，改写为岗位实际需要的条件",
    )
