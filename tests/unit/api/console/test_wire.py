"""Forms: the values read of them, their JSON body, and the field of an error."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import FormData

from api.console.shell.form_layout import Layout, beside
from api.console.shell.plain import WORDS, checked
from roost.errors import FieldError, Invalid
from roost.events.opening import OpeningContent

LAYOUT = Layout(
    texts=("title", "baseSalary.minValue", "jobLocation.name"),
    lines=("skills",),
    choices=("shifts",),
    ticks=("lodging",),
)


def sent(*pairs: tuple[str, str]) -> FormData:
    return FormData(list(pairs))


def test_a_field_is_called_by_its_path_and_lists_are_typed_a_line_each() -> None:
    typed = LAYOUT.typed(
        sent(
            ("title", " 砌筑工 "),
            ("baseSalary.minValue", "280"),
            ("skills", "砌墙\n\n 抹灰 \n"),
            ("shifts", "day"),
            ("shifts", "night"),
            ("lodging", "yes"),
        )
    )
    assert LAYOUT.wire(typed) == {
        "title": "砌筑工",
        "baseSalary": {"minValue": "280"},
        "skills": ["砌墙", "抹灰"],
        "shifts": ["day", "night"],
        "lodging": True,
    }


def test_nothing_can_be_sent_along_that_the_form_does_not_have() -> None:
    typed = LAYOUT.typed(sent(("title", "x"), ("status", "closed"), ("id", "o-1")))
    assert LAYOUT.wire(typed) == {"title": "x", "lodging": False}


texts = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), min_size=1).map(
    str.strip
)


@given(
    title=texts.filter(bool),
    least=st.integers(0, 99_999),
    skills=st.lists(texts.filter(bool), max_size=5),
    lodging=st.booleans(),
)
def test_what_stands_comes_back_from_its_form_unchanged(
    title: str, least: int, skills: list[str], lodging: bool
) -> None:
    stands = {
        "title": title,
        "baseSalary": {"minValue": float(least)},
        "skills": skills,
        "lodging": lodging,
    }
    again = LAYOUT.wire(LAYOUT.shown(stands))
    assert again.pop("baseSalary") == {"minValue": str(least)}
    assert again.pop("skills", []) == skills
    assert again == {"title": title, "lodging": lodging}


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("title", "title"),
        ("skills.3", "skills"),
        ("jobLocation", "jobLocation.name"),
        ("baseSalary", "baseSalary.minValue"),
        ("hiringOrganization.id", None),
    ],
)
def test_an_error_is_shown_at_the_field_it_belongs_to(path: str, field: str | None) -> None:
    assert LAYOUT.field_of(path) == field


def test_two_errors_of_a_field_are_both_told_and_what_has_no_field_is_told_of_the_whole() -> None:
    found = [
        FieldError("title", "one", "一"),
        FieldError("title", "two", "二"),
        FieldError("(body)", "whole", "整体"),
    ]
    assert beside(LAYOUT, found, "en") == ({"title": "one two"}, ["whole"])
    assert beside(LAYOUT, found, "zh") == ({"title": "一 二"}, ["整体"])


def test_what_is_wrong_is_said_in_plain_words_in_both_languages() -> None:
    with pytest.raises(Invalid) as raised:
        checked(
            OpeningContent,
            {
                "title": "x",
                "hiringOrganization": {"id": "e", "name": "E"},
                "jobLocation": {"name": "x"},
                "totalJobOpenings": "many",
                "experienceRequirements": "-1",
                "validThrough": "soon",
                "baseSalary": {"minValue": "9", "maxValue": "3"},
            },
        )
    told = {each.field: (each.message, each.message_zh) for each in raised.value.fields}
    assert told["totalJobOpenings"] == WORDS["int_parsing"]
    assert told["experienceRequirements"] == ("Enter 0 or more", "不能小于 0")
    assert told["validThrough"] == WORDS["date_from_datetime_parsing"]
    assert told["baseSalary"] == WORDS["wage_range"]
