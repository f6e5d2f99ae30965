"""Terms that a text states: licences, experience, education, shifts, lodging, meals, headcount."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from roost.events.common import Education, Shift
from roost.extraction.extracted import Field, Span, Value
from roost.text.scanning import matches

_DIGITS = {each: at for at, each in enumerate("零一二三四五六七八九")} | {"两": 2}
_NUMBERS_EN = {
    word: number
    for number, word in enumerate(
        ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"), 1
    )
} | {"a": 1, "an": 1, "twelve": 12, "fifteen": 15, "twenty": 20}
_N = r"(?:\d{1,4}|[二三四五六七八九]?十[一二三四五六七八九]?|[一二两三四五六七八九])"
_EN = r"(?:\d{1,3}(?:\.\d)?|one|two|three|four|five|six|seven|eight|nine|ten|twelve|fifteen|twenty)"

Make = Callable[[re.Match[str]], Value | None]


def number(text: str) -> float:
    """Return a number in digits, Chinese numerals or an English word."""
    if text.replace(".", "").isdecimal():
        return float(text)
    if text.lower() in _NUMBERS_EN:
        return float(_NUMBERS_EN[text.lower()])
    left, ten, right = text.partition("十")
    if ten:
        return 10.0 * (_DIGITS[left] if left else 1) + (_DIGITS[right] if right else 0)
    return float(_DIGITS[text])


def _headcount(found: re.Match[str]) -> Value | None:
    count = int(number(found["n"]))
    return count if 1 <= count <= 10_000 else None


def _years(found: re.Match[str]) -> Value | None:
    years = number(found["n"])
    return years if 0 < years <= 30 else None


def _months(found: re.Match[str]) -> Value | None:
    return round(number(found["n"]) / 12, 1)


def _hours(found: re.Match[str]) -> Value | None:
    first = _clock(found["h"], found["m"], later=(found["p"] or "").lower() in {"下午", "pm"})
    evening = (found["q"] or "").lower() in {"晚", "下午", "晚上", "pm", "p.m."}
    return f"{first}-{_clock(found['h2'], found['m2'], later=evening)}"


def _clock(hour: str, minute: str | None, *, later: bool) -> str:
    full = int(hour) + (12 if later and int(hour) < 12 else 0)
    return f"{full}:{'30' if minute == '半' else minute or '00'}"


def _fixed(value: Value) -> Make:
    return lambda found: value


def _words(found: re.Match[str]) -> Value | None:
    """Return the name as written, without 以上: a class covers those below it."""
    return re.sub("及?以上", "", found["name"])


_HOUR = r"(?P<h>\d{1,2})(?:[:：点时](?P<m>[0-5]\d|半)?)?"
_HOUR_2 = r"(?P<h2>\d{1,2})(?:[:：点时](?P<m2>[0-5]\d|半)?)?"
_MORE = r"(?:\s*(?:及|或|含)?\s*以上)?(?:学历|文凭|毕业|文化程度|文化)?"
_LEVELS: tuple[tuple[str, Education], ...] = (
    (r"博士(?:研究生)?", Education.DOCTOR),
    (r"硕士(?:研究生)?|研究生", Education.MASTER),
    (r"(?:全日制)?(?:大学)?本科", Education.BACHELOR),
    (r"(?:全日制)?(?:大专|专科|高职)", Education.COLLEGE),
    (r"高中(?:或|、|/)?(?:中专|技校)?", Education.SENIOR),
    (r"中专|职高|技校|中技", Education.VOCATIONAL),
    (r"初中", Education.JUNIOR),
    (r"小学", Education.PRIMARY),
)
_DEGREES: tuple[tuple[str, Education], ...] = (
    (r"(?:ph\.?d|doctorate|doctoral degree)", Education.DOCTOR),
    (r"master(?:['’]?s)?(?: of \w+)?(?: degree)?", Education.MASTER),
    (r"(?:bachelor(?:['’]?s)?|baccalaureate|undergraduate)(?: of \w+)?(?: degree)?",
     Education.BACHELOR),
    (r"associate(?:['’]?s)?(?: degree)", Education.COLLEGE),
    (r"high[- ]school (?:diploma|graduate|graduation|degree|equivalen\w+)|(?:hs )?diploma or ged|"
     r"ged",
     Education.SENIOR),
)  # fmt: skip
_LICENCES_ZH = (
    r"(?:(?:特种作业操作|低压电工|高压电工|电工|焊工|电焊工|氩弧焊|叉车|挖掘机|装载机|起重机|"
    r"塔吊|吊车|天车|行车|"
    r"登高|高处作业|高空作业|健康|保安|消防|消控|教师资格|护士(?:执业)?|护士执业资格|医师|厨师|"
    r"会计|育婴|育婴员|月嫂|"
    r"养老护理员|驾驶|从业资格|导游|建造师|安全员|施工员|资料员|锅炉|制冷|钳工|食品健康|司炉|"
    r"电梯|网约车)"
    r"(?:上岗|操作|作业|资格|从业|执业|合格)?证(?:书)?)"
)
_DRIVING_ZH = (
    r"[ABC][1-3]\s*(?:类|型|本|照)?(?:及?以上)?\s*(?:机动车)?(?:驾驶执照|驾驶证|驾照|驾证|照|本|证)"
)
_LICENCES_EN = (
    r"(?:commercial driver['’]?s? licen[cs]e|CDL|driver['’]?s? licen[cs]e|driving licen[cs]e|"
    r"(?:forklift|security|electrician['’]?s?|plumb(?:er['’]?s?|ing)|nursing|teaching|real estate|"
    r"guard|crane|boiler|pesticide|welding|food handler(?:['’]?s)?|first aid|CPR|OSHA)\s+"
    r"(?:operator\s+)?(?:licen[cs]e|certificat(?:e|ion)|permit|card))"
)

_PATTERNS: tuple[tuple[Field, str, Make], ...] = (
    (Field.LICENCES, rf"(?P<name>{_LICENCES_ZH}|{_DRIVING_ZH})", _words),
    (Field.LICENCES, rf"\b(?P<name>{_LICENCES_EN})\b", _words),
    (Field.EXPERIENCE, rf"(?P<n>{_N})\s*(?:[-—~～至到]\s*{_N}\s*)?年(?:以上|及以上|或以上)?"
     r"[^，,。;；\n\d年]{0,8}?(?:经验|经历|驾龄|工龄)", _years),
    (Field.EXPERIENCE, rf"(?:经验|驾龄|工龄|工作年限)\s*(?:要求)?[:：]?\s*(?P<n>{_N})"
     rf"\s*(?:[-—~～至到]\s*{_N})?\s*年",
     _years),
    (Field.EXPERIENCE, r"(?P<half>半)年(?:以上)?[^，,。;；\n\d]{0,8}?(?:经验|经历|驾龄)"
     r"", _fixed(0.5)),
    (Field.EXPERIENCE, rf"\b(?P<n>{_EN})\s*(?:\(\d+\)\s*)?\+?\s*(?:(?:-|–|to)\s*{_EN}\s*)"
     rf"?\+?\s*years?['’]?"
     r"(?:\s+or more)?(?:\s+of)?\s+(?:[a-z]+[ -]){0,4}experience\b", _years),
    (Field.EXPERIENCE, rf"\bexperience\b[^.;\n]{{0,40}}\b(?:at least|minimum(?: of)?)"
     rf"\s+(?P<n>{_EN})\s+months?\b",
     _months),
    (Field.EXPERIENCE, rf"\b(?P<n>{_EN})\s+months?['’]?\s+(?:of\s+)?(?:[a-z]+ )"
     rf"{{0,3}}experience\b", _months),
    *((Field.EDUCATION, rf"(?:学历[:：]?\s*)?(?P<name>{words})"
     r"(?:\((?:中专|高中|技校|职高)\))?(?=\s*(?:及|或|含)?\s*(?:以上|学历|"
     rf"文凭|毕业|文化))"
       rf"{_MORE}|学历[:：]\s*(?:{words})", _fixed(level.value)) for words, level in _LEVELS),
    *((Field.EDUCATION, rf"\b(?:{words})(?![a-z])", _fixed(level.value))
      for words, level in _DEGREES),
    (Field.SHIFTS, r"(?:[两二三四五]班(?:[两二三四]?倒|制|[两二三四]?运转)|倒班|轮班|轮休制?倒班|"
     r"早中晚班|"
     r"早班[、/]?中班|白夜班轮换|黑白班)",
     _fixed(Shift.ROTATING.value)),
    (Field.SHIFTS, r"(?:长白班|常白班|纯白班|(?<![黑两])白班(?!轮|夜))", _fixed(Shift.DAY.value)),
    (Field.SHIFTS, r"夜班(?!补|费|津)", _fixed(Shift.NIGHT.value)),
    (Field.SHIFTS, r"周末班|周末兼职", _fixed(Shift.WEEKEND.value)),
    (Field.SHIFTS, r"弹性工作|(?:工作|上班)时间(?:灵活|自由|弹性)|"
     r"弹性上班", _fixed(Shift.FLEXIBLE.value)),
    (Field.SHIFTS, r"\brotat(?:ing|ional) shifts?\b|"
     r"\bshift rotation\b", _fixed(Shift.ROTATING.value)),
    (Field.SHIFTS, r"\bday[- ]?shifts?\b", _fixed(Shift.DAY.value)),
    (Field.SHIFTS, r"\b(?:night|overnight|graveyard|third)[- ]?shifts?\b|"
     r"\bovernights\b", _fixed(Shift.NIGHT.value)),
    (Field.SHIFTS, r"\bweekend shifts?\b|\bshifts? and weekends\b|"
     r"\bweekends required\b", _fixed(Shift.WEEKEND.value)),
    (Field.SHIFTS, r"\bflexible (?:hours|schedule|working hours|shifts?)"
     r"\b", _fixed(Shift.FLEXIBLE.value)),
    (Field.LODGING, r"(?<![不没未])(?:包|管|(?<!提)供|提供|免费|含)(?:吃住|食宿|住宿|住(?!院)|"
     r"宿舍)|食宿全包|吃住全包|(?<![不没未])(?:包|管)吃(?:包|管)?住|"
     r"(?<![没不])(?:有|提供|免费)(?:员工|单身|夫妻|集体)?宿舍|宿舍[两二四六八\d]+人间|住宿(?:可)"
     r"?(?:提供|免费)", _fixed(True)),
    (Field.MEALS, r"(?<![不没未])(?:包|管|(?<!提)供|提供|免费|含)(?:吃住|食宿|吃(?!苦)|餐|工作餐|"
     r"午餐|三餐|伙食)|食宿全包|吃住全包|"
     r"(?:三餐|两餐|工作餐|午餐|伙食|用餐|食宿|吃住)(?:均|全部|全)?免费|"
     r"提供[^，,。;；]{0,3}(?:工作餐|午餐|晚餐|早餐|三餐|伙食)|餐补|食堂(?:供应|提供)|(?:免费|"
     r"提供)食堂|饭补|有食堂",
     _fixed(True)),
    (Field.LODGING, r"\b(?:housing|lodging|accommodation|dorm(?:itory)?(?: rooms?)?|"
     r"room and board)\s+(?:and\s+\w+\s+)?"
     r"(?:is\s+|are\s+)?(?:provided|included|available|offered|free)\b|\bfree (?:housing|lodging|"
     r"accommodation|dorm)\b|"
     r"\blive-in\b|\bfree \w+ and (?:dorm|housing|lodging)", _fixed(True)),
    (Field.MEALS, r"\b(?:meals?|lunch|board|food)\s+(?:and\s+\w+\s+)?(?:is\s+|are\s+)"
     r"?(?:provided|included|free)\b|"
     r"\bfree (?:meals?|lunch|food)\b|\b(?:lodging|housing) and (?:meals|board) (?:are )"
     r"?(?:provided|included)", _fixed(True)),
    (Field.HEADCOUNT, rf"(?:招聘?|招收|急招|诚聘|需|招募|聘)"
     rf"(?:[^，,。;；\n\d一二两三四五六七八九十证年]{{0,8}})?(?P<n>{_N})"
     rf"\s*(?:[-—~～至到]\s*{_N}\s*)?[名人位](?![\u4e00-\u9fff]{0,2}团队|间)", _headcount),
    (Field.HEADCOUNT, rf"(?:招工|招聘|需求|招收)?人数\s*[:：]?\s*(?P<n>{_N})"
     rf"\s*[名人位]?", _headcount),
    (Field.HEADCOUNT, rf"(?:保安|司机|服务员|文员|工人|保洁员?|厨师|[\u4e00-\u9fff]{{1,3}}工)"
     rf"\s*(?P<n>{_N})\s*[名位]",
     _headcount),
    (Field.HEADCOUNT, rf"\b(?P<n>{_EN})\s+(?:openings?|vacanc(?:y|ies)|positions?)\b", _headcount),
    (Field.HEADCOUNT, rf"\b(?:hiring|need(?:ed)?|seeking|looking for|recruiting)"
     rf"\s+(?P<n>\d{{1,3}}|{_EN})\s+"
     r"(?!years?|months?|hours?|days?|weeks?)(?:[a-z]+ ){0,2}?(?:[a-z]+s)\b", _headcount),
    (Field.HOURS, rf"(?:联系|咨询|面试|电话|接待|工作|上班|来电)时间\s*[:：]?\s*(?P<p>早上?|上午)"
     rf"?\s*{_HOUR}\s*"
     rf"[-—–~～至到]\s*(?P<q>晚上?|下午)?\s*{_HOUR_2}", _hours),
    (Field.HOURS, rf"\b(?:call|contact|phone|office|contact hours|working hours|hours)"
     rf"\b[^.;\n\d]{{0,15}}"
     rf"{_HOUR}\s*(?P<p>am|pm)?\s*(?:-|–|to|and)\s*{_HOUR_2}\s*(?P<q>am|pm)?", _hours),
)  # fmt: skip
_COMPILED = tuple((field, re.compile(each, re.IGNORECASE), make) for field, each, make in _PATTERNS)


def terms_in(text: str) -> Iterator[Span]:
    """Yield the terms that a plain text states."""
    for field, pattern, make in _COMPILED:
        for found in matches(pattern, text):
            value = make(found)
            if value is not None:
                yield Span(field, value, found.start(), found.end())
