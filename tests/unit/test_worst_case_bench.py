"""Every function that reads foreign text is called by the bench of worst inputs."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import sys
from collections.abc import Iterator
from types import CodeType, FrameType, FunctionType
from typing import Any

import pytest

from bench.text_functions import functions
from bench.worst_case_text import UNITS, hostile_texts

PACKAGES = (
    "matcher.linking",
    "producers.mappings",
    "producers.tables",
    "producers.values",
    "roost.constraints.licences",
    "roost.contact",
    "roost.extraction",
    "roost.law",
    "roost.places",
    "roost.text",
    "roost.wording.inert",
    "roost.wording.writing",
)
"""Modules and packages that read foreign text."""
TEXTS = ("str", "str | None", "object", "Any", "Iterable[str]", "Sequence[str]")
"""Annotations of a first parameter that may hold a text."""
OTHERS = {
    "producers.mappings.mapping_files.load_mapping": "the name or path of a mapping",
    "producers.mappings.mapping_files.shipped_mappings": "a kind of records",
    "producers.mappings.rule_reading.identity_reference": "a number that was recognised before",
    "producers.mappings.suggesting.column_names.known_headings": "a kind of records",
    "producers.mappings.suggesting.column_names.synonyms": "a kind of records",
    "producers.tables.column_order.side_by_side_notice": "the name of a sheet, for a message",
    "producers.tables.heading_faults.sheets_without_headings": "names of sheets, for a message",
    "producers.tables.sheet_survey.column_number": "at most nine letters",
    "producers.tables.sheets.error_cell": "an error of a spreadsheet",
    "producers.tables.workbook_archive.refuse_entity": "nothing is read",
    "producers.tables.workbook_child.cell_text": "a number, a day or a time",
    "producers.tables.workbook_child.main": "the path of a file, in a process with a limit of time",
    "producers.values.person_numbers.identity_key": "a number that was recognised before",
    "producers.values.vocabularies.vocabulary_file": "the name of a file of Roost",
    "producers.values.vocabularies.words_in": "a file of Roost",
    "roost.contact.sign_in_codes.sign_in_link": "an address of the county",
    "roost.contact.search_links.search_url": "an address of the county",
    "roost.contact.sharing_links.sharing_url": "an address of the county",
    "roost.contact.stop_links.stop_url": "an address of the county",
    "roost.law.criterion.criterion": "patterns of Roost",
    "roost.places.name_forms.division_forms": "a name of the gazetteer",
    "roost.places.name_forms.full_township_forms": "a name of the gazetteer",
    "roost.places.name_forms.is_zone": "a name of the gazetteer",
    "roost.places.name_forms.township_stem": "a name of the gazetteer",
    "roost.places.name_forms.township_stem_of_form": "as many letters as a county's longest name",
    "roost.places.name_forms.zone_kinds": "a name of the gazetteer",
    "roost.places.place_clauses.clauses_within": "the name of a field",
    "roost.places.place_search.ambiguous": "60 characters, for a message",
    "roost.places.written_names.written_name": "a key of the gazetteer",
    "roost.wording.writing.write": "ids and events",
}
"""Functions that read no foreign text, with what they read."""
EVERYDAY = (
    """
焊接、切割；3年以上经验，持焊工证，包吃住，两班倒，月薪6千-8千，招聘10名，不招男，1985年1月以后出生
山西省太原市小店区龙城大街120号|太谷区胡村镇|太原路12号|太原胡村|北京市朝杨区|凉山州西昌市|全国|美国
350 5th Ave, New York, NY 10118|Brooklyn, near Atlantic Ave & 4th St|New York, NY|Albany, New York
12 Main St, Albany, NY 12207|welder, 5 years of experience, must be aged under 35; hiring 3, meals
25-38万/年|1.5-2万|200元/天|三千五百|计件0.8元/件|八千元|人民币|元/月|4500|若干|全职|是|包吃住|夜班
2026年12月1日|1/2/2026|13/2/2026|Dec 1 2026|二〇二六年十二月一日|本科及以上|经验3-5年|两班倒
010-65123456转8001|tel: 13800138000|11010519491231002X|91110108551385082Q|1.10101E+17|="007"
联系电话*|合计|备注：无|序号|TD 退订|10.0.0.1|example.com/hook|li.na@example.com|A & B Co.
ç„Šå·¥|<p>a</p>|gbk
""".strip()
    .replace("\n", "|")
    .split("|")
)


def text_functions() -> Iterator[tuple[str, FunctionType]]:
    """Yield the public functions of the packages whose first parameter may hold a text."""
    for module in modules():
        for name, found in vars(module).items():
            function = inspect.unwrap(found) if callable(found) else found
            if not inspect.isfunction(function) or function.__module__ != module.__name__:
                continue
            parameters = list(inspect.signature(function).parameters.values())
            if parameters and parameters[0].annotation in TEXTS and not name.startswith("_"):
                yield f"{module.__name__}.{name}", function


def modules() -> Iterator[Any]:
    for name in PACKAGES:
        package = importlib.import_module(name)
        yield package
        for each in pkgutil.walk_packages(getattr(package, "__path__", []), f"{name}."):
            yield importlib.import_module(each.name)


def called() -> set[CodeType]:
    """Return the code that the functions of the bench run for everyday and hostile texts."""
    codes: set[CodeType] = set()

    def note(frame: FrameType, event: str, _: object) -> None:
        if event == "call":
            codes.add(frame.f_code)

    measured = functions()
    texts = [*EVERYDAY, *UNITS]
    for function in measured.values():
        for text in texts:
            function(text)  # builds the tables of names, whose functions read no foreign text
    sys.setprofile(note)
    try:
        for function in measured.values():
            for number, text in enumerate(texts):
                function(f"{text} 第{number}次")  # in no cache
                function(f"{number}{text}")
    finally:
        sys.setprofile(None)
    return codes


def test_every_text_function_is_measured_on_its_worst_input() -> None:
    codes = called()
    missing = [
        name
        for name, function in text_functions()
        if function.__code__ not in codes and name not in OTHERS
    ]
    assert not missing, "add to bench/text_functions.py: " + ", ".join(missing)


def test_every_exception_is_a_text_function() -> None:
    names = {name for name, _ in text_functions()}
    assert not OTHERS.keys() - names


@pytest.mark.parametrize("size", [100, 1_000])
def test_hostile_texts_have_their_size(size: int) -> None:
    assert all(abs(len(text) - size) <= 2 for _, text in hostile_texts(size))
