"""Every Kafka consumer of the repository reads committed records only.

The clients' default also delivers records of open and aborted transactions, so one forgotten
setting would publish what a partner has taken back. `tests/stack/test_aborted_transactions.py`
shows the outcome on a real broker.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer

from roost.servers.connections import Brokers
from streams.kernel.aiokafka_runner import _consumer_of
from streams.kernel.batch_source import Subscription
from tests.unit.tree import ROOT

PACKAGES = ("roost", "roost_client", "producers", "matcher", "streams", "api", "deploy", "bench")
CLIENTS = {"AIOKafkaConsumer", "KafkaConsumer"}
COMMITTED = "read_committed"


def consumers(source: str) -> Iterator[tuple[int, str | None]]:
    """Yield the line and the isolation level of every consumer that is constructed."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        if name in CLIENTS:
            levels = [
                each.value.value
                for each in node.keywords
                if each.arg == "isolation_level" and isinstance(each.value, ast.Constant)
            ]
            yield node.lineno, levels[0] if levels else None


def sources() -> list[Path]:
    return [path for name in (*PACKAGES, "tests") for path in (ROOT / name).rglob("*.py")]


def test_every_consumer_names_the_isolation_level() -> None:
    found = {
        f"{path.relative_to(ROOT)}:{line}": level
        for path in sources()
        if path != Path(__file__)
        for line, level in consumers(path.read_text("utf-8"))
    }
    assert len(found) >= 5, "the reader, a runner and the benches construct consumers"
    assert set(found.values()) == {COMMITTED}, found


@pytest.mark.parametrize(
    "source",
    ["AIOKafkaConsumer('t')", "kafka.KafkaConsumer(isolation_level='read_uncommitted')"],
)
def test_the_search_finds_a_consumer_without_it(source: str) -> None:
    ((_, level),) = consumers(source)
    assert level != COMMITTED


def test_the_default_of_the_client_is_the_hazard() -> None:
    assert AIOKafkaConsumer.__init__.__kwdefaults__["isolation_level"] == "read_uncommitted"


async def test_the_consumer_of_the_aiokafka_runner_reads_committed_records(tmp_path: Path) -> None:
    subscription = Subscription("g", (), Brokers("127.0.0.1:1"), 1, 1, tmp_path)
    assert _consumer_of(subscription)._isolation_level == COMMITTED
