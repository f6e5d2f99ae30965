"""History of a match on its page: people's actions and all other changes, newest first. Pure."""

from __future__ import annotations

from roost.events.match import ChangeKind, HistoryEntry, Match, MatchChange


def history_of(match: Match) -> list[HistoryEntry | MatchChange]:
    """Return the actions and changes in the order in which they happened, newest first.

    A record of an earlier release holds no changes: its proposal, the newest one, is added.
    """
    changes = match.changes
    if not any(each.kind is ChangeKind.PROPOSED for each in changes):
        changes = (MatchChange(kind=ChangeKind.PROPOSED, at=match.proposed_at), *changes)
    happened: list[HistoryEntry | MatchChange] = [*changes, *match.history]
    # The sort keeps the order within one moment, so that a proposal comes before its claim.
    return sorted(happened, key=lambda each: each.at)[::-1]
