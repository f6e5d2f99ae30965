"""Wordings of age limits: in years, by year of birth, by generation, by words (young).

Patterns find an age and name its role: `most` and `least` are limits, `low` and `high` a range,
`about` an approximate age. `is_unlawful` then decides: the legal working age (16, 18; 21 in New
York for some work) and the retirement age are no demands. A number that belongs to a client
(3岁以下幼儿看护) is exempt by its surroundings.

Judgements: "recent graduates" is age by proxy (29 CFR 1625.4) unless they are only welcome as
others are; 应届毕业生 is a category of China's public employment policy and passes; a "young team"
describes the team and passes; "mature" names no age.
"""

from __future__ import annotations

import re

from roost.law.criterion import (
    END,
    GO_AWAY,
    HIRE,
    MUST,
    NEED_NOT,
    NOT,
    ONLY,
    PEOPLE_EN,
    RATHER,
    RATHER_EN,
    SEEK_EN,
    START,
    criterion,
)

_DIGITS = {each: at for at, each in enumerate("零一二三四五六七八九")}
_WORDS_EN = {
    word: number
    for number, word in enumerate(
        "one two three four five six seven eight nine ten twenty thirty forty fifty sixty".split(),  # noqa: SIM905
        1,
    )
}
RETIRED = 60
"""Age from which an upper limit is the statutory retirement."""
ADULT = 20
"""Upper limits below it protect minors."""
LAWFUL_LEAST, LAWFUL_LEAST_EN = 18, 21

