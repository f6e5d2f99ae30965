"""Static files: pinned, named after their content, and cached for a year."""

from __future__ import annotations

import json
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from api.console.shell.assets import assets, integrity_of
from api.console.shell.assets import router as static
from api.console.shell.rendering import FOLDER

OURS = {
    "console.css",
    "console.js",
    "groups.js",
    "imports.css",
    "imports.js",
    "later.js",
    "live.js",
    "offline.js",
    "passkeys.js",
    "mark.svg",
    "people.css",
    "people.js",
    "completion.js",
    "queue.js",
    "selection.js",
    "service-worker.js",
    "shortcuts.js",
}
VENDOR = Path(__file__).parents[3] / "console" / "vendor"


@pytest.mark.parametrize("folder", [FOLDER / "static", VENDOR], ids=["served", "for tests"])
def test_what_others_wrote_is_pinned_with_its_licence(folder: Path) -> None:
    manifest = json.loads((folder / "vendor.json").read_text("utf-8"))
    for name, about in manifest.items():
        assert integrity_of((folder / name).read_bytes()) == about["integrity"], name
        assert about["version"] in about["from"]
        assert (folder / about["licence_file"]).read_text("utf-8")
    scripts = {path.name for path in folder.iterdir() if path.suffix in {".js", ".css", ".svg"}}
    assert scripts - set(manifest) <= OURS


async def test_an_asset_is_kept_for_good_and_asked_for_once() -> None:
    app = FastAPI()
    app.include_router(static)
    asset = assets()["console.js"]
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://roost") as client:
        first = await client.get(asset.href)
        assert first.content == asset.body
        assert "immutable" in first.headers["cache-control"]
        assert first.headers["content-encoding"] == "gzip"
        held = {"if-none-match": first.headers["etag"]}
        assert (await client.get(asset.href, headers=held)).status_code == 304


def test_all_that_is_loaded_leaves_most_of_the_200_kilobytes_to_the_page() -> None:
    assert sum(len(each.zipped) for each in assets().values()) < 60_000
