"""Use cases of signing in with a passkey, which verifies its user: no password, no code."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from api.access import webauthn_ceremonies as ceremonies
from api.access.client_address import Origin
from api.access.identity_changes import change
from api.access.refusals import NotSignedIn
from api.access.security_events import note_sign_in
from api.access.session_changes import open_session, use_mark_once
from api.access.sessions import OpenedSession
from api.ports.services import Services
from roost.events.account import Account, Passkey
from roost.events.audit import SecurityEventKind as Kind
from roost.security.account_changes import altered
from roost.security.county_key import derived
from roost.security.sealing import seal, unseal

LIFETIME = timedelta(minutes=5)


def begin(given: Services) -> tuple[dict[str, Any], str]:
    """Return the options for any passkey of this site, and the sealed ceremony."""
    challenge = ceremonies.new_challenge()
    plain = json.dumps([challenge, given.clock.now().timestamp()]).encode()
    sealed = seal(derived(given.key, "passkey-sign-in"), plain)
    return ceremonies.request_options(given.settings, challenge), sealed


async def sign_in_by_passkey(
    given: Services, ceremony: str, credential: dict[str, Any], origin: Origin
) -> OpenedSession:
    """Open a session for the owner of a passkey. Raises NotSignedIn.

    A challenge is answered once, in all processes and by all accounts together.
    """
    challenge = _challenge(given, ceremony)
    if challenge is None:
        raise _refused(given, "passkey-expired", origin)
    found = _passkey(given, credential)
    if found is None:
        raise _refused(given, "passkey-unknown", origin)
    account, passkey = found
    count = ceremonies.sign_count_of(given.settings, passkey, credential, challenge)
    if count is None or not await use_mark_once(given, account, "passkey", challenge):
        raise _refused(given, "passkey", origin)
    if account.disabled:
        raise _refused(given, "disabled", origin)
    try:
        await _count_use(given, account, passkey, count)
    except _Copied:
        raise _refused(given, "passkey", origin) from None
    opened = await open_session(given, account)
    note_sign_in(given, Kind.SIGNED_IN, "passkey", account.login, origin, account, status=200)
    return opened


def _challenge(given: Services, ceremony: str) -> str | None:
    plain = unseal(derived(given.key, "passkey-sign-in"), ceremony)
    if plain is None:
        return None
    challenge, at = json.loads(plain)
    late = given.clock.now().timestamp() - at > LIFETIME.total_seconds()
    return None if late else str(challenge)


def _passkey(given: Services, credential: dict[str, Any]) -> tuple[Account, Passkey] | None:
    id = credential.get("id")
    for account in given.identities.accounts.values():
        for each in account.passkeys:
            if each.id == id:
                return account, each
    return None


class _Copied(Exception):
    """Another answer with the same or a later count was accepted meanwhile."""


async def _count_use(given: Services, account: Account, passkey: Passkey, count: int) -> None:
    """Store the signature counter, if the passkey has one. Raises _Copied."""
    if count == passkey.sign_count:
        return

    def counted(current: Account) -> Account:
        if any(each.id == passkey.id and each.sign_count >= count for each in current.passkeys):
            raise _Copied
        keys = tuple(
            each.model_copy(update={"sign_count": count}) if each.id == passkey.id else each
            for each in current.passkeys
        )
        return altered(current, passkeys=keys)

    accounts = given.identities.accounts
    await change(given.publisher, accounts, account.id, counted, given.clock.now())


def _refused(given: Services, cause: str, origin: Origin) -> NotSignedIn:
    note_sign_in(given, Kind.SIGN_IN_FAILED, cause, None, origin)
    return NotSignedIn(
        "The passkey was not accepted; start again, or sign in with your password.",
        "通行密钥未被接受，请重新开始，或使用密码登录。",
    )