_ZH = r"(?:[一二三四五六七]?十[一二三四五六七八九]?|[廿卅][一二三四五六七八九]?)"
_N = rf"(?:(?<![\d.])[1-9] ?\d(?![\d.]*\d)|{_ZH})"
_Y = r"\s*周?岁"
_SELF = r"\s*(?:[(（]\s*含[^)）\d]{0,2}(?:\d\d)?\s*周?岁?\s*(?:本数)?[)）])?\s*"
_TO = rf"(?:{_Y})?\s*(?:以上|起)?\s*(?:[-—–~～至到]+|一(?=\d))\s*"
_AGE = (
    r"(?<!平均)(?<!团队)(?<!团队的)(?:年[龄纪]|岁数)\s*[^，,。;；\n\d一二三四五六七八九十廿卅]{0,8}"
)
_DOWN = r"(?:以下|以内|之内|之下|内|封顶|为限|为上限|止|↓)"
_NOT_OVER = (
    r"(?:不(?:得|能|可|要|应|可以)?(?:超过|超|大于|高于|过)|小于|低于|少于|不满|未满|不足|上限为?|"
    r"最大|最高|限|≤|<=?|⩽|≦)"
)
_OVER = r"(?:超过|超出|高于|大于|满|过)"
_DECADE = r"(?:[5-9][05]|[6-9][1-46-9]|0[05]|[五六七八九][零〇五]|零零|零五|〇〇)"
_COHORT = rf"(?<![\d.:：]){_DECADE}后(?![道整处理段工勤台续期面方备端厨视盖桥轮座排装焊包缝纺])"
_DAY = (
    r"(?:(?:19[3-9]\d|20[01]\d)\s*(?:年|[./-]\s*\d{1,2}\s*(?:[./-]\s*\d{1,2})?)?|(?<!\d)"
    r"[5-9]\d\s*年)"
    r"\s*(?:\d{1,2}\s*月)?\s*(?:\d{1,2}\s*[日号])?"
)
_SINCE = (
    r"\s*(?:[(（]含[^)）]{0,3}[)）])?\s*(?:及|和)?\s*(?:其?[以之]?后|[以之]?内|[以之]?间|之间|期间)"
)
_OF_TEAM = r"(?:化|的?(?:品牌|团队|公司|企业|家庭|客户|顾客|妈妈|父母|时尚|群体|消费|一代|用户))"
_CLIENTS_ZH = (
    r"(?:儿童|学生|学员|孩子|小孩|少儿|少年|青少年|幼儿|婴幼儿|老人|老年|长者|宝宝|人群|客户|"
    r"顾客|患者|"
    r"病人|群众|居民|参保|婴儿|未成年|消费者|用户|会员|乘客|游客|旅客|读者|业主|住户|考生|运动员)"
)
_CLIENTS_EN = (
    r"(?:child(?:ren)?|kids|youths?|students?|pupils|learners|clients?|patients?|residents?|"
    r"participants?|individuals?|famil(?:y|ies)|persons?|adults?|seniors?|elders?|girls|boys|"
    r"infants?|"
    r"teens?|teenagers|toddlers|populations?|customers?|guests?|members|visitors|passengers|users|"
    r"shoppers|consumers|audiences?|readers|drivers? insured)"
)
_UNITS = (
    r"(?:lbs?|pounds?|kgs?|kilos?|grams?|tons?|%|percent|k\b|m\b|seconds?|minutes?|mins?|hours?|"
    r"hrs?|"
    r"days?|weeks?|months?|miles?|mph|kmh?|km/h|metres?|meters?|employees|units?|feet|ft|inch\w*|"
    r"degrees?|°|db\b|thousand|million|billion|dollars|euros?|yuan|wpm|words|people|persons|"
    r"staff|cm|mm|"
    r"students|stores|countries|shops|branches|locations|cities|states|projects|clients|customers|"
    r"patients|children|guests|vehicles|buildings|beds|rooms|seats|items|points|pages|sites|"
    r"years?\b(?!\s*(?:old\b|of age|(?:and|or) (?:below|under|younger)|only|max|$|[.,;)!])))"
)
_TENS = (
    r"(?:twenty|thirty|forty|fifty|sixty)(?:[- ](?:one|two|three|four|five|six|seven|eight|nine))?"
)
_E = rf"(?:(?<![\d.,:$£€¥/])(?<!\d-)[1-7]\d(?!\d|[.,:]\d|\s*{_UNITS})|{_TENS}(?!\s*{_UNITS}))"
_HIGH = rf"(?:[2-7]\d(?!\d|[.,:]\d|\s*{_UNITS})|{_TENS}(?!\s*{_UNITS}))"
"""Second number of a range, which follows a dash."""
_YO = r"\s*[- ]?(?:years?|yrs?)?\.?[- ]?(?:old\b|of age\b)|\s*[- ]?y/?o\b"
_YEARS = rf"(?:{_YO}|\s*(?:years?|yrs?)\b(?!\s+(?:of|in)\b))"
_TO_EN = r"(?:-|–|—|~|to|and|until)"
_BEGIN = r"(?:^|(?<=[.;,，、(:•*·●])|(?<=[-–] ))\s*"
"""Start of an English item: after a mark or a bullet."""
_LESS = (
    r"(?:under|below|younger than|less than|not over|not above|not exceeding|not exceed|"
    r"no(?:t)? (?:older|more|elder) than|up to|max(?:imum)?\.?(?: of)?|at most)"
)
_NO_OLDER = r"(?:no|not|n['’]t|cannot|never) (?:be )?(?:over|above|older than|past|exceed(?:ing)?)"
_MORE = r"(?:over|above|older than|past|at least|minimum(?: of)?|min\.?|from)"
_WHO = (
    r"(?:must be|should be|has to be|have to be|be|some(?:one|body)|who (?:is|are)|candidates?|"
    r"applicants?|workers?|people|persons?|"
    r"anyone|those|job ?seekers?|graduates?|men|women|males?|females?|aged?|prefer\w*|only|"
    r"you are|you['’]re)"
)
_ADJECTIVE = (
    r"(?:energetic|dynamic|fit|hungry|ambitious|enthusiastic|fresh|attractive|motivated|smart|"
    r"lively|"
    r"fun|vibrant|healthy|strong|active|talented|bright|keen|driven|passionate)"
)
_TEAM = (
    r"(?!['’])(?!\s*(?:team|company|firm|brand|start-?ups?|business|office|atmosphere|environment|"
    r"culture|organi[sz]ation|school|city|product|market|industry|crowd|children|kids|learners|"
    r"offenders|famil|trees|plants|at heart|minds|readers|&))"
)
_GRADUATES = (
    r"(?:recent|new|fresh|latest)(?:ly)?[- ](?:graduated[- ])?(?:(?!is\b|are\b|the\b)"
    r"[a-z'’]+[- ]){0,2}"
    r"grad(?:uate)?s?\b"
)


