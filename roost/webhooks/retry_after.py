"""The wait that a server asks for with Retry-After: pure. Source: RFC 9110, section 10.2.3."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

LONGEST_WAIT_S = 86_400.0


def retry_after_s(header: str | None, at: datetime) -> float | None:
    """Return Retry-After, seconds or a date, in seconds, at most a day; None if unreadable."""
    value = (header or "").strip()
    if value.isascii() and value.isdigit():
        return min(float(value), LONGEST_WAIT_S)
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, OverflowError):  # OverflowError for a number with too many digits
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return min(max((moment - at).total_seconds(), 0.0), LONGEST_WAIT_S)
