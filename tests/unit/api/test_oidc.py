"""Sign-in through an OpenID Connect provider: a small test provider on loopback."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote_plus, urlsplit

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey
from pydantic import SecretStr

from api.access.local_paths import local_path
from api.app import create_app
from api.sign_in.provider_documents import CONFIGURATION_S, KEYS_S, CachedProviderDocuments
from api.sign_in.provider_tokens import usable_keys, verified_claims
from roost.settings import Settings
from tests.unit.api.builders import NOW
from tests.unit.api.signed import given_to
from tests.unit.api.test_signing_in import Here

MAIL = "li@example.cn"
SECRET = "a%b+c/= ü"


KEY = RSAKey.generate_key(2048, {"kid": "1"})
STRANGERS_KEY = RSAKey.generate_key(2048, {"kid": "1"})


class Provider:
    """Provider that issues a code for every visitor and a token for the code.

    `says` changes the claims of the token.
    """

    def __init__(self) -> None:
        self.key = KEY
        self.signs_with = self.key
        self.says: dict[str, Any] = {}
        self.header: dict[str, Any] = {"alg": "RS256", "kid": "1"}
        self.keys: list[Any] | None = None
        self.by_post = False
        self.about: dict[str, Any] = {}
        self.raw: bytes | None = None
        self.codes: dict[str, dict[str, str]] = {}
        self.read: list[str] = []
        """Paths of the documents that were read."""
        self.time_s = 0.0
        """Time by which the API judges the age of documents."""
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.issuer = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def authorized(self, url: str) -> dict[str, str]:
        """Return the code and the state that its page sends back to the browser."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        code = secrets.token_urlsafe(16)
        self.codes[code] = asked
        return {"code": code, "state": asked["state"]}

    def token(self, form: dict[str, str], authorization: str) -> dict[str, Any] | None:
        asked = self.codes.pop(form.get("code", ""), None)
        if asked is None or not self._knows(authorization, form):
            return None
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        if challenge != asked["code_challenge"] or form["redirect_uri"] != asked["redirect_uri"]:
            return None
        claims = {
            "iss": self.issuer,
            "sub": "42",
            "aud": "roost",
            "exp": int((NOW + timedelta(minutes=5)).timestamp()),
            "iat": int(NOW.timestamp()),
            "nonce": asked["nonce"],
            "email": MAIL,
            "email_verified": True,
        } | self.says
        said = {name: value for name, value in claims.items() if value is not None}
        return {
            "access_token": "a",
            "token_type": "Bearer",
            "id_token": jwt.encode(self.header, said, self.signs_with),
        }

    def _knows(self, authorization: str, form: dict[str, str]) -> bool:
        """Return whether the client authenticates as RFC 6749, section 2.3.1, requires."""
        if self.by_post:
            return (form.get("client_id"), form.get("client_secret")) == ("roost", SECRET)
        pair = base64.b64decode(authorization.removeprefix("Basic ")).decode()
        return [unquote_plus(each) for each in pair.split(":")] == ["roost", SECRET]

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                provider.read.append(self.path)
                if self.path == "/jwks":
                    own = [provider.key.as_dict(private=False)]
                    self._answer(200, {"keys": own if provider.keys is None else provider.keys})
                    return
                self._answer(
                    200,
                    {
                        "issuer": provider.issuer,
                        "authorization_endpoint": f"{provider.issuer}/authorize",
                        "token_endpoint": f"{provider.issuer}/token",
                        "jwks_uri": f"{provider.issuer}/jwks",
                    }
                    | (
                        {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
                        if provider.by_post
                        else {}
                    )
                    | provider.about,
                )

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"])).decode()
                form = {name: values[0] for name, values in parse_qs(body).items()}
                said = provider.token(form, self.headers.get("authorization", ""))
                if provider.raw is not None:
                    self._send(200, provider.raw)
                elif said is None:
                    self._answer(400, {"error": "invalid_grant"})
                else:
                    self._answer(200, said)

            def _answer(self, status: int, said: dict[str, Any]) -> None:
                self._send(status, json.dumps(said).encode())

            def _send(self, status: int, body: bytes) -> None:
                self.send_response(status)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: Any) -> None:
                return None

        return Handler


