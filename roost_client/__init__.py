"""Client of Roost's API: typed, with safe retries.

    from roost_client import Roost

    with Roost("http://127.0.0.1:8000", key) as roost:
        accepted = roost.openings.post({"title": "砌筑工", ...}, wait_s=5)
        for each in roost.openings.list(status="open"):
            print(each.value.title)

Every write carries a new Idempotency-Key. If the service is away or busy, the client retries with
the same key, so a write takes effect exactly once. Answers are read tolerantly: fields, states and
kinds of a newer release do no harm. `verified` checks a webhook message.
"""

from roost_client.client import Roost
from roost_client.client_errors import (
    ChangesMissed,
    Conflict,
    NotFound,
    Outdated,
    Problem,
    Unavailable,
)
from roost_client.received import NotVerified, verified
from roost_client.resource_models import (
    Accepted,
    CandidateRequest,
    Changed,
    Contact,
    ConversationState,
    EmployerStop,
    Entry,
    FoundOpening,
    Import,
    Match,
    Message,
    Note,
    Opening,
    Profile,
    Resource,
    Responsible,
    SavedSearch,
    SentCode,
    Slot,
    WaitingWorker,
    Webhook,
)
from roost_client.resources import Read

__all__ = [
    "Accepted",
    "CandidateRequest",
    "Changed",
    "ChangesMissed",
    "Conflict",
    "Contact",
    "ConversationState",
    "EmployerStop",
    "Entry",
    "FoundOpening",
    "Import",
    "Match",
    "Message",
    "NotFound",
    "NotVerified",
    "Note",
    "Opening",
    "Outdated",
    "Problem",
    "Profile",
    "Read",
    "Resource",
    "Responsible",
    "Roost",
    "SavedSearch",
    "SentCode",
    "Slot",
    "Unavailable",
    "WaitingWorker",
    "Webhook",
    "verified",
]
