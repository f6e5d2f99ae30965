"""Advertisements that a source has withdrawn or lists again, and what is done about them (pure).

A run closes withdrawn advertisements by itself within a limit. Beyond it, after an empty answer,
and while rows cannot be identified, it closes none and waits for a person: a partner's fault must
not empty the county's openings.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Set
from dataclasses import dataclass

from roost.events.source import HeldReason, SourceEntry


@dataclass(frozen=True, slots=True)
class Listing:
    """Advertisements in a complete answer of a source."""

    present: Set[str]
    """Ids of the openings, of rejected rows as well."""
    unidentified: int = 0
    """Number of rows whose opening cannot be told."""


@dataclass(frozen=True, slots=True)
class Withdrawals:
    """Decision on the advertisements that are missing from a listing."""

    closing: tuple[str, ...] = ()
    """Ids of the openings to close."""
    held: int = 0
    """Number of withdrawn advertisements that wait for a person."""
    reason: HeldReason | None = None


def missing_from(listing: Listing, entries: Mapping[str, SourceEntry]) -> list[str]:
    """Return the openings that a source listed until now and no longer does, in order."""
    return sorted(id for id, entry in entries.items() if entry.listed and id not in listing.present)


def decide_withdrawals(
    listing: Listing,
    entries: Mapping[str, SourceEntry],
    most_percent: int,
    confirmed: int = 0,
) -> Withdrawals:
    """Return the openings to close, or the number of those that wait and the reason.

    `entries` are those of the source by opening, before this run. `confirmed` is the number of
    withdrawals that a person has confirmed: as many are closed whatever the limits say.
    """
    missing = missing_from(listing, entries)
    if not missing:
        return Withdrawals()
    reason = (
        None if len(missing) <= confirmed else _obstacle(listing, entries, missing, most_percent)
    )
    if reason is not None:
        return Withdrawals((), len(missing), reason)
    return Withdrawals(tuple(missing))


def decide_removals(
    removed: Collection[str],
    entries: Mapping[str, SourceEntry],
    most_percent: int,
    confirmed: int = 0,
    closed: int = 0,
) -> Withdrawals:
    """Return the same for a page of a source of changes, which marks the withdrawn ones.

    `closed` is the number that earlier pages of the run have closed.
    """
    listed = [id for id, entry in entries.items() if entry.listed]
    marked = sorted(set(removed) & set(listed))
    if not marked:
        return Withdrawals()
    if closed + len(marked) > max(confirmed, allowance(closed + len(listed), most_percent)):
        return Withdrawals((), len(marked), HeldReason.SHARE)
    return Withdrawals(tuple(marked))


def allowance(listed: int, most_percent: int) -> int:
    """Return the number of advertisements that a run may close by itself: at least one.

    With a limit of 0 percent it closes none.
    """
    return max(1, listed * most_percent // 100) if most_percent else 0


def _obstacle(
    listing: Listing,
    entries: Mapping[str, SourceEntry],
    missing: list[str],
    most_percent: int,
) -> HeldReason | None:
    """Return why these withdrawals need a person; None if they do not."""
    if not listing.present:
        return HeldReason.EMPTY
    if listing.unidentified:
        return HeldReason.UNIDENTIFIED
    listed = sum(entry.listed for entry in entries.values())
    return HeldReason.SHARE if len(missing) > allowance(listed, most_percent) else None
