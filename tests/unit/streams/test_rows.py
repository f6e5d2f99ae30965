"""The states of a delivery: each change raises its revision by one and keeps its identity."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roost import ids
from roost.events.notification import Delivery, DeliveryStatus, Hold
from roost.events.preferences import ChannelKind
from streams.deliver import rows
from tests.unit.streams.in_memory import NOON, notification

S = DeliveryStatus
SMS = ChannelKind.SMS
LEASE = timedelta(minutes=1)
LATER = NOON + timedelta(hours=2)
MESSAGE, OTHER = ids.derive("n", "message"), ids.derive("n", "other")


def new() -> Delivery:
    return rows.waiting(notification(), SMS, NOON, NOON)


CHANGES: dict[str, Callable[[Delivery, datetime], Delivery]] = {
    "claimed": lambda row, now: rows.claimed(row, OTHER, now, LEASE),
    "renamed": lambda row, now: rows.renamed(row, MESSAGE, now),
    "sent": rows.sent,
    "held": lambda row, now: rows.held(row, now, now + LEASE, Hold.QUIET),
    "cut off": rows.interrupted,
    "failed": lambda row, now: rows.ended(row, S.FAILED, now, "refused"),
    "retried": rows.retried,
    "read": lambda row, now: rows.receipted(row, "read", now) or row,
    "answered": lambda row, now: rows.receipted(row, "answered", now) or row,
}


@given(st.lists(st.sampled_from(sorted(CHANGES)), max_size=40))
def test_whatever_happens_revisions_rise_by_one_and_history_keeps_the_last_steps(
    happenings: list[str],
) -> None:
    row = new()
    for number, name in enumerate(happenings):
        changed = CHANGES[name](row, NOON + timedelta(minutes=number))
        if changed is row:
            assert name in {"read", "answered"}
            continue
        assert changed.revision == row.revision + 1
        assert changed.history[:-1] == (row.history if len(row.history) < 20 else row.history[1:])
        assert changed.history[-1].status is changed.status
        assert (changed.id, changed.notification) == (row.id, row.notification)
        if name in {"sent", "held", "cut off", "failed"}:
            assert changed.lease_until is None
        # A stored row can be read again.
        assert Delivery.model_validate_json(changed.to_json()) == changed
        row = changed


def test_a_claim_counts_a_try_and_lasts_as_long_as_its_lease() -> None:
    row = rows.claimed(rows.held(new(), NOON, NOON, Hold.RETRY), MESSAGE, NOON, LEASE)
    assert (row.status, row.attempts, row.held_by) == (S.SENDING, 1, None)
    assert (row.message_id, row.lease_until) == (MESSAGE, NOON + LEASE)


def test_the_message_id_of_a_first_claim_stays() -> None:
    row = rows.claimed(new(), MESSAGE, NOON, LEASE)
    again = rows.claimed(rows.interrupted(row, LATER), OTHER, LATER, LEASE)
    assert (again.message_id, again.attempts) == (MESSAGE, 2)


def test_what_is_sent_tells_how_long_it_took_and_never_less_than_nothing() -> None:
    row = rows.claimed(new(), MESSAGE, NOON, LEASE)
    sent = rows.sent(row, NOON + timedelta(seconds=3))
    assert (sent.status, sent.posted_to_told_ms, sent.lease_until) == (S.SENT, 3000, None)
    assert rows.sent(row, NOON - LEASE).posted_to_told_ms == 0


def test_an_entry_of_the_inbox_is_told_by_being_recorded() -> None:
    row = rows.inbox_entry(one := notification(), ChannelKind.INBOX, NOON + LEASE)
    assert (row.status, row.message_id) == (S.SENT, one.id)
    assert row.posted_to_told_ms == 60_000


def test_what_is_never_sent_says_why() -> None:
    row = rows.suppressed(notification(), SMS, NOON, "stopped")
    assert (row.status, row.detail, row.history[-1].why) == (S.SUPPRESSED, "stopped", "stopped")


def test_what_is_held_says_by_what_and_until_when() -> None:
    row = rows.held(new(), NOON, LATER, Hold.SNOOZE)
    assert (row.status, row.due_at, row.held_by) == (S.WAITING, LATER, Hold.SNOOZE)
    assert row.history[-1].why == f"snooze until {LATER.isoformat(timespec='seconds')}"


@pytest.mark.parametrize("status", [S.FAILED, S.SUPPRESSED, S.PARKED])
def test_what_has_ended_has_no_lease_and_no_hold(status: DeliveryStatus) -> None:
    row = rows.ended(rows.claimed(new(), MESSAGE, NOON, LEASE), status, LATER, "why")
    assert (row.status, row.lease_until, row.held_by, row.detail) == (status, None, None, "why")
    assert row.status.final


def test_what_is_cut_off_is_due_at_once_under_the_id_that_it_had() -> None:
    row = rows.interrupted(rows.claimed(new(), MESSAGE, NOON, LEASE), LATER)
    assert (row.status, row.due_at, row.message_id) == (S.WAITING, LATER, MESSAGE)


def test_a_person_begins_it_anew_with_all_tries_under_the_same_id() -> None:
    failed = rows.ended(rows.claimed(new(), MESSAGE, NOON, LEASE), S.FAILED, NOON, "refused")
    row = rows.retried(failed, LATER)
    assert (row.status, row.attempts, row.message_id) == (S.WAITING, 0, MESSAGE)


@pytest.mark.parametrize("kind", ["read", "answered"])
def test_a_receipt_is_noted_once_and_changes_no_status(kind: str) -> None:
    row = rows.claimed(new(), MESSAGE, NOON, LEASE)
    noted = rows.receipted(row, kind, LATER)
    assert noted is not None
    assert (noted.status, noted.lease_until, noted.at) == (row.status, row.lease_until, row.at)
    assert getattr(noted, f"{kind}_at") == LATER
    assert rows.receipted(noted, kind, LATER + LEASE) is None


def test_an_end_on_top_of_a_receipt_keeps_both() -> None:
    claimed = rows.claimed(new(), MESSAGE, NOON, LEASE)
    noted = rows.receipted(claimed, "read", NOON)
    assert noted is not None
    row = rows.outcome_upon(noted, rows.sent(claimed, LATER))
    assert (row.status, row.read_at, row.revision) == (S.SENT, NOON, noted.revision + 1)
    assert [step.why for step in row.history[-2:]] == ["read", ""]
