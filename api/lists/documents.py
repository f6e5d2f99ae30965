"""Documents of the views as the API answers them."""

from __future__ import annotations

from typing import Any

from fastapi import Response

from api.guards.conditional import tagged
from api.lists.sparse import Fields, only
from roost.errors import NotFound
from roost.views.elastic import Elastic, Json


async def existing_document(elastic: Elastic, view: str, id: str, what: str, what_zh: str) -> Json:
    """Return a document. Raises NotFound if it does not exist or has been erased."""
    document = await elastic.get(view, id)
    if document is None or document.get("erased"):
        raise not_found(what, what_zh, id)
    return document


def not_found(what: str, what_zh: str, id: str) -> NotFound:
    """Return the error for an unknown id; an id out of reach gets the same words."""
    return NotFound(f"There is no {what} {id}.", f"没有该{what_zh}：{id}")


def fact_with_version(document: Json) -> dict[str, Any]:
    """Return the fact in a view's document, with its version."""
    return {**document["fact"], "version": document["version"]}


def document_answer(document: Json, response: Response, fields: Fields = None) -> dict[str, Any]:
    """Return the fact, or the requested fields of it, and set its ETag on the response."""
    tagged(response, document["version"])
    return only(fact_with_version(document), fields)
