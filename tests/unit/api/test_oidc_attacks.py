"""Forged tokens and hostile answers of an OpenID Connect provider, over real HTTP."""

from __future__ import annotations

import asyncio
import base64
import gzip
import hmac
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey

from api.sign_in import provider_connection
from api.sign_in.provider_connection import address_in
from api.sign_in.provider_documents import FAILED_S, NEWER_KEYS_S
from api.sign_in.provider_tokens import MOST_KEYS, verified_mail
from roost.errors import Transient
from tests.unit.api.builders import NOW
from tests.unit.api.test_oidc import KEY, MAIL, Provider, gone_through
from tests.unit.api.test_oidc import here as here
from tests.unit.api.test_oidc import provider as provider
from tests.unit.api.test_signing_in import Here

CALLBACK = "/v1/sign-in/oidc/callback"


def part(value: Any) -> str:
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def claims(provider: Provider, nonce: str) -> dict[str, Any]:
    at = int(NOW.timestamp())
    return {
        "iss": provider.issuer,
        "sub": "42",
        "aud": "roost",
        "exp": at + 300,
        "iat": at,
        "nonce": nonce,
        "email": MAIL,
        "email_verified": True,
    }


def unsigned(said: Any) -> str:
    return f"{part({'alg': 'none'})}.{part(said)}."


def signed_with_public_key(said: Any) -> str:
    """Sign with HMAC and the provider's public key, which anybody has, as the secret."""
    text = f"{part({'alg': 'HS256', 'kid': '1'})}.{part(said)}"
    return f"{text}.{part(hmac.digest(KEY.as_pem(private=False), text.encode(), 'sha256'))}"


def signed_with_own_key_in_header(said: Any) -> str:
    own = RSAKey.generate_key(2048)
    header = {"alg": "RS256", "jwk": own.as_dict(private=False)}
    return jwt.encode(header, said, own)


def of_another_with_kept_signature(said: Any) -> str:
    text = jwt.encode({"alg": "RS256", "kid": "1"}, said | {"sub": "1"}, KEY)
    head, _, signature = text.split(".")
    return f"{head}.{part(said)}.{signature}"


@pytest.mark.parametrize(
    "forge",
    [
        unsigned,
        signed_with_public_key,
        signed_with_own_key_in_header,
        of_another_with_kept_signature,
    ],
)
async def test_a_forged_token_signs_nobody_in(here: Here, provider: Provider, forge: Any) -> None:
    here.account(MAIL)
    leads = await here.client.get("/v1/sign-in/oidc")
    back = provider.authorized(leads.headers["location"])
    nonce = provider.codes[back["code"]]["nonce"]
    answer = {"access_token": "a", "token_type": "Bearer"}
    provider.raw = json.dumps(answer | {"id_token": forge(claims(provider, nonce))}).encode()
    assert (await here.client.get(CALLBACK, params=back)).status_code == 401
    assert "roost" not in here.client.cookies


@pytest.mark.parametrize(
    ("says", "status"),
    [
        ({"aud": ["roost"]}, 303),
        ({"aud": ["roost", "other"], "azp": "roost"}, 303),
        ({"aud": ["roost", "other"]}, 401),
        ({"aud": ["other", "roost"], "azp": "other"}, 401),
        ({"aud": ["other"]}, 401),
        ({"aud": []}, 401),
        ({"aud": {"roost": 1}}, 401),
        ({"iat": int((NOW + timedelta(hours=1)).timestamp())}, 401),
        ({"iat": "now"}, 401),
        ({"iat": None}, 401),
        ({"nbf": int((NOW + timedelta(hours=1)).timestamp())}, 401),
        ({"exp": "never"}, 401),
        ({"sub": ""}, 401),
        ({"sub": None}, 401),
        ({"sub": ["42"]}, 401),
        ({"sub": 42}, 401),
        ({"nonce": ["x"]}, 401),
        ({"sub": "x" * 5_000}, 303),
    ],
)
async def test_audience_times_and_subject_are_checked(
    here: Here, provider: Provider, says: dict[str, Any], status: int
) -> None:
    here.account(MAIL)
    provider.says = says
    assert (await gone_through(here, provider)).status_code == status


async def test_a_key_is_replaced_and_the_former_one_signs_nobody_in(
    here: Here, provider: Provider
) -> None:
    here.account(MAIL)
    assert (await gone_through(here, provider)).status_code == 303
    provider.time_s += NEWER_KEYS_S
    provider.key = provider.signs_with = RSAKey.generate_key(2048, {"kid": "2"})
    provider.header = {"alg": "RS256", "kid": "2"}
    assert (await gone_through(here, provider)).status_code == 303
    provider.signs_with, provider.header = KEY, {"alg": "RS256", "kid": "1"}
    assert (await gone_through(here, provider)).status_code == 401


