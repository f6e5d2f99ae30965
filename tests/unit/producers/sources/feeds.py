"""A partner's feed that changes and fails: a listing with validators, or pages of changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.unit.producers.sources.partner import Reply, advertisement

CUT = {"content-length": "1000000"}
"""Length that the body does not reach: the connection ends early."""
PAGE = 3


@dataclass(frozen=True)
class Pull:
    """Changes of the feed before a pull, and the fault of the pull."""

    added: int
    edited: int | None
    withdrawn: int | None
    fault: str
    after: int
    """Publications before a kill, or answers before another fault."""
    returned: int | None = None
    """Number of a withdrawn advertisement that is listed again."""


@dataclass
class Feed:
    """Advertisements by number, as a listing with validators or as pages of changes."""

    is_listing: bool
    common: Mapping[str, Any] = field(default_factory=dict)
    """Fields of every advertisement."""
    ads: dict[int, dict[str, Any]] = field(default_factory=dict)
    gone: dict[int, dict[str, Any]] = field(default_factory=dict)
    """Withdrawn advertisements by number."""
    events: list[dict[str, Any]] = field(default_factory=list)
    tag: int = 1
    fault: str = "none"
    healthy_answers: int = 0
    cursors: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._put(0, self._row(0))

    def content(self) -> dict[str, Any]:
        """Return the definition of a source of this feed, without its URL; no limit holds it."""
        if self.is_listing:
            return {"mostWithdrawnPercent": 100}
        return {
            "mode": "changes",
            "cursor": {"field": "next", "start": "0"},
            "removal": {"field": "status", "values": ["gone"]},
            "mostWithdrawnPercent": 100,
        }

    def url_at(self, server: str) -> str:
        """Return the URL of the feed at a server."""
        return f"{server}/jobs" if self.is_listing else f"{server}/feed?after={{cursor}}"

    def _row(self, number: int, **changes: Any) -> dict[str, Any]:
        return advertisement(number, **{**self.common, **changes})

    def change(self, pull: Pull) -> None:
        """Add, edit, withdraw and list advertisements again; the first one always stays."""
        first = len(self.events)
        next_number = max((*self.ads, *self.gone)) + 1
        for number in range(next_number, next_number + pull.added):
            self._put(number, self._row(number))
        if pull.returned in self.gone:
            self._put(pull.returned, self.gone.pop(pull.returned))
        if pull.edited in self.ads:
            before = self.ads[pull.edited]["totalJobOpenings"]
            self._put(pull.edited, self._row(pull.edited, totalJobOpenings=before + 10))
        if pull.withdrawn and pull.withdrawn in self.ads:
            self.gone[pull.withdrawn] = self.ads.pop(pull.withdrawn)
            gone = {"identifier": f"J-{pull.withdrawn}", "status": "gone"}
            self.events.append({**self.common, **gone})
        self.tag += len(self.events) > first or pull.fault == "new tag"
        self.fault = pull.fault if pull.fault in ("status", "cut", "garbage") else "none"
        self.healthy_answers = 0 if self.is_listing else pull.after % 3

    def _put(self, number: int, row: dict[str, Any]) -> None:
        self.ads[number] = row
        self.events.append(row)

    def answer(self, path: str, headers: Mapping[str, str]) -> Reply:
        """Answer a request, with the fault once the healthy answers are used up."""
        if self.fault != "none":
            if self.healthy_answers == 0:
                return {
                    "status": Reply(status=500),
                    "cut": Reply([self._row(0)], headers=CUT),
                    "garbage": Reply({"error": "maintenance"}),
                }[self.fault]
            self.healthy_answers -= 1
        return self._listing(headers) if self.is_listing else self._page(path)

    def _listing(self, headers: Mapping[str, str]) -> Reply:
        tag = f'"{self.tag}"'
        if headers.get("if-none-match") == tag:
            return Reply(status=304)
        return Reply(list(self.ads.values()), headers={"etag": tag})

    def _page(self, path: str) -> Reply:
        at = int(path.rpartition("=")[2])
        end = min(at + PAGE, len(self.events))
        self.cursors.append(at)
        return Reply({"items": self.events[at:end], "next": str(end)})
