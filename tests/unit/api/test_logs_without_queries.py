"""No log of the API holds a query string or a body: they may name people."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from api import serve_commands
from roost.events.account import AccountRole
from roost.views.answers import Json, Page
from tests.unit.api.console.pages import Signed
from tests.unit.api.two_stations import MINE, Log, Views

TYPED = "13900007788"


class BrokenViews(Views):
    """Views that fail with an error that nobody expects."""

    async def msearch(self, searches: list[tuple[str, Json]]) -> list[Page]:  # type: ignore[override]
        raise RuntimeError(str(searches))


def test_the_server_writes_no_access_log() -> None:
    tree = ast.parse(Path(serve_commands.__file__).read_text("utf-8"))
    (config,) = (
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "uvicorn.Config"
    )
    options = {each.arg: ast.unparse(each.value) for each in config.keywords}
    assert options["access_log"] == "False"


async def test_a_failed_search_is_logged_without_its_text(
    capsys: pytest.CaptureFixture[str],
) -> None:
    browser = Signed(AccountRole.CLERK, elastic=BrokenViews(), others=Log(), station_ids=(MINE,))
    sent = await browser.send("/console/search", q=TYPED)
    failed = await browser.get(sent.headers["location"] + f"&q={TYPED}")
    assert failed.status_code == 500
    written = "".join(capsys.readouterr())
    assert "request_failed" in written
    assert TYPED not in written