def number(text: str) -> int:
    """Return the number that an age is written as: 35, 3 5, 三十五, 廿五, thirty-five."""
    digits = text.replace(" ", "")
    if digits.isdecimal():
        return int(digits)
    if text[0].isascii():
        parts = re.split(r"[- ]+", text.casefold())
        tens = _WORDS_EN[parts[0]] - 9
        return tens * 10 + (_WORDS_EN[parts[1]] if parts[1:] else 0)
    if text[0] in "廿卅":
        tens, rest = (2 if text[0] == "廿" else 3), text[1:]
    else:
        left, _, rest = text.partition("十")
        tens = _DIGITS[left] if left else 1
    return 10 * tens + (_DIGITS[rest] if rest else 0)


def is_unlawful(found: re.Match[str]) -> bool:
    """Return whether the numbers of a match limit the age beyond what the law itself limits."""
    groups = {name: text for name, text in found.groupdict().items() if text}
    if "low" in groups:
        low, high = number(groups["low"]), number(groups["high"])
        return high >= ADULT and low < high and not (low <= LAWFUL_LEAST and high >= RETIRED)
    if "most" in groups or "about" in groups:
        return ADULT <= number(groups.get("most") or groups["about"]) < RETIRED
    if "most_en" in groups:
        return number(groups["most_en"]) >= ADULT
    if "least" in groups:
        return LAWFUL_LEAST < number(groups["least"]) < RETIRED
    if "least_en" in groups:
        return LAWFUL_LEAST_EN < number(groups["least_en"]) < RETIRED
    if "before" in groups:
        return int(groups["before"]) < 2000
    return True


