"""The settings of the local broker."""

from __future__ import annotations

from pathlib import Path

from deploy.local.kafka import LONGEST_TRANSACTION_MS, broker_settings
from deploy.local.stack_ports import Ports


def test_a_partners_open_transaction_holds_a_partition_up_for_a_minute_at_most(
    tmp_path: Path,
) -> None:
    """Readers of committed records wait at the first open transaction of a partition."""
    settings = broker_settings(tmp_path, Ports(), 1)
    assert settings["transaction.max.timeout.ms"] == LONGEST_TRANSACTION_MS
    assert LONGEST_TRANSACTION_MS <= 60_000