@pytest.fixture
def provider() -> Iterator[Provider]:
    made = Provider()
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture
async def here(provider: Provider) -> AsyncIterator[Here]:
    made = Here()
    settings = Settings(
        public_url="http://test",
        oidc_issuer=provider.issuer,
        oidc_client_secret=SecretStr(SECRET),
    )
    made.app = create_app(settings)
    documents = CachedProviderDocuments(settings, lambda: provider.time_s)
    made.given = given_to(
        made.app, made.topics, settings=settings, clock=made.clock, provider=documents
    )
    made.client = httpx.AsyncClient(transport=httpx.ASGITransport(made.app), base_url="http://test")
    yield made
    await made.client.aclose()


async def gone_through(here: Here, provider: Provider, **changed: str) -> httpx.Response:
    """Return the answer to the browser that returns from the provider."""
    leads = await here.client.get("/v1/sign-in/oidc", params={"next": "/queue"})
    assert leads.status_code == 303, leads.text
    back = provider.authorized(leads.headers["location"]) | changed
    return await here.client.get("/v1/sign-in/oidc/callback", params=back)


async def test_whose_verified_address_is_a_login_is_signed_in(
    here: Here, provider: Provider
) -> None:
    account = here.account(MAIL, password_hash=None)
    answer = await gone_through(here, provider)
    assert (answer.status_code, answer.headers["location"]) == (303, "/queue")
    assert (await here.client.get("/v1/me")).json()["login"] == MAIL
    standing = here.topics.identities.accounts.get(account.id)
    assert standing is not None
    assert standing.oidc_subject == f"{provider.issuer} 42"


async def test_from_then_on_the_subject_counts_and_not_the_address(
    here: Here, provider: Provider
) -> None:
    here.account(MAIL)
    await gone_through(here, provider)
    provider.says = {"email": "new@example.cn"}
    assert (await gone_through(here, provider)).status_code == 303
    provider.says = {"sub": "43"}
    assert (await gone_through(here, provider)).status_code == 401, "another with the old address"


@pytest.mark.parametrize(
    "says",
    [
        {"email_verified": False},
        {"email_verified": "false"},
        {"email_verified": "yes"},
        {"email_verified": 1},
        {"email": ["li@example.cn"]},
        {"email_verified": None},
        {"email": "nobody@example.cn"},
        {"nonce": "another"},
        {"nonce": None},
        {"aud": "another"},
        {"iss": "https://evil.example"},
        {"exp": int((NOW - timedelta(minutes=5)).timestamp())},
        {"exp": None},
        {"azp": "another"},
    ],
)
async def test_a_token_that_does_not_fit_signs_nobody_in(
    here: Here, provider: Provider, says: dict[str, Any]
) -> None:
    here.account(MAIL)
    provider.says = says
    answer = await gone_through(here, provider)
    assert answer.status_code == 401
    assert "roost" not in here.client.cookies


async def test_a_token_that_another_key_signed_signs_nobody_in(
    here: Here, provider: Provider
) -> None:
    here.account(MAIL)
    provider.signs_with = STRANGERS_KEY
    assert (await gone_through(here, provider)).status_code == 401


async def test_a_closed_account_is_not_opened_by_the_provider(
    here: Here, provider: Provider
) -> None:
    here.account(MAIL, disabled=True)
    assert (await gone_through(here, provider)).status_code == 401


@pytest.mark.parametrize("changed", [{"state": "another"}, {"code": "another"}, {"code": ""}])
async def test_what_comes_back_to_another_browser_or_changed_is_refused(
    here: Here, provider: Provider, changed: dict[str, str]
) -> None:
    here.account(MAIL)
    assert (await gone_through(here, provider, **changed)).status_code == 401


async def test_a_sign_in_that_began_elsewhere_or_long_ago_is_refused(
    here: Here, provider: Provider
) -> None:
    here.account(MAIL)
    leads = await here.client.get("/v1/sign-in/oidc")
    back = provider.authorized(leads.headers["location"])
    kept = here.client.cookies["roost-oidc"]
    here.client.cookies.clear()
    path = "/v1/sign-in/oidc/callback"
    assert (await here.client.get(path, params=back)).status_code == 401
    here.clock.moment = NOW + timedelta(minutes=11)
    late = await here.client.get(path, params=back, headers={"cookie": f"roost-oidc={kept}"})
    assert late.status_code == 401


