"""Configuration and keys of the OpenID Connect provider, read for all callers together.

Anybody may begin a sign-in, so a request reads nothing from the provider as long as both are known.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from joserfc import jwk

from api.ports.shared_result import SharedResult, Value
from api.sign_in.provider_connection import (
    ANSWERS_WITHIN_S,
    address_in,
    provider_away,
    provider_client,
    read_document,
)
from api.sign_in.provider_tokens import usable_keys
from roost.errors import Transient
from roost.settings import Settings

CONFIGURATION_S = 3_600.0
"""Longest use of the provider's configuration."""
KEYS_S = 600.0
"""Longest use of its keys: one that the provider withdraws signs nobody in after this time."""
NEWER_KEYS_S = 60.0
"""Shortest time between two readings of the keys because a token was signed with none of them."""
FAILED_S = 10.0
"""Time after a failure during which the provider is not asked again."""


class CachedProviderDocuments:
    """Documents of the provider: one reading at a time, kept for a bounded time, as failures are.

    `now` returns seconds of a clock that never goes back.
    """

    def __init__(self, settings: Settings, now: Callable[[], float] = time.monotonic) -> None:
        self._settings = settings
        waits: dict[str, Any] = {
            # Longer than the client's own limit, so that its refusal is the one that callers get.
            "within_s": 2 * ANSWERS_WITHIN_S + 1,
            "failed_s": FAILED_S,
            "now": now,
        }
        self._configuration: SharedResult[dict[str, Any]] = SharedResult(
            self._read_configuration, CONFIGURATION_S, **waits
        )
        self._keys: SharedResult[list[jwk.Key]] = SharedResult(self._read_keys, KEYS_S, **waits)

    async def configuration(self) -> dict[str, Any]:
        """Return the provider's configuration (OpenID Connect Discovery 1.0). Raises Transient."""
        return await _within_time(self._configuration)

    async def keys(self) -> list[jwk.Key]:
        """Return the keys of the provider's signatures. Raises Transient."""
        return await _within_time(self._keys)

    async def newer_keys(self) -> list[jwk.Key]:
        """Return the keys, read again unless that was done within the last minute.

        Raises Transient.
        """
        return await _within_time(self._keys, NEWER_KEYS_S)

    async def close(self) -> None:
        """Cancel running readings."""
        await self._keys.close()
        await self._configuration.close()

    async def _read_configuration(self) -> dict[str, Any]:
        issuer = self._settings.oidc_issuer or ""
        async with provider_client(self._settings) as client:
            about = await read_document(
                client, issuer.rstrip("/") + "/.well-known/openid-configuration"
            )
        if about.get("issuer") != issuer:
            raise Transient(
                "The provider names another issuer than ROOST_OIDC_ISSUER; correct the setting.",
                "身份提供方的 issuer 与设置不符，请联系管理员。",
            )
        return about

    async def _read_keys(self) -> list[jwk.Key]:
        address = address_in(await self.configuration(), "jwks_uri")
        async with provider_client(self._settings) as client:
            return usable_keys(await read_document(client, address))


async def _within_time(shared: SharedResult[Value], fresh_s: float | None = None) -> Value:
    try:
        return await shared.get(fresh_s)
    except TimeoutError as error:
        raise provider_away(error) from error
