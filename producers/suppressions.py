"""Suppressions of erased workers: the facts, and the check before a worker is registered.

A worker's id derives from the roster number under the county's key, so it recognises the number
without storing it. The tombstone of the profile does not suffice: compaction drops it after a day.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from producers.facts import API
from roost.errors import FieldError, Refused
from roost.events.envelope import Record, decode, record
from roost.events.suppression import ConsentBasis, Suppression
from roost.topics import PROFILES, SUPPRESSIONS


class Suppressed(Refused):
    """The worker has been erased, and may return only with new consent."""

    slug = "suppressed"
    title = "This person has been erased"
    title_zh = "该人员档案已删除"


def worker_suppressed(worker_id: str, by: str, *, at: datetime) -> Record:
    """Record that an erased worker must not return."""
    return record(Suppression(worker_id=worker_id, at=at, by=by), worker_id, source=API, at=at)


def suppression_lifted(
    worker_id: str, by: str, basis: ConsentBasis, consented_on: date, *, at: datetime
) -> Record:
    """Record a worker's new consent: its form, its day, and the account that received it."""
    lifted = Suppression(
        worker_id=worker_id,
        suppressed=False,
        at=at,
        by=by,
        basis=basis,
        consented_on=consented_on,
    )
    return record(lifted, worker_id, source=API, at=at)


def registration_taken_back(worker_id: str, by: str, *, at: datetime) -> Record:
    """Record that a worker may be registered again: only the import was undone."""
    taken = Suppression(worker_id=worker_id, suppressed=False, at=at, by=by)
    return record(taken, worker_id, source=API, at=at)


def is_suppressed(profile: Mapping[str, Any] | None, suppression: Mapping[str, Any] | None) -> bool:
    """Return whether a worker may not be registered.

    `profile` is the worker's document, `suppression` the fact of that topic. A profile that was
    erased before suppressions existed counts as suppressed.
    """
    if suppression is not None:
        return bool(suppression.get("suppressed", True))
    return profile is not None and bool(profile.get("erased"))


SUPPRESSION_FIELDS = ("erased", "fact.suppressed", "version")
"""Fields of the documents that `suppressed_among` reads."""


def suppressed_since(suppression: Mapping[str, Any] | None) -> datetime | None:
    """Return the time of the erasure; None if it was before suppressions were recorded."""
    at = None if suppression is None else suppression.get("at")
    return None if at is None else datetime.fromisoformat(at)


def suppressed_among(
    ids: Sequence[str], found: Mapping[tuple[str, str], Mapping[str, Any]]
) -> frozenset[str]:
    """Return the ids of suppressed workers, by the documents of both views."""

    def fact(id: str) -> Mapping[str, Any] | None:
        document = found.get((SUPPRESSIONS.name, id))
        return None if document is None else document.get("fact", {})

    return frozenset(id for id in ids if is_suppressed(found.get((PROFILES.name, id)), fact(id)))


def check_not_suppressed(worker_id: str, stored: Mapping[str, bytes], field: str) -> None:
    """Raise Suppressed for an erased worker; `stored` holds the values of the topic by worker."""
    value = stored.get(worker_id)
    fact = None if value is None else decode(Suppression, value).to_dict()
    if is_suppressed(None, fact):
        raise suppressed(worker_id, field)


def suppressed(worker_id: str, field: str = "identifier") -> Suppressed:
    """Return the error for a worker who has been erased, at the field that names them."""
    message = (
        "belongs to a person who has been erased; register them only with their new consent, "
        f"which the association records with POST /v1/profiles/{worker_id}/consent"
    )
    message_zh = (
        "该编号对应的人员档案已依申请删除；须经本人重新同意，"
        f"由总会登记（POST /v1/profiles/{worker_id}/consent）后方可再次登记"
    )
    return Suppressed(
        f"{field}: {message}",
        f"{field}：{message_zh}",
        fields=(FieldError(field, message, message_zh),),
    )
