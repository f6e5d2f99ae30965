"""Resources of the API as values.

They are tolerant: every field is optional, since a list may ask for a few fields and a key may see
fewer than another; an unknown field of a newer release is kept (`model_extra`), and a state or kind
that this release does not know is only a string.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel


class Resource(BaseModel):
    """Base of all resources: immutable, camelCase on the wire."""

    model_config = ConfigDict(
        alias_generator=to_camel, populate_by_name=True, extra="allow", frozen=True
    )


class Place(Resource):
    """Place by name, or by code in a scheme such as `cn`; coordinates in degrees."""

    name: str | None = None
    code: str | None = None
    scheme: str | None = None
    latitude: float | None = None
    longitude: float | None = None


class Wage(Resource):
    """Wage range in a currency, per `HOUR`, `DAY`, `WEEK`, `MONTH`, `YEAR` or `PIECE`."""

    currency: str | None = None
    min_value: float | None = None
    max_value: float | None = None
    unit_text: str | None = None
    pieces_per_day: float | None = None


class Organization(Resource):
    """Employer."""

    id: str | None = None
    name: str | None = None


class Opening(Resource):
    """Opening (schema.org JobPosting) with its status: open, paused, filled or closed."""

    id: str | None = None
    identifier: str | None = None
    status: str | None = None
    source: str | None = None
    hiring_organization: Organization | None = None
    title: str | None = None
    description: str | None = None
    skills: tuple[str, ...] = ()
    preferred_skills: tuple[str, ...] = ()
    licences_required: tuple[str, ...] = ()
    occupational_category: str | None = None
    base_salary: Wage | None = None
    job_location: Place | None = None
    total_job_openings: int | None = None
    employment_type: str | None = None
    shifts: tuple[str, ...] = ()
    lodging: bool | None = None
    meals: bool | None = None
    experience_requirements: float | None = None
    """Required experience in years."""
    education_requirements: str | None = None
    date_posted: date | None = None
    job_start_date: date | None = None
    valid_through: date | None = None
    created_at: datetime | None = None
    workplace: str | None = None
    job_benefits: tuple[str, ...] = ()
    awaiting_approval: bool | None = None
    review: tuple[dict[str, Any], ...] = ()
    """Words of an imported text that a station must review."""
    decision: dict[str, Any] | None = None
    """Last decision of a station or the association, with its time."""
    first_alike: tuple[str, ...] | None = None
    """Keys of the content as it was first posted, if an edit changed them since."""
    in_language: str | None = None


class Channel(Resource):
    """Channel on which a worker is reached, and the address there."""

    kind: str | None = None
    address: str | None = None


class Profile(Resource):
    """Profile of a worker."""

    id: str | None = None
    identifier: str | None = None
    source: str | None = None
    name: str | None = None
    summary: str | None = None
    skills: tuple[str, ...] = ()
    licences: tuple[str, ...] = ()
    occupations_wanted: tuple[str, ...] = ()
    experience_years: float | None = None
    education: str | None = None
    wage_wanted: Wage | None = None
    home: Place | None = None
    location: Place | None = None
    willing: dict[str, Any] | None = None
    available_from: date | None = None
    shifts: tuple[str, ...] = ()
    needs_lodging: bool | None = None
    of_working_age: bool | None = None
    registered_household: dict[str, Any] | None = None
    languages: tuple[str, ...] = ()
    channels: tuple[Channel, ...] = ()
    preferences: dict[str, Any] | None = None
    shown_to_employers: dict[str, Any] | None = None
    status: str | None = None
    created_at: datetime | None = None
    other_numbers: tuple[dict[str, Any], ...] = ()
    """The person's numbers in other rosters."""
    own_changes: tuple[dict[str, Any], ...] = ()
    """Fields that the person changed last, with the time."""


class Reason(Resource):
    """One part of a score: its points, and an explanation in both languages."""

    part: str | None = None
    points: float | None = None
    en: str | None = None
    zh: str | None = None


