"""Mappings of the indices behind the views, as data; `fact` holds the unindexed fields."""

from __future__ import annotations

import copy
import hashlib
import json
import re
from typing import Any

Json = dict[str, Any]

KEYWORD: Json = {"type": "keyword", "ignore_above": 512}
UNSORTED: Json = {"type": "keyword", "ignore_above": 512, "doc_values": False}
DATE: Json = {"type": "date"}
BOOLEAN: Json = {"type": "boolean"}
NUMBER: Json = {"type": "float"}
DAY: Json = {"type": "integer"}
VERSION: Json = {"type": "long"}
KEPT: Json = {"type": "object", "enabled": False}
COLUMN: Json = {"type": "binary", "doc_values": True}
POINT: Json = {"type": "geo_point"}
WORDS: Json = {"type": "text", "analyzer": "whitespace", "norms": True}
VECTOR: Json = {
    "type": "dense_vector",
    "dims": 128,
    "element_type": "byte",
    "similarity": "cosine",
    "index": True,
}


UNHURRIED = "5s"
"""Refresh interval of notifications: read by id at once, found by searches a little later."""


def _index(properties: Json, refresh: str = "1s") -> Json:
    return {
        "settings": {
            "index": {
                "number_of_shards": 1,
                "number_of_replicas": 0,
                "refresh_interval": refresh,
                # The version of a deleted document must outlive the latest possible event.
                "gc_deletes": "1h",
            }
        },
        "mappings": {
            "dynamic": "strict",
            "properties": {
                "id": KEYWORD,
                "version": VERSION,
                "erased": BOOLEAN,
                "fact": KEPT,
                **properties,
            },
        },
    }


MATCHED: Json = {
    "active": BOOLEAN,
    "country": UNSORTED,
    # Edits keep it, so pages of lists follow it; `posted_at` is the time of the newest record.
    "created_at": DATE,
    "currency": UNSORTED,
    "digest": {"type": "keyword", "index": False, "doc_values": False},
    # Level and years that a worker has or an opening requires, for the order of searches.
    "education": NUMBER,
    "experience": NUMBER,
    "features": COLUMN,
    "licences": UNSORTED,
    "location": POINT,
    "occupations": UNSORTED,
    "places": UNSORTED,
    "posted_at": DATE,
    "shifts": KEYWORD,
    "skills": UNSORTED,
    "vector": VECTOR,
    "words": WORDS,
}
"""Fields that openings and profiles have in common."""

