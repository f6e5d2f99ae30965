"""Rules of postings: the caller's reach, the quota of an employer, approval of a new employer.

An employer whose openings nobody has approved yet posts under approval: the opening is stored and
shown to its employer, and is not matched or published until a station or the association approves
it. An employer counts as approved once it has any opening that is not awaiting approval: one that
staff posted or approved, or one of a release before approvals. After a serious refusal its new
openings wait again for some time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

from api.access import policy
from api.access.policy import Forbidden, Reach
from api.access.principal import Principal
from api.lists.paging import bool_of
from api.ports.services import Services
from api.writes.editing import reference_taken
from api.writes.employer_spelling import check_spelling
from api.writes.quotas import Quota, QuotaReached, count_live, reserve
from producers import facts, opening_decisions
from roost.errors import at_field
from roost.events.account import Permission
from roost.events.envelope import Record
from roost.events.opening import Opening, OpeningStatus
from roost.topics import OPENINGS
from roost.views.elastic import Json

LIVE = (OpeningStatus.OPEN, OpeningStatus.PAUSED)
"""Statuses that count against an employer's quota."""
AWAITING: Json = {"term": {"awaiting": True}}


def no_reservation(id: str) -> None:
    """Reserve nothing: a dry run counts the places in its own file only."""


def accept_spelling(employer_id: str) -> None:
    """Accept every spelling: a caller's own employer has one."""


@dataclass(slots=True)
class PostingRules:
    """Rules for the postings of one caller, loaded once. Pure, so that an import's thread can ask.

    An import uses one instance for all rows: `left` counts down.
    """

    may_write: Callable[[Opening], bool]
    awaiting: bool = False
    """Waiting of the new openings of the caller for approval."""
    most: int | None = None
    """Quota of the caller's employer; None without one."""
    is_new: bool = False
    """True if nothing of the employer has been approved yet: its quota is that of a new one."""
    left: int = 0
    reserve: Callable[[str], None] = no_reservation
    """Counts a new opening of a running import for all writers. Raises QuotaReached."""
    check_employer: Callable[[str], None] = accept_spelling
    """Raises Conflict for an employer that is known under another spelling of its id."""
    counted: set[str] = field(default_factory=set)
    """New openings of an import that are counted already: a file may repeat a row."""

    def check(self, stored: Mapping[str, Any] | None, opening: Opening) -> None:
        """Raise Forbidden or Conflict unless the caller may replace `stored` with the opening."""
        if not self.may_write(opening):
            raise out_of_reach()
        if stored is not None and not self._is_writable(stored):
            raise reference_taken("identifier")

    def complete(
        self, stored: Mapping[str, Any] | None, opening: Opening, record: Record, at: datetime
    ) -> Record:
        """Return the record to publish: of a new opening that waits for approval, with the mark."""
        if stored is None and self.awaiting:
            return opening_decisions.opening_approval_set(opening, awaiting=True, at=at)[1]
        return record

    def complete_row(
        self, stored: Mapping[str, Any] | None, opening: Opening, record: Record, at: datetime
    ) -> Record:
        """Do as `complete`, and count a new opening against the quota.

        Raises QuotaReached, and Conflict for a second spelling of a known employer's id.
        """
        if stored is None:
            self.check_employer(opening.hiring_organization.id)
        if stored is None and self.most is not None and opening.id not in self.counted:
            self._count(opening.id, self.most)
        return self.complete(stored, opening, record, at)

    def _count(self, id: str, most: int) -> None:
        """Take one of the places that were left; none is asked for after a refusal."""
        if self.left <= 0:
            raise quota_reached(most, awaiting=self.is_new)
        try:
            self.reserve(id)
        except QuotaReached:
            self.left = 0
            raise
        self.left -= 1
        self.counted.add(id)

    def _is_writable(self, stored: Mapping[str, Any]) -> bool:
        """Return whether the caller may replace a stored fact; not one of a newer, unknown form."""
        opening = facts.readable_opening(stored)
        return opening is not None and self.may_write(opening)


async def rules_for(
    given: Services, who: Principal, may_write: Callable[[Opening], bool]
) -> PostingRules:
    """Return the rules for a caller's postings. Staff post without quota and approval."""
    employer = _employer_of(who)
    if employer is None:
        return PostingRules(may_write)
    is_new, watched = await asyncio.gather(
        is_unapproved(given, employer), is_watched(given, employer)
    )
    most = _quota(given, awaiting=is_new)
    return PostingRules(may_write, is_new or watched, most, is_new=is_new)


