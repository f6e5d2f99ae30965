"""The caches of FastAPI that keep every app of a process alive."""

from __future__ import annotations

import sys


def clear_app_caches() -> None:
    """Forget the callables that FastAPI has classified.

    It remembers 4,096 of them for the whole process, among them closures over their app. An app
    with built routes holds 10 MB, and hundreds of tests make one each.
    """
    models = sys.modules.get("fastapi.dependencies.models")
    for each in vars(models).values() if models is not None else ():
        if (clear := getattr(each, "cache_clear", None)) is not None:
            clear()
