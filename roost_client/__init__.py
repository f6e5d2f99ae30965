"""Client of Roost's API: typed, with safe retries.

    from roost_client import Roost

    with Roost("http://127.0.0.1:8000", key) as roost:
        accepted = roost.openings.post({"title": "砌筑工", ...}, wait_s=5)
        for each in roost.openings.list(status="open"):
            print(each.value.title)

Every write carries a new Idempotency-Key. If the service is away or busy, the client retries with
the same key, so a write takes effect exactly once. Unknown fields in answers are ignored.
"""

from roost_client.client import Roost
from roost_client.client_answers import Accepted, Changed, Import, Read
from roost_client.client_errors import Conflict, NotFound, Outdated, Problem, Unavailable

__all__ = [
    "Accepted",
    "Changed",
    "Conflict",
    "Import",
    "NotFound",
    "Outdated",
    "Problem",
    "Read",
    "Roost",
    "Unavailable",
]