AGE = criterion(
    "age",
    "年龄",
    (
        "remove it; name the strength, skill or licence that the work needs, or the legal working "
        "age (16 or 18)",
        "请删除，改写为岗位需要的体力、技能或证书；年龄只可注明法定最低要求（年满16或18周岁）",
    ),
    r"[岁后生龄纪轻年属]|放宽|ag(?:e|ing)|\d\d|young|youth|old|class of|grad|native|"
    r"gen(?:eration)?[- ]?z|millenn|"
    r"zoomer|somet|exceed|twent|thirt|fort|fift|sixt|born|birth",
    # Years, in Chinese
    rf"(?P<low>{_N}){_TO}(?P<high>{_N}){_Y}",
    rf"(?:{_AGE}|[男女]\s*[，,:：]?\s*)(?P<low>{_N}){_TO}(?P<high>{_N})(?!\d|\s*[名人位元%个])",
    rf"{_AGE}{_N}(?:{_Y})?\s*以上\s*[，,、]?\s*(?P<most>{_N})(?:{_Y})?\s*{_DOWN}",
    rf"(?P<most>{_N}){_Y}{_SELF}(?:以及|及|或|和)?\s*(?:者)?{_DOWN}",
    rf"{_NOT_OVER}\s*(?:年龄)?\s*(?P<most>{_N}){_Y}",
    rf"{_AGE}{_NOT_OVER}[^，,。;；\n\d]{{0,3}}?(?P<most>{_N})(?![\d%])",
    rf"{_AGE}(?P<most>{_N})(?:{_Y})?{_SELF}(?:及|或)?\s*{_DOWN}",
    rf"(?:最大|最高|上限)年[龄纪][^，,。;；\n\d]{{0,4}}?(?P<most>{_N})",
    rf"年[龄纪]\s*(?:要求|限制|上限|条件)?\s*[:：为是]?\s*(?P<about>{_N})(?:{_Y})?\s*(?:左右|"
    rf"上下)?{END}",
    rf"(?P<about>{_N}){_Y}\s*(?:左右|上下|出头)",
    rf"{START}(?P<about>[二三四五2-5](?:十|0))多岁{END}",
    rf"(?P<about>[二三四五2-5](?:十|0))多岁的?(?:小伙|姑娘|女|男|人|年轻|{RATHER})",
    rf"(?:放宽(?:至|到)|年[龄纪]卡(?:在|到)?)\s*(?P<most>{_N})(?:{_Y})?",
    rf"{_OVER}?\s*(?P<most>{_N})(?:{_Y})\s*(?:及|或)?(?:以上)?\s*(?:的?(?:人员|人|者))?{GO_AWAY}",
    rf"{NOT}\s*(?:年龄)?{_OVER}?\s*(?P<most>{_N}){_Y}",
    rf"(?P<least>{_N}){_Y}{_SELF}(?:及|或)?\s*以上",
    rf"(?:年满|已满|须满|需满|不低于|不小于|不少于)\s*(?P<least>{_N}){_Y}",
    # Birth and generation
    rf"{_DAY}{_SINCE}\s*(?:出生|生(?=[的人者]|{END})|的人)",
    r"(?P<before>19\d\d)\s*年[^，,。;；\n]{0,6}[以之]?前出生",
    rf"出?生(?:于|日期|年月|年份|时间)?\s*[^，,。;；\n\d]{{0,6}}{_DAY}{_SINCE}",
    rf"{_DAY}\s*[-—–~至到]\s*{_DAY}\s*(?:之?间)?\s*出生",
    rf"{_COHORT}(?:[、/和及]\s*{_COHORT})*\s*(?:的|人|们|青年|伙伴|小伙伴)?(?:{RATHER}|"
    rf"{GO_AWAY}|[均都皆也]可|看过来|集合|集结)",
    rf"(?:{MUST}|{HIRE}|{NOT}|适合)(?:{_DECADE}后?[、/和及]\s*)?{_COHORT}",
    rf"{START}{_COHORT}(?:[、/和及]{_COHORT})*{END}",
    rf"属(?:相)?[鼠牛虎兔龙蛇马羊猴鸡狗猪](?:相)?(?:{RATHER}|{GO_AWAY})",
    # Words
    rf"(?:{MUST}|{HIRE}|{ONLY})年轻(?!{_OF_TEAM})",
    rf"{START}(?:要|想要|想找)年轻(?:点|一点|些)?的{END}",
    rf"年轻(?:人|女性|男性|小伙|有活力|有朝气|力壮|有为|漂亮)*{RATHER}",
    rf"{START}年轻(?:人|者|有活力|有朝气|力壮|力强|漂亮|貌美|靓丽|女性|男性|女士|男士|小伙子?)"
    rf"?{END}(?![，、][^，,。]{{0,6}}(?:品牌|团队|公司))",
    r"(?:年[龄纪]|岁数)\s*(?:不要|不能|不宜|别|不得|不可)(?:太|过)(?:大|高)",
    rf"(?:(?:年[龄纪]|岁数)\s*(?:太|过|偏|较)?[大高]|超龄)(?:的|者|人员)*{GO_AWAY}",
    rf"{START}年纪轻轻?(?:{RATHER}|{END})",
    rf"(?:{MUST}|{ONLY})青年(?!旅|公寓|路|教师|突击|志愿|文明|大街)|青年(?:人|男女)?{RATHER}",
    # Years, in English
    rf"\b(?:{_LESS}|{_NO_OLDER})\s+(?:the\s+)?(?:ages?\s+(?:of\s+)?)?(?P<most_en>{_E})(?:{_YO})",
    rf"\b(?:under|below|not (?:over|past)|before|up to)\s+(?:the\s+)?age\s+of\s+(?P<most_en>{_E})",
    rf"\b(?:over|above|past)\s+(?:the\s+)?age\s+of\s+(?P<least_en>{_E})",
    rf"\bmax(?:imum)?\.?\s*age(?:\s*limit)?\s*(?:is|of|[:=-])?\s*(?P<most_en>{_E})",
    rf"\bage\s*(?:limit|max(?:imum)?\.?|cap|ceiling)?\s*(?:is|of|[:=])?\s*"
    rf"(?:{_LESS}|{_NO_OLDER}|limit|max\.?|<=?|≤)\s*(?:is|of|[:=])?\s*(?P<most_en>{_E})",
    rf"\b(?:min(?:imum)?\.?\s+age|age\s+(?:at least|over|above|min(?:imum)?))\s*(?:is|of|[:=])?\s*"
    rf"(?P<least_en>{_E})",
    rf"\b{_WHO}\s+(?:(?:who are|aged?|must be|of)\s+)*(?:under|below|younger than|less than|"
    rf"not over|"
    rf"no(?:t)? (?:older|more) than|{_NO_OLDER})[ -](?P<most_en>{_E})",
    rf"\b(?:must be|should be|{PEOPLE_EN}|anyone|those)\s+(?:(?:who are|aged|must be)\s+)*"
    rf"(?:over|above|older than)\s+(?P<least_en>{_E})",
    rf"\bno(?:[- ]?body|[- ]one|t anyone|ne)?(?:\s+(?:{PEOPLE_EN}|one))?\s+(?:aged?\s+|who is\s+)?"
    rf"(?:over|above|older than|past)\s+(?:the age of\s+)?(?P<most_en>{_E})",
    rf"\b(?:cannot|can['’]t|must not|may not|should not|not) be (?:over|above|older than)\s+"
    rf"(?P<most_en>{_E})",
    rf"\bnot? older than\s+(?P<most_en>{_E})",
    rf"\b(?:over|under|above|below)[- ](?P<most_en>{_E})(?:['’]?s)?\s+(?:(?:{PEOPLE_EN}|welcome)"
    rf"\s+)?"
    rf"(?:{NEED_NOT}|{RATHER_EN})",
    rf"(?:{_BEGIN}|(?<=only ))(?:aged?\s+)?(?:under|below|younger than|{_LESS}|{_NO_OLDER})[- ]"
    rf"(?P<most_en>{_E})(?:['’]?s)?(?:{_YEARS})?\s*(?:only\b)?(?=\s*(?:$|[.;,)](?!\d)))",
    rf"\b(?P<most_en>{_E})(?:{_YEARS})?\s*(?:or|and|&)\s*(?:younger)\b",
    rf"(?:{_BEGIN}|(?<=\bage)|(?<=\baged)|(?<=\bbe))\s*(?P<most_en>{_E})(?:{_YEARS})?\s*"
    r"(?:or|and|&)\s*(?:under|below|less)\b",
    rf"\bmax(?:imum)?\.?\s+(?P<most_en>{_E})\s*(?:years?|yrs?)\.?(?:{_YO})?(?=\s*(?:$|[.;,)!]))",
    rf"\b(?P<most_en>{_E})\s*(?:years?|yrs?|y/?o)(?:\s*old)?\s*max(?:imum)?(?=\s*(?:$|[.;,)!]))",
    rf"\b(?:ages?|aged|age\s+(?:range|group|between|from|limit|bracket|requirements?)|"
    rf"between the ages of)\s*(?:is|[:=-])?\s*(?:between|from)?\s*"
    rf"(?P<low>{_E})\s*{_TO_EN}\s*(?P<high>{_HIGH})",
    rf"(?<![\d$£€.-])(?P<low>[1-6]\d)\s*{_TO_EN}\s*(?P<high>[2-7]\d(?!\d))(?:{_YO})",
    rf"\b(?:must be|should be|be|some(?:one|body)|preferably|ideally|candidates?|applicants?)\s+"
    rf"(?:aged\s+)?(?:between\s+|from\s+)?(?P<low>[1-6]\d)\s*{_TO_EN}\s*(?P<high>{_HIGH})",
    r"(?<![\d$£€.-])(?P<low>1[4-9]|[2-6]\d)\s*(?:-|–|to)\s*(?P<high>[2-7]\d\b)\s*(?:years?|yrs?)\s*"
    r"(?:only|preferred|[)])",
    r"(?<![\d$£€.-])(?P<low>1[6-9]|[2-6]\d)\s*-\s*(?P<high>[2-7]\d)\s*yrs\b(?=\s*(?:$|[.;,]))",
    rf"\b(?:at least|minimum(?: of)?|min\.?)\s*(?P<least_en>{_E})(?:{_YO})",
    rf"\b(?:must|should|may) not exceed (?P<most_en>{_E})(?:{_YEARS})?(?=\s*(?:$|[.;,)]))",
    rf"\b(?P<least_en>{_E})(?:{_YEARS})?\s*(?:or|and|&)\s*(?:older|over|above)\b",
    r"\bin (?:his|her|their|your)(?:\s+(?:early|mid|late)[- ]?)?\s*(?:[2-5]0['’]?s\b|twenties|"
    r"thirties|"
    r"forties|fifties)",
    r"\b(?:[2-5]0|twenty|thirty|forty|fifty)[- ]?somethings?\b",
    r"\bborn\s+(?:in\s+)?(?:the\s+)?(?:19|20)?\d0['’]?s\b",
    r"\bborn\s+(?:on or\s+)?(?:after|since|between|from|no earlier than)\b[^.;]{0,20}\b(?:19|20)"
    r"\d\d\b",
    r"\bborn\s+(?:in\s+)?(?:or after\s+)?(?:19|20)\d\d\s+(?:or|and)\s+(?:later|after)",
    r"\bborn\s+in\s+or\s+after\s+(?:19|20)\d\d",
    r"\b(?:date of birth|birth ?date|year of birth)\b[^.;\d]{0,25}\b(?:after|since|between|from)\b"
    r"[^.;]{0,20}\b(?:19|20)\d\d\b",
    # Words, in English
    rf"\b{_GRADUATES}",
    rf"\b(?:{SEEK_EN}|must be|should be|only|ideal for|suit(?:s|able for|ed to)?)\s+"
    rf"(?:an?\s+|some(?:one|body)?\s+|for\s+)?(?:{_ADJECTIVE},?\s+(?:and\s+)?){{0,2}}young(?:er)"
    rf"?\b{_TEAM}",
    rf"\byoung(?:er)?\s+(?:{_ADJECTIVE}\s+)?(?:[a-z]+\s+)?(?:{PEOPLE_EN}\s+)?"
    rf"(?:only|preferred|wanted|needed|required)\b",
    rf"\byoung(?:,\s*|\s+)(?:and\s+)?{_ADJECTIVE}(?:\s+and\s+{_ADJECTIVE})?(?:\s+{PEOPLE_EN}|"
    rf"{END})",
    rf"\byoung,\s*{_ADJECTIVE}(?:,|\s+and)\s*(?:and\s+)?{_ADJECTIVE}\b{_TEAM}",
    rf"{_BEGIN}young\s*(?=$|[,.;，、])",
    rf"\byoung\s+(?:candidates|applicants|job ?seekers)\b|"
    rf"\b(?:must be|seeking|wanted:?)\s+youthful\b|\byouthful(?:,|\s+and)?\s+(?:{PEOPLE_EN}|"
    rf"{_ADJECTIVE})",
    rf"\bno\s+(?:older|elderly|old)\s+{PEOPLE_EN}\b|\b(?:someone|somebody|anyone)\s+youthful\b",
    rf"\b{_ADJECTIVE}\s+young\s+(?:person|people|man|woman|men|women)\b(?!\s+(?:who are|in care))",
    rf"\b(?:older|elderly|old)\s+{PEOPLE_EN}\s+{NEED_NOT}|\byoungsters?\s+{RATHER_EN}",
    r"\b(?:class|graduates?) of 20\d\d\b[^.;]{0,15}\b(?:only|or later)\b",
    r"\bdigital[- ]natives?\b(?!\s+(?:brands?|compan|business|platform|products?|content|media|"
    r"advertis|experience|generation|audience|customers?|users?))",
    rf"\b(?:gen(?:eration)?[- ]?z(?:ers?)?|millennials?|zoomers?)(?:\s+{PEOPLE_EN})?\s+"
    rf"(?:only|preferred|wanted|needed|required)\b",
    before=rf"平均(?:年[龄纪])?$|(?:团队|员工|成员)的?年[龄纪]$|(?:{_CLIENTS_ZH}|照顾|照护|照看|看护|接送|护理|服务|辅导|教授|面向|针对|收治|招生)"
    r"[^，,]{0,8}$"
    r"|(?:为|给|向|对)\s*$"
    rf"|\b{_CLIENTS_EN}\b[^.;]{{0,30}}$"
    r"|\b(?:serv\w+|program\w*|care|support\w*|assist\w*|treatment|class(?:es)?|lessons|activities|"
    r"courses?|help\w*|train\w*|mentor\w*|teach\w*|coach\w*|advi[sc]\w*|work with|marketing to|"
    r"place(?:ment)?|welcom\w+|encourag\w+|invit\w+|loan|lease|term|contract|sentence|pension|"
    r"mortgage|warranty|experience|not)\b"
    r"\s*(?:for|of|to|with|is)?:?\s*"
    r"(?:(?:people|adults|persons|those|individuals|the)\s*)?(?:aged\s*|who are\s*)?$",
    after=rf"^(?:左右)?的?(?:在校|女性|男性|的)?{_CLIENTS_ZH}|^\s*{_CLIENTS_EN}\b"
    rf"|^\s*(?:of|among)\s+(?:the\s+)?{_CLIENTS_EN}"
    r"|^\s*(?:(?:is|are|also|very|both|most|warmly)\s+)*(?:welcome|encouraged|may\b|can\b|eligible|"
    r"considered|invited|(?:and|or) experienced|and \w+ alike|alike|as well|nurse|rn\b|"
    r"residency|program)"
    r"|^的?(?:客户|消费|用户|市场)|^女性提供",
    open_to_all=r"(?:不限|不作要求|无要求|不要求)",
    is_demand=is_unlawful,
)