VIEWS: dict[str, Json] = {
    "profiles": _index(
        {
            **MATCHED,
            "addresses": UNSORTED,
            "any_shift": BOOLEAN,
            "anywhere": BOOLEAN,
            "available_from": DAY,
            "commute_reach": UNSORTED,
            "home": UNSORTED,
            "home_reach": UNSORTED,
            "name_at_home": UNSORTED,
            "near_home_only": BOOLEAN,
            "needs_lodging": BOOLEAN,
            # Keyed hashes of all numbers, and the ids that numbers of other rosters would have.
            "numbers": UNSORTED,
            "reach": UNSORTED,
            "records": UNSORTED,
            # Terms of the name and numbers, and keys of telephones (`roost.text.search_terms`).
            "sought": UNSORTED,
            "sound_at_home": UNSORTED,
            "wage_floor": {"type": "double"},
            # Wanted occupations: folded names, and keys of the taxonomy.
            "wanted": UNSORTED,
            "willing": UNSORTED,
        }
    ),
    "openings": _index(
        {
            **MATCHED,
            # Only present while a new employer's opening waits for approval.
            "awaiting": BOOLEAN,
            # Only present while a decision on it, or on an appeal, is due.
            "to_be_decided": BOOLEAN,
            # Only of one refused for a serious reason: its employer's new openings wait until then.
            "watched_until": DATE,
            "employer_id": KEYWORD,
            # The name in the form that its spellings share (`comparable_name`).
            "employer_name": UNSORTED,
            # Keys of content of the first posting: an edit changes none.
            "first_content": KEYWORD,
            "last_day": DAY,
            "licence_count": DAY,
            "lodging": BOOLEAN,
            "meals": BOOLEAN,
            # Number of required skills, for the order of searches.
            "skill_count": DAY,
            # Terms of the title, the employer's name and the reference.
            "sought": UNSORTED,
            "starts_by": DAY,
            "status": KEYWORD,
            "title": KEYWORD,
            "wage_high": {"type": "double"},
            # Middle of the range, for the order of searches.
            "wage_middle": {"type": "double"},
        }
    ),
    "stations": _index(
        {
            "digest": {"type": "keyword", "index": False, "doc_values": False},
            "kind": KEYWORD,
            "name": KEYWORD,
            "serves": KEYWORD,
        }
    ),
    "matches": _index(
        {
            "accepted_at": DATE,
            "act_by": DATE,
            "active": BOOLEAN,
            # End of the time for an answer about sharing; only while the question is pending.
            "answer_by": DATE,
            "assigned_to": KEYWORD,
            # The keys under which it counts for the limits of a day: employer and content.
            "budgets": KEYWORD,
            "call_again_at": DATE,
            "changed_at": DATE,
            "claimed_at": DATE,
            # End of the target for the first contact, in opening hours; absent in older records.
            "contact_due_at": DATE,
            "contacted_at": DATE,
            # Time of the first round's proposal: no action or later round changes it.
            "created_at": DATE,
            "declined_at": DATE,
            "employer_id": KEYWORD,
            "expired_at": DATE,
            "first_contact_at": DATE,
            # Keys of content of the first proposal: an edit of the opening changes none.
            "first_content": KEYWORD,
            "interview_at": DATE,
            "interviewed_at": DATE,
            # Whether the first contact, or the end, came after `contact_due_at`.
            "late": BOOLEAN,
            # Places with all that contain them: for filters only, never counted.
            "lives_at": UNSORTED,
            "home": UNSORTED,
            "nameless": BOOLEAN,
            "occupation": KEYWORD,
            "occupation_name": KEYWORD,
            "opening_id": KEYWORD,
            "placed_at": DATE,
            "priority": BOOLEAN,
            "proposed_at": DATE,
            "referred_at": DATE,
            # Times of all referrals that were not undone, in every round.
            "referrals": DATE,
            "revision": VERSION,
            "score": NUMBER,
            # Interview slot at which it takes a place; only while it is `interviewed`.
            "slot_id": KEYWORD,
            # From then on the deadline is near.
            "soon_at": DATE,
            "state": KEYWORD,
            "station_id": KEYWORD,
            # Innermost place of the current residence, or of the home if unknown.
            "township": KEYWORD,
            # Score without the priority of registered households: the order for employers.
            "unboosted": NUMBER,
            # Time of the claim or of the end; absent while the match is unclaimed.
            "unclaimed_until": DATE,
            # `act_by` rounded to the hour: within the hour, newest first.
            "urgent_at": DATE,
            # Opening hours until the first contact or the end; absent while it waits.
            "waited_s": VERSION,
            "waited_until": DATE,
            # Start of the wait of an unclaimed match; absent while its opening is paused.
            "waits_from": DATE,
            "work_places": UNSORTED,
            "worker_id": KEYWORD,
        }
    ),
    # Interview slots that openings offer; their bookings are in the matches.
    "slots": _index({"at": DATE, "opening_id": KEYWORD}),
    "notifications": _index(
        {
            "caused_at": DATE,
            "kind": KEYWORD,
            "match_id": KEYWORD,
            "opening_id": KEYWORD,
            "recipient_id": KEYWORD,
            "saved_search_id": KEYWORD,
        },
        refresh=UNHURRIED,
    ),
    "deliveries": _index(
        {
            "at": DATE,
            # Changes of status keep it, so pages of lists follow it.
            "caused_at": DATE,
            "channel": KEYWORD,
            "charged_at": DATE,
            "cost_milli_yuan": VERSION,
            "due_at": DATE,
            "held_by": KEYWORD,
            "kind": KEYWORD,
            "lease_until": DATE,
            "message_id": KEYWORD,
            "notification_id": KEYWORD,
            "posted_to_told_ms": VERSION,
            "read": BOOLEAN,
            "recipient_id": KEYWORD,
            "references": UNSORTED,
            "station_id": KEYWORD,
            "status": KEYWORD,
        }
    ),
    "preferences": _index({}),
    "stops": _index({}),
    "employers": _index({"addresses": UNSORTED, "employer_id": KEYWORD}),
    "suppressions": _index({}),
    "notices": _index({"kind": KEYWORD, "posted_at": DATE, "worker_ids": KEYWORD}),
    "conversations": _index(
        {
            "author": KEYWORD,
            # Whether a worker's message waits for a clerk.
            "open": BOOLEAN,
            "sent_at": DATE,
            "worker_id": KEYWORD,
        }
    ),
    "notes": _index(
        {
            "about": KEYWORD,
            "employer_id": KEYWORD,
            "kind": KEYWORD,
            "match_id": KEYWORD,
            "opening_id": KEYWORD,
            "removed": BOOLEAN,
            "worker_id": KEYWORD,
            "written_at": DATE,
        }
    ),
    "candidate-requests": _index(
        {
            "asked_at": DATE,
            "decision": KEYWORD,
            "employer_id": KEYWORD,
            "needed_by": DATE,
            "opening_id": KEYWORD,
            "station_id": KEYWORD,
        }
    ),
    # Each condition is a field, and `*` stands for none (`roost.saved_searches.inverted_searches`).
    "saved-searches": _index(
        {
            "anchors": UNSORTED,
            "circle": UNSORTED,
            # Whether candidates have to be compared with an opening after a search.
            "compared": BOOLEAN,
            "counts_from": DATE,
            "created_at": DATE,
            "employer": UNSORTED,
            "home": UNSORTED,
            "lodging": BOOLEAN,
            "notice": KEYWORD,
            "occupation": UNSORTED,
            "paused": BOOLEAN,
            "place": UNSORTED,
            "shift": UNSORTED,
            "wage": {"type": "double"},
            "worker_id": KEYWORD,
        }
    ),
    "webhooks": _index({"employer_id": KEYWORD}),
    "outages": _index({}),
    "audit": _index(
        {
            "at": DATE,
            "event": KEYWORD,
            "login_hash": KEYWORD,
            "method": KEYWORD,
            "network": KEYWORD,
            "objects": KEYWORD,
            "persons": KEYWORD,
            "role": KEYWORD,
            "route": KEYWORD,
            "status": DAY,
            "who": KEYWORD,
        }
    ),
}

