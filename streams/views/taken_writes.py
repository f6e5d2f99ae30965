"""Check that a view took the documents of a batch."""

from __future__ import annotations

from collections.abc import Sequence

from roost.views.answers import Refusal


def check_taken(refusals: Sequence[Refusal], what: str = "documents") -> None:
    """Raise ValueError if the view refuses documents, such as those that its mapping forbids."""
    if refusals:
        raise ValueError(f"The view refuses {len(refusals)} {what}: {refusals[0].reason}")
