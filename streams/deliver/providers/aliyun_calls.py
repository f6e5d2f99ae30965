"""Calls of Aliyun's RPC interfaces with signature V3 (ACS3-HMAC-SHA256)."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping

from roost.carriers.provider_answers import Meaning, aliyun_meaning
from roost.carriers.request_signatures import SignedRequest, aliyun_authorization, query_text
from roost.time.clock import Clock
from roost.time.leases import UNBOUNDED, Lease
from streams.deliver.providers.provider_client import ProviderAnswer, ProviderClient
from streams.deliver.providers.provider_urls import ProviderAccount

VERSION = "2017-05-25"


class AliyunCalls:
    """Signed calls to one of Aliyun's services."""

    def __init__(self, account: ProviderAccount, provider: str, clock: Clock) -> None:
        self._account = account
        self._clock = clock
        self.client = ProviderClient(provider, account.base_url, clock)

    async def call(
        self, action: str, parameters: Mapping[str, str], lease: Lease = UNBOUNDED
    ) -> ProviderAnswer:
        """Call an action; its parameters are in the query, as in Aliyun's own kits."""
        headers = {
            "host": self._account.host,
            "x-acs-action": action,
            "x-acs-version": VERSION,
            "x-acs-date": f"{self._clock.now():%Y-%m-%dT%H:%M:%SZ}",
            "x-acs-signature-nonce": secrets.token_hex(16),
            "x-acs-content-sha256": hashlib.sha256(b"").hexdigest(),
        }
        signed = SignedRequest(headers, parameters, b"")
        account = self._account
        headers["authorization"] = aliyun_authorization(account.key_id, account.secret, signed)
        return await self.client.call(f"/?{query_text(parameters)}", b"", headers, lease)


def code_of(answer: ProviderAnswer) -> tuple[Meaning, str, str]:
    """Return the meaning, the code and the request's id of an answer of Aliyun."""
    code = str(answer.content.get("Code", ""))
    return aliyun_meaning(code), code, str(answer.content.get("RequestId", ""))