EDITIONS = {"profiles": 7, "openings": 11}
"""Edition of a view's documents, 1 if absent. Raise it when the same facts produce different
documents with the same fields; the next start then rebuilds the view."""
VECTORED = ("profiles", "openings")
"""Views with vectors. These are compared with each other, so all come from one model."""


def index_body(view: str, model: str = "", dims: int = VECTOR["dims"]) -> Json:
    """Return the body that creates an index of a view, with its shape and its vectors' model."""
    body = copy.deepcopy(VIEWS[view])
    body["mappings"]["_meta"] = {"shape": shape_of(view)}
    if view in VECTORED:
        body["mappings"]["_meta"]["model"] = model
        body["mappings"]["properties"]["vector"]["dims"] = dims
    return body


def shape_of(view: str) -> str:
    """Return the hash of a view's mapping and edition; an older index has a different one."""
    definition = json.dumps([VIEWS[view], EDITIONS.get(view, 1)], sort_keys=True).encode()
    return hashlib.blake2b(definition, digest_size=6).hexdigest()


def next_index(view: str, old: str | None, token: str) -> str:
    """Return the name of the index that follows `old`; the token makes it unique."""
    number = int(old.removeprefix(f"{view}-").split("-")[0]) + 1 if old else 1
    return f"{view}-{number:06d}-{token}"


def view_of_index(name: str) -> str | None:
    """Return the view of an index, by its name; None for an index of another application."""
    made = re.fullmatch(r"([a-z]+(?:-[a-z]+)*)-[0-9]{6,}(-[0-9a-f]{8})?", name)
    return made[1] if made else None
