"""Reasons name a field as the page of the columns does, and a column as the file does."""

from __future__ import annotations

import pytest

from api.console.imports.field_labels import column_label


@pytest.mark.parametrize(
    ("name", "kind", "zh", "en"),
    [
        ("title", "openings", "岗位名称", "Job title"),
        ("hiringOrganization.name", "openings", "用工单位", "Employer"),
        ("baseSalary.minValue", "openings", "工资", "Wage"),
        ("channels.0.address", "profiles", "联系电话", "Telephone"),
        ("willing.places.3", "profiles", "愿去地点", "Places willing to work"),
        ("工资待遇", "openings", "工资待遇", "工资待遇"),
        ("No. (old)", "profiles", "No. (old)", "No. (old)"),
        ("(row)", "openings", "", ""),
    ],
)
def test_a_reason_names_its_field(name: str, kind: str, zh: str, en: str) -> None:
    assert column_label(name, kind, "zh") == zh
    assert column_label(name, kind, "en") == en
