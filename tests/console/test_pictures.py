"""The screenshots of the docs: taken every time, kept with PICTURES=1."""

from __future__ import annotations

import os
from pathlib import Path

from playwright.sync_api import expect

from tests.console.conftest import PHONE, Opens
from tests.console.county import STATION, County

KEPT = Path(__file__).parents[2] / "docs" / "console"
SMALL = 150_000


def test_the_docs_show_the_pages_as_they_are(opens: Opens, county: County, tmp_path: Path) -> None:
    folder = KEPT if os.environ.get("PICTURES") else tmp_path
    folder.mkdir(exist_ok=True)
    match = f"/console/matches/{county.queue()[0]['id']}"
    shots = (
        ("queue-zh", "zh", None, f"/console/queue?station={STATION}", "#live[data-state=live]"),
        ("queue-phone", "zh", PHONE, f"/console/queue?station={STATION}", "#live[data-state=live]"),
        ("match-en", "en", None, match, "svg"),
        ("sign-in-en", "en", None, "/console/sign-in", "form"),
    )
    for name, language, viewport, path, there in shots:
        page = opens(None if name.startswith("sign-in") else "li", language, viewport)
        page.goto(path)
        expect(page.locator(there).first).to_be_visible()
        picture = folder / f"{name}.png"
        page.screenshot(path=picture, full_page=name.startswith("match"))
        assert picture.stat().st_size < SMALL, name
    assert {path.name for path in KEPT.glob("*.png")} >= {f"{shot[0]}.png" for shot in shots}
