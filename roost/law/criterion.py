"""Forbidden criteria as data, and the fragments that their patterns share.

Single words are not enough: 女装 is a trade, 照顾60岁老人 a task, 男女不限 the opposite of a
demand. So every pattern requires the verb of a demand or a certain position in the text. Words
that follow (均可, 不限) or precede (regardless of) can revoke the demand.

The patterns read the plain text of `roost.text.plain_text`: NFKC, simplified characters.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

START = r"(?:^|(?<=[，,。.;；、:：(（/|!！?？】•·●■◆▪*\s]))"
END = r"(?=\s*(?:$|[，,。.;；、)）/|!！?？\n]))"
ONLY = r"(?:只限|仅限|限招|(?<!不)限|只招|仅招|只收|仅收|只要|仅要|仅(?=[男女汉回]))"
MUST = rf"(?<![不无])(?:{ONLY}|必须是?|须为?|需要?|要求|须是)"
HIRE = r"(?:(?:想|需)要|寻找?|找|招聘?|招收|招募|急招|诚招|诚聘|急聘|聘|欢迎)"
COUNT = r"(?:\s*(?:\d+|[一二两三四五六七八九十]+|若干|数)[名位个人]?)?"
NOT = r"(?:不招收?|不要|不收|不聘|不接受|不考虑|谢绝|拒绝|拒招|免招)"
RATHER = r"(?:者|的)?(?:优先|为佳|者佳|尤佳|最佳|更佳|为宜)"
GO_AWAY = (
    r"(?:者|的)?(?:请?勿扰|请?勿(?:投|应聘|打扰|来|报名|进|入)|免谈|除外|不要|不招|不收|"
    r"不考虑|谢绝|请绕道|绕行|不予录用|不录用)"
)
PEOPLE = r"(?:者|的|人|人员|人士|同志|员工)?"
RATHER_EN = (
    r"(?:(?:is|are|will be|strongly|highly|urgently)\s+)?(?:only|preferred|preferable|"
    r"desired|wanted|needed|required)"
)
PEOPLE_EN = (
    r"(?:candidates?|applicants?|workers?|people|persons?|individuals?|employees|staff|men|women|"
    r"professionals?|talents?|graduates?|ladies|adults?|job ?seekers?)"
)
NEED_NOT = (
    r"(?:need not|do not|don['’]t|please do not|should not|will not|won['’]t|not|cannot|may not)\s+"
    r"(?:be\s+)?(?:apply|considered|accepted|wanted|hired)"
)
SEEK_EN = (
    r"(?:looking for|seek\w*|hiring|hire|recruit\w*|want(?:s|ed)?|need(?:s|ed)?|love|"
    r"prefer(?:s|ably)?)"
)
OPEN_TO_ALL = r"(?:均可|皆可|都可|也可|亦可|均招|都招|都要|都行|不限|不作要求|无要求|不要求)"
REVOKED = re.compile(
    r"\b(?:regardless|without regard|irrespective|discriminat\w*|prohibit\w*|unlawful)\b"
    r"|不得?会?(?:因|以)(?=[^，,。；;\n]{0,10}(?:性别|年龄|民族|信仰|户籍|乙肝|怀孕|生育|婚|传染))"
    r"|(?:禁止|反对|杜绝)[^，,。；;\n]{0,10}歧视",
    re.IGNORECASE,
)
"""Words after which a sentence makes no demand: it only names the criterion."""


@dataclass(frozen=True, slots=True)
class Criterion:
    """Forbidden criterion, with the patterns of demands and of their exemptions.

    `exempt_before` and `exempt_after` must match in the same sentence, directly before and after
    the text that a pattern has found. `REVOKED` may occur anywhere before it in the sentence.
    `is_demand` decides about a match where a pattern cannot: by the numbers of an age.
    """

    name: str
    name_zh: str
    remedy: str
    remedy_zh: str
    patterns: tuple[re.Pattern[str], ...]
    patterns_of_ascii: tuple[re.Pattern[str], ...]
    """Patterns that can match a text without Chinese characters."""
    exempt_before: re.Pattern[str]
    exempt_after: re.Pattern[str]
    trigger: re.Pattern[str]
    """Cheap first test: a text without a match makes no demand."""
    is_demand: Callable[[re.Match[str]], bool]


def always(found: re.Match[str]) -> bool:
    """Return that a match is a demand."""
    return True


def criterion(
    name: str,
    name_zh: str,
    remedies: tuple[str, str],
    trigger: str,
    *patterns: str,
    alternatives: str = "",
    before: str = r"(?!)",
    after: str = r"(?!)",
    open_to_all: str = OPEN_TO_ALL,
    is_demand: Callable[[re.Match[str]], bool] = always,
) -> Criterion:
    """Compile a criterion; `alternatives` may occur between the found words and 均可 or 不限."""
    between = f"[{alternatives}、/或和与及]*" if alternatives else ""
    compiled = tuple(_compiled(each) for each in patterns)
    return Criterion(
        name,
        name_zh,
        *remedies,
        compiled,
        tuple(each for each in compiled if not _needs_han(each.pattern)),
        _compiled(
            r"(?:不论|无论|不分|无需|无须|不需要?|不要求|不得|禁止|不强求)[^，,]{0,6}$"
            r"|(?:^|[，,、\s])不限[^，,]{0,2}$"
            rf"|{before}"
        ),
        _compiled(rf"^{between}{open_to_all}|{after}"),
        _compiled(trigger),
        is_demand,
    )


def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE | re.MULTILINE)


def _needs_han(pattern: str) -> bool:
    """Return whether a pattern is of Chinese words alone; English ones begin at a word boundary."""
    return bool(re.search(r"[\u4e00-\u9fff]", pattern)) and r"\b" not in pattern
