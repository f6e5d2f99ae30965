"""Selection of the subjects that get a line in a digest; the others are counted. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence, Set
from dataclasses import dataclass

from roost.events.notification import NotificationKind
from roost.wording.message import Subject

LINES = 10
"""Maximum number of lines."""
LINES_PER_EMPLOYER = 3
"""Maximum for one employer: otherwise an employer with many openings fills whole digests."""
OTHERS_KEPT = 4
"""Lines reserved for subjects other than new matches, which are rarer."""
MATCHES = frozenset({NotificationKind.NEW_MATCH, NotificationKind.QUEUE_NEW})


@dataclass(frozen=True, slots=True)
class Selection:
    """Subjects with a line, matches first, and the numbers of those without."""

    matches: tuple[Subject, ...]
    others: tuple[Subject, ...]
    matches_left: int
    others_left: int


def select(subjects: Sequence[Subject], most: int = LINES) -> Selection:
    """Select at most `most` subjects: best matches first, then others, urgent and newest first."""
    matches = sorted((each for each in subjects if _is_match(each)), key=_merit, reverse=True)
    others = sorted((each for each in subjects if not _is_match(each)), key=_weight, reverse=True)
    counted: Counter[str] = Counter()
    kept = _take(others, min(OTHERS_KEPT, most), counted)
    best = _take(matches, most - len(kept), counted)
    kept |= _take(others, most - len(kept) - len(best), counted, kept)
    return Selection(
        matches=tuple(matches[at] for at in sorted(best)),
        others=tuple(others[at] for at in sorted(kept)),
        matches_left=len(matches) - len(best),
        others_left=len(others) - len(kept),
    )


def _take(
    subjects: Sequence[Subject], most: int, counted: Counter[str], already: Set[int] = frozenset()
) -> set[int]:
    """Return the positions of the first subjects whose employer has lines left; count them."""
    taken: set[int] = set()
    for at, subject in enumerate(subjects):
        employer = _employer(subject)
        full = any(counted[each] >= LINES_PER_EMPLOYER for each in employer)
        if len(taken) < most and at not in already and not full:
            counted.update(employer)
            taken.add(at)
    return taken


def _employer(subject: Subject) -> list[str]:
    """Return the employer's keys, by id and by name: an employer's files may disagree on the id."""
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
