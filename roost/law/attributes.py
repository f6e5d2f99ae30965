"""Removal of protected attributes from texts before they are scored.

Profiles have no field for sex, ethnicity, religion, hukou, family state, infection or age, but free
text can state them (焊工，女，35岁). `without_attributes` removes such words from every text that
the matcher tokenises, embeds or compares. Trades that only sound alike (女装裁剪, 苗族刺绣,
照顾60岁老人) stay. The profile itself keeps the text as written.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from roost.law.family import VIRUS, WED
from roost.law.findings import CRITERIA, Criterion, Sentences, demands
from roost.law.origin import FAITHS, HERE, HUKOU, PEOPLES
from roost.law.sex import SEX, SEXED_JOBS
from roost.text.normalising import nfkc
from roost.text.scanning import matches, short_blanks, without_spans
from roost.text.simplified import simplified

_GAP = "\x00"
_MARKS = r"\s，,。.;；、:：/|+!！?？\x00"
_START = rf"(?:^|(?<=[{_MARKS}(（\[【-]))"
_END = rf"(?=$|[{_MARKS})）\]】-])"
_END_EN = r"(?=\s*(?:$|[，,。.;；、:：/|+!！?？\x00)）\]】]))"
"""End of a phrase: an ambiguous word (white, single, young) describes a person only there."""
_SAYS = (
    r"(?:(?:只限|仅限|限招|限|只招|仅招|只收|只要|必须是?|须|需|要求|不招|不要|不收|谢绝|拒绝|招收|"
    r"招聘?|急招|诚聘|急聘|聘|本人|我是|是)\s*)?"
)
_ABOUT = (
    r"(?:(?:性别|民族|族别|宗教信仰|信仰|婚姻(?:状况|情况)?|婚育(?:状况|情况)?|婚否|年龄|年纪|户籍|户口"
    r"(?:性质|类型)?|籍贯)\s*[:：]?\s*(?:为|是)?\s*)?"
)
_WISH = r"(?:者?(?:优先|为佳|佳|尤佳|最佳|勿扰|免谈|除外|不限|均可|皆可)|限定)?"
_PERSON = (
    r"(?:\s+(?:candidates?|applicants?|workers?|people|persons?|employees|staff|m[ae]n|wom[ae]n|"
    r"male|female|lady|mother|father|parent))?"
)
_WISH_EN = r"(?:\s+(?:only|preferred|wanted|needed|required|welcome))?"
_SAYS_EN = r"(?:\b(?:i am|i['’]m|must be|should be|only|prefer(?:ably)?|no)\s+(?:an?\s+)?)?"
_KEPT_EN = (
    r"(?!['’])(?!\s*-?\s*(?:owned|clothing|wear\b|shoes|health|shelter|hous|cuisine|food|cook|chef|"
    r"restaurant|language|studies|art\b|counsel|care\b|facilit|"
    r"couples?\b|test|screen|prevent|educat|school|tailor))"
)
_CRAFT = (
    r"(?!舞|歌|刺绣|服饰|菜|语|文化|村|乡|自治|银饰|医|药|美食|风味|特色|民俗|乐器|手工|馆|箱|地区)"
)
_CARE = (
    r"(?!护理|装|用品|课程|瑜伽|餐|检|防治|宣传|科|疫苗|研究|学院|艺术|音乐|寺|建筑|绘画|文化|公寓|"
    r"宿舍)"
)
_CARED_FOR = "".join(
    rf"(?<!\b{of} )(?<!\b{of} the )"
    for of in ("care of", "care for", "caring for", "nursing of", "help for", "looking after")
)
"""Context of the people cared for, who are not the person who does the work."""
_YEARS = r"(?:1[5-9]|[2-7]\d)"
_TO = r"\s*(?:周?岁)?\s*[-—–~～至到]\s*"


def _all(*patterns: str) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(each, re.IGNORECASE | re.MULTILINE) for each in patterns)


_SAID: dict[str, tuple[re.Pattern[str], ...]] = {
    "sex": _all(
        r"\b(?:sex|gender)\s*:?\s*(?:m|f|x|(?:fe)?male|non-?binary)\b|\b(?:transgender|non-?binary)\b",
        rf"{_SAYS}{_ABOUT}{SEX}(?:性|士|生|孩|人|青年|同志|同胞)(?:员工|职工|工)?{_WISH}",
        rf"{_SAYS}{_ABOUT}男女{_WISH}{_END}",
        rf"(?:{_START}|(?<=性别)|(?<=性别[:：])){_SAYS}{_ABOUT}[男女](?:工|的|员工)?{_WISH}{_END}",
        rf"{SEX}(?={SEXED_JOBS}|工)",
        rf"妇女{_CARE}(?!主任|干部|儿童|病|联|保健){_WISH}",
        rf"{_SAYS_EN}\b(?:fe)?males?\b{_KEPT_EN}{_PERSON}{_WISH_EN}",
        rf"{_SAYS_EN}\b(?:young\s+)?(?:wom[ae]n|m[ae]n|lady|ladies|gentlem[ae]n|girls?|boys?)\b"
        rf"{_KEPT_EN}{_WISH_EN}",
    ),
    "ethnicity": _all(
        r"\b(?:ethnicity|race)\s*:\s*[\w-]+",
        rf"{_SAYS}{_ABOUT}{PEOPLES}{_CRAFT}(?:人|者|同胞|群众|员工)?{_WISH}",
        rf"{_SAYS}少数民族{_CRAFT}(?:人|者|同胞|群众|员工)?{_WISH}",
        rf"{_START}{_SAYS_EN}(?:white|black|asian|hispanic|latin[oaex]|caucasian|"
        rf"african[- ]american|han chinese|han|hui|uyghur|tibetan|mongol(?:ian)?)s?\b{_KEPT_EN}"
        rf"{_PERSON}{_WISH_EN}{_END_EN}",
    ),
    "religion": _all(
        r"\breligion\s*:\s*[\w-]+",
        rf"{_SAYS}{_ABOUT}(?:信仰?)?{FAITHS}{_CARE}(?:者|人士|人员|徒)?{_WISH}",
        rf"{_SAYS}(?:无|有|没有|不信)?宗教信仰(?:自由)?{_WISH}",
        r"信(?:奉|仰)?(?:佛|基督|天主|道教|伊斯兰)(?:教)?",
        rf"{_START}{_SAYS_EN}(?:practi[cs]ing\s+)?(?:christian|muslim|jewish|jew|catholic|buddhist|"
        rf"hindu|protestant|atheist|sikh)s?\b{_KEPT_EN}{_PERSON}{_WISH_EN}{_END_EN}",
    ),
    "household registration (hukou)": _all(
        rf"(?:{HUKOU}(?:性质|类型)?|籍贯)[^\S\n]*[:：]?[^\S\n]*(?!者|人|优先)[^{_MARKS}()（）]{{2,6}}{_END}",
        rf"{_START}[^{_MARKS}()（）]{{0,8}}{HUKOU}(?:者|人员|人口|人)?{_WISH}{_END}",
        rf"{_SAYS}{HERE}?{HUKOU}(?:者|人员|人口|人)?{_WISH}",
        rf"{_START}{_SAYS}(?:本地|外地|外省|本省|农村)人{_WISH}{_END}",
        r"\b(?:(?:local|urban|rural|non-?local|agricultural|city)\s+)?"
        rf"(?:hukou|household registration)(?:\s+holders?)?{_WISH_EN}",
    ),
    "marital or childbearing state": _all(
        rf"{_SAYS}{_ABOUT}{WED}(?:[、/]?{WED})*(?:者|的|女性|男性|女士|人士|女|男)?{_WISH}",
        rf"{_START}{_ABOUT}(?:单身|丧偶|再婚|初婚|已孕|备孕)(?:女性?|男性?|者)?{_WISH}{_END}",
        r"[一二两三四五六\d]+年内(?:不|无)(?:得|能|可|打算)?(?:生育|怀孕|结婚|要孩子|生育计划)",
        rf"(?:不(?:得|能|可|准))?(?:怀孕|生育)者?{_CARE}{_WISH}|(?:孕妇|哺乳期){_CARE}{_WISH}",
        r"无生育计划|(?:有|无|没有)(?:[一二两三四\d]个?)?(?:孩子|小孩|娃|子女)",
        rf"(?:单亲|全职)(?:妈妈|爸爸)|(?:二孩|二胎|三胎)?宝妈{_WISH}",
        rf"{_SAYS_EN}\b(?:unmarried|married|divorced|widow(?:ed|er)?|childless|pregnant)\b{_KEPT_EN}"
        rf"{_PERSON}{_WISH_EN}",
        rf"\bsingle\s+(?:mother|father|parent|mom|mum|dad|m[ae]n|wom[ae]n){_WISH_EN}",
        rf"{_START}{_SAYS_EN}single{_END_EN}|\bmarital status\s*:?\s*[\w-]+",
        r"\b(?:(?:with|no|have|having|one|two|three|\d)\s+)+(?:young\s+)?(?:children|kids|child)\b"
        r"(?:\s+at home)?|\b(?:mother|father|mom|mum|dad)\s+of\s+\w+",
    ),
    "infection status": _all(
        r"\b(?:no\s+)?(?:HIV|hepatitis(?:\s+[BC])?|HBV|AIDS|tuberculosis|TB)[- ]*"
        rf"(?:positive|negative|free|carriers?|status|infected)\b{_PERSON}{_WISH_EN}",
        rf"(?:无|非|没有|不得|未|有|患|感染|携带|曾)*+{VIRUS}{_KEPT_EN}病?+(?:毒)?+{_CARE}"
        r"(?:两对半|五项)?"
        rf"(?:表面抗原)?(?:携带者?|感染者|患者|病人|阴性|阳性|史)*{_WISH}",
        r"(?:无|有|没有)?传染病(?:史|携带者)|(?:无|有|没有)传染病",
    ),
    "age": _all(
        rf"{_SAYS}{_ABOUT}(?<!\d){_YEARS}(?:{_TO}{_YEARS})?\s*周?岁"
        r"(?:\s*(?:及|或)?(?:以上|以下|以内|之内|左右|封顶))?",
        rf"年[龄纪]\s*[:：]?\s*{_YEARS}(?:{_TO}{_YEARS})?(?!\d)(?:以下|以上|以内)?",
        rf"{_SAYS}[二三四五六]十[一二三四五六七八九]?(?:多|来)?周?岁(?:以下|以上|以内|左右)?",
        r"(?:19[3-9]\d|20[01]\d)年(?:\d{1,2}月)?(?:\d{1,2}日)?出?生(?:人)?",
        rf"{_SAYS}(?<!\d)[05-9]0后{_WISH}(?=[男女]|{_END})",
        rf"{_START}{_SAYS}(?:年轻|中年|青年|老年)(?:人|者)?{_WISH}{_END}",
        rf"{_SAYS_EN}\b(?:aged?|ages)\s*:?\s*{_YEARS}(?:\s*(?:-|–|to|and)\s*{_YEARS})?\b",
        rf"{_SAYS_EN}(?:\b(?:under|over|below|above)\s+)?\b{_YEARS}(?:\s*(?:-|–|to)\s*{_YEARS})?"
        r"[- ]*(?:years?[- ](?:old|of age)|yrs? old|y/?o\b)",
        rf"{_START}{_SAYS_EN}(?:under|over|below|above)\s+{_YEARS}{_WISH_EN}{_END_EN}",
        r"\bborn\s+(?:in\s+)?(?:19|20)\d\d\b|\b(?:date of birth|dob)\s*:?\s*[\d/.-]+",
        rf"{_START}{_CARED_FOR}{_SAYS_EN}(?:young|elderly|middle[- ]aged){_PERSON}{_WISH_EN}"
        rf"{_END_EN}",
    ),
}
_MAY_SAY = re.compile(
    r"[男女妇族教信徒佛户籍婚育孕乳胎妈爸娃丧单孩子岁龄纪后生病肝阳艾年人离伊穆]|hiv"
    r"|\b(?:fe)?males?\b|m[ae]n\b|lad(?:y|ies)|girl|boy|sex|gender|binary|white|black|asian|hispanic|"
    r"latin|caucasian|american|\bhan\b|\bhui\b|uyghur|tibetan|mongol|ethnic|race|christ|muslim|jew|"
    r"catholic|buddh|hindu|protestant|atheist|sikh|relig|hukou|household|married|divorc|widow|child|"
    r"pregnan|single|marital|kids|mother|father|mom|mum|dad|hepat|hbv|aids|tubercul|\btb\b|\bage|"
    r"year|yrs|y/?o\b|under|over|below|above|born|birth|dob|young|elder|middle",
    re.IGNORECASE,
)
"""Cheap first test: most skills and titles contain none of these characters."""
SHORT = 300
"""Maximum length in characters of a text whose result is cached."""
MOST_ROUNDS = 6
"""Most rounds of removal; a text that nests attributes deeper than that is left out as a whole.

