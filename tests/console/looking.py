"""Page checks: accessibility by axe-core, and size over the wire."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page, Response

AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text("utf-8")
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def faults(page: Page) -> list[str]:
    """Return axe-core's violations of WCAG 2.2 AA, each with its location."""
    page.evaluate(AXE)  # through the debugger, which the page's security policy does not restrict
    found = page.evaluate(
        "tags => axe.run(document, {runOnly: {type: 'tag', values: tags}})", TAGS
    )["violations"]
    return [
        f"{each['id']}: {each['help']}: {[node['html'][:160] for node in each['nodes'][:3]]}"
        for each in found
    ]


class Wire:
    """Counts the bytes received for a page: headers and bodies as sent."""

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
