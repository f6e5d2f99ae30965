from __future__ import annotations

import pytest

from roost.constraints import licences


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("低压电工证", "低压电工作业证"),
        ("低压电工操作证", "低压电工特种作业操作证"),
        ("健康证", "健康证明"),
        ("教师资格证", "教师资格证书"),
        ("B2驾驶证", "驾照（B2）"),
        ("Ｃ１驾照", "驾驶证C1"),
        ("RN licence", "RN License"),
        ("Security Guard License", "security guard permit"),
    ],
)
def test_one_licence_has_many_names(one: str, other: str) -> None:
    assert licences.normal_name(one) == licences.normal_name(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("低压电工证", "高压电工证"),
        ("电工证", "电工职业资格证书"),
        ("C1驾驶证", "B2驾驶证"),
        ("保安员证", "保育员证"),
    ],
)
def test_two_licences_stay_two(one: str, other: str) -> None:
    assert licences.normal_name(one) != licences.normal_name(other)


def test_a_higher_driving_class_covers_the_lower_and_never_the_other_way() -> None:
    assert set(licences.required_names(["C1"])) <= set(licences.held_names(["A2驾驶证"]))
    assert not set(licences.required_names(["A2"])) <= set(licences.held_names(["C1驾驶证"]))


def test_a_licence_of_nothing_but_its_kind_stays() -> None:
    assert licences.required_names(["证", " ", "证书"]) == ["证", "证书"]
