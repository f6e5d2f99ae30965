"""Wages in words, English and Chinese: as stated, and as an amount a month."""

from __future__ import annotations

from collections.abc import Sequence

from matcher.features import OpeningFeatures, WorkerFeatures

Words = tuple[str, str]
UNITS = {
    "HOUR": ("an hour", "小时"),
    "DAY": ("a day", "天"),
    "WEEK": ("a week", "周"),
    "MONTH": ("a month", "月"),
    "YEAR": ("a year", "年"),
    "PIECE": ("a piece", "件"),
}
"""English and Chinese words of each unit."""


def against(opening: OpeningFeatures, worker: WorkerFeatures) -> Words:
    """Return the offered wage together with the worker's wish."""
    offered = offer(opening)
    if not worker.wage_floor and not worker.wage_amounts:
        return f"{offered[0]}; no wish is stated", f"{offered[1]}，未提工资期望"
    wished = wish(worker)
    if opening.wage_high is None and worker.wage_floor:
        return (
            f"{offered[0]}; the wish of {wished[0]} could not be checked: ask first",
            f"{offered[1]}；期望 {wished[1]}，尚无法核对，请先问清",
        )
    return f"{offered[0]}; wish {wished[0]}", f"{offered[1]}，期望 {wished[1]}"


def offer(opening: OpeningFeatures) -> Words:
    """Return the offered wage, such as 200 元/天 ≈ 4,350 元/月.

    A wage without a known monthly amount says so.
    """
    if not opening.wage_amounts and opening.wage_high is None:
        return "The wage is to be agreed", "工资面议"
    low, high = opening.wage_low, opening.wage_high
    monthly = () if low is None or high is None else (low, high)
    english, chinese = _said(opening.wage_amounts, opening.wage_unit, monthly, opening.currency)
    if not monthly:
        return (
            f"Pays {english}, pieces a day not stated",
            f"计件工资 {chinese}，未说明每天件数",
        )
    return f"Pays {english}", f"工资 {chinese}"


def wish(worker: WorkerFeatures) -> Words:
    """Return the worker's wish."""
    monthly = (worker.wage_floor,) if worker.wage_floor else ()
    return _said(worker.wage_amounts[:1], worker.wage_unit, monthly, worker.currency)


def _said(amounts: Sequence[float], unit: str, monthly: Sequence[float], currency: str) -> Words:
    yuan = "元" if currency == "CNY" else currency
    a_month, per_month = UNITS["MONTH"]
    in_months = (f"{_range(monthly, 0)} {a_month}", f"{_range(monthly, 0)} {yuan}/{per_month}")
    if not amounts or unit == "MONTH":
        return f"{currency} {in_months[0]}", in_months[1]
    english, chinese = UNITS[unit]
    stated = (
        f"{currency} {_range(amounts, 2)} {english}",
        f"{_range(amounts, 2)} {yuan}/{chinese}",
    )
    if not monthly:
        return stated
    return f"{stated[0]} ≈ {in_months[0]}", f"{stated[1]} ≈ {in_months[1]}"


def _range(amounts: Sequence[float], decimals: int) -> str:
    distinct = dict.fromkeys(_amount(each, decimals) for each in amounts)
    return "–".join(distinct)


def _amount(amount: float, decimals: int) -> str:
    text = f"{amount:,.{decimals}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
