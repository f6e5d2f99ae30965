"""How a page is looked at: by axe for whoever cannot see it, and by its weight."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page, Response

AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text("utf-8")
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def faults(page: Page) -> list[str]:
    """What axe-core finds against WCAG 2.2 AA, each with where it is."""
    page.evaluate(AXE)  # by the debugger, which the page's policy does not bind
    found = page.evaluate(
        "tags => axe.run(document, {runOnly: {type: 'tag', values: tags}})", TAGS
    )["violations"]
    return [
        f"{each['id']}: {each['help']}: {[node['html'][:160] for node in each['nodes'][:3]]}"
        for each in found
    ]


class Wire:
    """The bytes that come for a page: heads and bodies as sent."""

    def __init__(self, page: Page) -> None:
        self._responses: list[Response] = []
        page.on("response", lambda response: self._responses.append(response))

    def bytes(self) -> int:
        return sum(
            size["responseBodySize"] + size["responseHeadersSize"]
            for size in (
                each.request.sizes()
                for each in self._responses
                if "text/event-stream" not in each.headers.get("content-type", "")
            )
        )