async def test_a_flow_signs_in_once_even_if_the_provider_takes_its_code_again(
    here: Here, provider: Provider
) -> None:
    here.account(MAIL)
    leads = await here.client.get("/v1/sign-in/oidc")
    back = provider.authorized(leads.headers["location"])
    asked = provider.codes[back["code"]]
    cookie = {"cookie": f"roost-oidc={here.client.cookies['roost-oidc']}"}
    assert (await here.client.get(CALLBACK, params=back)).status_code == 303
    provider.codes[back["code"]] = asked
    again = await here.browser().get(CALLBACK, params=back, headers=cookie)
    assert again.status_code == 401


async def test_a_huge_key_set_is_not_read_to_its_end(here: Here, provider: Provider) -> None:
    here.account(MAIL)
    provider.keys = [{"kty": "RSA", "n": "A" * 4_000_000, "e": "AQAB"}]
    assert (await gone_through(here, provider)).status_code == 503
    provider.keys = None
    provider.time_s += FAILED_S
    provider.raw = b'{"id_token": "' + b"a" * 4_000_000 + b'"}'
    assert (await gone_through(here, provider)).status_code == 503


@pytest.mark.parametrize(("others", "status"), [(MOST_KEYS - 1, 303), (MOST_KEYS, 401)])
async def test_of_many_keys_only_the_first_are_tried(
    here: Here, provider: Provider, others: int, status: int
) -> None:
    here.account(MAIL)
    own = provider.key.as_dict(private=False)
    copies = [own | {"kid": f"k{number}"} for number in range(others)]
    provider.keys = [*copies, own | {"kid": "1"}]
    assert (await gone_through(here, provider)).status_code == status


@asynccontextmanager
async def hostile(answer: list[bytes], pause_s: float = 0) -> AsyncIterator[tuple[str, list[str]]]:
    """Yield the address of a server that sends parts of an answer, and its requests so far."""
    asked: list[str] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append((await reader.readline()).decode())
        for each in answer:
            writer.write(each)
            await asyncio.sleep(pause_s)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        host, port = server.sockets[0].getsockname()[:2]
        yield f"http://{host}:{port}", asked


async def test_a_provider_that_answers_byte_by_byte_is_not_awaited(
    here: Here, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    here.account(MAIL)
    monkeypatch.setattr(provider_connection, "ANSWERS_WITHIN_S", 0.5)
    head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 9999\r\n\r\n"
    async with hostile([head, *[b" "] * 1000], 0.02) as (address, asked):
        provider.about = {"jwks_uri": f"{address}/jwks"}
        began = time.monotonic()
        assert (await gone_through(here, provider)).status_code == 503
        assert asked
        assert time.monotonic() - began < 10


async def test_a_compressed_answer_is_refused_before_it_is_unpacked(
    here: Here, provider: Provider
) -> None:
    here.account(MAIL)
    packed = gzip.compress(b'{"keys": []}')
    head = f"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: {len(packed)}\r\n\r\n"
    async with hostile([head.encode() + packed]) as (address, asked):
        provider.about = {"jwks_uri": f"{address}/jwks"}
        assert (await gone_through(here, provider)).status_code == 503
        assert asked


async def test_a_redirect_of_the_token_endpoint_is_not_followed(
    here: Here, provider: Provider
) -> None:
    here.account(MAIL)
    async with hostile([b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"]) as (thief, stolen):
        leads = f"HTTP/1.1 307 See\r\nlocation: {thief}/\r\ncontent-length: 0\r\n\r\n".encode()
        async with hostile([leads]) as (address, asked):
            provider.about = {"token_endpoint": f"{address}/token"}
            assert (await gone_through(here, provider)).status_code == 503
            assert asked
        assert stolen == [], "neither code nor secret is sent elsewhere"


@pytest.mark.parametrize("name", ["authorization_endpoint", "token_endpoint", "jwks_uri"])
def test_a_provider_behind_tls_names_no_endpoint_without_it(name: str) -> None:
    about = {name: "http://id.example.cn/x", "issuer": "https://id.example.cn"}
    with pytest.raises(Transient, match="https"):
        address_in(about, name)
    assert address_in(about | {"issuer": "http://id.example.cn"}, name)


@pytest.mark.parametrize(
    ("mail", "expected"),
    [
        ("Li@Example.CN", "li@example.cn"),
        ("\u212aim@example.cn", None),
        ("l\u0130@example.cn", None),
        ("ｌｉ@example.cn", None),
    ],
)
def test_a_letter_that_only_resembles_one_of_a_login_is_another(
    mail: str, expected: str | None
) -> None:
    assert verified_mail({"email": mail, "email_verified": True}) == expected
