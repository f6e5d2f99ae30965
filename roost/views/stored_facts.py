"""The fact in a view's document, as writers build on it."""

from __future__ import annotations

from typing import Any

from roost.views.answers import Json

STORED_FIELDS = ("fact", "erased", "version", "created_at")
"""Fields of a document that a writer reads."""


def fact_in(document: Json) -> dict[str, Any] | None:
    """Return the fact in a view's document; None if it is erased.

    A record of an earlier release has no time of creation; it gets the view's, so that an edit
    keeps the entity's place in lists.
    """
    if document.get("erased"):
        return None
    fact: dict[str, Any] = document["fact"]
    created = document.get("created_at")
    return fact if created is None or "createdAt" in fact else {**fact, "createdAt": created}
