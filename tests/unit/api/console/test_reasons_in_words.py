"""Reasons on the pages of workers and employers: the largest parts, and past placements always."""

from __future__ import annotations

from typing import Any

from api.console.me.match_pages import offer
from api.console.shell.saying import currencies, reasons, reasons_with_points
from api.console.shell.translations import say_in
from roost.wording.to_the_worker import to_the_worker


def match_with(**points: float) -> dict[str, Any]:
    return {
        "reasons": [
            {"part": part, "points": each, "en": f"{part} in words", "zh": part}
            for part, each in points.items()
        ]
    }


def test_the_largest_parts_come_first_and_those_without_points_are_left_out() -> None:
    match = match_with(wage=5.0, occupation=40.0, meals=0.0, distance=10.0, next_step=0.0)
    assert reasons(match, "zh") == ["occupation", "distance", "wage"]


def test_past_placements_are_always_among_them() -> None:
    match = match_with(occupation=40.0, skills=20.0, distance=10.0, wage=5.0, precedents=2.0)
    assert reasons(match, "en") == [
        "occupation in words",
        "skills in words",
        "distance in words",
        "precedents in words",
    ]


def test_points_are_those_of_the_same_reasons() -> None:
    match = match_with(occupation=40.0, precedents=2.0, wage=0.0)
    assert reasons_with_points(match, "zh") == [("occupation", 40.0), ("precedents", 2.0)]


def test_a_worker_is_addressed() -> None:
    assert to_the_worker("与求职意向（焊工）一致") == "与您想做的工作（焊工）一致"
    assert to_the_worker("Matches the work wanted (焊工)") == "Matches the work you want (焊工)"
    assert to_the_worker("8 km from where they live") == "8 km from where you live"
    match = match_with(occupation=40.0) | {"state": "proposed"}
    match["reasons"][0]["zh"] = "与求职意向（焊工）一致"
    assert offer(match, None, say_in("zh"), "zh")["why"] == ["与您想做的工作（焊工）一致"]


def test_a_currency_has_a_name_and_a_stored_one_without_is_kept() -> None:
    offered = dict(currencies(say_in("zh"), "CNY"))
    assert offered["CNY"] == "人民币"
    assert dict(currencies(say_in("zh"), "THB"))["THB"] == "THB"
    assert "THB" not in offered
