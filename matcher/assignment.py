"""Assignment of openings to workers under limits, close to the best total score.

Ranking alone sends an opening for three to everybody who fits, and sends the best-looking worker
every opening. Here each opening has a number of places that follows its remaining headcount, and
each worker a share of new matches a day. `assign` finds the pairs with the greatest total score
within both limits.

Every unit of a worker's share has a price, initially zero. An opening with vacant places bids for
the workers with the greatest value to it (score minus price). Its bid makes it indifferent to its
next choice, plus `tolerance`. An opening that is outbid bids again. Prices only rise, and an
opening that could still gain has bid, so the total is at most `tolerance` a pair below the optimum.
Free units cost nothing, so no pair is left out while both of its sides have room.

Source: Kelso and Crawford, "Job Matching, Coalition Formation, and Gross Substitutes", Econometrica
50 (1982), for the ascending auction; Bertsekas, "The auction algorithm", Annals of Operations
Research 14 (1988), for the bids.
"""

from __future__ import annotations

import bisect
import heapq
from collections import deque
from collections.abc import Iterable, Mapping
from typing import NamedTuple, TypeAlias

TOLERANCE = 0.5
"""Most points of score that a pair may cost against the optimum; below the precision of scores."""


class Pair(NamedTuple):
    """An eligible pair of an opening and a worker, with its score."""

    opening_id: str
    worker_id: str
    score: float


Units: TypeAlias = dict[str, list[tuple[float, str]]]
"""A heap of (price, opening that holds the unit) for each worker; free units have no entry."""


def assign(
    pairs: Iterable[Pair],
    places: Mapping[str, int],
    shares: Mapping[str, int],
    tolerance: float = TOLERANCE,
) -> list[Pair]:
    """Assign pairs within the places of openings and the shares of workers.

    Returns the pairs in the order of their ids. Their total is at least that of `assign_greedily`,
    and at most `tolerance` for each pair below the optimum. An opening without `places` or a worker
    without `shares` receives nothing. The result does not depend on the order of the input.

    Source: see the module.
    """
    offers = _offers(pairs, places, shares)
    auctioned = _auction(offers, places, shares, tolerance)
    plain = _greedy(offers, places, shares)
    return auctioned if total_score(auctioned) >= total_score(plain) else plain


def assign_greedily(
    pairs: Iterable[Pair], places: Mapping[str, int], shares: Mapping[str, int]
) -> list[Pair]:
    """Assign the best pair first, then the next best that fits, as ranking with limits does."""
    return _greedy(_offers(pairs, places, shares), places, shares)


def total_score(pairs: Iterable[Pair]) -> float:
    """Return the sum of the scores."""
    return sum(pair.score for pair in pairs)


def _offers(
    pairs: Iterable[Pair], places: Mapping[str, int], shares: Mapping[str, int]
) -> dict[str, list[Pair]]:
    """Group the workers who have a share by opening, best first, tie-break by id."""
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
    """Return (bid, pair) for the `vacant` workers of greatest value, up to the next choice."""
    best: list[tuple[float, str, float, Pair]] = []  # (-value, worker, price, pair), best first
    for pair in offered:
        if len(best) > vacant and pair.score <= -best[-1][0]:
            break  # the rest has no greater value even at price zero
        if pair.worker_id in held:
            continue
        taken = units.get(pair.worker_id, [])
        price = taken[0][0] if len(taken) >= shares[pair.worker_id] else 0.0
        if pair.score > price:
            bisect.insort(best, (price - pair.score, pair.worker_id, price, pair))
            del best[vacant + 1 :]
    next_choice = -best[vacant][0] if len(best) > vacant else 0.0
    return [(pair.score - next_choice + tolerance, pair) for *_, pair in best[:vacant]]


def _take(taken: list[tuple[float, str]], share: int, bid: float, pair: Pair) -> str | None:
    """Take a free unit of a worker, else the cheapest; return the opening that loses it."""
    if len(taken) < share:
        heapq.heappush(taken, (bid, pair.opening_id))
        return None
    return heapq.heapreplace(taken, (bid, pair.opening_id))[1]


def _key(pair: Pair) -> tuple[str, str]:
    return pair.opening_id, pair.worker_id