async def rules_for_import(
    given: Services, who: Principal, may_write: Callable[[Opening], bool], *, dry_run: bool
) -> PostingRules:
    """Return the rules for the rows of an import, with the places left in the quota.

    The employer's other imports and postings take places meanwhile. So each new row reserves its
    own, from the import's thread, unless nothing is published.
    """
    rules, employer = await rules_for(given, who, may_write), _employer_of(who)
    loop = asyncio.get_running_loop()
    if employer is None or rules.most is None:

        @cache
        def check_employer(employer_id: str) -> None:
            checking = check_employer_of(given, employer_id)
            asyncio.run_coroutine_threadsafe(checking, loop).result()

        rules.check_employer = check_employer
        return rules
    used = await count_live(given, quota_of(employer, rules.most))
    rules.left = max(0, rules.most - used)
    if not dry_run:

        def reserve_row(id: str) -> None:
            place = reserve_place(given, who, rules, id)
            asyncio.run_coroutine_threadsafe(place, loop).result()

        rules.reserve = reserve_row
    return rules


async def reserve_place(given: Services, who: Principal, rules: PostingRules, id: str) -> None:
    """Count a new or reopened opening against the quota. Raises QuotaReached."""
    employer = _employer_of(who)
    if employer is None or rules.most is None:
        return
    refusal = quota_reached(rules.most, awaiting=rules.is_new)
    await reserve(given, quota_of(employer, rules.most), id, refusal)


async def check_employer_of(given: Services, employer_id: str) -> None:
    """Raise Conflict for an employer that is known under another spelling of its id."""
    await check_spelling(given, employer_id, "hiringOrganization.id")


async def is_unapproved(given: Services, employer_id: str) -> bool:
    """Return whether an employer has no opening that does not wait for approval."""
    approved = bool_of([{"term": {"employer_id": employer_id}}])
    approved["bool"]["must_not"].append(AWAITING)
    return await given.elastic.count(OPENINGS.name, approved) == 0


async def is_watched(given: Services, employer_id: str) -> bool:
    """Return whether an opening of the employer was refused for a serious reason a while ago."""
    now = given.clock.now().isoformat()
    refused = bool_of(
        [{"term": {"employer_id": employer_id}}, {"range": {"watched_until": {"gt": now}}}]
    )
    return await given.elastic.count(OPENINGS.name, refused) > 0


def quota_of(employer_id: str, most: int) -> Quota:
    """Return the quota of an employer's openings that are open or paused."""
    filters: list[Json] = [
        {"term": {"employer_id": employer_id}},
        {"terms": {"status": list(LIVE)}},
    ]
    return Quota(OPENINGS.name, employer_id, filters, most, _is_live)


def _is_live(fact: Mapping[str, Any]) -> bool:
    return fact.get("status") in LIVE


def quota_reached(most: int, *, awaiting: bool) -> QuotaReached:
    """Return the error for an employer with as many openings as it may have."""
    if awaiting:
        return QuotaReached(
            f"Your first openings await approval, {most} at most; ask your station or the "
            "association to approve one.",
            f"首批岗位正在等待审核（最多 {most} 个），请联系服务站或总会审核。",
        )
    return QuotaReached(
        f"Your employer has {most} openings that are open or paused; close or fill some first.",
        f"贵单位已有 {most} 个招聘中或暂停的岗位，请先关闭或办结部分岗位。",
    )


def out_of_reach() -> Forbidden:
    """Return the error for another employer's opening, or a place outside the service area."""
    return at_field(
        Forbidden,
        "hiringOrganization.id",
        "post openings of your own employer, or at a place that your station serves.",
        "只能发布本单位的岗位，或本站服务地区的岗位。",
    )


def _employer_of(who: Principal) -> str | None:
    """Return the employer of an employer's account or key; None for staff."""
    how_far = policy.reach(who, Permission.OPENINGS_WRITE)
    return who.employer_id if how_far is Reach.EMPLOYER else None


def _quota(given: Services, *, awaiting: bool) -> int:
    settings = given.settings
    return settings.openings_awaiting_approval if awaiting else settings.openings_per_employer
