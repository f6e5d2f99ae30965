"""Bulk imports of openings: send a file, look how far it is, read which rows were refused."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Request, Response
from fastapi.openapi.models import Example

from api import policy
from api.dependencies import Given, Services
from api.idempotency import hashing
from api.idempotency.answers import Reused
from api.idempotency.middleware import REPLAYED_HEADER
from api.identity.asking import allow
from api.identity.principal import Principal
from api.imports.running import Work
from api.imports.schemas import Errors, Progress, ProgressList, shown
from api.imports.upload import ENDINGS, Upload, ending_of, spooled
from api.openings.reaching import check_may_post
from api.paging import Cursor, Limit, number_in, number_cursor
from producers.rosters import shipped_mappings
from roost import ids
from roost.errors import NotFound, invalid_field
from roost.events.account import Permission
from roost.events.import_job import ImportId, ImportJob, ImportState

router = APIRouter(prefix="/v1/imports", tags=["imports"])
Writes = Annotated[Principal, allow(Permission.OPENINGS_WRITE)]
Language = Annotated[str, Header(alias="accept-language")]
BODY: Any = {
    "requestBody": {
        "required": True,
        "content": {kind: {"schema": {"type": "string"}} for kind in ENDINGS},
    }
}
