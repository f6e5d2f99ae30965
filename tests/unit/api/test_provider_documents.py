"""Configuration and keys of an OpenID Connect provider, which are read rarely."""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest
from joserfc.jwk import RSAKey

from api.sign_in.provider_documents import CONFIGURATION_S, FAILED_S, KEYS_S, NEWER_KEYS_S
from tests.unit.api.test_oidc import KEY, MAIL, STRANGERS_KEY, Provider, gone_through
from tests.unit.api.test_oidc import here as here
from tests.unit.api.test_oidc import provider as provider
from tests.unit.api.test_signing_in import Here

CONFIGURATION = "/.well-known/openid-configuration"
NEXT_KEY = RSAKey.generate_key(2048, {"kid": "2"})


async def begun(here: Here, times: int) -> set[int]:
    answers = [here.client.get("/v1/sign-in/oidc") for _ in range(times)]
    return {each.status_code for each in await asyncio.gather(*answers)}


async def test_strangers_who_begin_at_once_cost_the_provider_one_request(
    here: Here, provider: Provider
) -> None:
    assert await begun(here, 15) == {303}
    assert await begun(here, 15) == {303}
    assert provider.read == [CONFIGURATION]


async def test_the_configuration_is_read_again_after_its_time(
    here: Here, provider: Provider
) -> None:
    await begun(here, 1)
    provider.time_s += CONFIGURATION_S - 1
    await begun(here, 1)
    assert len(provider.read) == 1
    provider.about = {"authorization_endpoint": f"{provider.issuer}/new"}
    provider.time_s += 1
    leads = await here.client.get("/v1/sign-in/oidc")
    assert leads.headers["location"].startswith(f"{provider.issuer}/new?")
    assert len(provider.read) == 2


async def test_a_provider_that_fails_is_asked_again_after_a_short_time_only(
    here: Here, provider: Provider
) -> None:
    provider.about = {"issuer": "https://other.example"}
    assert await begun(here, 15) == {503}
    assert await begun(here, 15) == {503}
    assert len(provider.read) == 1
    provider.about = {}
    provider.time_s += FAILED_S - 1
    assert await begun(here, 1) == {503}
    provider.time_s += 1
    assert await begun(here, 1) == {303}
    assert len(provider.read) == 2


async def test_a_caller_who_leaves_ends_no_reading_of_others(
    here: Here, provider: Provider
) -> None:
    assert here.given.provider is not None
    first = asyncio.create_task(here.given.provider.configuration())
    second = asyncio.create_task(here.given.provider.configuration())
    await asyncio.sleep(0)
    first.cancel()
    assert (await second)["issuer"] == provider.issuer
    assert provider.read == [CONFIGURATION]


async def test_many_sign_ins_read_the_keys_once(here: Here, provider: Provider) -> None:
    here.account(MAIL)
    for _ in range(4):
        assert (await gone_through(here, provider)).status_code == 303
    assert Counter(provider.read) == {CONFIGURATION: 1, "/jwks": 1}


async def test_a_token_with_a_new_key_makes_the_keys_be_read_again(
    here: Here, provider: Provider
) -> None:
    here.account(MAIL)
    await gone_through(here, provider)
    provider.time_s += NEWER_KEYS_S
    provider.key = provider.signs_with = NEXT_KEY
    provider.header = {"alg": "RS256", "kid": "2"}
    assert (await gone_through(here, provider)).status_code == 303
    assert provider.read.count("/jwks") == 2


@pytest.mark.parametrize("kid", ["1", "unknown", None])
async def test_tokens_of_unknown_keys_make_them_be_read_once_a_minute(
    here: Here, provider: Provider, kid: str | None
) -> None:
    here.account(MAIL)
    await gone_through(here, provider)
    provider.signs_with = STRANGERS_KEY
    provider.header = {"alg": "RS256"} | ({"kid": kid} if kid else {})
    for _ in range(3):
        assert (await gone_through(here, provider)).status_code == 401
    assert provider.read.count("/jwks") == 1
    provider.time_s += NEWER_KEYS_S
    for _ in range(3):
        assert (await gone_through(here, provider)).status_code == 401
    assert provider.read.count("/jwks") == 2


async def test_a_withdrawn_key_signs_nobody_in_after_the_keys_time(
    here: Here, provider: Provider
) -> None:
    here.account(MAIL)
    assert (await gone_through(here, provider)).status_code == 303
    provider.key = NEXT_KEY
    provider.time_s += KEYS_S
    provider.signs_with = KEY
    assert (await gone_through(here, provider)).status_code == 401


async def test_a_claim_that_does_not_fit_makes_no_reading(here: Here, provider: Provider) -> None:
    here.account(MAIL)
    await gone_through(here, provider)
    provider.time_s += NEWER_KEYS_S
    provider.says = {"aud": "another"}
    assert (await gone_through(here, provider)).status_code == 401
    assert provider.read.count("/jwks") == 1
