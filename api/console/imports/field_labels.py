"""Names of the fields and columns in reasons, in the reader's language. Pure."""

from __future__ import annotations

import re
from functools import cache

from api.console.shell.refusal_words import field_name
from api.console.shell.translations import say_in
from producers.mappings.suggesting.importable_fields import IMPORTABLE

_NUMBER = re.compile(r"\.\d+(?=\.|$)")


def column_label(name: str, kind: str, language: str) -> str:
    """Return the name that a reason is shown under; empty for a reason of the whole row.

    A column of the file keeps its name. A field of the API, for which the file has no column, or
    a column of the same name, is named as on the page of the columns.
    """
    if name.startswith("("):
        return ""
    labels = _labels(kind)
    plain = _NUMBER.sub("", name)
    while plain:
        if plain in labels:
            return say_in(language)(labels[plain])
        plain = plain.rpartition(".")[0]
    return field_name(name, language) or name


@cache
def _labels(kind: str) -> dict[str, str]:
    """Return the key of each field's text by the field of the API; the whole field comes first."""
    fields = reversed(list(IMPORTABLE[kind].values()))
    return {each.target: f"imports.fields.{kind}.{each.name}" for each in fields}