async def test_without_a_provider_there_is_no_such_way() -> None:
    here = Here()
    assert (await here.client.get("/v1/sign-in/oidc")).status_code == 404
    await here.client.aclose()


async def test_a_provider_that_is_away_is_said_to_be(here: Here, provider: Provider) -> None:
    provider.server.shutdown()
    provider.server.server_close()
    assert (await here.client.get("/v1/sign-in/oidc")).status_code == 503


@pytest.mark.parametrize(
    "path", ["https://evil.example", "//evil.example", "/\\evil", "\\\\evil", "", None, "/a\nb"]
)
def test_nobody_is_led_elsewhere_after_signing_in(path: str | None) -> None:
    assert local_path(path) == "/"
    assert local_path("/queue?x=1") == "/queue?x=1"


UNKNOWN_KEYS = [
    {"kty": "EC", "crv": "brainpoolP256r1", "kid": "b", "x": "AA", "y": "AA"},
    {"kty": "EC", "crv": "P-256", "kid": "1", "x": "AA", "y": "AA"},
    {"kty": "AKP", "alg": "ML-DSA-44", "kid": "c"},
    {"kty": "OKP", "crv": "X", "x": "AA"},
    {"kty": "RSA", "n": 5, "e": "AQAB"},
    {"kty": ["RSA"]},
    {"kty": "oct", "k": "AAAA"},
    {},
    None,
    "RSA",
    7,
]


@pytest.mark.parametrize("unknown", UNKNOWN_KEYS, ids=str)
async def test_keys_of_unknown_kinds_are_skipped(
    here: Here, provider: Provider, unknown: Any
) -> None:
    here.account(MAIL)
    provider.keys = [unknown, provider.key.as_dict(private=False), unknown]
    assert (await gone_through(here, provider)).status_code == 303


@pytest.mark.parametrize("keys", [[], UNKNOWN_KEYS, {"a": 1}, "keys", 7])
async def test_a_key_set_without_a_usable_key_signs_nobody_in(
    here: Here, provider: Provider, keys: Any
) -> None:
    here.account(MAIL)
    provider.keys = keys
    assert (await gone_through(here, provider)).status_code == 401


async def test_a_token_without_a_key_id_is_tried_against_every_fitting_key(
    here: Here, provider: Provider
) -> None:
    here.account(MAIL)
    provider.header = {"alg": "RS256"}
    others = [RSAKey.generate_key(2048, {"kid": "0"}), ECKey.generate_key("P-256", {"kid": "e"})]
    own = provider.key.as_dict(private=False)
    provider.keys = [*(each.as_dict(private=False) for each in others), own]
    assert (await gone_through(here, provider)).status_code == 303
    provider.signs_with = STRANGERS_KEY
    assert (await gone_through(here, provider)).status_code == 401


async def test_a_token_with_an_unknown_key_id_is_tried_against_keys_without_one(
    here: Here, provider: Provider
) -> None:
    here.account(MAIL)
    bare = provider.key.as_dict(private=False)
    provider.keys = [{name: value for name, value in bare.items() if name != "kid"}]
    assert (await gone_through(here, provider)).status_code == 303
    provider.keys = [bare | {"kid": "2"}]
    provider.time_s += KEYS_S
    assert (await gone_through(here, provider)).status_code == 401


@pytest.mark.parametrize(
    ("login", "says"),
    [
        (MAIL, {"email_verified": "true"}),
        (MAIL, {"email_verified": "True"}),
        ("li.na+roost@example.com", {"email": "Li.Na+Roost@example.com"}),
        ("o'brien+a@example.com", {"email": "o'brien+a@example.com"}),
        ("a" * 64 + "@example.com", {"email": "a" * 64 + "@example.com"}),
        (MAIL, {"aud": ["roost", "another"], "azp": "roost"}),
        (MAIL, {"iat": int((NOW + timedelta(seconds=30)).timestamp())}),
    ],
)
async def test_claims_are_read_as_other_providers_send_them(
    here: Here, provider: Provider, login: str, says: dict[str, Any]
) -> None:
    here.account(login)
    provider.says = says
    answer = await gone_through(here, provider)
    assert answer.status_code == 303, answer.text


