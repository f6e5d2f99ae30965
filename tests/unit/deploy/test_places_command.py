"""`roost places`, as a shell calls it."""

from __future__ import annotations

import json

from typer.testing import CliRunner

from deploy.cli import app


def rows(*arguments: str, typed: str | None = None) -> list[dict[str, object]]:
    done = CliRunner().invoke(app, ["places", "--json", *arguments], input=typed)
    assert done.exit_code == 0, done.output
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_one_object_a_line_in_order_with_blank_lines() -> None:
    found = rows("-", typed="北京市朝阳区望京西园\n\n甘南\n全国\n省内\n")
    assert [each["text"] for each in found] == ["北京市朝阳区望京西园", "", "甘南", "全国", "省内"]
    assert found[0] == {
        "text": "北京市朝阳区望京西园",
        "key": "cn:110105",
        "code": "110105",
        "name": "朝阳区",
        "fullName": "北京市朝阳区",
        "level": "county",
        "latitude": 39.921506,
        "longitude": 116.443205,
        "pointOf": "cn:110105",
        "street": "望京西园",
    }
    assert found[1] == {"text": "", "key": None, "candidates": [], "reason": "no place"}
    candidates = found[2]["candidates"]
    assert isinstance(candidates, list)
    assert [each["fullName"] for each in candidates] == [
        "甘肃省甘南藏族自治州",
        "黑龙江省齐齐哈尔市甘南县",
    ]
    assert found[3]["anywhere"] is True
    assert found[4]["reason"] == "needs the residence"


def test_a_former_name_says_so() -> None:
    (found,) = rows("大同县")
    assert (found["renamedFrom"], found["year"]) == ("大同县", 2018)


def test_a_near_place_and_a_residence_decide() -> None:
    (near,) = rows("--near", "长春市", "朝阳区")
    assert near["code"] == "220104"
    (province,) = rows("--residence", "大同市", "省内")
    assert province["code"] == "14"


def test_the_table_says_it_in_both_languages() -> None:
    done = CliRunner().invoke(app, ["places", "甘南", "望京SOHO"], env={"COLUMNS": "200"})
    assert done.exit_code == 0, done.output
    assert "甘肃省甘南藏族自治州" in done.stdout
    assert "没有名为“望京SOHO”的地点" in done.stdout
    assert "No place is called" in done.stdout
