"""The edition of the matched views that a step works on: one model, never two.

Openings are compared with profiles by vectors, and vectors of two models say nothing about each
other. So whoever writes or compares them works on the indices themselves, not on the views' names,
and knows the model of both. A change of the model replaces both in one step and removes the old
ones: what was begun on these fails, and is begun again on the new edition. Nothing has to be told
to anybody, and there is no moment at which an old vector could reach a new index.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from roost.errors import Transient
from roost.views.elastic import Elastic, Index
from roost.views.mappings import VECTORED
from streams.kernel.retry import retry_transient

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Edition:
    """The indices of the vectored views, and the version of the model of both."""

    model: str
    indices: Mapping[str, str]

    def index(self, view: str) -> str:
        """The index of a vectored view; any other view is known by its own name."""
        return self.indices.get(view, view)


def edition_of(behind: Mapping[str, Index]) -> Edition:
    """The edition that stands behind the views.

    Raises Transient when a view is missing or the views name no common model.
    """
    missing = [view for view in VECTORED if view not in behind]
    if missing:
        raise Transient(f"The view {missing[0]} does not exist; `roost rebuild` makes it")
    named = {behind[view].model for view in VECTORED}
    model = named.pop()
    if named or not model:
        raise Transient("The views do not name one model; `roost rebuild --model` makes them anew")
    return Edition(model, {view: behind[view].name for view in VECTORED})


class Editions:
    """Knows the present edition; asks for it anew only when a step on it has failed."""

    def __init__(self, elastic: Elastic) -> None:
        self._elastic = elastic
        self._present: Edition | None = None

    async def patiently(self, what: str, step: Callable[[Edition], Awaitable[T]]) -> T:
        """Repeats a step while servers are away or busy, each time on the edition of then."""

        async def attempt() -> T:
            edition = self._present or edition_of(await self._elastic.behind(*VECTORED))
            try:
                done = await step(edition)
            except Transient:
                self._present = None
                raise
            self._present = edition
            return done

        return await retry_transient(what, attempt)
