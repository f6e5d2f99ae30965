"""Conditions of a search for pairs, as its form states them in the address. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from api.console.shell.form_layout import Layout
from api.finding.schemas import Wanted
from roost.errors import FieldError, Invalid
from roost.events.common import Shift
from roost.text.taxonomy import occupation_named

LAYOUT = Layout(
    texts=("q", "place", "within", "wage", "shift", "occupation", "employer"),
    ticks=("lodging", "nearHome", "blocked"),
)
LONGEST: Mapping[str, int] = {"q": 100, "place": 300, "occupation": 300, "employer": 64}
"""Most characters of a field."""
MOST: Mapping[str, float] = {"within": 5_000.0, "wage": 100_000_000.0}
"""Largest number of a field: kilometres, and an amount a month."""

UNKNOWN_OCCUPATION = (
    "is not the name of an occupation: choose one of the suggestions",
    "不是已知职业名称，请从提示中选择",
)


def wanted_of(typed: Mapping[str, Any]) -> Wanted:
    """Return the conditions of a form. Raises Invalid that names each wrong field."""
    shift, numbers = typed["shift"], {name: _number(typed[name]) for name in MOST}
    wrong = tuple(
        FieldError(name, f"must be a number up to {most:.10g}", f"应为不大于 {most:.10g} 的数字")
        for name, most in MOST.items()
        if typed[name] and not 0 < (numbers[name] or 0.0) <= most
    )
    occupation = occupation_named(typed["occupation"]) if typed["occupation"] else None
    if typed["occupation"] and occupation is None:
        wrong += (FieldError("occupation", *UNKNOWN_OCCUPATION),)
    if wrong:
        raise Invalid("Correct the conditions.", "请更正条件。", fields=wrong)
    return Wanted(
        words=_text(typed, "q"),
        place=_text(typed, "place"),
        within_km=numbers["within"],
        wage=numbers["wage"],
        occupation=occupation,
        shift=Shift(shift) if shift in set(Shift) else None,
        lodging=bool(typed["lodging"]),
        near_home=bool(typed["nearHome"]),
        employer=_text(typed, "employer"),
        blocked=bool(typed["blocked"]),
    )


def _text(typed: Mapping[str, Any], name: str) -> str | None:
    return str(typed[name])[: LONGEST[name]] or None


def _number(text: str) -> float | None:
    """Return the number that a text is; None for an empty or another text."""
    try:
        return float(text.replace(",", "").replace("，", ""))
    except ValueError:
        return None