class Match(Resource):
    """Match of an opening and a worker: its state, score (0 to 100), reasons and history.

    An employer's key sees the fields that the worker agreed to share.
    """

    id: str | None = None
    opening_id: str | None = None
    worker_id: str | None = None
    station_id: str | None = None
    former_station_id: str | None = None
    state: str | None = None
    revision: int | None = None
    round: int | None = None
    renewed: int | None = None
    """Number of times it was withdrawn and proposed again on one day."""
    score: float | None = None
    worker_side: float | None = None
    employer_side: float | None = None
    reasons: tuple[Reason, ...] = ()
    missing_skills: tuple[str, ...] = ()
    opening_version: int | None = None
    profile_version: int | None = None
    model: str | None = None
    assigned_to: str | None = None
    cause: str | None = None
    first_proposed_at: datetime | None = None
    proposed_at: datetime | None = None
    changed_at: datetime | None = None
    caused_at: datetime | None = None
    claimed_at: datetime | None = None
    first_contact_at: datetime | None = None
    contacted_at: datetime | None = None
    call_again_at: datetime | None = None
    accepted_at: datetime | None = None
    sharing: str | None = None
    sharing_asked_at: datetime | None = None
    sharing_answered_at: datetime | None = None
    answer_by: datetime | None = None
    referred_at: datetime | None = None
    interviewed_at: datetime | None = None
    interview_at: datetime | None = None
    interview_by: str | None = None
    interview_details: dict[str, Any] | None = None
    """Place, contact and documents of the arranged interview."""
    booking: dict[str, Any] | None = None
    """Place at an interview slot (`slotId`); it counts while the state is `interviewed`."""
    placed_at: datetime | None = None
    declined_at: datetime | None = None
    expired_at: datetime | None = None
    act_by: datetime | None = None
    soon_at: datetime | None = None
    contact_due_at: datetime | None = None
    waited_s: int | None = None
    about: dict[str, Any] | None = None
    by_hand: dict[str, Any] | None = None
    """Set if staff proposed the current round: who, why, and what they set aside."""
    interviews: int | None = None
    placings: int | None = None
    undoable: dict[str, Any] | None = None
    history: tuple[dict[str, Any], ...] = ()
    refusals: tuple[dict[str, Any], ...] = ()
    changes: tuple[dict[str, Any], ...] = ()
    """Proposals, pauses, resumptions and expiries, oldest first."""
    pause: dict[str, Any] | None = None
    """Newest pause of the opening; without `resumedAt`, it is paused now."""
    rested_s: int | None = None
    urgency: str | None = None
    names: dict[str, str] = {}
    """Names of the colleagues that it mentions, by id; for staff."""
    worker: dict[str, Any] | None = None
    """Data that the worker shows to employers; for an employer's key."""
    responsible: dict[str, Any] | None = None
    """Station, its telephone and the clerk's chosen name; for an employer's key."""


class Webhook(Resource):
    """Webhook of an employer or partner, without its secret."""

    id: str | None = None
    url: str | None = None
    employer_id: str | None = None
    kinds: tuple[str, ...] = ()
    description: str | None = None
    enabled: bool | None = None
    secret_number: int | None = None
    rotated_at: datetime | None = None
    enabling: int | None = None
    private_origin: str | None = None


class Entry(Resource):
    """Entry of a worker's or station's inbox, worded at the time of the request."""

    id: str | None = None
    kind: str | None = None
    title: str | None = None
    body: str | None = None
    urgent: bool | None = None
    at: datetime | None = None
    read: bool | None = None
    answered: bool | None = None
    withdrawn: bool | None = None
    opening_id: str | None = None
    match_id: str | None = None
    notice_id: str | None = None


class Message(Resource):
    """Message of a conversation: by the `worker` or the `station`, on a channel."""

    id: str | None = None
    author: str | None = None
    text: str | None = None
    shortened: bool | None = None
    repeats: str | None = None
    """Earlier message that this one may be, if the gateway gave neither id nor time."""
    channel: str | None = None
    by: str | None = None
    """Account or key that wrote it; shown to staff only."""
    sent_at: datetime | None = None
    settled_at: datetime | None = None
    """Time at which a clerk answered a worker's message, or closed it."""
    answer_id: str | None = None
    delivery: str | None = None
    """Delivery of a station's message: queued, delivered, inbox, failed or stopped."""
    delivered_on: str | None = None


class ConversationState(Resource):
    """State of a worker's conversation; `channels` are those that an answer can be sent on."""

    worker_id: str | None = None
    waiting: int | None = None
    """Number of messages that wait for a clerk."""
    channels: tuple[str, ...] = ()
    stopped: bool | None = None


class WaitingWorker(Resource):
    """Worker whose messages wait for a clerk, with the beginning of the newest one."""

    worker_id: str | None = None
    name: str | None = None
    messages: int | None = None
    since: datetime | None = None
    text: str | None = None


