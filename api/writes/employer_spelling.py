"""One employer has one id: an id that differs from a known one in case alone is refused.

Quotas, approvals, limits of a day, budgets and webhooks compare ids as they are. A second spelling
would be a second employer for all of them. Width and blanks are settled where an id is entered.
"""

from __future__ import annotations

from collections.abc import Iterator

from api.lists.paging import bool_of
from api.ports.services import Services
from roost.errors import conflicting_field
from roost.text.references import common_employer_id
from roost.topics import OPENINGS
from roost.views.elastic import Json

MOST_SPELLINGS = 20
"""Spellings of one id that are read; releases before this rule may have stored several."""


async def check_spelling(given: Services, employer_id: str | None, field: str) -> None:
    """Raise Conflict if an employer is known under another spelling of an id and not under it."""
    if employer_id is None:
        return
    wanted = common_employer_id(employer_id)
    known = {each for each in _holders(given) if common_employer_id(each) == wanted}
    if employer_id not in known:
        known |= await _posted(given, employer_id)
    if employer_id not in known and known:
        other = min(known)
        raise conflicting_field(
            field,
            f"this employer is known as {other}; write the id in the same way",
            f"该单位的编号已登记为 {other}，请使用相同写法",
        )


def _holders(given: Services) -> Iterator[str]:
    """Yield the employers of accounts and keys."""
    for account in given.identities.accounts.values():
        if account.employer_id is not None:
            yield account.employer_id
    for key in given.identities.keys.values():
        if key.employer_id is not None:
            yield key.employer_id


async def _posted(given: Services, employer_id: str) -> set[str]:
    """Return the spellings of an id in openings."""
    spelled = {"value": employer_id, "case_insensitive": True}
    body: Json = {
        "size": MOST_SPELLINGS,
        "_source": ["employer_id"],
        "track_total_hits": False,
        "query": bool_of([{"term": {"employer_id": spelled}}]),
        "collapse": {"field": "employer_id"},
    }
    wanted = common_employer_id(employer_id)
    found = (
        hit.source.get("employer_id")
        for hit in (await given.elastic.search(OPENINGS.name, body)).hits
    )
    return {each for each in found if each and common_employer_id(each) == wanted}
