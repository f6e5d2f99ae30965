"""A JSON object as one column of a view: it comes along with a search that opens no document.

Elasticsearch keeps it as a `binary` field with doc values, which goes over the wire as Base64.
"""

from __future__ import annotations

import base64
from typing import Any

import orjson

Json = dict[str, Any]


def packed(content: Json) -> str:
    return base64.b64encode(orjson.dumps(content)).decode("ascii")


def unpacked(column: str) -> Json:
    content: Json = orjson.loads(base64.b64decode(column))
    return content
