"""Files with people's data in clear text that an erasure reaches; docs/security.md lists them all.

The outbox, which the deliver stage writes, is erased by that stage.
"""

from __future__ import annotations

from producers.draft_erasure import FOLDER, erase_drafts
from producers.rejected_rows import erase_rejected_rows
from roost.settings import Settings


def erase_from_files(settings: Settings, *worker_ids: str) -> None:
    """Remove a worker's rows, and the drafts that may name the worker, from the data folder.

    `worker_ids` are those of all the worker's numbers. Checks and imports that run meanwhile write
    no such row afterwards.
    """
    erase_rejected_rows(settings.rejects_folder, *worker_ids)
    erase_drafts(settings.data / FOLDER, *worker_ids)
