"""`roost accounts create` and `roost keys create` for workers."""

from __future__ import annotations

from datetime import date

import pytest
from typer.testing import CliRunner

from producers import admin, identity_commands, publisher
from producers.suppressions import (
    Suppressed,
    check_not_suppressed,
    suppression_lifted,
    worker_suppressed,
)
from roost.events.envelope import Record
from roost.events.suppression import ConsentBasis
from roost.topics import SUPPRESSIONS, Topic
from tests.unit.api.builders import NOW

WORKER = "w-" + "a" * 26
ERASED = worker_suppressed(WORKER, "u-1", at=NOW)
BACK = suppression_lifted(WORKER, "u-1", next(iter(ConsentBasis)), date(2026, 3, 1), at=NOW)


def value(record: Record) -> bytes:
    assert record.value is not None
    return record.value


def test_only_an_erased_worker_without_a_new_consent_is_refused() -> None:
    with pytest.raises(Suppressed) as refused:
        check_not_suppressed(WORKER, {WORKER: value(ERASED)}, "--worker")
    assert refused.value.fields[0].field == "--worker"
    check_not_suppressed(WORKER, {WORKER: value(BACK)}, "--worker")
    check_not_suppressed(WORKER, {"w-" + "b" * 26: value(ERASED)}, "--worker")


@pytest.mark.parametrize(
    ("app", "words"),
    [
        (identity_commands.accounts, ["create", "li"]),
        (identity_commands.keys, ["create", "--name", "li"]),
    ],
)
def test_an_erased_worker_gets_neither_an_account_nor_a_key(
    app: object, words: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    published: list[Record] = []
    stored = {SUPPRESSIONS.name: {WORKER: value(ERASED)}}

    def current(servers: object, topic: Topic) -> dict[str, bytes]:
        return stored.get(topic.name, {})

    monkeypatch.setattr(admin, "current_values", current)
    monkeypatch.setattr(
        publisher, "publish_once", lambda servers, records: published.extend(records)
    )
    monkeypatch.setattr(identity_commands, "_install_ids", lambda: None)
    asked = [*words, "--role", "worker", "--worker", WORKER]
    refused = CliRunner().invoke(app, asked)  # type: ignore[arg-type]
    assert isinstance(refused.exception, Suppressed)
    assert published == []
    stored[SUPPRESSIONS.name] = {WORKER: value(BACK)}
    made = CliRunner().invoke(app, asked)  # type: ignore[arg-type]
    assert made.exception is None, made.output
    assert len(published) == 1
