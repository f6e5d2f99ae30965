"""Quiet hours in a form: own ones of a worker or an employer, or those of the county. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from api.console.shell.form_layout import Typed

ENDS = ("begins", "ends")


def own_quiet_hours(typed: Typed, stored: Mapping[str, Any] | None) -> dict[str, str] | None:
    """Return the person's own quiet hours; None for the county's.

    Times that somebody enters are their own, whether or not the box is ticked. Clearing the box
    at unchanged stored times returns to the county's hours. A missing time is left out, so
    that the model names it.
    """
    times = {end: typed[f"quietHours.{end}"] for end in ENDS if typed[f"quietHours.{end}"]}
    unchanged = times == {end: str((stored or {}).get(end, ""))[:5] for end in ENDS}
    is_own = typed["ownQuietHours"] or (times and not unchanged)
    return times if is_own else None
