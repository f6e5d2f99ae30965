"""Recognition of employers in a file whose rows name them without a credit code or an id.

A name whose employer is stored under another id is a question, once per name (ADR 50).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from producers.employers_search import KnownEmployer
from producers.importing.recognition import UNDECIDED, Decisions
from producers.mappings.employer_ids import employer_id
from producers.mappings.resolved_mapping import ResolvedMapping
from producers.tables.sheets import Fault
from roost.errors import FieldError
from roost.events.opening import OpeningContent
from roost.likeness.same_person import comparable_name

FindEmployers = Callable[[Collection[str], datetime], Mapping[str, Sequence[KnownEmployer]]]
"""Returns the employers by comparable name that were stored before a time."""
MOST_NOTICES = 10
"""Names in the notices on former decisions."""


@dataclass(slots=True)
class NamedEmployers:
    """Stored employers of the names in a file, each searched for once, and the decisions."""

    find: FindEmployers | None
    decisions: Decisions
    """Decisions of this import, by comparable name."""
    started: datetime
    """Start of the import: what it stores itself raises no question."""
    remembered: Decisions = field(default_factory=dict)
    """Decisions of former imports, by comparable name."""
    _followed: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Rows by name and employer that a former import has decided."""
    _known: dict[str, Sequence[KnownEmployer]] = field(default_factory=dict)

    def search(self, names: Collection[str]) -> None:
        """Search for the names that have not been searched for."""
        new = {each for each in names if each and each not in self._known and self._asks(each)}
        if new and self.find is not None:
            found = self.find(new, self.started)
            self._known.update({name: found.get(name, ()) for name in new})

    def _asks(self, name: str) -> bool:
        """Return whether a name is not decided by a former import alone."""
        return name in self.decisions or self.remembered.get(name, UNDECIDED).same_as is None

    def chosen(self, name: str) -> str | None:
        """Return the id of the employer that somebody chose, in this import or a former one.

        A choice of this import counts for the employers found; a former one was among them then.
        """
        if name in self.decisions:
            chosen = self.decisions[name].same_as
            return chosen if chosen in {each.id for each in self._known.get(name, ())} else None
        return self.remembered.get(name, UNDECIDED).same_as

    def candidates(self, name: str, id: str) -> Sequence[KnownEmployer]:
        """Return the employers that a decision is needed on; none if the name's id is stored."""
        known = self._known.get(name, ())
        if any(each.id == id for each in known):
            return ()
        other = {
            employer
            for decisions in (self.remembered, self.decisions)
            for employer in decisions.get(name, UNDECIDED).different_from
        }
        return tuple(each for each in known if each.id not in other)

    def note_followed(self, name: str, employer: str) -> None:
        """Count a row whose employer a former import has decided."""
        if name not in self.decisions:
            self._followed[name, employer] += 1

    def notices(self) -> list[Fault]:
        """Return a fact for each name that a former import has decided."""
        found = []
        for (name, employer), rows in self._followed.most_common(MOST_NOTICES):
            counted = "1 row" if rows == 1 else f"{rows} rows"
            found.append(
                Fault(
                    f"{name!r} is the employer {employer} by an earlier decision ({counted})",
                    f"“{name}”按此前的确认归入单位 {employer}（{rows} 行）",
                )
            )
        if (more := len(self._followed) - MOST_NOTICES) > 0:
            found.append(
                Fault(
                    f"{more} more names of employers follow earlier decisions",
                    f"另有 {more} 个单位名称按此前的确认处理",
                )
            )
        return found


def name_alone(content: Any, resolved: ResolvedMapping) -> str:
    """Return the comparable name of an employer whose id derives from its name; else "". Pure."""
    if not isinstance(content, OpeningContent):
        return ""
    if not any(each.rule.kind == "employer" for each in resolved.rules):
        return ""
    employer = content.hiring_organization
    return comparable_name(employer.name) if employer.id == employer_id(employer.name) else ""


def with_employer(content: OpeningContent, id: str) -> OpeningContent:
    """Return the content as an opening of the employer with an id."""
    employer = content.hiring_organization.model_copy(update={"id": id})
    return content.model_copy(update={"hiring_organization": employer})


def employer_reason(column: str) -> FieldError:
    """Return the reason why a row waits for a decision on its employer."""
    return FieldError(
        column,
        "is the name of an employer that is stored under another id; say whether it is the same "
        "employer, or fill in the credit code",
        "与已登记单位名称相同，但未填统一社会信用代码；请确认是否为同一单位，或补填代码",
    )
