"""Static files of pages, with the hash of the content in the name; browsers cache them for a year.

`static/vendor.json` records the origin of every third-party file; a test checks it.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from fastapi import APIRouter, Request, Response

from roost.errors import NotFound

router = APIRouter(include_in_schema=False)
PATH = "/static/"
TYPES = {"js": "text/javascript", "css": "text/css", "svg": "image/svg+xml", "png": "image/png"}
MANIFEST = "application/manifest+json"
WORKERS_PAGES = "/console/me"
FOR_GOOD = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class Asset:
    """A static file, plain and compressed."""

    name: str
    """Name with the hash: `console.3f2a9c81d04e.js`."""
    body: bytes
    zipped: bytes
    media: str
    integrity: str

    @property
    def href(self) -> str:
        """Path of the file on this site."""
        return PATH + self.name


@cache
def assets() -> dict[str, Asset]:
    """Return all static files by their name without the hash: `console.js`."""
    folder = files("api.console") / "static"
    return {
        file.name: _asset(file.name, file.read_bytes())
        for file in folder.iterdir()
        if file.name.rpartition(".")[2] in TYPES
    }


def _asset(name: str, body: bytes) -> Asset:
    stem, _, kind = name.rpartition(".")
    media = TYPES[kind] + ("" if kind == "png" else "; charset=utf-8")
    hashed = f"{stem}.{hashlib.sha256(body).hexdigest()[:12]}.{kind}"
    return Asset(hashed, body, gzip.compress(body, 9, mtime=0), media, integrity_of(body))


def integrity_of(body: bytes) -> str:
    """Return the value of the `integrity` attribute (Subresource Integrity)."""
    return "sha384-" + base64.b64encode(hashlib.sha384(body).digest()).decode("ascii")


@cache
def _by_hashed_name() -> dict[str, Asset]:
    return {each.name: each for each in assets().values()}


@router.get(PATH + "worker.webmanifest")
async def read_manifest() -> Response:
    """Return the manifest with which a worker installs the pages on a phone."""
    icon = {"src": assets()["mark.svg"].href, "sizes": "any", "type": "image/svg+xml"}
    manifest = {
        "id": WORKERS_PAGES,
        "name": "凤还巢就业服务 Roost",
        "short_name": "凤还巢",
        "lang": "zh-CN",
        "start_url": WORKERS_PAGES,
        "scope": "/console/",
        "display": "standalone",
        "background_color": "#f6f5f3",
        "theme_color": "#a4221b",
        "icons": [icon],
    }
    headers = {"cache-control": "no-cache"}
    return Response(json.dumps(manifest, ensure_ascii=False), 200, headers, MANIFEST)


@router.get(PATH + "service-worker")
async def read_service_worker() -> Response:
    """Return the worker's copies of pages; it controls the pages of workers alone."""
    script = assets()["service-worker.js"]
    headers = {"cache-control": "no-cache", "service-worker-allowed": WORKERS_PAGES}
    return Response(script.body, 200, headers, script.media)


@router.get(PATH + "{name}")
async def read_asset(name: str, request: Request) -> Response:
    asset = _by_hashed_name().get(name)
    if asset is None:
        raise NotFound("This file does not exist; reload the page.", "没有该文件，请重新加载页面。")
    headers = {
        "cache-control": FOR_GOOD,
        "etag": f'"{asset.integrity}"',
        "vary": "accept-encoding",
    }
    if asset.integrity in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    if "gzip" not in request.headers.get("accept-encoding", ""):
        return Response(asset.body, headers=headers, media_type=asset.media)
    return Response(
        asset.zipped, headers=headers | {"content-encoding": "gzip"}, media_type=asset.media
    )


@router.get("/favicon.ico")
async def read_favicon(request: Request) -> Response:
    return await read_asset(assets()["mark.svg"].name, request)
