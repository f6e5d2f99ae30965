"""Facts of decisions on openings: approved, refused, taken down, and appeals (ADR 80). Pure.

A refused opening is closed and waits for approval: reopened, it is matched only once approved.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from producers.facts import API
from roost.errors import Conflict
from roost.events.envelope import Record, record
from roost.events.opening import Appeal, Decision, Opening, OpeningStatus, Refusal

Decided = tuple[Opening, Record]
"""An opening after a decision, and the record that publishes it."""


def opening_approval_set(current: Opening, *, awaiting: bool, at: datetime) -> Decided:
    """Hold a new employer's opening until it is approved, or approve the employer."""
    return _changed(current, at, awaiting_approval=awaiting)


def opening_approved(current: Opening, *, at: datetime, decider: str | None = None) -> Decided:
    """Approve an opening, and the words of its text that wait for review.

    One whose employer has appealed is open again. Raises Conflict if the same person refused it.
    """
    _check_decider(current, decider)
    marks = current.review and tuple(
        each.model_copy(update={"approved": True}) for each in current.review
    )
    decision, appealed = current.decision, _appeal_of(current) is not None
    if current.waits_for_approval or appealed:
        decision = Decision(approved=True, at=at)
    changes: dict[str, Any] = {"awaiting_approval": False, "review": marks, "decision": decision}
    if appealed:
        changes["status"] = OpeningStatus.OPEN
    return _changed(current, at, **changes)


def opening_refused(
    current: Opening, *, at: datetime, refusal: Refusal | None = None, decider: str | None = None
) -> Decided:
    """Close an opening by a decision: it is not published, or is taken down.

    Refused again after an appeal, the decision is final. Raises Conflict if the same person refused
    it before.
    """
    _check_decider(current, decider)
    before, appealed = current.decision, _appeal_of(current) is not None
    was_published = not current.waits_for_approval or (
        before is not None and appealed and before.taken_down
    )
    decision = Decision(
        approved=False,
        at=at,
        refusal=refusal,
        taken_down=was_published,
        decider=decider,
        final=appealed,
    )
    closed = OpeningStatus.CLOSED
    return _changed(current, at, status=closed, awaiting_approval=True, decision=decision)


def opening_appealed(current: Opening, text: str, *, at: datetime) -> Decided:
    """Add the employer's objection to a refusal. Raises Conflict if none is possible."""
    decision = current.decision
    refused = current.status is OpeningStatus.CLOSED and decision is not None
    if decision is None or not refused or not decision.can_be_appealed:
        raise Conflict(
            "There is no refusal that can be appealed: the opening is not refused, or an appeal "
            "was made already.",
            "该岗位当前没有可以申诉的决定：岗位未被拒绝，或已经申诉过。",
        )
    appealed = decision.model_copy(update={"appeal": Appeal(text=text, at=at)})
    return _changed(current, at, decision=appealed)


def _changed(current: Opening, at: datetime, **changes: Any) -> Decided:
    changed = current.model_copy(update=changes)
    return changed, record(changed, changed.id, source=API, at=at)


def _appeal_of(current: Opening) -> Appeal | None:
    if current.status is not OpeningStatus.CLOSED or current.decision is None:
        return None
    return current.decision.appeal


def _check_decider(current: Opening, decider: str | None) -> None:
    """Raise Conflict if the person who refused the opening would decide on the appeal."""
    refused = current.decision if _appeal_of(current) is not None else None
    if refused is not None and decider is not None and refused.decider == decider:
        raise Conflict(
            "You refused this opening; a colleague decides on the appeal.",
            "该岗位由您拒绝，申诉须由其他工作人员处理。",
        )
