"""JSON objects packed into one column of a view, so that searches return them without documents.

Elasticsearch keeps such a column as a `binary` field with doc values, sent as Base64.
"""

from __future__ import annotations

import base64
from typing import Any

import orjson

Json = dict[str, Any]


def packed(content: Json) -> str:
    """Return an object as the value of a column."""
    return base64.b64encode(orjson.dumps(content)).decode("ascii")


def unpacked(column: str) -> Json:
    """Return the object in the value of a column."""
    content: Json = orjson.loads(base64.b64decode(column))
    return content
