"""Editions of the views with vectors: the indices behind them and the one model of both.

Openings are compared with profiles by vectors, and vectors of two models are not comparable. A step
that writes or compares vectors therefore addresses the indices, not the views' names, and knows
their model. A change of the model replaces both indices in one step and removes the old ones. A
step that had begun on the old ones fails, and is retried on the new edition. No stage needs to be
notified, and no old vector can reach a new index.
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
        """Return the index behind a view with vectors; any other view's own name."""
        return self.indices.get(view, view)


def edition_of(behind: Mapping[str, Index]) -> Edition:
    """Return the edition that the views' aliases point to now.

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
    """A cache of the current edition, renewed only after a step on it has failed."""

    def __init__(self, elastic: Elastic) -> None:
        self._elastic = elastic
        self._current: Edition | None = None

    async def run_on_current(self, name: str, step: Callable[[Edition], Awaitable[T]]) -> T:
        """Run a step on the current edition; retry while servers are away or busy.

        `name` names the step in the log and in the metrics.
        """

        async def attempt() -> T:
            edition = self._current or edition_of(await self._elastic.behind(*VECTORED))
            try:
                result = await step(edition)
            except Transient:
                self._current = None
                raise
            self._current = edition
            return result

        return await retry_transient(name, attempt)
