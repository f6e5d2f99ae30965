"""Distributions from which simulated people are drawn. They are assumptions, not measurements.

They cover trades with their skills, licences and usual wages, the places where people of a
mountain county work, and their education. Names combine common surnames and given names at random.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Trade:
    """An occupation: titles, skills, usual monthly wage, weight among the trades, and licences."""

    titles: tuple[str, ...]
    skills: tuple[str, ...]
    wage: int
    weight: int
    licences: tuple[str, ...] = ()


ZH_TRADES = (
    Trade(("砌筑工", "瓦工", "泥瓦工"), ("砌墙", "抹灰", "贴砖", "识图"), 7500, 10),
    Trade(("钢筋工",), ("钢筋绑扎", "钢筋下料", "识图"), 7800, 6),
    Trade(("电焊工", "焊工", "氩弧焊工"), ("焊接", "氩弧焊", "切割", "识图"), 8200, 9, ("焊工证",)),
    Trade(("电工", "维修电工"), ("布线", "电气维修", "识图"), 7600, 5, ("电工证",)),
    Trade(("缝纫工", "服装车工"), ("缝纫", "锁边", "针车"), 4800, 9),
    Trade(("家政服务员", "保洁员", "月嫂"), ("保洁", "做饭", "护理", "收纳"), 5600, 12),
    Trade(("养老护理员", "护工"), ("护理", "陪护", "急救"), 5800, 6, ("健康证",)),
    Trade(("快递员", "外卖骑手", "配送员"), ("驾驶电动车", "配送", "沟通"), 7200, 9),
    Trade(("货车司机", "驾驶员"), ("货车驾驶", "车辆保养"), 8600, 6, ("B2驾驶证",)),
    Trade(("保安员", "门卫"), ("安保", "监控", "巡逻"), 4300, 7, ("保安员证",)),
    Trade(("厨师", "面点师", "刀削面师傅"), ("炒菜", "面食", "配菜"), 6800, 7, ("健康证",)),
    Trade(("餐厅服务员",), ("点餐", "传菜", "沟通"), 4300, 7, ("健康证",)),
    Trade(("电子元件装配工", "普工"), ("电子装配", "质检", "包装"), 5500, 12),
    Trade(("煤矿工人", "采掘工"), ("采掘", "支护"), 9200, 4),
    Trade(("食用菌种植工", "农技员"), ("食用菌种植", "采摘", "大棚管理"), 3600, 5),
    Trade(("仓库管理员", "叉车工"), ("仓储", "叉车驾驶", "盘点"), 5600, 5, ("叉车证",)),
)
EN_TRADES = (
    Trade(("Project Manager",), ("project management", "budgeting", "scheduling"), 7200, 8),
    Trade(
        ("Civil Engineer", "Assistant Civil Engineer"), ("autocad", "structural design"), 6600, 7
    ),
    Trade(("Staff Analyst", "Data Analyst"), ("excel", "sql", "reporting"), 5400, 9),
    Trade(("Attorney", "Agency Attorney"), ("litigation", "legal research"), 7000, 5),
    Trade(("Public Health Nurse",), ("nursing", "patient care"), 6700, 5, ("RN licence",)),
    Trade(("Community Coordinator", "Case Manager"), ("outreach", "case management"), 4500, 8),
    Trade(("Software Developer", "Computer Systems Manager"), ("python", "java", "sql"), 8000, 8),
    Trade(("Auto Mechanic",), ("vehicle repair", "diagnostics"), 5900, 4),
    Trade(("Electrician",), ("wiring", "electrical repair"), 6500, 4),
    Trade(("Accountant",), ("accounting", "auditing", "excel"), 5200, 6),
    Trade(("Call Center Representative", "Clerical Associate"), ("customer service",), 3400, 9),
    Trade(("City Planner", "Architect"), ("urban planning", "autocad"), 6100, 4),
    Trade(("Investigator", "Inspector"), ("investigations", "inspections"), 4700, 6),
    Trade(("Custodian", "Maintenance Worker"), ("cleaning", "building maintenance"), 3700, 7),
    Trade(("Human Resources Specialist",), ("recruitment", "payroll"), 5200, 4),
)

# Places where the county's people live: (gazetteer key, weight). A third is at home.
ZH_LIVES = (
    ("cn:110105", 10), ("cn:110106", 6), ("cn:110108", 5), ("cn:120110", 6), ("cn:140105", 9),
    ("cn:140213", 10), ("cn:150105", 4), ("cn:150602", 4), ("cn:310115", 4), ("cn:320583", 4),
    ("cn:330110", 3), ("cn:440306", 4), ("cn:4419", 4), ("cn:440111", 3), ("cn:610113", 3),
)  # fmt: skip
HOME_SHARE = 0.33
ZH_TOWNSHIPS = tuple(
    f"sample:lanling-{code}" for code in (101, 102, 103, 104, 105, 201, 202, 203, 204, 205, 206)
)
EN_LIVES = (
    ("nyc:brooklyn", 31), ("nyc:queens", 27), ("nyc:manhattan", 20), ("nyc:bronx", 17),
    ("nyc:staten-island", 5),
)  # fmt: skip
"""Shares of the boroughs in the city's population, in percent, rounded."""

ZH_SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
ZH_GIVEN = (
    "秀英",
    "建国",
    "丽",
    "强",
    "敏",
    "军",
    "芳",
    "伟",
    "桂兰",
    "涛",
    "玉梅",
    "勇",
    "红",
    "平",
)
EN_FIRST = ("Alex", "Sam", "Jordan", "Maria", "Wei", "Fatima", "Luis", "Grace", "Ivan", "Priya")
EN_LAST = ("Rivera", "Chen", "Johnson", "Khan", "Lopez", "Smith", "Cohen", "Diallo", "Novak", "Lee")

EDUCATION = (("primary", 14), ("junior", 42), ("senior", 20), ("vocational", 12), ("college", 8),
             ("bachelor", 4))  # fmt: skip
EN_EDUCATION = (("senior", 30), ("college", 25), ("bachelor", 33), ("master", 12))
NEAR_HOME_SHARE = 0.12
REGISTERED_SHARE = 0.25
CONSENT_SHARE = 0.8
EN_MUTED_SHARE = ZH_MUTED_SHARE = 0.02
