"""Actions of the audit trail in words: a verb and its object for every route. Pure.

Stored entries name routes, also those of earlier releases, so the words are derived from the parts
of a route instead of a list of routes. A test walks every route of the application.
"""

from __future__ import annotations

from collections.abc import Mapping

from api.console.shell.translations import Say
from api.guards.reading_posts import READING_POSTS
from roost.events.audit import AuditEntry

OBJECTS: Mapping[str, str] = {
    "letter": "letter",
    "help": "help",
    "saved-replies": "saved_replies",
    "skills": "terms",
    "occupations": "terms",
    "fitting-openings": "openings",
    "fitting-workers": "profiles",
    "find-work": "openings",
    "find-people": "profiles",
    "sign-in": "session",
    "sign-out": "session",
    "employer-names": "employer_names",
    "deliveries": "deliveries",
    "notes": "notes",
    "slots": "slots",
    "candidate-request": "requests",
    "candidate-requests": "requests",
    "request": "requests",
    "saved-searches": "saved_searches",
    "search-end": "saved_searches",
    "conversations": "conversation",
    "conversation": "conversation",
    "replies": "conversation",
    "provider-reports": "deliveries",
    "search": "search",
    "inbox": "inbox",
    "contact": "contact",
    "addresses": "own_contact",
    "channels": "own_contact",
    "preferences": "settings",
    "telling": "settings",
    "snooze": "settings",
    "stop": "messages",
    "sharing": "sharing",
    "audit": "audit",
    "training": "training",
    "shortlist": "candidates",
    "colleagues": "colleagues",
    "queue": "queue",
    "authenticator": "factor",
    "passkeys": "factor",
    "passkey": "factor",
    "second-factor": "factor",
    "sessions": "sessions",
    "password": "password",
    "language": "language",
    "consent": "consent",
    "webhooks": "webhooks",
    "imports": "imports",
    "keys": "keys",
    "accounts": "accounts",
    "account": "accounts",
    "notices": "notices",
    "sources": "sources",
    "templates": "templates",
    "notifications": "notifications",
    "outcomes": "outcomes",
    "operations": "operations",
    "overview": "overview",
    "today": "agenda",
    "workload": "workload",
    "calendars": "calendar",
    "summary": "overview",
    "changes": "changes",
    "places": "places",
    "deprecations": "operations",
    "matches": "matches",
    "openings": "openings",
    "profile": "profiles",
    "data": "profiles",
    "profiles": "profiles",
    "stations": "stations",
    "employers": "contact",
    "employer": "openings",
    "me": "own_data",
}
"""Object of a route by one of its parts; the first that a route contains counts."""
VERBS: Mapping[str, str] = {
    "export": "exported",
    "rejected.xlsx": "exported",
    "errors": "exported",
    "approve": "approved",
    "propose": "proposed",
    "cancel": "cancelled",
    "erase": "erased",
    "remove": "erased",
    "revoke": "revoked",
    "forget": "withdrew",
    "withdraw": "withdrew",
    "undo": "undid",
    "rotate": "renewed",
    "test": "tested",
    "resend": "resent",
    "run": "ran",
    "import": "ran",
    "confirm": "confirmed",
    "code": "asked_code",
    "stop": "stopped",
    "resume": "resumed",
    "snooze": "snoozed",
    "close": "closed",
    "read": "marked_read",
    "disable": "disabled",
    "enable": "enabled",
    "preview": "previewed",
    "validate": "previewed",
    "reach": "previewed",
    "suggestions": "previewed",
    "discard": "discarded",
    "sign-in": "signed_in",
    "sign-out": "signed_out",
}
"""Verb of a change by the last part of its route."""
BY_METHOD = {"GET": "viewed", "HEAD": "viewed", "PUT": "changed", "PATCH": "changed"}
ACTS = frozenset({"act", "actions", "{kind}", "{verb}", "status"})
CAUSES = frozenset(
    {"password", "password-and-code", "code", "passkey", "provider", "not-a-key", "id", "various"}
)
"""Causes that the pages name; those of sign-in providers are left out."""
READING = tuple(each.strip("/").split("/") for each in sorted(READING_POSTS))
"""Parts of the routes whose POST only reads."""
PAGE = "page"
"""Object of a route that names none, such as the start page."""


def action_words(entry: AuditEntry, say: Say) -> str:
    """Return the action of an entry, such as `Viewed matches` or `查看匹配`."""
    return words_of(entry.method, entry.route, say)


def words_of(method: str, route: str, say: Say) -> str:
    """Return the action of a request in words."""
    parts = [each for each in route.split("/") if each]
    subject = next((OBJECTS[each] for each in OBJECTS if each in parts), PAGE)
    return say(
        "audited.action",
        verb=say(f"audited.verb.{_verb(method, parts)}"),
        subject=say(f"audited.object.{subject}"),
    )


def cause_words(entry: AuditEntry, say: Say) -> str:
    """Return how a person signed in, or why they were refused; empty for any other cause."""
    return say(f"audited.cause.{entry.cause}") if entry.cause in CAUSES else ""


def _verb(method: str, parts: list[str]) -> str:
    last = parts[-1] if parts else ""
    if method in {"GET", "HEAD"} or parts in READING:
        return "exported" if VERBS.get(last) == "exported" else "viewed"
    if method == "DELETE":
        return "resumed" if last == "stop" else "erased"
    if "sign-in" in parts:
        return "signed_in"
    if last in VERBS:
        return VERBS[last]
    if ACTS & set(parts[-2:]):
        return "handled"
    if method in BY_METHOD or last.startswith("{") or last == "edit":
        return "changed"
    return "created" if last == "new" or _is_collection(last) else "changed"


def _is_collection(last: str) -> bool:
    return last.endswith("s") and last not in {"addresses", "sessions", "preferences"}
