"""Names that are typed alike have one sound."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from roost.text.name_sounds import name_sound


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("张伟", "章玮"),
        ("張偉", "张伟"),
        ("李晓丽", "李小莉"),
        ("王峯", "王峰"),
        ("陈堃", "陈坤"),
        ("刘喆", "刘哲"),
        ("欧阳娜娜", "欧阳娜纳"),
        ("䶮朴", "演朴"),
    ],
)
def test_spellings_of_one_sound(one: str, other: str) -> None:
    assert name_sound(one) == name_sound(other) != ""


@pytest.mark.parametrize(("one", "other"), [("吕平", "鲁平"), ("张三", "章四"), ("李想", "李响亮")])
def test_other_sounds_stay_apart(one: str, other: str) -> None:
    assert name_sound(one) != name_sound(other)


@pytest.mark.parametrize("name", ["", "张", "Li Na", "张San", "阿卜杜拉阿卜杜拉阿", "12", "张 三"])
def test_a_name_without_syllables_has_no_sound(name: str) -> None:
    assert name_sound(name) == ""


def test_the_table_of_words_is_not_loaded() -> None:
    program = (
        "import sys; from roost.text.name_sounds import name_sound; name_sound('张伟');"
        "print('pypinyin.phrases_dict' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, env=os.environ
    )
    assert done.stdout.strip() == "False"
