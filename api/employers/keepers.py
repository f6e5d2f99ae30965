"""The keeper of an employer's contact: the employer itself, or the station of its first opening.

Staff can post openings in any employer's name. So an opening lets no station read or redirect the
contact of an employer that speaks for itself, nor of one that another station brought in before.
"""

from __future__ import annotations

from enum import StrEnum

from api.access import belonging, policy
from api.access.policy import Reach
from api.access.principal import Principal
from api.lists.paging import bool_of
from api.ports.services import Services
from roost.errors import Conflict
from roost.events.account import Permission
from roost.topics import OPENINGS
from roost.views.elastic import Json


class Keeper(StrEnum):
    """The keeper of a contact, as seen from a caller within whose reach the employer is."""

    CALLER = "caller"
    EMPLOYER = "employer"
    STATION = "station"
    """Another station."""


def kept_by(keeper: Keeper) -> Conflict:
    """Return the error for a contact that the employer or another station keeps."""
    if keeper is Keeper.EMPLOYER:
        return Conflict(
            "This employer has an account or a key and sets its contacts itself; the association "
            "can change them too.",
            "该单位已有账号或密钥，联系方式由单位自行设置，也可由总会修改。",
        )
    return Conflict(
        "The station of this employer's first opening keeps its contacts; ask that station or the "
        "association to change them.",
        "该单位首个岗位所在地的服务站负责维护其联系方式，如需更改，请联系该站或总会。",
    )


async def keeper_of(given: Services, who: Principal, employer_id: str) -> Keeper:
    """Return the keeper of an employer's contact; the employer is within the caller's reach."""
    if policy.GRANTS[who.role][0] is not Reach.STATIONS:
        return Keeper.CALLER
    if has_access(given, employer_id):
        return Keeper.EMPLOYER
    own = await _serves_first_opening(given, who, employer_id)
    return Keeper.CALLER if own else Keeper.STATION


def has_access(given: Services, employer_id: str) -> bool:
    """Return whether an employer has an account that is not disabled, or a key in force."""
    now = given.clock.now()
    accounts = given.identities.accounts.values()
    if any(each.employer_id == employer_id and not each.disabled for each in accounts):
        return True
    keys = given.identities.keys.values()
    return any(each.employer_id == employer_id and each.expires_at > now for each in keys)


async def _serves_first_opening(given: Services, who: Principal, employer_id: str) -> bool:
    """Return whether the employer's first opening is at a place that the caller's stations serve.

    Closed openings count, and edits keep the time of creation: nobody becomes the keeper later.
    """
    within = await belonging.openings_within_reach(given, who, Permission.EMPLOYERS_READ)
    of_employer: Json = {"term": {"employer_id": employer_id}}
    searches = [
        (OPENINGS.name, _first(bool_of([of_employer, *filters]))) for filters in ([], within)
    ]
    of_all, of_own = await given.elastic.msearch(searches)
    return [hit.id for hit in of_all.hits] == [hit.id for hit in of_own.hits]


def _first(query: Json) -> Json:
    """Return the search for the opening that was created first; equal times are decided by id."""
    return {
        "size": 1,
        "_source": ["id"],
        "sort": [{"created_at": "asc"}, {"id": "asc"}],
        "track_total_hits": False,
        "query": query,
    }
