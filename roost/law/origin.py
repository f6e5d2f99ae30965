"""Wordings of demands on ethnicity, religion and household registration (hukou).

Judgements: a preference for minorities (少数民族优先) is lawful affirmative action and passes;
"native speakers" of a language name a level of skill and pass, unless with "only"; where
people live (附近居住优先) is no household registration.
"""

from __future__ import annotations

from roost.law.criterion import (
    END,
    GO_AWAY,
    MUST,
    NEED_NOT,
    NOT,
    ONLY,
    PEOPLE,
    PEOPLE_EN,
    RATHER,
    RATHER_EN,
    START,
    criterion,
)

PEOPLES = (
    r"(?:汉|满|蒙古?|回|藏|壮|苗|彝|维吾尔|维|土家|朝鲜|哈萨克|瑶|白|傣|侗|布依|黎|畲|哈尼|傈僳|佤|"
    r"高山|拉祜|水|东乡|纳西|景颇|柯尔克孜|土|达斡尔|仫佬|羌|布朗|撒拉|毛南|仡佬|锡伯|阿昌|普米|"
    r"塔吉克|"
    r"怒|乌孜别克|俄罗斯|鄂温克|德昂|保安|裕固|京|塔塔尔|独龙|鄂伦春|赫哲|门巴|珞巴|基诺)族"
)
FAITHS = r"(?:信教|教徒|信徒|基督徒|天主教|基督教|穆斯林|伊斯兰教|佛教|道教|信佛)"
HERE = (
    r"(?:本地|本市|本省|本县|本区|本镇|本村|当地|城镇|城市|非农业?|农业|农村|外地|外来|外省|"
    r"外市|北京|"
    r"上海|广州|深圳|天津|重庆)"
)
HUKOU = (
    r"(?:户口(?!本|簿|迁|登记|页|所在)|户籍(?!科|室|民警|管理|登记|警|证明|信息|所在|员|窗口|部门))"
)
_REGIONS = (
    r"(?:北京|天津|河北|山西|内蒙古?|辽宁|吉林|黑龙江|上海|江苏|浙江|安徽|福建|江西|山东|河南|"
    r"湖北|湖南|广东|"
    r"广西|海南|重庆|四川|贵州|云南|西藏|陕西|甘肃|青海|宁夏|新疆|东北|苏北|潮汕|西北|外地|外省|"
    r"外市|外县|"
    r"农村)"
)
_RACES = (
    r"(?:whites?|blacks?|asians?|hispanics?|latin[oax]s?|caucasians?|african[- ]americans?|indians|"
    r"han(?: chinese| nationality| ethnicity)?)"
)
_CREEDS = r"(?:christian|muslim|jewish|jew|catholic|buddhist|hindu|protestant|atheist|sikh)s?"
_OF_PLACE = (
    r"(?!\s+(?:food|cuisine|school|church|community|market|restaurant|museum|art|stud|bookshop))"
)

ETHNICITY = criterion(
    "ethnicity",
    "民族",
    (
        "remove it; state the language or skill that the work needs",
        "请删除，改写为岗位需要的语言或技能",
    ),
    rf"族|{_RACES}|native|ethnic|foreigner|immigrant",
    rf"(?:{MUST}|{NOT}){PEOPLES}(?!人?[舞歌刺服菜语银美风传特])",
    rf"(?:{NOT}|{START}非)少数民族",
    rf"{PEOPLES}(?:者|人|员工|同胞|的)?(?:{RATHER}|{GO_AWAY})",
    rf"少数民族(?:者|人|员工|人员)?{GO_AWAY}",
    rf"民族(?:要求|限|为)?\s*[:：]?\s*(?:{PEOPLES}|[汉满回藏苗维]){END}",
    rf"{START}汉族(?:{PEOPLE}){END}",
    rf"\b{_RACES}(?:\s+{PEOPLE_EN})?\s+{RATHER_EN}\b",
    rf"\b{_RACES}(?:\s+{PEOPLE_EN})?\s+{NEED_NOT}",
    r"\bno\s+(?:blacks|asians|hispanics|latinos|whites|indians|foreigners|immigrants)\b",
    rf"\bnative[- ]born\s+{PEOPLE_EN}\s+{RATHER_EN}\b",
    r"\bnative (?:[a-z]+ )?speakers only\b",
    r"\bof (?:han|white|asian|caucasian) (?:ethnicity|race|origin|descent) (?:only|preferred)\b|"
    r"\bof han (?:nationality|ethnicity)\b",
    alternatives="各族汉回",
)

