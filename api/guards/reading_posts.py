"""Routes that only read although their method is POST.

Names, telephone numbers and other texts about persons belong into a body: addresses end up in
browser histories, in the logs of proxies and in `Referer`. Such a request is audited as a read.
"""

from __future__ import annotations

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
READING_POSTS = frozenset({"/v1/search", "/console/search", "/console/profiles/find"})
"""Templates of the routes' paths."""


def only_reads(method: str, route: str) -> bool:
    """Return whether a request to a route changes nothing."""
    return method in SAFE or (method == "POST" and route in READING_POSTS)