@pytest.mark.parametrize(
    "subject", ["s" * 255, "s" * 1_000, "line\nline", "nul\x00", " spaced ", "中" * 400]
)
async def test_any_subject_leaves_the_account_readable_and_is_recognised(
    here: Here, provider: Provider, subject: Any
) -> None:
    account = here.account(MAIL)
    provider.says = {"sub": subject}
    assert (await gone_through(here, provider)).status_code == 303
    provider.says = {"sub": subject, "email": None}
    assert (await gone_through(here, provider)).status_code == 303
    provider.says = {"sub": f"{subject}x", "email": None}
    assert (await gone_through(here, provider)).status_code == 401
    assert here.topics.identities.accounts.get(account.id) is not None


async def test_a_provider_that_takes_a_form_only_gets_a_form(
    here: Here, provider: Provider
) -> None:
    here.account(MAIL)
    provider.by_post = True
    assert (await gone_through(here, provider)).status_code == 303


@pytest.mark.parametrize("methods", [5, True, {"a": 1}, "client_secret_basic", [7, None], None])
async def test_any_list_of_authentication_methods_is_no_internal_error(
    here: Here, provider: Provider, methods: Any
) -> None:
    here.account(MAIL)
    provider.about = {"token_endpoint_auth_methods_supported": methods}
    assert (await gone_through(here, provider)).status_code == 303


@pytest.mark.parametrize(
    "raw",
    [
        b"[]",
        b'["id_token"]',
        b'"text"',
        b"5",
        b"null",
        b"not JSON",
        b'{"expires_in": 1e999, "id_token": "x"}',
        b'{"expires_in": {}, "id_token": "x"}',
        b'{"id_token": {"a": 1}}',
        b'{"id_token": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    ],
)
async def test_no_answer_with_a_token_is_an_internal_error(
    here: Here, provider: Provider, raw: bytes
) -> None:
    here.account(MAIL)
    provider.raw = raw
    answer = await gone_through(here, provider)
    assert answer.status_code in {303, 401, 503}, answer.text
    assert "roost" not in here.client.cookies


@pytest.mark.parametrize("address", [5, None, "", "nowhere", "http://[", "ftp://x/y", "https://"])
@pytest.mark.parametrize("name", ["authorization_endpoint", "token_endpoint", "jwks_uri"])
async def test_an_address_that_is_none_is_no_internal_error(
    here: Here, provider: Provider, name: str, address: Any
) -> None:
    here.account(MAIL)
    leads = await here.client.get("/v1/sign-in/oidc", params={"next": "/queue"})
    back = provider.authorized(leads.headers["location"])
    provider.about = {name: address}
    provider.time_s += CONFIGURATION_S
    if name == "authorization_endpoint":
        begun = await here.client.get("/v1/sign-in/oidc")
        assert begun.status_code == 503, begun.headers
        return
    answer = await here.client.get("/v1/sign-in/oidc/callback", params=back)
    assert answer.status_code == 503, answer.text


async def test_an_unverified_address_is_named_as_the_reason(here: Here, provider: Provider) -> None:
    here.account(MAIL)
    provider.says = {"email_verified": None}
    answer = await gone_through(here, provider)
    assert "email_verified" in answer.json()["detail"]


@pytest.mark.parametrize(
    "token",
    ["", "a", "a.b.c", "..", "é.é.é", "eyJhbGciOiJub25lIn0.e30.", 7, None, ["a"], "e30.e30.e30"],
)
def test_a_text_that_is_no_signed_token_has_no_claims(token: Any) -> None:
    keys = usable_keys({"keys": [KEY.as_dict(private=False)]})
    expected = {"issuer": "i", "client_id": "c", "nonce": "n", "now": NOW}
    assert verified_claims(token, keys, **expected) is None


async def test_sign_ins_through_the_provider_are_security_events(
    here: Here, provider: Provider
) -> None:
    account = here.account(MAIL)
    await gone_through(here, provider)
    await gone_through(here, provider, state="another")
    provider.says = {"sub": "43", "email": "nobody@example.cn"}
    await gone_through(here, provider)
    found = [(each.kind, each.cause, each.who) for each in here.events]
    assert found == [
        ("signed-in", "provider", account.id),
        ("sign-in-failed", "provider-state", None),
        ("sign-in-failed", "provider-no-account", None),
    ]
