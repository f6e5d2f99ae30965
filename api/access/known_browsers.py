"""Browsers in which an account has signed in before.

A cookie marks them, sealed under a key derived from the county's and bound to the account. Failed
sign-ins of strangers never lock out a marked browser: its own failures are counted separately.
The mark replaces no password. It ends with the generation of the account.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta

from starlette.responses import Response

from api.access import sessions
from api.access.client_address import Origin
from api.access.sessions import OpenedSession
from api.ports.services import Services
from roost.events.account import Account
from roost.security.county_key import derived
from roost.security.sealing import seal, unseal
from roost.settings import Settings

LIFETIME = timedelta(days=180)


def known_browser(given: Services, account: Account | None, origin: Origin) -> str | None:
    """Return the id of the known browser that a request of the account comes from, if any."""
    if account is None:
        return None
    session = given.identities.sessions.get(origin.session_id or "")
    if session is not None and session.account_id == account.id:
        return session.id
    return _marked(given, account, origin.cookies)


def set_browser_mark(response: Response, given: Services, account: Account) -> None:
    """Mark the browser as one in which the account has signed in."""
    plain = json.dumps(
        [secrets.token_hex(16), account.generation, given.clock.now().timestamp()]
    ).encode()
    value = seal(_key(given, account), plain)
    name = _cookie_name(given.settings, account)
    sessions.set_protected_cookie(response, name, value, given.settings, LIFETIME)


def set_opened_session(
    response: Response, given: Services, account: Account, opened: OpenedSession
) -> None:
    """Give a browser its session, and mark it as known."""
    sessions.set_session_cookie(response, opened.token, given.settings)
    set_browser_mark(response, given, account)


def _marked(given: Services, account: Account, cookies: Mapping[str, str]) -> str | None:
    sealed = cookies.get(_cookie_name(given.settings, account), "")
    plain = unseal(_key(given, account), sealed)
    if plain is None:
        return None
    id, generation, at = json.loads(plain)
    marked = datetime.fromtimestamp(at, account.created_at.tzinfo)
    recent = account.created_at <= marked and given.clock.now() < marked + LIFETIME
    return str(id) if recent and generation == account.generation else None


def _key(given: Services, account: Account) -> bytes:
    return derived(given.key, "known-browser", account.id)


def _cookie_name(settings: Settings, account: Account) -> str:
    """Return a name for each account, so that people who share a browser keep their marks."""
    return f"{sessions.cookie_name(settings)}-known-{account.id[2:14]}"
