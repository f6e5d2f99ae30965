"""Everyday files and their right outcomes, case by case (the numbers are those of issue 19)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from producers.importing.row_workers import workers_of
from producers.importing.verdicts import Verdict
from producers.mappings.mapping_files import load_mapping
from producers.mappings.mapping_model import Mapping as MappingFile
from roost import ids
from roost.errors import Invalid
from tests.unit.producers.import_runs import (
    NOW,
    OPENING,
    POSTING,
    WORKER,
    WORKSHOP,
    D,
    Imported,
    Memory,
    N,
    P,
    W,
    imported_table,
    run_import,
    table_of,
)


def workers(folder: Path, *rows: dict[str, str] | str, **options: Any) -> Imported:
    return imported_table(folder, "profiles", P, *rows, mapping="zh_profiles", **options)


def workshops(folder: Path, *rows: dict[str, str] | str, **options: Any) -> Imported:
    return imported_table(folder, "openings", W, *rows, mapping="sample_workshops", **options)


def postings(folder: Path, *rows: dict[str, str] | str, **options: Any) -> Imported:
    return imported_table(folder, "openings", N, *rows, mapping="nyc_jobs", **options)


def openings(folder: Path, *rows: dict[str, str] | str, **options: Any) -> Imported:
    return imported_table(folder, "openings", D, *rows, **options)


def workbook(path: Path, headings: str, *rows: list[Any]) -> Path:
    book = openpyxl.Workbook()
    for row in (headings.split(","), *rows):
        book.worksheets[0].append(row)
    book.save(path)
    return path


# 1. Numbers that have lost digits.


def test_case_1_a_number_that_lost_digits_is_refused_and_nobody_overwritten(
    tmp_path: Path,
) -> None:
    rows = [f"1.10101E+17,{name},焊接,,电焊工,3,本科,5000,岭泉镇,太原市,," for name in ("甲", "乙")]
    found = workers(tmp_path, *rows)
    assert found.counts == (2, 0, 2)
    assert [each[:2] for each in found.refusals()] == [(2, "编号"), (3, "编号")]
    assert "format the column as text" in found.refusals()[0][2]
    assert "文本格式" in found.refusals()[0][3]


def test_case_1_numeric_cells_of_a_workbook_are_refused_too(tmp_path: Path) -> None:
    numbers = [110105194912310021, 110105194912310022, 110105194912310000.0]
    rows = [
        [number, "甲", "焊接", "", "电焊工", 3, "本科", 5000, "岭泉镇", "太原市"]
        for number in numbers
    ]
    found = run_import(workbook(tmp_path / "a.xlsx", P, *rows), "profiles", "zh_profiles")
    assert found.counts == (3, 0, 3)
    assert {each[1] for each in found.refusals()} == {"编号"}


def test_case_1_a_number_kept_as_text_is_taken(tmp_path: Path) -> None:
    row = ["110105194912310021", "甲", "", "", "", 3, "本科", 5000, "岭泉镇", "太原市"]
    found = run_import(workbook(tmp_path / "a.xlsx", P, row), "profiles", "zh_profiles")
    assert found.fact["identifier"] == "110105194912310021"


# 2. Pay periods.


@pytest.mark.parametrize(
    ("word", "unit"),
    [("日", "DAY"), ("每天", "DAY"), ("天", "DAY"), ("小时", "HOUR"), ("时", "HOUR"),
     ("周", "WEEK"), ("件", "PIECE"), ("元/天", "DAY"), ("计件", "PIECE")],
)  # fmt: skip
def test_case_2_every_common_pay_period_is_known(tmp_path: Path, word: str, unit: str) -> None:
    row = WORKSHOP | {"工资下限": "120", "工资上限": "150", "计薪方式": word}
    wage = workshops(tmp_path, row).fact["baseSalary"]
    assert (wage["minValue"], wage["maxValue"], wage["unitText"]) == (120, 150, unit)


@pytest.mark.parametrize(
    ("word", "unit"), [("Hourly", "HOUR"), ("hourly", "HOUR"), ("Annual", "YEAR"), ("Daily", "DAY")]
)
def test_case_2_pay_periods_of_new_york(tmp_path: Path, word: str, unit: str) -> None:
    low, high = {"HOUR": ("18", "22"), "DAY": ("180", "220"), "YEAR": ("50000", "60000")}[unit]
    row = POSTING | {"Salary Range From": low, "Salary Range To": high, "Salary Frequency": word}
    wage = postings(tmp_path, row).fact["baseSalary"]
    assert (wage["unitText"], wage["currency"]) == (unit, "USD")


@pytest.mark.parametrize("word", ["Bi-Weekly", "sometimes", "按项目"])
def test_case_2_an_unknown_pay_period_is_refused_by_its_column(tmp_path: Path, word: str) -> None:
    new_york = postings(
        tmp_path,
        POSTING
        | {"Salary Range From": "9000", "Salary Range To": "9900", "Salary Frequency": word},
    )
    county = workshops(tmp_path, WORKSHOP | {"工资下限": "900", "计薪方式": word})
    if new_york.summary.rejected:  # a pay period of two weeks may be known one day
        assert [each[1] for each in new_york.refusals()] == ["Salary Frequency"]
    assert new_york.summary.published == 0
    assert [each[1] for each in county.refusals()] == ["计薪方式"]


def test_case_2_no_pay_period_is_a_month_only_if_it_can_be_one(tmp_path: Path) -> None:
    assert workshops(tmp_path, WORKSHOP | {"工资下限": "4500"}).fact["baseSalary"]["unitText"] == (
        "MONTH"
    )
    found = workshops(tmp_path, WORKSHOP | {"工资下限": "120", "工资上限": "150"})
    assert found.refusals()[0][1] == "工资下限、工资上限"


# 3. Quotation marks.


def test_case_3_an_unclosed_quotation_mark_takes_no_other_row(tmp_path: Path) -> None:
    rows = [f"{n},工,x,某厂,太原市,{'' if n != 2 else chr(34)}好" for n in range(1, 6)]
    found = openings(tmp_path, *rows)
    assert found.counts == (5, 4, 1)
    assert [each[0] for each in found.refusals()] == [3]
    assert "line 3 is never closed" in found.refusals()[0][2]
    assert [each["identifier"] for each in found.facts] == ["1", "3", "4", "5"]


# 5. Two columns of one name.


@pytest.mark.parametrize("second", ["title", "Title", "ti\u200btle", " title ", "ｔｉｔｌｅ"])
def test_case_5_two_columns_of_one_name_are_one_refusal(tmp_path: Path, second: str) -> None:
    headings = f"{D.rpartition(',')[0]},{second}"
    with pytest.raises(Invalid, match=r"2 columns are called 'title' \(columns 2 and 6, row 1\)"):
        imported_table(tmp_path, "openings", headings, "1,焊工,x,某厂,太原市,")


# 6. Fields without a column keep their values.


def test_case_6_an_import_keeps_what_the_worker_and_the_clerk_did(tmp_path: Path) -> None:
    first = workers(tmp_path, WORKER | {"技能": "焊接"})
    [id] = first.memory.facts
    own = {
        "channels": [
            {"kind": "inbox", "address": ""},
            {"kind": "sms", "address": "+8613800138000"},
        ],
        "status": "paused",
        "shownToEmployers": {"name": True, "contact": True, "experience": True},
        "preferences": first.memory.facts[id]["preferences"] | {"language": "en", "muted": True},
        "languages": ["zh", "en"],
        "registeredHousehold": {"registered": True, "consent": True},
    }
    first.memory.facts[id] |= own
    assert workers(tmp_path, WORKER | {"技能": "焊接"}, memory=first.memory).verdicts == [
        Verdict.UNCHANGED
    ]
    again = workers(tmp_path, WORKER | {"技能": "切割"}, memory=first.memory)
    assert again.fact["skills"] == ["切割"]
    for name, value in own.items():
        kept = again.fact[name]
        assert kept == value or (isinstance(value, dict) and value.items() <= kept.items()), name


# 7. Closed openings stay closed.


@pytest.mark.parametrize("status", ["closed", "filled", "paused"])
def test_case_7_an_import_reopens_nothing(tmp_path: Path, status: str) -> None:
    first = openings(tmp_path, OPENING)
    [id] = first.memory.facts
    first.memory.facts[id]["status"] = status
    assert openings(tmp_path, OPENING, memory=first.memory).verdicts == [Verdict.UNCHANGED]
    changed = openings(tmp_path, OPENING | {"title": "电焊工"}, memory=first.memory)
    assert (changed.fact["status"], changed.fact["title"]) == (status, "电焊工")


# 8. Right text stays as it is.


@pytest.mark.parametrize(
    "title",
    ["Barista at “CAFÉ” NYC", "FIANCÉ’S HELPER", "VOILÀ…", "«CAFÉ»", "Ñandú – É…", "Ångström"],
)
def test_case_8_correct_text_is_unchanged(tmp_path: Path, title: str) -> None:
    assert postings(tmp_path, POSTING | {"Business Title": title}).fact["title"] == title


# 9. Encodings.


def test_case_9_windows_1252_is_read_right(tmp_path: Path) -> None:
    row = POSTING | {"Business Title": "Children’s Counselor"}
    assert postings(tmp_path, row, encoding="cp1252").fact["title"] == "Children’s Counselor"


def test_case_9_big5_headings_are_found_in_simplified_characters(tmp_path: Path) -> None:
    row = "7,張三,銲接,,電焊工,3,高中,5000,岭泉镇,太原市,,".replace("岭泉镇", "太原市")
    headings = "編號,姓名,技能,證書,求職意向,工作年限,學歷,期望月薪,家鄉,現居住地,願去地點,到崗日期"
    found = imported_table(
        tmp_path, "profiles", headings, row, mapping="zh_profiles", encoding="big5"
    )
    assert (found.fact["name"], found.fact["education"]) == ("張三", "senior")


def test_case_9_a_text_that_cannot_be_told_asks_for_the_encoding(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(table_of(N, POSTING | {"Business Title": "Продавец"}).encode("cp1251"))
    with pytest.raises(Invalid, match="--encoding"):
        run_import(path, "openings", "nyc_jobs")
    found = run_import(path, "openings", "nyc_jobs", encoding="windows-1251")
    assert found.fact["title"] == "Продавец"


# 11. Two employers stay two.


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("A & B Co.", "A-B Co"),
        ("北京（一）厂", "北京一厂"),
        ("A-B Co", "A B Co"),
        ("某厂", "某厂!"),
    ],
)
def test_case_11_two_employers_do_not_become_one(tmp_path: Path, one: str, other: str) -> None:
    found = postings(tmp_path, POSTING | {"Agency": one}, POSTING | {"Agency": other})
    assert found.summary.published == 2
    assert len({each["hiringOrganization"]["id"] for each in found.facts}) == 2


@pytest.mark.parametrize("spelling", ["PARKS", "Parks", "ＰＡＲＫＳ", " PARKS", "PARKS\u200b"])
def test_case_11_spellings_of_one_employer_are_one(tmp_path: Path, spelling: str) -> None:
    first, second = (
        postings(tmp_path, POSTING | {"Agency": each}).fact for each in ("PARKS", spelling)
    )
    assert first["hiringOrganization"]["id"] == second["hiringOrganization"]["id"]


def test_case_11_an_old_mapping_with_slugs_refuses_the_second_employer(tmp_path: Path) -> None:
    mapping = MappingFile.model_validate(
        {
            "source": "old",
            "fields": {
                "identifier": {"from": "Job ID"},
                "title": {"from": "Business Title"},
                "hiringOrganization.id": {"from": "Agency", "as": "slug"},
                "hiringOrganization.name": {"from": "Agency"},
                "jobLocation.name": {"from": "Work Location", "as": "borough"},
            },
        }
    )
    rows = [POSTING | {"Agency": name, "Job ID": name} for name in ("A & B Co.", "A-B Co")]
    found = imported_table(tmp_path, "openings", N, *rows, mapping=mapping)
    assert found.verdicts == [Verdict.NEW, Verdict.REJECTED]
    assert found.refusals()[0][1] == "Agency"


def test_case_11_one_employer_with_and_without_its_code_is_said(tmp_path: Path) -> None:
    headings = "岗位名称,单位名称,统一社会信用代码,工作地点"
    row = {"岗位名称": "焊工", "单位名称": "某 厂", "工作地点": "太原市"}
    mapping = MappingFile.model_validate(
        {
            "source": "fair",
            "fields": {
                "title": {"from": "岗位名称"},
                "hiringOrganization": {
                    "from": "单位名称", "as": "employer", "code": "统一社会信用代码"
                },
                "jobLocation": {"from": "工作地点", "as": "place"},
            },
        }
    )  # fmt: skip
    coded = row | {"单位名称": "某厂", "统一社会信用代码": "91110000100000000R"}
    found = imported_table(tmp_path, "openings", headings, coded, row, mapping=mapping)
    assert found.verdicts == [Verdict.NEW, Verdict.DOUBTFUL]
    [(column, message)] = found.doubts()
    assert (column, "with and without its credit code" in message) == ("单位名称", True)


def test_case_11_a_reference_of_another_employers_name_is_said(tmp_path: Path) -> None:
    first = imported_table(tmp_path, "openings", D, OPENING)
    renamed = OPENING | {"hiringOrganization.name": "别的厂"}
    found = imported_table(tmp_path, "openings", D, renamed, memory=first.memory)
    assert found.verdicts == [Verdict.DOUBTFUL]
    assert "differs from the stored name of this employer" in found.doubts()[0][1]


# 12. Spellings of one number.

SPELLINGS = [
    ("11010519491231002X", "11010519491231002x"),
    ("11010519491231002X", "11010519491231002Ｘ"),
    ("110105194912310021", "'110105194912310021"),
    ("110105194912310021", '="110105194912310021"'),
    ("A-1", "A-1\u200b"),
    ("A-1", "Ａ-1"),
]


@pytest.mark.parametrize(("one", "other"), SPELLINGS)
def test_case_12_spellings_of_a_number_are_one_worker(tmp_path: Path, one: str, other: str) -> None:
    together = workers(tmp_path, WORKER | {"编号": one}, WORKER | {"编号": other})
    assert len({each.id for each in together.outcomes}) == 1
    assert together.summary.published == 1
    apart = workers(tmp_path, WORKER | {"编号": other}, memory=together.memory)
    assert apart.verdicts == [Verdict.UNCHANGED]


def test_case_12_leading_zeros_make_two_workers_and_are_told(tmp_path: Path) -> None:
    found = workers(tmp_path, WORKER | {"编号": "007"}, WORKER | {"编号": "7", "姓名": "李四"})
    assert found.verdicts == [Verdict.NEW, Verdict.DOUBTFUL]
    assert len(found.memory.facts) == 2
    assert found.doubts()[0][0] == "编号"
    assert "leading zeros" in found.doubts()[0][1]


@pytest.mark.parametrize("text", ["=1+1 是什么", "+86 电话", "-优先", "@某", "\t缩进"])
def test_case_12_the_guard_of_our_own_exports_is_taken_off(tmp_path: Path, text: str) -> None:
    from api.lists.exports import inert

    guarded = inert(text)
    found = openings(tmp_path, OPENING | {"description": str(guarded)})
    assert found.fact["description"] == text.strip()


# 14. Wages in words.


@pytest.mark.parametrize(
    ("text", "low", "high", "unit"),
    [
        ("6千-8千", 6000, 8000, "MONTH"),
        ("8千-1.3万", 8000, 13000, "MONTH"),
        ("1.5-2万/月", 15000, 20000, "MONTH"),
        ("200元/天", 200, 200, "DAY"),
        ("15k-25k·14薪", 15000, 25000, "MONTH"),
        ("25-38万/年", 250000, 380000, "YEAR"),
        ("4千以下", None, 4000, "MONTH"),
        ("1.2万以上", 12000, None, "MONTH"),
        ("￥4500", 4500, 4500, "MONTH"),
        ("4500元", 4500, 4500, "MONTH"),
        ("4,500.00", 4500, 4500, "MONTH"),
        ("计件0.8元/件", 0.8, 0.8, "PIECE"),
    ],
)
def test_case_14_wages_in_words(
    tmp_path: Path, text: str, low: float | None, high: float | None, unit: str
) -> None:
    fact = workshops(tmp_path, WORKSHOP | {"工资下限": text, "岗位说明": "说明"}).fact
    wage = fact["baseSalary"]
    assert (wage.get("minValue"), wage.get("maxValue"), wage["unitText"]) == (low, high, unit)
    assert ("14薪" in fact["description"]) == ("14薪" in text)


def test_case_14_a_wage_that_is_not_understood_names_its_column(tmp_path: Path) -> None:
    found = workshops(tmp_path, WORKSHOP | {"工资下限": "看情况给"})
    assert [each[1] for each in found.refusals()] == ["工资下限"]
    assert not found.refusals()[0][3].isascii()


# 15. No wage stated, and currencies.


@pytest.mark.parametrize(
    ("low", "high"), [("面议", ""), ("0", "0"), ("-1", ""), ("-1", "-1"), ("", "")]
)
def test_case_15_no_wage_is_stated(tmp_path: Path, low: str, high: str) -> None:
    row = WORKSHOP | {"工资下限": low, "工资上限": high, "计薪方式": "月"}
    assert "baseSalary" not in workshops(tmp_path, row).fact


@pytest.mark.parametrize("currency", ["RMB", "人民币", "元", "￥", "CNY", "cny"])
def test_case_15_names_of_the_currency(tmp_path: Path, currency: str) -> None:
    headings = f"{D},baseSalary.currency,baseSalary.minValue"
    row = OPENING | {"baseSalary.currency": currency, "baseSalary.minValue": "5000"}
    wage = imported_table(tmp_path, "openings", headings, row).fact["baseSalary"]
    assert (wage["currency"], wage["minValue"]) == ("CNY", 5000)


# 16. is in tables/test_workbooks.py; here one workbook with everything goes all the way.


def test_case_16_a_table_as_a_county_keeps_it(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    headings: list[Any] = W.split(",")
    headings[5:8] = ["工作\n地点".replace("工作\n", ""), "工资", None]
    sheet.append(["某县2026年秋季招聘会岗位表"])
    sheet.merge_cells("A1:N1")
    sheet.append(headings)
    sheet.append([*[None] * 6, "下限", "上限"])
    sheet.merge_cells("G2:H2")
    for n in range(3):
        cells = [f"A{n}", "某厂" if n == 0 else None, "工", "", "", "太原市", 4000, 5000, "月"]
        sheet.append(cells)
    sheet.merge_cells("B4:B6")
    sheet.append([])
    sheet.append(["合计", *[None] * 9, 37])
    book.save(tmp_path / "a.xlsx")
    found = run_import(tmp_path / "a.xlsx", "openings", "sample_workshops")
    assert found.counts == (3, 3, 0)
    assert {each["hiringOrganization"]["name"] for each in found.facts} == {"某厂"}
    notices = "".join(each.zh for each in found.summary.notices)
    assert "第 2 行" in notices
    assert "合计 1 行" in notices


# 17. Days.

DAYS = ["2026/12/1", "2026年12月1日", "2026-12-1", "2026/12/1 0:00", "20261201", "46357",
        "２０２６－１２－０１", "2026.12.01"]  # fmt: skip


@pytest.mark.parametrize("text", DAYS)
def test_case_17_days_as_spreadsheets_write_them(tmp_path: Path, text: str) -> None:
    assert workers(tmp_path, WORKER | {"到岗日期": text}).fact["availableFrom"] == "2026-12-01"
    headings = f"{D},validThrough"
    row = OPENING | {"validThrough": text}
    assert imported_table(tmp_path, "openings", headings, row).fact["validThrough"] == "2026-12-01"


@pytest.mark.parametrize("text", ["随时", "长期有效", ""])
def test_case_17_no_day_is_stated(tmp_path: Path, text: str) -> None:
    assert "availableFrom" not in workers(tmp_path, WORKER | {"到岗日期": text}).fact


@pytest.mark.parametrize("text", ["1/5/2026", "1796083200", "很快"])
def test_case_17_a_day_with_two_readings_or_none_is_refused(tmp_path: Path, text: str) -> None:
    found = workers(tmp_path, WORKER | {"到岗日期": text})
    assert [each[1] for each in found.refusals()] == ["到岗日期"]


@pytest.mark.parametrize(
    ("text", "day"),
    [("11/05/2026", "2026-11-05"), ("2026-11-01", "2026-11-01"),
     ("2026-11-01T00:00:00.000", "2026-11-01")],
)  # fmt: skip
def test_case_17_the_mapping_tells_the_order_of_new_york(
    tmp_path: Path, text: str, day: str
) -> None:
    fact = postings(tmp_path, POSTING | {"Posting Date": text}).fact
    assert (fact["datePosted"], fact.get("description", "")) == (day, "")


def test_case_17_a_sentence_among_the_days_belongs_into_the_description(tmp_path: Path) -> None:
    fact = postings(
        tmp_path, POSTING | {"Posting Date": "New York City residency is required."}
    ).fact
    assert fact["description"] == "New York City residency is required."


# 20. Words for schooling and lodging.


@pytest.mark.parametrize(
    ("word", "level"),
    [("大学本科", "bachelor"), ("专科", "college"), ("大专", "college"), ("高职", "college"),
     ("硕士研究生", "master"), ("中专/中技", "vocational"), ("初中及以下", "junior"),
     ("博士研究生", "doctor"), ("学历不限", "none"), ("本科", "bachelor")],
)  # fmt: skip
def test_case_20_levels_of_education(tmp_path: Path, word: str, level: str) -> None:
    assert workers(tmp_path, WORKER | {"学历": word}).fact["education"] == level


@pytest.mark.parametrize(
    ("word", "answer"),
    [("提供", True), ("包住", True), ("Y ", True), ("✓", True), ("是", True), ("有", True),
     ("无", False), ("自理", False), ("否", False), ("", False)],
)  # fmt: skip
def test_case_20_answers_on_lodging(tmp_path: Path, word: str, answer: bool) -> None:
    assert workshops(tmp_path, WORKSHOP | {"住宿": word}).fact["lodging"] is answer


def test_case_20_an_unknown_word_is_refused_and_never_the_lowest(tmp_path: Path) -> None:
    found = workers(tmp_path, WORKER | {"学历": "很高"})
    assert [each[1] for each in found.refusals()] == ["学历"]
    assert [each[1] for each in workshops(tmp_path, WORKSHOP | {"住宿": "看情况"}).refusals()] == [
        "住宿"
    ]


# 21. Lists.


@pytest.mark.parametrize(
    ("text", "skills"),
    [
        ("焊接，切割、打磨/钳工", ["焊接", "切割", "打磨", "钳工"]),
        ("焊接\n切割", ["焊接", "切割"]),
        ("['SQL', 'BI']", ["SQL", "BI"]),
        ("焊接（氩弧、电弧）；钳工", ["焊接（氩弧、电弧）", "钳工"]),
        ("C/C++;PL/SQL", ["C/C++", "PL/SQL"]),
    ],
)
def test_case_21_lists_with_other_marks(tmp_path: Path, text: str, skills: list[str]) -> None:
    assert workers(tmp_path, WORKER | {"技能": text}).fact["skills"] == skills


# 22. A column of telephone numbers.


def called(folder: Path, number: str, memory: Memory | None = None) -> Imported:
    return imported_table(
        folder, "profiles", f"{P},联系电话", WORKER | {"联系电话": number},
        mapping="zh_profiles", memory=memory,
    )  # fmt: skip


INBOX = {"kind": "inbox", "address": ""}


@pytest.mark.parametrize(
    "number", ["13800138000", "138-0013-8000", "138 0013 8000", "+86 13800138000"]
)
def test_case_22_a_telephone_column_becomes_a_channel(tmp_path: Path, number: str) -> None:
    channels = called(tmp_path, number).fact["channels"]
    assert [each["kind"] for each in channels] == ["inbox", "sms"]
    assert channels[1]["address"] == "+8613800138000"


@pytest.mark.parametrize("number", ["1.38E+10", "12", "foo"])
def test_case_22_a_number_that_lost_digits_is_refused(tmp_path: Path, number: str) -> None:
    assert [each[1] for each in called(tmp_path, number).refusals()] == ["联系电话"]


def test_case_22_a_numeric_cell_is_a_telephone_number(tmp_path: Path) -> None:
    row = ["7", "张三", "", "", "", "", "", "", "岭泉镇", "太原市", "", "", 13800138000]
    path = workbook(tmp_path / "a.xlsx", f"{P},联系电话", row)
    fact = run_import(path, "profiles", "zh_profiles").fact
    assert fact["channels"][1]["address"] == "+8613800138000"


def test_case_22_the_workers_own_channels_are_newer_than_a_roster(tmp_path: Path) -> None:
    first = called(tmp_path, "")
    [id] = first.memory.facts
    assert called(tmp_path, "13800138000", first.memory).fact["channels"][1]["kind"] == "sms"
    own = [
        INBOX,
        {"kind": "wecom", "address": "zhang"},
        {"kind": "sms", "address": "+8613900139000"},
    ]
    first.memory.facts[id]["channels"] = own
    again = called(tmp_path, "13800138000", first.memory)
    assert again.verdicts == [Verdict.DOUBTFUL]
    assert again.outcomes[0].change is Verdict.UNCHANGED
    assert again.fact["channels"] == own


# 23. sep=, byte order marks, no headings.


@pytest.mark.parametrize(
    ("before", "separator"),
    [("sep=;\n", ";"), ("\ufeff\ufeff", ","), ("\ufeffsep=|\n", "|"), ("", "\t")],
)
def test_case_23_the_beginning_of_a_file(tmp_path: Path, before: str, separator: str) -> None:
    path = tmp_path / "a.csv"
    text = before + table_of(D, OPENING).replace(",", separator)
    path.write_text(text, encoding="utf-8")
    assert run_import(path, "openings").fact["title"] == "焊工"


def test_case_23_no_headings_are_one_message(tmp_path: Path) -> None:
    path = tmp_path / "a.tsv"
    path.write_text("1\t焊工\tx\t某厂\t太原市\n" * 30, encoding="utf-8")
    with pytest.raises(Invalid, match="no headings were found; row 1 reads") as caught:
        run_import(path, "openings")
    assert "identifier" in caught.value.message_zh


# 24. JSON.

JSON_OPENING: dict[str, Any] = {
    "identifier": "1",
    "title": "焊工",
    "hiringOrganization": {"id": "x", "name": "某厂"},
    "jobLocation": {"name": "太原市"},
}


@pytest.mark.parametrize("indent", [None, 2])
def test_case_24_an_array_is_read(tmp_path: Path, indent: int | None) -> None:
    path = tmp_path / "x.json"
    both = [JSON_OPENING, JSON_OPENING | {"identifier": "2"}]
    path.write_text(json.dumps(both, ensure_ascii=False, indent=indent), encoding="utf-8")
    found = run_import(path, "openings")
    assert found.counts == (2, 2, 0)
    assert [each.row.line for each in found.outcomes] == [1, 2]


def test_case_24_one_object_over_several_lines_is_read(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_text(json.dumps(JSON_OPENING, indent=2), encoding="utf-8")
    assert run_import(path, "openings").fact["title"] == "焊工"


@pytest.mark.parametrize(("number", "text"), [(118, "118"), (118.0, "118"), (1.5, "1.5")])
def test_case_24_a_number_is_a_text(tmp_path: Path, number: float, text: str) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text(json.dumps(JSON_OPENING | {"identifier": number}), encoding="utf-8")
    fact = run_import(path, "openings").fact
    assert fact["identifier"] == text
    path.write_text(json.dumps(JSON_OPENING | {"identifier": text}), encoding="utf-8")
    assert run_import(path, "openings").fact["id"] == fact["id"]


PARTNER = {
    "source": "partner",
    "reads": "json",
    "fields": {
        "identifier": {"from": "id", "as": "reference"},
        "title": {"from": "headline"},
        "hiringOrganization": {"from": "employer.name", "as": "employer"},
        "jobLocation": {"from": "place", "as": "place"},
        "skills": {"from": "skills.name", "as": "list"},
    },
}
AD = {"id": "7", "headline": "焊工", "employer": {"name": "X AB"}, "place": "太原市"}


def partner(folder: Path, ad: dict[str, Any], **rules: Any) -> Imported:
    path = folder / "x.jsonl"
    path.write_text(json.dumps(ad, ensure_ascii=False), encoding="utf-8")
    fields = PARTNER["fields"] | rules  # type: ignore[operator]
    return run_import(path, "openings", MappingFile.model_validate(PARTNER | {"fields": fields}))


def test_case_24_a_mapping_names_paths(tmp_path: Path) -> None:
    skills = [{"name": "C/C++"}, {"name": "焊接、切割"}]
    fact = partner(tmp_path, AD | {"skills": skills}).fact
    assert fact["hiringOrganization"] == {"id": "x-ab", "name": "X AB"}
    assert fact["skills"] == ["C/C++", "焊接、切割"]


@pytest.mark.parametrize(
    ("ad", "rules", "column"),
    [
        (AD, {"hiringOrganization": {"from": "employer", "as": "employer"}}, "employer"),
        (AD | {"headline": ["焊工", "木工"]}, {}, "headline"),
        (AD | {"headline": {"sv": "Svetsare"}}, {}, "headline"),
        (AD | {"place": {"name": "太原市"}}, {}, "place"),
    ],
)
def test_case_24_an_object_or_a_list_is_never_written_as_text(
    tmp_path: Path, ad: dict[str, Any], rules: dict[str, Any], column: str
) -> None:
    found = partner(tmp_path, ad, **rules)
    assert [each[1] for each in found.refusals()] == [column]


def test_case_24_a_list_in_place_of_a_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text(json.dumps(JSON_OPENING | {"title": ["焊工"]}), encoding="utf-8")
    assert [each[1] for each in run_import(path, "openings").refusals()] == ["title"]


# Files that cannot be read are refused once.


def test_a_file_of_another_mapping_is_refused_once_with_the_fitting_one(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(table_of(W, WORKSHOP), encoding="utf-8")
    with pytest.raises(Invalid, match="--mapping sample_workshops") as caught:
        run_import(path, "openings")
    assert "sample_workshops" in caught.value.message_zh


def test_a_missing_column_is_named_once(tmp_path: Path) -> None:
    headings = W.replace("岗位,", "").replace(",地点", ",所在地")
    with pytest.raises(Invalid, match=r"row 1 .* lack a column for 岗位 \(title\), 地点"):
        imported_table(tmp_path, "openings", headings, WORKSHOP, mapping="sample_workshops")


def test_unknown_columns_are_reported_once(tmp_path: Path) -> None:
    found = imported_table(tmp_path, "openings", f"{D},备注,序", *[OPENING] * 3)
    assert [each.zh for each in found.summary.notices] == ["以下列未被读取：备注、序"]


def test_every_fault_of_a_row_is_named_by_its_column(tmp_path: Path) -> None:
    bad = {"编号": "", "现居住地": "无此地方", "学历": "很高", "期望月薪": "多多益善", "姓名": ""}
    found = workers(tmp_path, WORKER | bad)
    assert {each[1] for each in found.refusals()} == {"现居住地", "学历", "期望月薪", "姓名"}
    assert all(zh and zh != en for _, _, en, zh in found.refusals())


def test_one_number_for_two_names_is_refused(tmp_path: Path) -> None:
    found = workers(tmp_path, WORKER, WORKER | {"姓名": "李四"})
    assert found.verdicts == [Verdict.NEW, Verdict.REJECTED]
    assert found.refusals()[0][1] == "编号"


def test_one_person_under_two_numbers_is_a_doubt(tmp_path: Path) -> None:
    rows = [WORKER | {"编号": each, "联系电话": "13800138000"} for each in ("A1", "A2")]
    found = imported_table(tmp_path, "profiles", f"{P},联系电话", *rows, mapping="zh_profiles")
    assert found.verdicts == [Verdict.NEW, Verdict.DOUBTFUL]


def test_a_renamed_place_is_said(tmp_path: Path) -> None:
    found = workers(tmp_path, WORKER | {"现居住地": "襄樊市"})
    assert found.verdicts == [Verdict.DOUBTFUL]
    assert found.doubts()[0][0] == "现居住地"


@pytest.mark.parametrize("text", ["全国", "不限", ""])
def test_anywhere_is_as_an_empty_cell(tmp_path: Path, text: str) -> None:
    assert not workers(tmp_path, WORKER | {"愿去地点": text}).fact["willing"].get("places")


def test_the_province_of_the_residence_is_understood(tmp_path: Path) -> None:
    found = workers(tmp_path, WORKER | {"愿去地点": "省内"})
    assert found.fact["willing"]["places"] == ["cn:14"]


def test_a_hash_of_the_identity_number_identifies_a_person_without_a_number(
    tmp_path: Path,
) -> None:
    headings = "姓名,身份证号,户籍地"

    def roster(*rows: str) -> Imported:
        return imported_table(tmp_path, "profiles", headings, *rows, mapping="zh_worker_roster")

    found = roster("张三,11010519491231002X,太原市", "张三,11010519491231002x ,太原市")
    assert found.verdicts == [Verdict.NEW, Verdict.REPEATED] or found.summary.published == 1
    assert "11010519491231002" not in json.dumps(list(found.memory.facts.values()))
    refused = roster("张三,110105194912310021,太原市", "李四,1.10105E+17,太原市")
    assert [each[1] for each in refused.refusals()] == ["身份证号", "身份证号"]
    assert [each[1] for each in roster("张三,,太原市").refusals()] == ["身份证号"]
    bad = roster("张三,11010519491231002X,无此地方").outcomes[0].row
    assert workers_of(load_mapping("zh_worker_roster"))(bad) == found.outcomes[0].id


def test_a_fault_is_named_by_its_own_column_without_a_mapping_too(tmp_path: Path) -> None:
    headings = f"{D},baseSalary.minValue,baseSalary.unitText"
    row = OPENING | {"baseSalary.minValue": "900", "baseSalary.unitText": "sometimes"}
    found = imported_table(tmp_path, "openings", headings, row)
    assert [each[1] for each in found.refusals()] == ["baseSalary.unitText"]


def test_changes_are_shown_field_by_field(tmp_path: Path) -> None:
    first = workers(tmp_path, WORKER | {"学历": "高中"})
    again = workers(tmp_path, WORKER | {"学历": "大专"}, memory=first.memory)
    [change] = again.outcomes[0].changes()
    assert (change.field, change.column, change.old, change.new) == (
        "education", "学历", "senior", "college"
    )  # fmt: skip


def test_ids_of_workers_do_not_depend_on_the_format(tmp_path: Path) -> None:
    row = ["A-1", "张三", "", "", "", "", "", "", "岭泉镇", "太原市"]
    path = workbook(tmp_path / "a.xlsx", P, row)
    assert run_import(path, "profiles", "zh_profiles").outcomes[0].id == ids.worker_id(
        "zh-roster", "A-1"
    )
    assert NOW.year == 2026
