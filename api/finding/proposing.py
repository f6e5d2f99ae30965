"""Use case of a proposal by hand: checked on the views, decided by the queue stage.

The proposal is an event of `proposals`, as those of the match stage are, so there is one way in for
matches. What is refused here is refused there as well; here the caller learns why. Its id follows
from the pair, the author and the state of its match, so a repeated request is one proposal.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from api.access import belonging
from api.access.principal import Principal
from api.finding import views
from api.finding.schemas import NewProposal
from api.lists.documents import existing_document
from api.matches import acting
from api.ports.services import Services
from api.writes.publishing import waited_for
from matcher.eligibility import obstacles
from matcher.features import OpeningFeatures, WorkerFeatures
from producers import facts
from roost import ids
from roost.errors import Conflict, FieldError
from roost.events.account import Permission
from roost.events.match import ActionKind, Actor, ByHand, MatchState
from roost.rules.allowed_actions import held_by_another
from roost.rules.by_hand import WISHES, may_be_proposed, unwaived
from roost.topics import MATCHES, OPENINGS, PROFILES
from roost.views.elastic import Json
from roost.wording.proposal_words import obstacle_words, refusal_words

REFERABLE = frozenset({MatchState.PROPOSED, MatchState.CLAIMED, MatchState.CONTACTED})
"""States of an existing match from which the worker can be referred at once."""


class ProposalRefused(Conflict):
    """Refusal of a proposal; `slug` names the first reason, such as `proposal-paused`."""

    title = "This pair cannot be proposed"
    title_zh = "不能匹配该岗位"

    def __init__(self, reasons: Sequence[str]) -> None:
        english, chinese = refusal_words(reasons)
        can_be_waived = not unwaived(reasons, WISHES)
        words = [obstacle_words(each) for each in reasons if can_be_waived]
        fields = tuple(FieldError("waives", each, zh) for each, zh in words)
        super().__init__(english, chinese, fields=fields)
        self.slug = f"proposal-{reasons[0]}"
        self.reasons = tuple(reasons)


@dataclass(frozen=True, slots=True)
class ProposalOutcome:
    """An acknowledged proposal, and the match once the queue stage has decided."""

    match_id: str
    id: str
    at: datetime
    decided: Json | None
    """The match's document within the caller's reach; None while the decision is pending."""


async def propose(
    given: Services,
    who: Principal,
    asked: NewProposal,
    *,
    seed: str | None = None,
    wait_s: float = 0.0,
) -> ProposalOutcome:
    """Publish the proposal of a pair; return the match if it is decided in time.

    Raises NotFound, Forbidden, ProposalRefused, and ActionRefused if a colleague holds the match of
    a worker who is to be referred.
    """
    opening_id, worker_id = asked.opening_id, asked.worker_id
    await belonging.profile(given, who, Permission.MATCHES_ASSIGN, worker_id)
    opening = await _opening(given, who, opening_id)
    id = ids.match_id(opening_id, worker_id)
    stored = await given.elastic.get(MATCHES.name, id)
    match = None if stored is None or stored.get("erased") else stored
    actor = acting.actor_of(who, None)
    _check_match(given, match, actor, asked)
    if match is None or match["state"] == MatchState.EXPIRED:
        await _check_pair(given, opening, asked)
    by_hand = ByHand(
        id=ids.derive("a", "by-hand", id, actor.id, seed or _state_of(match)),
        actor=actor,
        at=given.clock.now(),
        why=asked.why,
        waives=asked.waives,
        refer=asked.refer,
    )
    await given.publisher.publish([facts.pair_proposed(opening_id, worker_id, by_hand)])
    found = await waited_for(
        given.elastic, MATCHES.name, [id], lambda each: _is_decided(each, by_hand), wait_s
    )
    decided = found[0] if found else None
    if decided is not None:
        _raise_refusal(given, decided, by_hand)
        if not belonging.reaches_match(who, Permission.MATCHES_ASSIGN, decided):
            decided = None
    return ProposalOutcome(id, by_hand.id, by_hand.at, decided)


async def _opening(given: Services, who: Principal, id: str) -> Json:
    """Return an open opening, wherever it is, or any within the caller's reach. Raises NotFound."""
    document = await existing_document(given.elastic, OPENINGS.name, id, "opening", "岗位")
    if not document["active"]:
        return await belonging.opening(given, who, Permission.MATCHES_ASSIGN, id)
    return document


def _check_match(given: Services, match: Json | None, actor: Actor, asked: NewProposal) -> None:
    """Raise unless the pair has no match, an expired one, or one that the worker is referred from.

    Raises ProposalRefused and ActionRefused.
    """
    state = MatchState(match["state"]) if match is not None else None
    if match is None or may_be_proposed(state):
        return
    if not asked.refer or state not in REFERABLE:
        ended = state in {MatchState.DECLINED, MatchState.PLACED}
        raise ProposalRefused([str(state) if ended else "already"])
    holder = match.get("assigned_to")
    if held_by_another(holder, actor, ActionKind.REFER):
        raise acting.ActionRefused("held", given.identities.name_of(holder or ""), state)


async def _check_pair(given: Services, document: Json, asked: NewProposal) -> None:
    """Raise ProposalRefused for an opening that takes nobody, or an obstacle that is not waived."""
    at = await views.indices(given)
    opening, worker, placed = await asyncio.gather(
        views.features_of(given, at[OPENINGS.name], asked.opening_id, OpeningFeatures),
        views.features_of(given, at[PROFILES.name], asked.worker_id, WorkerFeatures),
        views.placed(given, asked.opening_id),
    )
    reasons = unwaived(obstacles(opening, worker, given.today), asked.waives)
    if "closed" in reasons and document.get("awaiting"):
        reasons = ["awaiting", *(each for each in reasons if each != "closed")]
    if not given.settings.capacity.places(opening.headcount, placed):
        reasons.append("headcount")
    if reasons:
        raise ProposalRefused(sorted(reasons, key=lambda each: each in WISHES))


def _state_of(match: Json | None) -> str:
    """Return the seed of a proposal without a key: the revision of the pair's match."""
    return str(match["revision"]) if match is not None else "new"


def _is_decided(document: Json | None, by_hand: ByHand) -> bool:
    """Return whether a match shows the decision on a proposal, and on its referral."""
    fact = (document or {}).get("fact") or {}
    if by_hand.refer:
        return _referral(fact, by_hand) is not None
    return bool((fact.get("byHand") or {}).get("id") == by_hand.id)


def _referral(fact: Json, by_hand: ByHand) -> Json | None:
    """Return the entry of the referral in a match, accepted or refused."""
    wanted = ids.derive("a", by_hand.id, ActionKind.REFER)
    entries = (*fact.get("history", ()), *fact.get("refusals", ()))
    return next((each for each in entries if each["actionId"] == wanted), None)


def _raise_refusal(given: Services, document: Json, by_hand: ByHand) -> None:
    """Raise ActionRefused if the queue stage refused the referral."""
    entry = _referral(document["fact"], by_hand)
    if entry is not None and entry["outcome"] == "refused":
        holder = given.identities.name_of(entry.get("holder") or "")
        raise acting.ActionRefused(entry["why"], holder, MatchState(document["state"]))