Each round can join the parts of another attribute (已已婚婚). Ordinary text needs two or three.
"""
_EMPTY = re.compile(r"[(（\[【]\s*\x00[\s,，、;；/\x00]*[)）\]】]")
_REST = re.compile(r"\x00[\s，,。.;；、:：/|\x00]*")
_BLANKS = "".join(filter(str.isspace, map(chr, range(0x3001))))
_PUNCTUATION = _BLANKS + "，,。.;；、:：/|"
_JOINT = re.compile(r"(?<=[\u4e00-\u9fff])[+-](?=\x00)|(?<=\x00)[+-](?=[\u4e00-\u9fff])")


def without_attributes(text: str) -> str:
    """Return the text without protected attributes, and without the gaps they leave.

    A text without any is returned unchanged, except that look-alike letters are normalised and
    invisible characters removed, so that they can hide nothing.
    """
    return _remembered(text) if len(text) <= SHORT else _without(text)


def _without(text: str) -> str:
    plain = _plain(text)
    if not _MAY_SAY.search(simplified(plain)):
        return plain
    for _ in range(MOST_ROUNDS):
        shorter = _closed(_cut(plain))
        if shorter == plain:
            return plain
        plain = shorter
    return ""


@lru_cache(maxsize=4_000)
def _remembered(text: str) -> str:
    """Return a short text without attributes; one profile's skills are read several times."""
    return _without(text)


