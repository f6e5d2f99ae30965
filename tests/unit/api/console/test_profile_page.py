"""The page of a stored worker, for staff, with the API in memory."""

from __future__ import annotations

import pytest

from roost.events.account import AccountRole
from tests.unit.api.console.pages import Signed
from tests.unit.api.two_stations import HERE, MINE, Log, Views, stored_worker


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("role", [AccountRole.CLERK, AccountRole.ADMIN])
async def test_a_worker_without_further_numbers_is_shown(role: AccountRole, language: str) -> None:
    views, stored = Views(), stored_worker(HERE)
    views.store(stored)
    stations = {"station_ids": (MINE,)} if role is AccountRole.CLERK else {}
    browser = Signed(role, elastic=views, others=Log(), language=language, **stations)
    page = await browser.get(f"/console/profiles/{stored.key}")
    assert page.status_code == 200
    assert stored.key in page.text