RELIGION = criterion(
    "religion",
    "宗教信仰",
    (
        "remove it; state the knowledge or duties that the work needs",
        "请删除，改写为岗位需要的知识或职责",
    ),
    rf"[教徒佛]|信仰|信徒|穆斯林|{_CREEDS}",
    rf"(?:{MUST}|{NOT}|不得)(?:有|无|没有|信)?(?:宗教信仰|{FAITHS})(?!用品|文化|艺术|寺|堂|学院|"
    rf"协会)",
    r"(?<!有)(?:无|不信|没有|不得有)宗教信仰(?!限制|要求|歧视|自由)",
    rf"不信仰(?:任何)?宗教|{START}(?:无|没有)(?:任何)?信仰{END}",
    rf"{START}(?:不信教|不信佛|信佛|信教){PEOPLE}{END}",
    rf"(?:宗教信仰|{FAITHS})(?:者|人士|人员|的)?(?:{RATHER}|{GO_AWAY})",
    rf"\b{_CREEDS}(?:\s+{PEOPLE_EN})?\s+{RATHER_EN}\b",
    rf"\b{_CREEDS}(?:\s+{PEOPLE_EN})?\s+{NEED_NOT}",
    rf"\bmust be (?:an?\s+|of (?:the )?)?(?:practi[cs]ing\s+|devout\s+)?{_CREEDS}\b{_OF_PLACE}",
    rf"\breligion\s*[:=]\s*{_CREEDS}\b",
    r"\b(?:only|no)\s+(?:christians|muslims|jews|catholics|buddhists|hindus|atheists|sikhs)\b",
    alternatives="有无者",
)

HOUSEHOLD = criterion(
    "household registration (hukou)",
    "户籍",
    (
        "remove it; state the place of work and, where needed, how fast somebody must reach it",
        "请删除，可写明工作地点；如确需就近，改写为到岗时间要求",
    ),
    rf"[户籍]|本[地省市县镇乡村]|外地|外来|{_REGIONS}|hukou|household registration|"
    r"locals only|outsiders",
    rf"(?:{MUST}|具有|具备|持有?)(?![^，,。;；\n]{{0,6}}(?:办理|协助|提供|携带|熟悉|处理|解决))"
    rf"[^，,。;；\n]{{0,8}}{HUKOU}",
    rf"{HERE}{HUKOU}{PEOPLE}(?:{RATHER}|{GO_AWAY})",
    rf"{START}有?{HERE}{HUKOU}{PEOPLE}{END}|有{HERE}{HUKOU}{PEOPLE}{RATHER}",
    rf"{HUKOU}(?:要求|限|性质|类型)?\s*[:：]\s*{HERE}|{START}{HUKOU}{HERE}{END}",
    rf"{_REGIONS}省?(?:市)?(?:籍|人)(?:员|士|的)?{GO_AWAY}|{_REGIONS}{GO_AWAY}"
    rf"|外来人员{GO_AWAY}|[京沪粤津渝川]籍{PEOPLE}{RATHER}|\b(?:locals only|no outsiders)\b",
    rf"{NOT}{_REGIONS}(?:籍|人)",
    rf"(?:{ONLY})(?:本地|当地|本[省市县镇村]|[京沪粤津渝川])(?:籍|人)",
    rf"(?:本地|当地|本县|本市|本省|本村|本镇|本乡)(?:人|籍){PEOPLE}{RATHER}",
    rf"\b(?:(?:local|urban|rural|city|beijing|shanghai)\s+)?(?:hukou|household registration)"
    rf"(?:\s+holders?)?\s+{RATHER_EN}\b",
    r"\b(?:must have|need|require[sd]?)\s+(?:an?\s+)?(?:[a-z]+\s+)?(?:hukou|"
    r"household registration)\b",
    alternatives="本外地市城镇农村户口籍",
    after=r"^(?:可以?|能|可协助|协助|帮助|免费|代)(?:办理?|迁入|落户|转入|解决)",
)
