"""Wordings of demands on the candidate's sex.

Judgements: names of trades that end in -man pass (foreman, salesman), as they name the trade;
waitress, hostess and the like count with a demand (wanted), unless the other form is named too.
"""

from __future__ import annotations

from roost.law.criterion import (
    COUNT,
    END,
    GO_AWAY,
    HIRE,
    MUST,
    NEED_NOT,
    NOT,
    PEOPLE_EN,
    RATHER,
    RATHER_EN,
    SEEK_EN,
    START,
    criterion,
)

_TRADE = (
    r"(?:装|鞋|裤|裙|童|袜|包|表|式|科|厕|监|浴|宿舍|子|婴|款|帽|衫|衣|"
    r"士(?:香水|护肤|用品|内衣|手表|皮|理发)|生(?:宿舍|公寓)|工(?:宿舍|委|会)|"
    r"职工|员工(?:产假|权益|福利|关怀|休|特)|"
    r"性(?:健康|用品|内衣|服装|服饰|时尚|创业|权益|服刑|患者|顾客|客户|病区|用户|消费|会员|向|"
    r"美容|健身|"
    r"员工(?:产假|权益|福利)))"
)
SEX = rf"(?:(?<!男)(?<!妇)(?<!子)女|(?<!女)男)(?![男女])(?!{_TRADE})"
SEXED_JOBS = (
    r"(?:服务员|保安|司机|业务员|文员|前台|技师|护工|营业员|导购|普工|销售|助理|员工|职员|厨师|"
    r"保洁|家政|收银|客服|操作工|质检|车工|缝纫工|焊工|秘书|会计|店员|学徒|搬运工|主播|教练|接待)"
)
_KIND = r"(?:性|士|生|工|青年|同志|孩子?|的|方|人)?(?:员工|职员|工人|人员|青年)?"
_NICE = r"(?:帅哥|美女|小姐姐|小哥哥|小伙子?(?!伴)|小姑娘|靓女|靓仔|小鲜肉)"
_MALES = r"(?:m[ae]n|wom[ae]n|males?|females?|ladies|lady|gentlem[ae]n|girls?|boys?)"
_NOT_BOTH = (
    r"(?!\s*['’]|\s*-?\s*owned|\s*(?:and|or|/|&)\s*(?:fe)?(?:males?|men|women|m[ae]n|wom[ae]n|"
    r"ladies|"
    r"gentlemen|girls|boys))"
)
_PLACE = (
    r"(?!\s+(?:shelter|facilit|residen|program|unit|ward|hous|clinic|gym|dorm|space|event|school|"
    r"team|locker|bath|toilet|restroom))"
)
_ESS = (
    r"(?:waitress|hostess|barmaid|stewardess|seamstress|salesgirl|saleslady|saleswoman|tea lady|"
    r"cleaning lady|delivery boy|office girl|office boy|air hostess)(?:es|s)?"
)
_JOBS_EN = (
    r"(?:[a-z]+ )?(?:workers?|drivers?|cleaners?|waiters?|servers?|guards?|packers?|cooks?|"
    r"assistants?|"
    r"receptionists?|secretar(?:y|ies)|cashiers?|operators?|helpers?|nurses?|caregivers?|"
    r"attendants?|"
    r"technicians?|staff|employees|housekeepers?|nann(?:y|ies)|clerks?|models?|instructors?|"
    r"trainers?)"
)

