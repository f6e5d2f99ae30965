"""Use cases of the caller's own passkeys. Every function raises Forbidden for a key."""

from __future__ import annotations

from typing import Any

from api.access import webauthn_ceremonies as ceremonies
from api.access.client_address import Origin
from api.access.enrolment import seal_enrolment, unseal_enrolment
from api.access.principal import Principal
from api.access.sessions import OpenedSession
from api.me.service import check_has_password, check_own_password, own_account, reopened
from api.ports.services import Services
from roost.errors import Conflict, NotFound, invalid_field
from roost.events.account import MOST_PASSKEYS, Account, Passkey
from roost.security.account_changes import altered

PASSKEY = "passkey"


def own_passkeys(given: Services, who: Principal) -> tuple[Passkey, ...]:
    """Return the caller's passkeys, the oldest first."""
    return own_account(given, who).passkeys


async def begin_passkey(
    given: Services, who: Principal, password: str, origin: Origin
) -> tuple[dict[str, Any], str]:
    """Return the options for a new passkey, and the enrolment that registers it.

    Raises NotSignedIn if the password is wrong, Conflict if passkeys are not possible here.
    """
    account = own_account(given, who)
    check_has_password(account)
    _check_available(given)
    _check_room(account)
    await check_own_password(given, account, password, origin)
    challenge = ceremonies.new_challenge()
    enrolment = seal_enrolment(given.key, account, PASSKEY, challenge, given.clock.now())
    return ceremonies.creation_options(given.settings, account, challenge), enrolment


def options_again(given: Services, who: Principal, enrolment: str) -> dict[str, Any]:
    """Return the options of an enrolment in progress. Raises Invalid if it is over."""
    account = own_account(given, who)
    challenge = unseal_enrolment(given.key, account, PASSKEY, enrolment, given.clock.now())
    return ceremonies.creation_options(given.settings, account, challenge)


async def register_passkey(
    given: Services,
    who: Principal,
    enrolment: str,
    name: str,
    credential: dict[str, Any],
    origin: Origin,
) -> OpenedSession:
    """Register a passkey, end every session and open a new one.

    Raises Invalid if the credential does not answer the enrolment, Conflict if it is registered.
    """
    account = own_account(given, who)
    now = given.clock.now()
    challenge = unseal_enrolment(given.key, account, PASSKEY, enrolment, now)
    passkey = ceremonies.registered_passkey(given.settings, credential, challenge, name, now)
    if passkey is None:
        raise invalid_field(
            "credential",
            "does not answer these options; begin again",
            "通行密钥验证失败，请重新开始",
        )
    taken = {key.id for each in given.identities.accounts.values() for key in each.passkeys}
    if passkey.id in taken:
        raise Conflict("This passkey is registered already.", "该通行密钥已注册。")

    def enrolled(current: Account) -> Account:
        _check_room(current)
        return altered(current, passkeys=(*current.passkeys, passkey))

    return await reopened(given, account, enrolled, origin)


async def remove_passkey(
    given: Services, who: Principal, id: str, password: str, origin: Origin
) -> OpenedSession:
    """Remove a passkey, end every session and open a new one.

    Raises NotFound, and NotSignedIn if the password is wrong.
    """
    account = own_account(given, who)
    if id not in {each.id for each in account.passkeys}:
        raise NotFound("There is no such passkey.", "没有该通行密钥。")
    await check_own_password(given, account, password, origin)

    def without(current: Account) -> Account:
        left = tuple(each for each in current.passkeys if each.id != id)
        return altered(current, passkeys=left)

    return await reopened(given, account, without, origin)


def _check_available(given: Services) -> None:
    if not ceremonies.are_available(given.settings):
        raise Conflict(
            "Browsers allow passkeys only under a host name and over https; ask your "
            "administrator to set ROOST_PUBLIC_URL so.",
            "浏览器仅在使用域名和 https 时支持通行密钥，请联系管理员设置 ROOST_PUBLIC_URL。",
        )


def _check_room(account: Account) -> None:
    if len(account.passkeys) >= MOST_PASSKEYS:
        raise Conflict(
            f"You have {MOST_PASSKEYS} passkeys; remove one first.",
            f"您已有 {MOST_PASSKEYS} 个通行密钥，请先移除一个。",
        )
