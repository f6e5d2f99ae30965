"""Page of the audit log: search for who read and changed what."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from api.access.requirements import ReadsAudit
from api.audit import service
from api.audit.service import AuditFilter
from api.console.admin.audited_actions import action_words, cause_words
from api.console.shell.rendering import next_page, page, spoken
from api.console.shell.translations import say_in
from api.lists.clauses import check_order
from api.lists.paging import Cursor
from api.ports.services import Given, Services
from producers.identity_facts import account_id
from roost.events.audit import AuditEntry, SecurityEventKind
from roost.time.county_days import days_span

router = APIRouter(prefix="/console/admin/audit", include_in_schema=False)
HERE = "/console/admin/audit"
PAGE_SIZE = 50
Name = Annotated[str, Query(max_length=254, pattern=r"^[\w.:@+'&=~-]*$")]


@router.get("")
async def search_audit(
    request: Request,
    who: ReadsAudit,
    given: Given,
    by: Name = "",
    object: Name = "",
    first: Annotated[str, Query(alias="from", max_length=10)] = "",
    last: Annotated[str, Query(alias="to", max_length=10)] = "",
    event: Annotated[str, Query(max_length=40)] = "",
    login: Annotated[str, Query(max_length=254)] = "",
    network: Annotated[str, Query(max_length=64)] = "",
    cursor: Cursor = None,
) -> Response:
    check_order(("from", "to"), day_of(first), day_of(last))
    since, until = days_span(day_of(first), day_of(last), given.settings.zone)
    wanted = AuditFilter(
        by=actor_id(given, by),
        object=object or None,
        since=since,
        until=until,
        event=next((each for each in SecurityEventKind if each == event), None),
        login=login.strip() or None,
        network=network.strip() or None,
    )
    found = await service.list_entries(given, who, wanted, limit=PAGE_SIZE, cursor=cursor)
    return page(
        request,
        "admin/audit.html",
        entries=[(each, *_words(each, spoken(request))) for each in found.items],
        names=names_of(given, [each.who for each in found.items if each.who]),
        asked={
            "by": by,
            "object": object,
            "from": first,
            "to": last,
            "event": event,
            "login": login,
            "network": network,
        },
        events=tuple(SecurityEventKind),
        more=next_page(request, found.next),
    )


def _words(entry: AuditEntry, language: str) -> tuple[str, str]:
    """Return the action of an entry and its cause in words."""
    say = say_in(language)
    return action_words(entry, say), cause_words(entry, say)


def actor_id(given: Services, text: str) -> str | None:
    """Return the id of an account or key; an account may be given by its login."""
    if not text or text.startswith(("u-", "k-")):
        return text or None
    id = account_id(text.lower())
    return id if given.identities.accounts.get(id) is not None else text


def names_of(given: Services, ids: list[str]) -> dict[str, str]:
    """Return the names of accounts and keys by id; an erased one keeps its id as its name."""
    return {id: given.identities.name_of(id) for id in dict.fromkeys(ids)}


def day_of(text: str) -> date | None:
    """Return the day of a date field; None if the text is not a day."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
