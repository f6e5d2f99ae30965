"""Paths on this site that a browser may be sent on to. Pure."""

from __future__ import annotations


def local_path(path: str | None) -> str:
    """Return the path; `/` for anything that a browser may read as another site."""
    ours = path is not None and path.startswith("/") and not path.startswith(("//", "/\\"))
    return path if path and ours and path.isprintable() and "\\" not in path else "/"
