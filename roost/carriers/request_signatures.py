"""Signatures of requests to Aliyun (ACS3-HMAC-SHA256) and Tencent Cloud (TC3-HMAC-SHA256): pure.

Sources: help.aliyun.com, "V3版本请求体&签名机制"; cloud.tencent.com, "签名方法 v3". The tests
hold the vectors of both documents.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote

ACS3, TC3 = "ACS3-HMAC-SHA256", "TC3-HMAC-SHA256"


@dataclass(frozen=True, slots=True)
class SignedRequest:
    """Parts of a request that a signature covers; `headers` have lower-case names."""

    headers: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes
    method: str = "POST"
    path: str = "/"


def aliyun_signature(secret: str, request: SignedRequest) -> str:
    """Return the signature over all of the request's headers, as Aliyun computes it."""
    digest = _digest(_canonical(request, query_text(request.query)).encode())
    return hmac.new(secret.encode(), f"{ACS3}\n{digest}".encode(), hashlib.sha256).hexdigest()


def aliyun_authorization(key_id: str, secret: str, request: SignedRequest) -> str:
    """Return the header `Authorization` of a request to Aliyun."""
    signature = aliyun_signature(secret, request)
    return f"{ACS3} Credential={key_id},SignedHeaders={signed_names(request)},Signature={signature}"


def tencent_signature(secret: str, service: str, at: datetime, request: SignedRequest) -> str:
    """Return the signature over all of the request's headers, as Tencent Cloud computes it."""
    lower = {name: value.lower() for name, value in request.headers.items()}
    whole = SignedRequest(lower, request.query, request.body, request.method, request.path)
    canonical = _digest(_canonical(whole, query_text(request.query)).encode())
    scope = _scope(service, at)
    text = f"{TC3}\n{int(at.timestamp())}\n{scope}\n{canonical}"
    key = f"TC3{secret}".encode()
    for part in scope.split("/"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def tencent_authorization(
    key_id: str, secret: str, service: str, at: datetime, request: SignedRequest
) -> str:
    """Return the header `Authorization` of a request to Tencent Cloud."""
    signature = tencent_signature(secret, service, at, request)
    credential = f"{key_id}/{_scope(service, at)}"
    names = signed_names(request)
    return f"{TC3} Credential={credential}, SignedHeaders={names}, Signature={signature}"


def signed_names(request: SignedRequest) -> str:
    """Return the names of the signed headers, sorted, as `SignedHeaders` lists them."""
    return ";".join(sorted(request.headers))


def query_text(query: Mapping[str, str]) -> str:
    """Return a query as both services encode it: sorted, percent-encoded by RFC 3986."""
    return "&".join(
        f"{quote(name, safe='~')}={quote(value, safe='~')}" for name, value in sorted(query.items())
    )


def _canonical(request: SignedRequest, query: str) -> str:
    headers = "".join(f"{name}:{request.headers[name]}\n" for name in sorted(request.headers))
    names = signed_names(request)
    parts = (request.method, request.path, query, headers, names, _digest(request.body))
    return "\n".join(parts)


def _scope(service: str, at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d}/{service}/tc3_request"


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
