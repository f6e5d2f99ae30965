"""An app is freed when nobody uses it any more, so that hundreds of tests fit into memory."""

from __future__ import annotations

import gc
import weakref

from api.app import create_app
from roost.settings import Settings
from tests.unit.app_caches import clear_app_caches


def test_an_app_is_freed_once_the_caches_are_cleared() -> None:
    app = create_app(Settings())
    app.openapi()
    alive = weakref.ref(app)
    del app
    clear_app_caches()
    gc.collect()
    assert alive() is None
