"""Wordings of demands on the marital or childbearing state and on infection status.

Judgements: "in good health" and a health certificate (健康证, where the law requires one) pass; a
demand for no infectious disease (无传染病) does not, since article 30 of the Employment Promotion
Law protects carriers.
"""

from __future__ import annotations

from roost.law.criterion import (
    END,
    GO_AWAY,
    MUST,
    NEED_NOT,
    NOT,
    PEOPLE_EN,
    RATHER,
    RATHER_EN,
    START,
    criterion,
)

WED = r"(?:已婚|未婚|离异|离婚|已育|未育)"
VIRUS = r"(?:HBV|乙肝|乙型肝炎|大三阳|小三阳|大小三阳|艾滋|HIV)"
_STATE = rf"(?:{WED}|单身|已孕|未孕|丧偶)"
_NOT_PLACE = r"(?!公寓|宿舍|狗|派对|联谊)"
_BABY = (
    r"(?:孕妇|怀孕|备孕|孕期|哺乳期?|产期|三期)(?:期|中)?(?:的)?(?:妇女|女性|女职工|女工|人员|者)?"
)
_CLIENTS_EN = (
    r"(?:child(?:ren)?|youths?|students?|clients?|patients?|residents?|participants?|individuals?|"
    r"famil(?:y|ies)|persons?|adults?|seniors?|populations?)"
)
_NEGATIVE_EN = r"(?:HIV|hepatitis(?: [BC])?|HBV)[- ](?:negative|free)"

FAMILY = criterion(
    "marital or childbearing state",
    "婚育状况",
    ("remove it; state the working hours or travel instead", "请删除，可写明工作时间、出差等要求"),
    r"[婚孕育孩]|单身|离异|丧偶|哺乳|产期|三期|宝妈|夫妻|无子女|married|single|childless|child|"
    r"kids|"
    r"pregnan|family commit|divorced|widow",
    rf"{_STATE}{_NOT_PLACE}(?:[、/]?{_STATE})*(?:者|的|女性|男性|女士|人士|女|男)?(?:{RATHER}|"
    rf"{GO_AWAY})",
    rf"(?:{MUST}|婚姻(?:状况)?[:：]?|婚育(?:状况)?[:：]?|婚否[:：]?)\s*[^，,。;；\s]{{0,2}}{_STATE}"
    rf"{_NOT_PLACE}",
    rf"{NOT}{_STATE}{_NOT_PLACE}",
    rf"{START}{_STATE}{_NOT_PLACE}(?:[、/]?{_STATE})*(?:者|女性|男性|女士|男士|青年)?{END}",
    r"[一二两三四五六\d]+\s*年(?:之|以)?内(?:不|无)(?:得|能|可|准|许|打算|计划)?(?:再)?"
    r"(?:生育|怀孕|结婚|要孩子|生孩子|生育计划)",
    rf"不(?:得|能|可|准|许)(?:怀孕|生育|结婚)|{_BABY}{GO_AWAY}|{NOT}{_BABY}"
    rf"|无(?:再)?(?:生育|怀孕|结婚|要孩子)的?(?:计划|打算)|{START}(?:无孕|未怀孕){END}|(?<!除)"
    rf"非(?:怀孕期?|孕期?|哺乳期|产期)",
    rf"{START}(?:限)?宝妈{END}|(?:宝妈|夫妻工?|夫妻档){RATHER}|(?:无孩|无子女|有孩子?|有小孩|无小孩|已生育){RATHER}",
    r"\b(?:unmarried|single|married|childless|divorced)\s+"
    rf"{PEOPLE_EN}\s+{RATHER_EN}\b",
    r"\b(?:unmarried|married|childless|single)\s+(?:only|preferred|required)\b",
    r"\bmust be (?:unmarried|married|childless)\b|\bmust be single(?=\s*(?:[.;,)]|$))",
    rf"\b(?:must|should|may) not be (?:married|pregnant|engaged)\b|{START}not (?:pregnant|"
    rf"married){END}"
    r"|\bno (?:plans?|intention) (?:to have|of having|for) (?:children|kids|a baby|pregnancy)",
    r"\b(?:must|should)\s+have\s+no\s+(?:children|kids)\b|\bno\s+pregnant\s+(?:women|applicants?)\b"
    r"|\b(?:must|may|can)\s*not\s+(?:be|become|get)\s+pregnant\b"
    r"|\bpregnant\s+(?:women|applicants?|candidates?)\s+(?:need not|should not|cannot|may not)\b",
    rf"\b{PEOPLE_EN} (?:with|without) (?:children|kids) {RATHER_EN}",
    rf"{START}(?:with\s+)?no\s+(?:small\s+|young\s+)?(?:children|kids|family commitments){END}",
    r"\bwithout\s+(?:family (?:commitments|ties|obligations)|children|kids)(?=\s*(?:[.;,)]|$))",
    alternatives="已未离婚育异者",
    after=r"^(?:公寓|宿舍|享受|享有|员工|女职工|每天|假)",
)

