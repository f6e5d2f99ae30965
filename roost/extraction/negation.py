"""Words that revoke a requirement, or make it somebody else's: 无需经验, not required, 优先.

A preference (优先, preferred) is no requirement. Training that the employer offers is none either.
"""

from __future__ import annotations

import re

NEAR = 30
"""Characters before and after the words that are searched."""
_CLAUSE_START = re.compile(r".*[，,。.;；!！?？\n]", re.DOTALL)
_CLAUSE_END = re.compile(r"[，,。;；!！?？\n]|\.(?:\s|$)")
_BEFORE = re.compile(
    r"(?:无需|无须|不需要?|不必|不用|不要求|不限|没有|未|无(?!论)|不会|不接受|不提供|不包|不含|"
    r"不管|不供|"
    r"不安排|不上|协助办理?|帮助办理|代办|可办)[^，,。;；]{0,6}$|不$"
    r"|\b(?:no|not|without|never|don['’]?t need|isn['’]?t|aren['’]?t|or no|non)\b[^.;,]{0,20}$",
    re.IGNORECASE,
)
_OF_THE_COMPANY = re.compile(
    r"(?:现有|共有|拥有|在职)[^，,。;；]{0,6}$"
    r"|(?:公司|本厂|我厂|企业|集团|单位|品牌|我们)[^，,。;；]{0,6}(?:有|成立|拥有|具有)?$"
    r"|\b(?:company|firm|business|team|we|organization|department)\s+(?:has|have|had|with|"
    r"brings?)\b"
    r"[^.;,]{0,15}$",
    re.IGNORECASE,
)
"""Subject of a clause that describes the employer: its years of experience are no requirement."""
_FOUNDED = re.compile(
    r"(?:公司|厂|企业|集团|店)[^。;；\n]{0,20}?(?:成立|创办|创立|创建|始建|建)于?[^。;；\n]{0,12}，?\s*"
    r"(?:已|具)?有?$"
)
_AFTER = re.compile(
    r"^[^，,。;；]{0,6}(?:优先|不限|不要求|无要求|不作要求|均可|自理|除外|可办)"
    r"|^\s*(?:者|的)?(?:佳|更好|加分)"
    r"|^[^.;]{0,25}\b(?:not (?:required|necessary|needed|provided|included|available)|preferred|"
    r"a plus|an advantage|optional|desired|desirable|helpful|is no requirement|unnecessary)\b",
    re.IGNORECASE,
)
_TAUGHT_BEFORE = re.compile(
    r"(?:提供|免费|组织|安排|学习|参加)[^，,。;；]{0,4}$|(?:可以?|方便|允许)$"
    r"|\b(?:training|trained|classes|courses|learn\w*|teach you)\b(?: \w+){0,2}(?: in| on| to|"
    r" for)? ?$"
    r"|\b(?:bureau|office|department|division|unit|school|faculty|ministry) of (?:\w+ ){0,3}$",
    re.IGNORECASE,
)
_TAUGHT_AFTER = re.compile(
    r"^[^，,。;；]{0,6}(?:培训|可学)|^[^.;]{0,25}\btraining\b"
    r"|^ (?:bureau|office|department|division|unit|school|systems?)\b",
    re.IGNORECASE,
)


def is_revoked(text: str, start: int, end: int) -> bool:
    """Return whether the clause of some words revokes them or makes them a preference."""
    before, after = _surroundings(text, start, end)
    return bool(_BEFORE.search(before) or _AFTER.search(after))


def is_of_the_company(text: str, start: int, end: int) -> bool:
    """Return whether some words describe the employer: 公司有10年经验, 现有工人200名."""
    before, _ = _surroundings(text, start, end)
    return bool(
        _OF_THE_COMPANY.search(before) or _FOUNDED.search(text[max(0, start - 2 * NEAR) : start])
    )


def is_taught(text: str, start: int, end: int) -> bool:
    """Return whether a skill is one that the employer teaches, or the name of an office."""
    before, after = _surroundings(text, start, end)
    return bool(_TAUGHT_BEFORE.search(before) or _TAUGHT_AFTER.search(after))


def _surroundings(text: str, start: int, end: int) -> tuple[str, str]:
    """Return the parts of the clause before and after some words."""
    before = _CLAUSE_START.sub("", text[max(0, start - NEAR) : start])
    return before, _CLAUSE_END.split(text[end : end + NEAR], maxsplit=1)[0]