def _cut(text: str) -> str:
    """Replace every attribute by a gap; traditional characters are read as simplified ones."""
    text = short_blanks(text)
    for criterion in CRITERIA:
        for pattern in _SAID[criterion.name]:
            text = without_spans(text, _spans(criterion, pattern, simplified(text)), _GAP)
        demanded = [found.span() for found in demands(criterion, simplified(text))]
        text = without_spans(text, demanded, _GAP)
    return text


def _spans(criterion: Criterion, pattern: re.Pattern[str], text: str) -> list[tuple[int, int]]:
    """Return the spans of an attribute; an age may be that of the people cared for."""
    sentences = Sentences(text)
    return [
        found.span()
        for found in matches(pattern, text)
        if found.group() and not (criterion.name == "age" and sentences.exempt(criterion, found))
    ]


def _closed(text: str) -> str:
    """Close the gaps: between two remaining parts one punctuation mark stays, at an end none."""
    if _GAP not in text:
        return text
    text = _JOINT.sub("", _EMPTY.sub(_GAP, text))
    parts: list[str] = []
    at = 0
    for found in _REST.finditer(text):
        left = text[at : found.start()]
        kept = left.rstrip(_PUNCTUATION)
        marks = (left[len(kept) :] + found.group()).replace(_GAP, "")
        at = found.end()
        parts += (kept, marks[:1] or _space(kept[-1:], text[at : at + 1]))
    return "".join((*parts, text[at:])).strip(" \t\r\n，,;；、/|:：")


def _space(before: str, after: str) -> str:
    """Return the space that parts two Latin words; Chinese needs none."""
    return " " if before and after and before.isascii() and after.isascii() else ""


def _plain(text: str) -> str:
    if text.isascii():
        return text
    return "".join(
        each if unicodedata.category(each)[0] in "PZ" else nfkc(each)
        for each in text
        if unicodedata.category(each) != "Cf"
    )