SEX_DEMANDS = criterion(
    "sex",
    "性别",
    (
        "remove it; state what the work needs of anybody, such as lifting 20 kg",
        "请删除，改写为对所有求职者相同的岗位需要（如“能搬运20公斤”）",
    ),
    r"preference|[男女帅美姐哥伙姑靓妹]|m[ae]n\b|male|lad(?:y|ies)|girl|boy|gentlem|ess(?:es)"
    r"?\b|maids?\b"
    r"|sex|gender",
    rf"(?:{MUST}|{HIRE}){COUNT}的?(?:年轻|漂亮|熟练|专职|兼职|优秀)?{SEX}",
    rf"{SEX}{_KIND}{RATHER}",
    rf"{SEX}{_KIND}{GO_AWAY}",
    rf"{SEX}{_KIND}限定|{START}{SEX}(?:性|士)岗位?",
    rf"(?:最好是?|优先(?:考虑|录用|录取|招收|招聘)?){SEX}(?:性|士|生|的|孩|工)",
    r"性别(?:要求|限制?|条件|为)?\s*[:：]?\s*(?:限|仅限|为)?[男女](?!\s*(?:[/、或和]|"
    r"[,，]?\s*[男女]|均|皆|都|不限))",
    rf"{NOT}[男女](?!{_TRADE})(?:性|士|生|工|的)?",
    rf"{START}{SEX}(?:性|士)?(?:(?!员工|职员){SEXED_JOBS}|(?:员工|职员){COUNT}{END})",
    rf"(?:(?:服务|(?<![学会]))员|[工师手理机厨]|保洁|月嫂|文秘|前台)\s*{COUNT}(?:[（(]\s*[男女](?:性|士|生)?\s*[)）]"
    rf"|\s*[，,]\s*[男女](?:性|士|生)?{END})",
    rf"(?:身强力壮|形象(?:气质)?(?:好|佳)|吃苦耐劳|能吃苦|有力气|踏实|勤快)"
    rf"[^，,。；;\n]{{0,4}}的{SEX}",
    r"(?:^|(?<=[，,：:；;。、])|(?<=\d\.)|(?<=- ))\s*(?:\d+\s*[.、)]\s*)?[男女]\s*[，,]\s*"
    r"(?=\d\d|形象|身体|身高|能|会|有|年龄|初中|高中|"
    r"大专|吃苦)",
    r"(?<![需主重])要[男女](?:的|性|生|工|孩)|男[、/和]?女各\s*(?:\d+|[一二两三四五六七八九十]+)"
    r"\s*[名人位]",
    rf"{START}(?:男工|女工){END}",
    rf"{START}(?:限|仅限)?{SEX}(?:性|士|生){END}",
    r"(?<![妇儿子])[男女](?:性|工|生)?\s*(?:\d+|[一二三四五六七八九十]+)\s*[名人位]",
    rf"(?:适合|适宜|限于)(?:年轻)?{SEX}(?:性|士|生|孩|同志)(?!穿|使用|佩戴|肤质|的)",
    rf"(?:{MUST}|{HIRE}){COUNT}[^，,。;；\n]{{0,4}}{_NICE}|{_NICE}(?:[、/和]?{_NICE})*{RATHER}",
    rf"\b{_MALES}(?:\s+{PEOPLE_EN})?[\s-]+{RATHER_EN}\b{_PLACE}",
    rf"\b{_MALES}(?:\s+{PEOPLE_EN})?\s+{NEED_NOT}",
    rf"\b(?:only|must be|prefer(?:ably|red|s)?)\s+(?:for\s+)?(?:an?\s+)?(?:young\s+)"
    rf"?{_MALES}\b{_NOT_BOTH}{_PLACE}",
    rf"\b{SEEK_EN}\s+(?:an?\s+|for\s+)?(?:young\s+|nice\s+)?{_MALES}\b{_NOT_BOTH}{_PLACE}"
    r"(?!\s+(?:entrepreneurs|veterans|founders|owned|clients|customers|the\b|up\b|down\b))",
    rf"\b(?:(?:fe)?male|lady|woman|girl|man) {_JOBS_EN}\s+{RATHER_EN}\b",
    r"\bpreference (?:is |will be |may be )?(?:given )?(?:to|for) (?:fe)?(?:males?|men|"
    r"wom[ae]n|ladies)\b",
    rf"{START}(?:fe)?male{END}",
    rf"{START}(?:fe)?male {_JOBS_EN}{END}",
    rf"{START}(?:(?:strong|young|pretty|attractive|good[- ]looking|beautiful|handsome|fit),?\s+)"
    rf"{{1,2}}{_MALES}{END}",
    r"\bno\s+(?:men|women|males?|females?|girls|boys|ladies)\b",
    r"\b(?:sex|gender)\s*(?:required\s*)?[:=-]\s*(?:fe)?(?:male|m|f)\b(?!\s*(?:/|or|and|,)"
    r"\s*(?:fe)?m?)",
    rf"\bsuitable for\s+(?:young\s+)?{_MALES}\b{_NOT_BOTH}{_PLACE}",
    rf"\b(?:job|position|work|role|opening|vacancy|post)\s+(?:is\s+)?(?:only\s+)?for\s+{_MALES}\b"
    rf"{_NOT_BOTH}{_PLACE}",
    rf"(?<!/)(?<!or )(?<!and )\b{_ESS}(?!\s*(?:/|or\b|and\b))\s+(?:wanted|needed|required|only|"
    rf"preferred)",
    rf"\b(?:hiring|seeking|looking for|need(?:ed)?|want(?:ed)?)\s*:?\s+(?:an?\s+)?(?:[a-z]+\s+)"
    rf"?{_ESS}"
    rf"(?!\s*(?:/|or\b|and\b))",
    alternatives="男女性士生工",
    before=r"\b(?:serv\w+|shelter\w*|hous\w+|care|clothing|clinics?|residents?|clients?|patients?"
    r"|products?|customers?)\b[^.;]{0,25}$|(?:\bor|\band)\s*$|(?:fe)?male\s*[/,]\s*$|(?:服务|"
    r"面向|针对|接待|护理|照顾)[^，,]{0,4}$",
    after=r"^\s*(?:/|,|or\b|and\b)\s*(?:fe)?(?:males?|m[ae]n|wom[ae]n|waiter|host)",
)