class Note(Resource):
    """Note of staff, text of another reason, or details of an interview."""

    id: str | None = None
    kind: str | None = None
    about: str | None = None
    worker_id: str | None = None
    match_id: str | None = None
    opening_id: str | None = None
    employer_id: str | None = None
    action_id: str | None = None
    text: str | None = None
    interview: dict[str, Any] | None = None
    by: str | None = None
    by_name: str | None = None
    written_at: datetime | None = None
    edits: tuple[dict[str, Any], ...] = ()
    removed_by: str | None = None
    removed_at: datetime | None = None
    may_edit: bool | None = None
    may_remove: bool | None = None


class Responsible(Resource):
    """Station responsible for an opening, and its telephone."""

    station: str | None = None
    telephone: str | None = None
    name: str | None = None


class Slot(Resource):
    """Interview slot of an opening, with the places that are left."""

    id: str | None = None
    opening_id: str | None = None
    at: datetime | None = None
    by: str | None = None
    free: int | None = None
    places: int | None = None
    booked: int | None = None
    interview: dict[str, Any] | None = None
    """Place, contact and documents."""


class CandidateRequest(Resource):
    """Newest request for candidates of an opening: its state, and the referrals since."""

    id: str | None = None
    opening_id: str | None = None
    employer_id: str | None = None
    station_id: str | None = None
    number: int | None = None
    state: str | None = None
    wanted: int | None = None
    referred: int | None = None
    needed_by: date | None = None
    note: str | None = None
    asked_at: datetime | None = None
    decided_at: datetime | None = None
    candidates_on: date | None = None
    declined_because: str | None = None


class Contact(Resource):
    """Contact channels of an employer, in the order in which they are tried."""

    id: str | None = None
    employer_id: str | None = None
    channels: tuple[Channel, ...] = ()
    preferences: dict[str, Any] | None = None
    language: str | None = None
    masked: bool = False
    """True if the addresses are shown in part, since only the employer reads them."""


class SentCode(Resource):
    """Code on its way to an unconfirmed address."""

    kind: str | None = None
    address: str | None = None
    valid_until: datetime | None = None


class EmployerStop(Resource):
    """State of an employer's messages: stopped or not, and the origin of the last change."""

    employer_id: str | None = None
    stopped: bool | None = None
    by: str | None = None
    at: datetime | None = None


class SavedSearch(Resource):
    """Saved search of a worker; absent conditions filter nothing."""

    id: str | None = None
    worker_id: str | None = None
    name: str | None = None
    words: str | None = None
    place: str | None = None
    within_km: float | None = None
    wage: float | None = None
    occupation: str | None = None
    shift: str | None = None
    lodging: bool | None = None
    near_home: bool | None = None
    employer: str | None = None
    notice: str | None = None
    """`at_once` or `digest`."""
    paused: bool | None = None
    conditions: list[str] | None = None
    """The conditions in words."""


class FoundOpening(Resource):
    """Opening that a saved search finds."""

    id: str | None = None
    title: str | None = None
    employer: str | None = None
    place: str | None = None
    posted_at: datetime | None = None
    is_new: bool | None = None


class Accepted(Resource):
    """Acknowledged write; `replayed` if it had already been done under the same key."""

    id: str
    version: int
    searchable: bool = False
    where: str = Field("", alias="self")
    replayed: bool = False
    secret: str | None = Field(None, repr=False)
    """Secret of a new webhook; no later answer contains it."""


PENDING_STATES = frozenset({"waiting", "running"})


class Import(Resource):
    """Bulk import: its state, progress (0 to 1) and counts of rows."""

    id: str
    kind: str = "openings"
    state: str
    progress: float = 0.0
    format: str | None = None
    mapping: str | None = None
    dry_run: bool = False
    rows: int | None = None
    read: int = 0
    published: int = 0
    unchanged: int = 0
    repeated: int = 0
    rejected: int = 0
    undecided: int = 0
    """Rows that wait for a decision on their person or employer; listed with the errors."""
    why: str = ""
    errors: str | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None

    @property
    def over(self) -> bool:
        """Whether the import has ended."""
        return self.state not in PENDING_STATES


class Changed(Resource):
    """One change of the feed; `cursor` is the position after it."""

    type: str
    id: str
    version: int
    at: datetime
    erased: bool = False
    data: dict[str, Any] | None = None
    cursor: str = ""
