"""`roost courses` on the views that the stages have written."""

from __future__ import annotations

import asyncio
import json

import pytest
from typer.testing import CliRunner

from deploy.cli import app
from deploy.environment import environment_of
from producers.publisher import Publisher
from roost.errors import NotFound
from roost.settings import Settings
from tests.stack.test_pipeline import opening, profile
from tests.stack.waiting import all_processed

pytestmark = [pytest.mark.stack, pytest.mark.usefixtures("stages")]


def test_a_licence_that_unlocks_openings_is_recommended_to_the_county(
    publisher: Publisher, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker, record = profile("courses", licences=[])
    asking = [opening(f"courses-{number}", licencesRequired=["焊工证"]) for number in range(2)]
    publisher.publish([record, *(each for _, each in asking)])
    asyncio.run(all_processed(settings))
    for name, value in environment_of(settings).items():
        monkeypatch.setenv(name, value)
    told = CliRunner().invoke(app, ["courses", "--worker", worker.id, "--json"])
    assert told.exit_code == 0, told.output
    [course] = [each for each in json.loads(told.stdout) if each["kind"] == "licence"]
    assert course["name"] == "焊工"
    assert (course["workers"], course["openings_unlocked"]) == (1, 2)
    nobody = CliRunner().invoke(app, ["courses", "--worker", "w-nobody"])
    assert isinstance(nobody.exception, NotFound)
