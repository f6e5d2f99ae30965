"""Wordings of criteria that the law forbids, as data: each is a demand on the candidate.

Single words are not enough: 女装 is a trade, 照顾60岁老人 a task, 男女不限 the opposite of a
demand. So every pattern requires the verb of a demand or a certain position in the text. Words
that follow (均可, 不限) or precede (regardless of) can revoke the demand.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_START = r"(?:^|(?<=[，,。;；、:：(（\s]))"
_END = r"(?=$|[，,。;；、)）\s])"
_ONLY = r"(?:只限|仅限|限招|限|只招|仅招|只收|只要)"
_MUST = rf"(?:{_ONLY}|必须|须|需|要求)"
_NOT = r"(?:不招|不要|不收|谢绝|拒绝|拒招)"
_RATHER = r"(?:优先|为佳|者佳|尤佳|最佳)"
_GO_AWAY = r"(?:勿扰|免谈|除外|不要|谢绝|不予录用|不录用)"
_RATHER_EN = r"(?:only|preferred|wanted|required)"
_PEOPLE_EN = r"(?:candidates?|applicants?|workers?|people|employees|staff|men|women)"

_TRADE = (
    r"(?:装|鞋|裤|裙|童|袜|包|表|式|科|厕|监|浴|宿舍|子|婴|"
    r"士(?:香水|护肤|用品|内衣|手表|皮)|生(?:宿舍|公寓)|"
    r"性(?:健康|用品|内衣|服装|服饰|时尚|创业|权益|服刑|患者|顾客|客户|病区))"
)
SEX = rf"(?:(?<!男)女|(?<!女)男)(?![男女])(?!{_TRADE})"
SEXED_JOBS = (
    r"(?:服务员|保安|司机|业务员|文员|前台|技师|护工|营业员|导购|普工|销售|助理|员工|职员|厨师|"
    r"保洁|家政|收银|客服|操作工|质检|车工|缝纫工|焊工)"
)
PEOPLES = (
    r"(?:汉|满|蒙古?|回|藏|壮|苗|彝|维吾尔|维|土家|朝鲜|哈萨克|瑶|白|傣|侗|布依|黎|畲|哈尼|傈僳|佤|"
    r"高山|拉祜|水|东乡|纳西|景颇|柯尔克孜|土|达斡尔|仫佬|羌|布朗|撒拉|毛南|仡佬|锡伯|阿昌|普米|塔吉克|"
    r"怒|乌孜别克|俄罗斯|鄂温克|德昂|保安|裕固|京|塔塔尔|独龙|鄂伦春|赫哲|门巴|珞巴|基诺)族"
)
FAITHS = r"(?:信教|教徒|信徒|基督徒|天主教|基督教|穆斯林|伊斯兰教|佛教|道教|信佛)"
HERE = r"(?:本地|本市|本省|本县|本区|当地|城镇|城市|非农业?|农业|农村|外地|外来|外省|北京|上海)"
HUKOU = r"(?:户口(?!本|簿|迁|登记|页|所在)|户籍(?!科|室|民警|管理|登记|警|证明|信息|所在|员))"
WED = r"(?:已婚|未婚|离异|离婚|已育|未育)"
VIRUS = r"(?:乙肝|乙型肝炎|大三阳|小三阳|大小三阳|艾滋|HIV)"
_TO = r"\s*(?:周?岁)?\s*[-—–~至到]\s*"
_TEN = r"[二三四五]十[一二三四五六七八九]?"
_CLIENTS_ZH = (
    r"(?:儿童|学生|学员|孩子|小孩|少儿|少年|青少年|幼儿|婴幼儿|老人|老年|长者|宝宝|人群|客户|顾客|患者|"
    r"病人|群众|居民|参保)"
)
_CLIENTS_EN = (
    r"(?:child(?:ren)?|youths?|students?|clients?|patients?|residents?|participants?|individuals?|"
    r"famil(?:y|ies)|persons?|adults?|seniors?|girls|boys|infants?|teens?|populations?)"
)
_UNITS = (
    r"(?:lbs?|pounds?|kg|%|percent|k\b|minutes?|hours?|days?|weeks?|months?|miles?|mph|employees|"
    r"units?|feet|ft|inch\w*|degrees?|thousand|million|dollars|wpm|words|people|staff|cm|students)"
)
REVOKED = re.compile(
    r"\b(?:regardless|without regard|irrespective|discriminat\w*|prohibit\w*|unlawful)\b",
    re.IGNORECASE,
)
"""Words after which a sentence makes no demand: it only names the criterion."""


@dataclass(frozen=True, slots=True)
class Criterion:
    """Forbidden criterion, with the patterns of demands and of their exemptions.

    `exempt_before` and `exempt_after` must match in the same sentence, directly before and after
    the text that a pattern has found. `REVOKED` may occur anywhere before it in the sentence.
    """

    name: str
    name_zh: str
    patterns: tuple[re.Pattern[str], ...]
    exempt_before: re.Pattern[str]
    exempt_after: re.Pattern[str]


def _criterion(
    name: str,
    name_zh: str,
    *patterns: str,
    alternatives: str = "",
    before: str = r"(?!)",
    after: str = r"(?!)",
) -> Criterion:
    """Compile a criterion; `alternatives` may occur between the found words and 均可 or 不限."""
    between = f"[{alternatives}、/或和与及]*" if alternatives else ""
    return Criterion(
        name,
        name_zh,
        tuple(re.compile(each, re.IGNORECASE | re.MULTILINE) for each in patterns),
        re.compile(
            r"(?:不论|无论|不分|无需|无须|不需要?|不要求|不得|禁止|不强求)[^，,]{0,6}$"
            r"|(?:^|[，,、\s])不限[^，,]{0,2}$"
            rf"|{before}",
            re.IGNORECASE,
        ),
        re.compile(
            rf"^{between}(?:均可|皆可|都可|也可|亦可|均招|不限|不作要求)|{after}", re.IGNORECASE
        ),
    )


CRITERIA = (
    _criterion(
        "sex",
        "性别",
        rf"(?:{_MUST}|招聘?|招收|急招|诚聘|急聘|聘)(?:\d+名?|[一二两三四五六七八九十]+名|若干名?)?"
        rf"(?:年轻|漂亮)?{SEX}",
        rf"{SEX}(?:性|士|生|工|员工|职员|青年|同志|孩)?(?:{_RATHER}|勿扰|免谈|限定)",
        r"性别(?:要求|限|为)?\s*[:：]?\s*限?[男女](?!\s*[男女/、,，或和])(?!均|皆|都|不限)",
        rf"{_NOT}[男女](?!{_TRADE})(?:性|士|生|工)?",
        rf"{_START}{SEX}(?:性|士)?{SEXED_JOBS}",
        rf"{_START}(?:男工|女工){_END}",
        r"(?<![妇儿子])[男女](?:性|工)?(?:\d+|[一二两三四五六七八九十]+)[名人位]",
        rf"\b(?:men|women|males?|females?|ladies|gentlemen|girls|boys)(?:\s+{_PEOPLE_EN})?"
        rf"[\s-]+(?:only|preferred|wanted|needed)\b(?!\s+(?:shelter|facilit|residen|program|unit|"
        r"ward|hous|clinic|gym|dorm|space|event))",
        r"\b(?:only|must be|prefer(?:ably|red|s)?)\s+(?:an?\s+)?(?:young\s+)?"
        r"(?:men|women|m[ae]n|wom[ae]n|males?|females?|lady|ladies)\b"
        r"(?!\s*['’]|\s*-?\s*owned|\s*(?:and|or|/)\s*(?:fe)?(?:male|men|women))",
        r"\b(?:looking for|seeking|hiring|want)\s+an?\s+(?:young\s+)?"
        r"(?:male|female|man|woman|lady)\b"
        r"(?!\s*['’]|\s*-?\s*owned|\s*(?:or|/)\s*(?:fe)?(?:male|man|woman))",
        r"\bno\s+(?:men|women|males?|females?)\b",
        alternatives="男女性士生工",
        before=r"\b(?:serv\w+|shelter\w*|hous\w+|care|clothing|clinics?|residents?|clients?|patients?"
        r"|products?)\b[^.;]{0,25}$",
    ),
    _criterion(
        "ethnicity",
        "民族",
        rf"(?:{_MUST}|{_NOT}){PEOPLES}",
        rf"{_NOT}少数民族",
        rf"{PEOPLES}(?:者|人|员工|同胞)?(?:{_RATHER}|{_GO_AWAY})",
        rf"少数民族(?:者|人|员工)?{_GO_AWAY}",
        rf"民族(?:要求)?\s*[:：]\s*{PEOPLES}{_END}",
        rf"\b(?:whites|blacks|asians|hispanics|latinos|caucasians)\s+{_RATHER_EN}\b",
        rf"\b(?:white|black|asian|hispanic|latin[oax]|caucasian|native[- ]born)\s+{_PEOPLE_EN}\s+"
        rf"{_RATHER_EN}\b",
        alternatives="各族汉回",
    ),
    _criterion(
        "religion",
        "宗教信仰",
        rf"(?:{_MUST}|{_NOT})(?:有|无|没有)?(?:宗教信仰|{FAITHS})",
        r"(?<!有)(?:无|不信|没有)宗教信仰(?!限制|要求|歧视|自由)",
        rf"(?:宗教信仰|{FAITHS})(?:者|人士|人员)?(?:{_RATHER}|{_GO_AWAY})",
        rf"\b(?:christian|muslim|jewish|jew|catholic|buddhist|hindu)s?(?:\s+{_PEOPLE_EN})?\s+"
        rf"{_RATHER_EN}\b",
        r"\bmust be (?:an?\s+)?(?:practi[cs]ing\s+)?"
        r"(?:christian|muslim|jewish|catholic|buddhist|hindu)\b",
        alternatives="有无者",
    ),
    _criterion(
        "household registration (hukou)",
        "户籍",
        rf"(?:{_MUST}|具有|具备|持有?)(?![^，,。;；\n]{{0,6}}(?:办理|协助|提供|携带|熟悉|处理))"
        rf"[^，,。;；\n]{{1,8}}{HUKOU}",
        rf"{HERE}{HUKOU}(?:者|人员)?(?:{_RATHER}|{_GO_AWAY})",
        rf"{_START}{HERE}{HUKOU}(?:者|人员)?{_END}",
        rf"(?:外地|外省|农村)人?(?:{_GO_AWAY})",
        rf"{_ONLY}本地人",
        rf"\b(?:local|urban|rural)\s+(?:hukou|household registration)\s+{_RATHER_EN}\b",
        alternatives="本外地市城镇农村户口籍",
    ),
    _criterion(
        "marital or childbearing state",
        "婚育状况",
        rf"{WED}(?:[、/]?{WED})*(?:者|的|女性|男性|女士|人士|女|男)?(?:{_RATHER}|{_GO_AWAY})",
        rf"(?:{_MUST}|婚姻(?:状况)?[:：]|婚育(?:状况)?[:：]|婚否[:：])\s*[^，,。;；\s]{{0,2}}{WED}",
        rf"{_START}{WED}(?:[、/]?{WED})*者?{_END}",
        r"[一二两三四五六\d]+年内(?:不|无)(?:得|能|可|打算)?(?:生育|怀孕|结婚|要孩子|生育计划)",
        r"不(?:得|能|可|准)(?:怀孕|生育|结婚)|(?:孕妇|怀孕者?|哺乳期)(?:勿扰|免谈|除外)|无生育计划",
        rf"宝妈{_RATHER}",
        r"\b(?:unmarried|single|married|childless)\s+"
        rf"{_PEOPLE_EN}\s+{_RATHER_EN}\b",
        r"\bmust be (?:unmarried|married|childless)\b|\bmust be single(?=\s*(?:[.;,)]|$))",
        r"\b(?:must|should)\s+have\s+no\s+(?:children|kids)\b|\bno\s+pregnant\s+(?:women|applicants?)\b"
        r"|\b(?:must|may|can)\s*not\s+(?:be|become|get)\s+pregnant\b",
        alternatives="已未离婚育异者",
    ),
    _criterion(
        "infection status",
        "传染病病原携带状况",
        rf"(?:无|非|没有|不得有?|{_NOT}|未)(?:患有?|感染|携带|任何)*{VIRUS}",
        rf"{VIRUS}病?(?:两对半|五项)?(?:病毒)?(?:表面抗原)?(?:检测|检查|化验|体检)?(?:结果)?"
        r"(?:须|需|必须|应)?(?:呈|为)?(?:阴性|合格|正常)",
        rf"{VIRUS}病?(?:病毒)?(?:携带者?|感染者|患者|病人)?{_GO_AWAY}",
        r"(?:体检|入职|须|需|要求)(?:含|包括|项目|须|需|必)?(?:查|做)?乙肝(?:两对半|五项|检测|检查|筛查)",
        r"\b(?:must be|should be|only)\s+(?:HIV|hepatitis(?: B)?)[- ](?:negative|free)\b",
        rf"\b(?:HIV|hepatitis(?: B)?)[- ](?:negative|free)\s+(?:{_PEOPLE_EN}\s+)?"
        r"(?:only|preferred|required)\b",
        rf"\bno\s+(?:HIV|hepatitis(?: B)?)(?:[- ]positive)?\s+{_PEOPLE_EN}\b",
        before=rf"{_CLIENTS_EN}\b[^.;]{{0,20}}$",
        alternatives="病毒携带者",
    ),
    _criterion(
        "age",
        "年龄",
        rf"年[龄纪][^，,。;；\n\d]{{0,5}}(?!1[68]{_TO}[67]\d)[1-6]\d{_TO}[1-7]\d(?!\d)(?:\s*周?岁)?",
        rf"(?!1[68]{_TO}[67]\d)(?<!\d)[1-6]\d{_TO}[1-7]\d\s*周?岁",
        r"(?<!\d)[2-5]\d\s*周?岁\s*(?:及|或|\(含\))?\s*(?:以下|以内|之内|之下|封顶)",
        r"年[龄纪][^，,。;；\n\d]{0,5}[2-5]\d\s*(?:以下|以内|之内)",
        r"(?:不超过|不得超过|小于|低于|不满|未满|不大于|限|≤|<)\s*[2-5]\d\s*周?岁",
        rf"{_TEN}周?岁(?:及|或)?(?:以下|以内|之内)|十[一二三四五六七八九]?周?岁?[至到]{_TEN}周?岁",
        rf"(?:{_MUST})?(?<!\d)[6-9]0后(?:{_RATHER}|勿扰|免谈)|{_MUST}[6-9]0后",
        rf"{_MUST}年轻(?!化)|年轻(?:人|者)?{_RATHER}",
        r"\b(?:under|below|younger than|not over|no older than|not older than|"
        r"maximum age(?: of)?:?)\s+"
        r"(?:the\s+)?(?:age\s+(?:of\s+)?)?[2-6]\d\s*(?:years?\s+(?:old|of age)|years?-old|y/?o\b)",
        r"\b(?:under|below)\s+the\s+age\s+of\s+[2-6]\d\b|\bmaximum age(?: of)?:?\s+[2-6]\d\b",
        r"\b(?:must be|should be|be|candidates?|applicants?|workers?|people|aged?|prefer\w*|only)"
        r"\s+"
        rf"(?:under|below|younger than)\s+[2-6]\d\b(?![,.]?\d)(?!\s*{_UNITS})",
        r"\bunder\s+[2-6]\d\s+(?:only|preferred)\b",
        r"(?:^|(?<=[.;,(]))\s*(?:aged?\s+)?under\s+[2-6]\d\s*(?=$|[.;,)](?!\d))",
        r"\b(?:ages?|aged|between the ages of|between)\s*:?\s*(?:between\s+)?[1-6]\d\s*"
        r"(?:-|–|to|and)\s*[2-7]\d\s*(?:years?\s+(?:old|of age)|only|preferred)",
        r"\b(?:candidates?|applicants?|must be|workers?)\s+(?:must be\s+)?(?:of\s+)?"
        r"(?:ages?|aged|between the ages of)\s*[1-6]\d\s*(?:-|–|to|and)\s*[2-7]\d\b",
        r"(?:^|(?<=[.;,(]))\s*age[ds]?\s*:?\s*[1-6]\d\s*(?:-|–|to)\s*[2-7]\d\s*(?=$|[.;,)])",
        rf"\byoung\s+{_PEOPLE_EN}\s+{_RATHER_EN}\b",
        before=rf"(?:{_CLIENTS_ZH}|照顾|照护|护理|服务|辅导|教授|面向|针对|收治)[^，,]{{0,8}}$"
        rf"|\b{_CLIENTS_EN}\b[^.;]{{0,30}}$"
        r"|\b(?:serv\w+|program\w*|care|support\w*|assist\w*|treatment)\s+(?:for|of|to)?\s*$",
        after=rf"^(?:左右)?的?(?:在校)?{_CLIENTS_ZH}|^\s*{_CLIENTS_EN}\b",
    ),
)
"""A minimum age of 16 or 18, and the whole working age (18-60周岁), are lawful."""
