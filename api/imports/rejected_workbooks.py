"""Use case of rejected rows: the workbook to correct and send again."""

from __future__ import annotations

import asyncio

from api.access.principal import Principal
from api.guards.auditing_elastic import record_workers
from api.imports import service
from api.ports.services import Services
from producers.importing.reject_workbook import reject_workbook, rejects_in
from producers.rejected_rows import ENDING
from roost.errors import NotFound


async def rejected_workbook(given: Services, who: Principal, id: str, language: str) -> bytes:
    """Return the rejected rows of an import as a workbook. Raises NotFound if none are kept.

    The workers whom the rows name are recorded for the audit: the rows come from a file, not from a
    view, where reads are recorded.
    """
    job = await service.find_import(given, who, id)
    if not job.rejected:
        return await asyncio.to_thread(reject_workbook, (), language)
    path = given.settings.rejects_folder / f"{id}{ENDING}"
    try:
        async with given.imports.workbooks:
            rows = await asyncio.to_thread(lambda: list(rejects_in(path)))
            record_workers(each["worker"] for each in rows if each.get("worker"))
            return await asyncio.to_thread(reject_workbook, rows, language)
    except FileNotFoundError:
        raise NotFound(
            "The rejected rows of this import are no longer kept.",
            "该导入的未导入数据已过保存期限。",
        ) from None
