"""The screenshots of the docs for employers, workers and the overview; kept with PICTURES=1."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from roost.events.account import AccountRole
from tests.console.accounts import SignsIn
from tests.console.conftest import PHONE, Opens
from tests.console.county import County
from tests.console.test_pictures import KEPT, SMALL
from tests.stack.serving import Serving


@pytest.fixture(scope="module")
def county(serving: Serving, signs_in: SignsIn) -> Iterator[County]:
    county = County(serving)
    county.station()
    (worker,) = county.workers(1, name="王秀英")
    county.opening(places=3)
    county.waits_for(1)
    signs_in.account("wang", "王秀英", AccountRole.WORKER, worker_id=worker)
    signs_in.account("boss", "大同建筑公司", AccountRole.EMPLOYER, employer_id="console-test")
    signs_in.account("department", "信息部", AccountRole.DEPARTMENT)
    yield county
    county.close()


def test_the_docs_show_the_pages_of_each_role(opens: Opens, county: County, tmp_path: Path) -> None:
    folder = KEPT if os.environ.get("PICTURES") else tmp_path
    shots = (
        ("overview-en", "department", "en", None, "/console/overview"),
        ("employer-form-zh", "boss", "zh", None, "/console/employer/openings/new"),
        ("worker-phone", "wang", "zh", PHONE, "/console/me"),
    )
    for name, login, language, viewport, path in shots:
        page = opens(login, language, viewport)
        page.goto(path)
        picture = folder / f"{name}.png"
        page.screenshot(path=picture)
        assert picture.stat().st_size < SMALL, name
