"""Endpoints of machines' keys, for administrators."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Response

from api.access.requirements import ManagesAccounts, ReadsAccounts
from api.guards.security_headers import mark_shown_once
from api.keys import service
from api.keys.schemas import (
    EXAMPLES,
    Key,
    Keys,
    KeyWithSecret,
    NewKey,
    Rotation,
    key_details,
    key_with_secret,
)
from api.lists.answer_schemas import located_answer
from api.ports.services import Given
from roost.events.account import KeyId

router = APIRouter(prefix="/v1/keys", tags=["keys"])


@router.post("", status_code=201, summary="Create a key", responses=located_answer(201))
async def create_key(
    who: ManagesAccounts,
    asked: Annotated[NewKey, Body(openapi_examples=EXAMPLES)],
    given: Given,
    response: Response,
) -> KeyWithSecret:
    """Return the key with its secret, which is shown once; it cannot exceed its maker."""
    key, secret = await service.create_key(given, who, asked)
    response.headers["location"] = f"/v1/keys/{key.id}"
    mark_shown_once(response)
    return key_with_secret(key, secret)


@router.get("", summary="List keys, newest first")
async def list_keys(who: ReadsAccounts, given: Given) -> Keys:
    """Return every key, without secrets."""
    return Keys(items=tuple(key_details(each) for each in service.list_keys(given, who)))


@router.get("/{id}", summary="Read a key")
async def read_key(id: KeyId, who: ReadsAccounts, given: Given) -> Key:
    """Return a key, without its secret."""
    return key_details(service.find_key(given, who, id))


@router.post("/{id}/rotate", summary="Give a key a new secret")
async def rotate_key(
    id: KeyId,
    who: ManagesAccounts,
    given: Given,
    response: Response,
    asked: Annotated[Rotation, Body(examples=[{"graceHours": 24}])],
) -> KeyWithSecret:
    """Return the new secret, which is shown once; the former one expires after the grace."""
    key, secret = await service.rotate_key(given, who, id, asked)
    mark_shown_once(response)
    return key_with_secret(key, secret)


@router.delete("/{id}", status_code=204, summary="Revoke a key, at once")
async def revoke_key(id: KeyId, who: ManagesAccounts, given: Given) -> None:
    """Revoke the key: this process refuses it from now on, the others within milliseconds."""
    await service.revoke_key(given, who, id)
