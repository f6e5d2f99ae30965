"""Secret addresses of a person's calendar of interviews.

A token names the account and its generation, sealed under the county key. So an address ends with a
new password, role, state or second factor, and when an administrator ends the person's sessions.
"""

from __future__ import annotations

from datetime import timedelta

from api.access import policy
from api.access.policy import Forbidden
from api.access.principal import Principal, principal_of_account
from api.ports.services import Services
from api.today.calendar_file import calendar_file, entry_of
from api.today.service import interviews_of
from roost.errors import NotFound
from roost.events.account import Account, Permission
from roost.security.sealed_tokens import TokenRefused, open_token, seal_token
from roost.views.elastic import Json

PATH = "/calendars"
PURPOSE = "calendar"
LIFETIME = timedelta(days=366)
NAMES = {"zh": "凤还巢面试", "en": "Roost interviews"}
SUMMARIES = {"zh": "面试：{what}", "en": "Interview: {what}"}


def calendar_address(given: Services, who: Principal) -> str | None:
    """Return the address of a person's calendar; None for a key, which has no account."""
    account = given.identities.accounts.get(who.id)
    if account is None:
        return None
    token = seal_token(
        given.key,
        PURPOSE,
        [account.id, account.generation],
        bound_to=(PURPOSE,),
        now=given.clock.now(),
        lifetime=LIFETIME,
    )
    return f"{given.settings.public_url.rstrip('/')}{PATH}/{token}.ics"


def owner_of_calendar(given: Services, token: str) -> Principal:
    """Return the person whose calendar a token opens. Raises NotFound for an invalid one."""
    who = principal_of_account(_account_of(given, token))
    try:
        policy.reach(who, Permission.MATCHES_ASSIGN)
    except Forbidden as error:
        raise _unknown() from error
    return who


async def calendar_of(given: Services, who: Principal) -> bytes:
    """Return a person's calendar."""
    documents = await interviews_of(given, who)
    base = given.settings.public_url.rstrip("/")
    entries = [
        entry_of(each, _summary(each, who.language), f"{base}/console/matches/{each['id']}")
        for each in documents
    ]
    return calendar_file(NAMES[who.language], entries)


def _account_of(given: Services, token: str) -> Account:
    try:
        id, generation = open_token(
            given.key, PURPOSE, token, bound_to=(PURPOSE,), now=given.clock.now(), field="token"
        )
    except TokenRefused as error:
        raise _unknown() from error
    account = given.identities.accounts.get(id)
    if account is None or account.disabled or account.generation != generation:
        raise _unknown()
    return account


def _summary(document: Json, language: str) -> str:
    about = document["fact"].get("about") or {}
    return SUMMARIES[language].format(what=about.get("title") or "—")


def _unknown() -> NotFound:
    return NotFound(
        "This calendar address is not valid any more; copy the new one from the page Today.",
        "日历地址已失效，请在“今日工作”页面重新复制。",
    )
