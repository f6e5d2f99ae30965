"""Who is sent which opening when places and exposure are scarce: near the best total score.

Ranking alone sends an opening for three to everybody who fits, and the best-looking worker every
opening. Here an opening has as many places as its headcount left allows, and a worker a share of
new matches a day; the pairs with the greatest total score within both are what `assign` finds.

Method: the ascending auction of Kelso and Crawford ("Job Matching, Coalition Formation, and Gross
Substitutes", Econometrica 1982) with the bids of Bertsekas ("The auction algorithm", Annals of
Operations Research 1988). Every unit of a worker's share has a price, at first nothing; an opening
with vacant places bids for the workers worth most to it (score less price), just as much as makes
it indifferent to its next choice, plus `tolerance`. Who is outbid bids again. Prices only rise and
an opening that could still gain has bid, so the total is at most `tolerance` a pair below the best
there is; free units cost nothing, so no pair is left out while both of its sides have room.
"""

from __future__ import annotations

import bisect
import heapq
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

TOLERANCE = 0.5
"""Points of score that a pair may fall short of the best; finer than scores can tell."""


@dataclass(frozen=True, slots=True)
class Capacity:
    """How many workers are sent an opening at a time, and how many openings a worker a day."""

    per_place: int = 3
    """Workers to whom one place is offered at a time: not everybody takes it."""
    least: int = 3
    """Even for a single place: one no must not leave an employer waiting."""
    most: int = 20
    worker_day: int = 5

    def places(self, headcount: int, placed: int) -> int:
        """Standing matches an opening may have; none once its headcount is reached."""
        left = headcount - placed
        return min(self.most, max(self.least, left * self.per_place)) if left > 0 else 0


@dataclass(frozen=True, slots=True)
class Pair:
    """An opening and a worker whom no hard constraint keeps apart, with their score."""

    opening_id: str
    worker_id: str
    score: float


Units: TypeAlias = dict[str, list[tuple[float, str]]]
"""For each worker a heap of (price, opening that holds it), one for every unit that is taken."""


def assign(
    pairs: Iterable[Pair],
    places: Mapping[str, int],
    shares: Mapping[str, int],
    tolerance: float = TOLERANCE,
) -> list[Pair]:
    """Pairs within the places of openings and the shares of workers, in the order of ids.

    Their total is no less than `greedy` finds, and no more than `tolerance` for every pair below
    the best possible. Who is named neither in `places` nor in `shares` gets nothing. The same
    input in any order gives the same answer.
    """
    offers = _offers(pairs, places, shares)
    auctioned = _auction(offers, places, shares, tolerance)
    plain = _greedy(offers, places, shares)
    return auctioned if total(auctioned) >= total(plain) else plain


def greedy(
    pairs: Iterable[Pair], places: Mapping[str, int], shares: Mapping[str, int]
) -> list[Pair]:
    """The best pair first, then the next best that still fits: what ranking with limits gives."""
    return _greedy(_offers(pairs, places, shares), places, shares)


def total(pairs: Iterable[Pair]) -> float:
    return sum(pair.score for pair in pairs)


def _offers(
    pairs: Iterable[Pair], places: Mapping[str, int], shares: Mapping[str, int]
) -> dict[str, list[Pair]]:
    """For every opening with places the workers with a share, best first, ties by id."""
    best: dict[tuple[str, str], Pair] = {}
    for pair in pairs:
        if places.get(pair.opening_id, 0) > 0 and shares.get(pair.worker_id, 0) > 0:
            key = (pair.opening_id, pair.worker_id)
            if pair.score > (best[key].score if key in best else 0.0):
                best[key] = pair
    offers: dict[str, list[Pair]] = {}
    for _, pair in sorted(best.items()):
        offers.setdefault(pair.opening_id, []).append(pair)
    for offered in offers.values():
        offered.sort(key=lambda pair: (-pair.score, pair.worker_id))
    return offers


def _greedy(
    offers: Mapping[str, list[Pair]], places: Mapping[str, int], shares: Mapping[str, int]
) -> list[Pair]:
    vacant = {opening: places[opening] for opening in offers}
    left: dict[str, int] = {}
    every = [pair for offered in offers.values() for pair in offered]
    taken = []
    for pair in sorted(every, key=lambda each: (-each.score, each.opening_id, each.worker_id)):
        share = left.get(pair.worker_id, shares[pair.worker_id])
        if vacant[pair.opening_id] and share:
            vacant[pair.opening_id] -= 1
            left[pair.worker_id] = share - 1
            taken.append(pair)
    return sorted(taken, key=_key)


def _auction(
    offers: Mapping[str, list[Pair]],
    places: Mapping[str, int],
    shares: Mapping[str, int],
    tolerance: float,
) -> list[Pair]:
    held: dict[str, dict[str, Pair]] = {opening: {} for opening in offers}
    units: Units = {}
    waiting = deque(offers)
    while waiting:
        opening = waiting.popleft()
        vacant = places[opening] - len(held[opening])
        for bid, pair in _bids(offers[opening], held[opening], units, shares, vacant, tolerance):
            outbid = _take(units.setdefault(pair.worker_id, []), shares[pair.worker_id], bid, pair)
            held[opening][pair.worker_id] = pair
            if outbid is not None:
                del held[outbid][pair.worker_id]
                if outbid not in waiting:
                    waiting.append(outbid)
    return sorted((pair for pairs in held.values() for pair in pairs.values()), key=_key)


def _bids(
    offered: list[Pair],
    held: Mapping[str, Pair],
    units: Units,
    shares: Mapping[str, int],
    vacant: int,
    tolerance: float,
) -> list[tuple[float, Pair]]:
    """(bid, pair) for the `vacant` workers worth most to an opening: up to its next choice."""
    worth: list[tuple[float, str, float, Pair]] = []  # (-value, worker, price, pair), best first
    for pair in offered:
        if len(worth) > vacant and pair.score <= -worth[-1][0]:
            break  # the rest is worth no more even for nothing
        if pair.worker_id in held:
            continue
        taken = units.get(pair.worker_id, [])
        price = taken[0][0] if len(taken) >= shares[pair.worker_id] else 0.0
        if pair.score > price:
            bisect.insort(worth, (price - pair.score, pair.worker_id, price, pair))
            del worth[vacant + 1 :]
    next_choice = -worth[vacant][0] if len(worth) > vacant else 0.0
    return [(pair.score - next_choice + tolerance, pair) for *_, pair in worth[:vacant]]


def _take(taken: list[tuple[float, str]], share: int, bid: float, pair: Pair) -> str | None:
    """Takes a free unit of a worker, or the cheapest; returns the opening that loses it."""
    if len(taken) < share:
        heapq.heappush(taken, (bid, pair.opening_id))
        return None
    return heapq.heapreplace(taken, (bid, pair.opening_id))[1]


def _key(pair: Pair) -> tuple[str, str]:
    return pair.opening_id, pair.worker_id
