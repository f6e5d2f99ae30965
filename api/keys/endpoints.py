"""Machines' keys: made, listed without their secrets, rotated, revoked at once."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Body, Response

from api.access import policy
from api.access.identity_changes import put
from api.access.principal import Principal
from api.access.requirements import allow
from api.keys.schemas import (
    EXAMPLES,
    Key,
    Keys,
    KeyWithSecret,
    NewKey,
    Rotation,
    shown,
    with_secret,
)
from api.ports.services import Given, Services
from producers import identity_facts as facts
from roost.errors import NotFound
from roost.events.account import ApiKey, KeyId, Permission

router = APIRouter(prefix="/v1/keys", tags=["keys"])
Reads = Annotated[Principal, allow(Permission.ACCOUNTS_READ, everywhere=True)]
Writes = Annotated[Principal, allow(Permission.ACCOUNTS_WRITE, everywhere=True)]


@router.post("", status_code=201, summary="Make a key")
async def make(
    who: Writes,
    asked: Annotated[NewKey, Body(openapi_examples=EXAMPLES)],
    given: Given,
    response: Response,
) -> KeyWithSecret:
    """The answer holds the key: it is shown this once. It may nothing that its maker may not."""
    policy.check_may_give(who, asked, asked.scopes)
    key, record, text = facts.key_made(
        asked, asked.name, asked.scopes, at=given.clock.now(), days=asked.days
    )
    await put(given.publisher, given.identities.keys, record)
    response.headers["location"] = f"/v1/keys/{key.id}"
    response.headers["cache-control"] = "no-store"
    return with_secret(key, text)


@router.get("", summary="List keys, newest first")
async def list_keys(who: Reads, given: Given) -> Keys:
    newest = sorted(given.identities.keys.values(), key=lambda key: key.created_at, reverse=True)
    return Keys(items=tuple(shown(each) for each in newest))


@router.get("/{id}", summary="Read a key")
async def read(id: KeyId, who: Reads, given: Given) -> Key:
    return shown(_standing(given, id))


@router.post("/{id}/rotate", summary="Give a key a new secret")
async def rotate(
    id: KeyId,
    who: Writes,
    given: Given,
    response: Response,
    asked: Annotated[Rotation, Body(examples=[{"graceHours": 24}])],
) -> KeyWithSecret:
    """The answer holds the new key: it is shown this once. The former one ends after the grace."""
    standing = _standing(given, id)
    policy.check_may_give(who, standing, standing.scopes)
    key, record, text = facts.key_rotated(
        standing,
        at=given.clock.now(),
        days=asked.days,
        grace=timedelta(hours=asked.grace_hours),
    )
    await put(given.publisher, given.identities.keys, record)
    response.headers["cache-control"] = "no-store"
    return with_secret(key, text)


@router.delete("/{id}", status_code=204, summary="Revoke a key, at once")
async def revoke(id: KeyId, who: Writes, given: Given) -> None:
    """When this answers, the process that answers takes the key no more; others follow within
    milliseconds.
    """
    _standing(given, id)
    record = facts.key_revoked(id, at=given.clock.now())
    await put(given.publisher, given.identities.keys, record)


def _standing(given: Services, id: str) -> ApiKey:
    key = given.identities.keys.get(id)
    if key is None:
        raise NotFound(f"There is no key {id}.", f"没有该密钥：{id}")
    return key
