"""Samples of drafts' files: each file is read once, one at a time, and its sample remembered.

To sample a workbook takes seconds of processor time, and every page of the wizard's columns needs
the sample. A file never changes, so neither does its sample. A sample holds cells of the file, so
it is dropped with the file: at once by the process that removes the draft, soon by the others.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from producers.mappings.suggesting.column_samples import FileSample, sample_file
from producers.mappings.suggesting.heading_suggestions import Suggestion, suggest_fields
from roost.events.import_mapping import ImportKind

MOST_SAMPLES = 60
"""Most samples that a process remembers; an owner has three drafts."""


@dataclass(frozen=True, slots=True)
class SuggestedSample:
    """Sample of a file's columns, and the fields suggested for them."""

    sample: FileSample
    suggestions: list[Suggestion]


def read_sample(path: Path, kind: ImportKind) -> SuggestedSample:
    """Return the sample of a file and its suggestions. Raises Invalid."""
    sample = sample_file(path, kind)
    return SuggestedSample(sample, suggest_fields(sample.columns, kind))


@dataclass(frozen=True, slots=True)
class _Known:
    path: Path
    sample: SuggestedSample


class DraftSamples:
    """Samples by draft, in memory, while the draft's file exists."""

    def __init__(
        self,
        read: Callable[[Path, ImportKind], SuggestedSample] = read_sample,
        most: int = MOST_SAMPLES,
    ) -> None:
        self._read = read
        self._most = most
        self._known: OrderedDict[str, _Known] = OrderedDict()
        self._reading: dict[str, asyncio.Task[SuggestedSample]] = {}
        self._turn = asyncio.Semaphore(1)

    def __len__(self) -> int:
        return len(self._known)

    async def sample(self, draft_id: str, path: Path, kind: ImportKind) -> SuggestedSample:
        """Return the sample of a draft's file. Raises Invalid for a file that cannot be read.

        The reading continues if the caller is cancelled, so that a request that is sent again and
        again reads the file once.
        """
        known = self._known.get(draft_id)
        if known is not None:
            self._known.move_to_end(draft_id)
            return known.sample
        reading = self._reading.get(draft_id)
        if reading is None:
            reading = asyncio.create_task(self._sample(draft_id, path, kind), name="draft-sample")
            self._reading[draft_id] = reading
            reading.add_done_callback(lambda done: self._ended(draft_id, done))
        return await asyncio.shield(reading)

    async def _sample(self, draft_id: str, path: Path, kind: ImportKind) -> SuggestedSample:
        async with self._turn:
            found = await asyncio.to_thread(self._read, path, kind)
        if await asyncio.to_thread(path.exists):
            self._known[draft_id] = _Known(path, found)
        while len(self._known) > self._most:
            self._known.popitem(last=False)
        return found

    def drop_removed(self) -> None:
        """Drop the samples of files that no longer exist."""
        for draft_id, known in list(self._known.items()):
            if not known.path.exists():
                self._known.pop(draft_id, None)

    def _ended(self, draft_id: str, done: asyncio.Task[SuggestedSample]) -> None:
        del self._reading[draft_id]
        if not done.cancelled():
            done.exception()  # the callers raise it; without any left it is nobody's
