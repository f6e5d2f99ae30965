"""Which of several subjects get a line of their own: pure. What gets none is counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence, Set
from dataclasses import dataclass

from roost.events.notification import NotificationKind
from roost.wording.message import Subject

LINES = 10
LINES_PER_EMPLOYER = 3
"""One employer with many openings once filled whole digests."""
OTHERS_KEPT = 4
"""Lines that matches leave to news of what is already under way, which is rarer."""
MATCHES = frozenset({NotificationKind.NEW_MATCH, NotificationKind.QUEUE_NEW})


@dataclass(frozen=True, slots=True)
class Selection:
    """What is told, matches first, and how many of each are not."""

    matches: tuple[Subject, ...]
    others: tuple[Subject, ...]
    matches_left: int
    others_left: int


def select(subjects: Sequence[Subject], most: int = LINES) -> Selection:
    """At most `most` lines: the best matches, after them the rest, urgent and newest first."""
    matches = sorted((each for each in subjects if _is_match(each)), key=_merit, reverse=True)
    others = sorted((each for each in subjects if not _is_match(each)), key=_weight, reverse=True)
    told: Counter[str] = Counter()
    kept = _take(others, min(OTHERS_KEPT, most), told)
    best = _take(matches, most - len(kept), told)
    kept |= _take(others, most - len(kept) - len(best), told, kept)
    return Selection(
        matches=tuple(matches[at] for at in sorted(best)),
        others=tuple(others[at] for at in sorted(kept)),
        matches_left=len(matches) - len(best),
        others_left=len(others) - len(kept),
    )


def _take(
    subjects: Sequence[Subject], most: int, told: Counter[str], already: Set[int] = frozenset()
) -> set[int]:
    """Positions of the first ones whose employer has lines left; counts them in `told`."""
    taken: set[int] = set()
    for at, subject in enumerate(subjects):
        employer = _employer(subject)
        full = any(told[each] >= LINES_PER_EMPLOYER for each in employer)
        if len(taken) < most and at not in already and not full:
            told.update(employer)
            taken.add(at)
    return taken


def _employer(subject: Subject) -> list[str]:
    """By id and by name: files of one employer do not always agree on the id."""
    organization = (subject.opening or {}).get("hiringOrganization", {})
    name = " ".join(str(organization.get("name", "")).casefold().split())
    known = (("id", organization.get("id")), ("name", name))
    return [f"{key}:{value}" for key, value in known if value]


def _is_match(subject: Subject) -> bool:
    return subject.notification.kind in MATCHES


def _merit(subject: Subject) -> tuple[float, str]:
    return (subject.match or {}).get("score", 0.0), subject.notification.id


def _weight(subject: Subject) -> tuple[bool, float, str]:
    notification = subject.notification
    return subject.urgent, notification.caused_at.timestamp(), notification.id
