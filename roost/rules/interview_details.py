"""Details of a match's interview: the id of their record, and whether they are in force. Pure.

A match has one record of details, which each arrangement of an interview replaces. They are in
force while that arrangement is: an undone or refused one shows no details, nor does one of an
earlier round. An interview that was booked at a slot has the slot's details instead, which follow
every edit of the slot and end with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from roost import ids

Json = Mapping[str, Any]


def interview_note_id(match_id: str) -> str:
    """Return the id of the details of a match's interview."""
    return ids.derive("j", "interview", match_id)


def slot_of_interview(match: Json | None) -> str | None:
    """Return the id of the slot that the arranged interview was booked at; None without one."""
    if not match or match.get("state") != "interviewed":
        return None
    slot = (match.get("booking") or {}).get("slotId")
    return str(slot) if slot else None


def details_in_force(
    match: Json | None, note: Json | None, slot: Json | None = None
) -> dict[str, Any] | None:
    """Return the details of the arranged interview; None if there are none.

    `match`, `note` and `slot` are facts as the views hold them.
    """
    if not match or match.get("state") != "interviewed":
        return None
    if (booked := slot_of_interview(match)) is not None:
        details = slot.get("interview") if slot and slot.get("id") == booked else None
        return dict(details) if details else None
    if not note:
        return None
    details = note.get("interview")
    arranged = any(
        entry.get("actionId") == note.get("actionId") and _stands(entry, match)
        for entry in match.get("history", ())
    )
    return dict(details) if details and arranged else None


def _stands(entry: Json, match: Json) -> bool:
    """Return whether an action was accepted in this round and not undone."""
    if entry.get("kind") != "interview" or entry.get("outcome") != "accepted":
        return False
    proposed = match.get("proposedAt")
    of_round = proposed is None or _moment(entry["at"]) >= _moment(proposed)
    return of_round and not entry.get("undone")


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
