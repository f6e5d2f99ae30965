"""Texts in the forms of actions: another reason in words, and the details of an interview. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from api.console.shell.form_layout import put
from roost.events.match import DeclineReason

INTERVIEW = ("interview.place", "interview.contact", "interview.documents")
TEXTS = ("reasonText", *INTERVIEW)
"""Fields of the forms with texts."""


def texts_of(sent: Mapping[str, Any]) -> dict[str, Any]:
    """Return the texts of a form as details of an action.

    The text of another reason is left out if a named one is chosen: it was typed before.
    """
    details: dict[str, Any] = {}
    if sent.get("reason") == DeclineReason.OTHER and str(sent.get("reasonText") or "").strip():
        details["reasonText"] = sent["reasonText"]
    for name in INTERVIEW:
        if str(sent.get(name) or "").strip():
            put(details, name, sent[name])
    return details


def values_of(details: Mapping[str, Any] | None) -> dict[str, str]:
    """Return the stored details of an interview as values of a form."""
    return {f"interview.{name}": str(text) for name, text in (details or {}).items()}
