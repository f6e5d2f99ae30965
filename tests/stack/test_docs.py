"""The examples of docs/api.md and of the client, each run verbatim against a real API."""

from __future__ import annotations

import asyncio
import os
import re
import sys
from pathlib import Path

import httpx
import pytest

from tests.stack.serving import Serving

pytestmark = [pytest.mark.stack, pytest.mark.usefixtures("stages")]
ROOT = Path(__file__).parents[2]
PAGES = (ROOT / "docs" / "api.md", ROOT / "roost_client" / "README.md")
EXAMPLES = [
    example
    for page in PAGES
    for example in re.findall(
        r"^```(bash|python)\n(.*?)^```$", page.read_text("utf-8"), re.MULTILINE | re.DOTALL
    )
]
BY = {"bash": ("bash", "-euo", "pipefail", "-c"), "python": (sys.executable, "-c")}


def test_the_page_has_examples() -> None:
    assert [kind for kind, _ in EXAMPLES].count("bash") >= 6
    assert [kind for kind, _ in EXAMPLES].count("python") >= 3


@pytest.fixture(scope="module", autouse=True)
def _first_example(serving: Serving) -> None:
    """Run the page's first example: it posts the opening that later ones name."""
    asyncio.run(_run_example(0, serving))


@pytest.mark.parametrize("number", range(len(EXAMPLES)))
async def test_an_example_of_the_page_works(number: int, serving: Serving) -> None:
    await _run_example(number, serving)


async def _first_opening(serving: Serving) -> str:
    """Return the id of an opening; before the first example there may be none."""
    async with httpx.AsyncClient(
        base_url=serving.url, headers=serving.headers, timeout=60
    ) as client:
        found = (await client.get("/v1/openings", params={"limit": 1})).json()["items"]
    return str(found[0]["id"]) if found else ""


async def _run_example(number: int, serving: Serving) -> None:
    kind, text = EXAMPLES[number]
    key = serving.headers["Authorization"].removeprefix("Bearer ")
    environment = os.environ | {
        "OPENING": await _first_opening(serving),
        "ROOST_URL": serving.url,
        "ROOST_KEY": key,
        "PYTHONPATH": str(ROOT),
        "NO_PROXY": "127.0.0.1",
    }
    process = await asyncio.create_subprocess_exec(
        *BY[kind],
        text,
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await asyncio.wait_for(process.communicate(), 120)
    assert process.returncode == 0, said.decode()
