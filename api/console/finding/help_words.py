"""Lines on changed conditions that would give more pairs, in the words of the pages. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from api.console.shell.translations import Say
from api.finding.schemas import Relaxed
from roost.events.common import Shift


def help_lines(found: Sequence[Relaxed], say: Say, *, people: bool) -> list[tuple[str, str]]:
    """Return each changed condition with its gain: `3 openings`, `if the wage were 4,500`."""
    side = "_people" if people else ""
    return [
        (
            say(f"finding.gain{side}{'_more' if each.more else ''}", n=each.gain),
            _condition(each, say, f"finding.if{side}"),
        )
        for each in found
    ]


def _condition(each: Relaxed, say: Say, group: str) -> str:
    """Return a changed condition in words."""
    if each.wage is not None:
        return _wage(each, say, group)
    if each.criterion == "place" and each.within_km is None:
        return say(f"{group}.anywhere")
    values = (each.licence, each.currency, _shift(each.shift, say), each.within_km)
    value = next((one for one in values if one is not None), None)
    if each.available_from is not None:
        value = each.available_from.isoformat()
    text = f"{value:,.10g}" if isinstance(value, float) else value
    return say(f"{group}.{each.criterion.value}", value=text)


def _wage(each: Relaxed, say: Say, group: str) -> str:
    amount = f"{each.wage:,.10g}"
    if each.currency in (None, "CNY"):
        return say(f"{group}.wage", value=amount)
    return say(f"{group}.wage_other", value=amount, currency=each.currency)


def _shift(shift: str | None, say: Say) -> str | None:
    return say(f"words.shift.{shift}") if shift in set(Shift) else shift