INFECTION = criterion(
    "infection status",
    "传染病病原携带状况",
    (
        "remove it; ask for a health certificate only where the law requires one for the work",
        "请删除；法律规定须持健康证明的岗位，可写“须持健康证”",
    ),
    rf"{VIRUS}|传染|两对半|hepatitis|HBV|infect",
    rf"(?:无|非|没有|不得有?|{NOT}|未)(?:患有?|感染|携带|任何)*+{VIRUS}",
    rf"{VIRUS}病?(?:两对半|五项)?(?:病毒)?(?:表面抗原)?(?:检测|检查|化验|体检)?(?:结果)?"
    r"(?:须|需|必须|应)?(?:呈|为)?(?:阴性|合格|正常)",
    rf"{VIRUS}病?(?:病毒)?(?:携带者?|感染者|患者|病人)?{GO_AWAY}",
    r"(?:体检|入职|(?<!不)(?:须|需要?|要求|必须))(?:含|包括|项目|须|需|必)?(?:查乙肝|"
    r"做?乙肝(?:两对半|五项|检测|检查|筛查))",
    r"(?:提供|出具|携带)乙肝(?:检测|检查|化验|体检)?(?:报告|证明|结果)|两对半(?:检查|结果)"
    r"?(?:阴性|正常|合格)",
    r"(?:无|没有|不得有|未患)(?:[^，,。;；\n]{0,10}等)?(?:任何|其他|各类)?(?:慢性)?传染(?:性)"
    r"?(?:疾)?病(?!房|区|科|医院|专科)",
    rf"传染病(?:史|患者|携带者|人员)?{GO_AWAY}",
    rf"\b(?:must be|should be|only)\s+{_NEGATIVE_EN}\b",
    rf"\b{_NEGATIVE_EN}\s+(?:{PEOPLE_EN}\s+)?(?:(?:test|certificate|result)s?\s+)?(?:only|"
    rf"preferred|required)\b",
    r"\b(?:must|should) test negative for (?:HIV|hepatitis|HBV)",
    r"\b(?:HIV|hepatitis(?: [BC])?|HBV)(?:[- ]positive)?\s+(?:carriers?|people|applicants|"
    r"candidates)\s+"
    rf"{NEED_NOT}",
    rf"{START}(?:{_NEGATIVE_EN}|no (?:HIV|hepatitis(?: B)?|HBV)){END}",
    rf"\bno\s+(?:HIV|hepatitis(?: [BC])?|HBV)(?:[- ]positive)?\s+(?:carriers?|{PEOPLE_EN})\b",
    r"\bfree (?:of|from) (?:any )?(?:HIV|hepatitis|infectious diseases?)\b",
    before=rf"{_CLIENTS_EN}\b[^.;]{{0,20}}$",
    alternatives="病毒携带者",
)
