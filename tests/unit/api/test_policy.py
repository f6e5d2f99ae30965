"""Who may do what."""

from __future__ import annotations

import pytest

from api import policy
from api.identity.principal import Principal
from api.policy import Belonging, Forbidden, Reach
from roost.errors import NotFound
from roost.events.account import AccountRole, Permission

HERS = "w-" + "a" * 26
STATION = "s-" + "a" * 26


def somebody(role: AccountRole, **confined: object) -> Principal:
    return Principal("u-" + "a" * 26, role, "Li", **confined)  # type: ignore[arg-type]


def test_every_role_has_its_grants() -> None:
    assert set(policy.GRANTS) == set(AccountRole)


def test_an_employer_never_reads_a_profile() -> None:
    with pytest.raises(Forbidden):
        policy.reach(somebody(AccountRole.EMPLOYER, employer_id="acme"), Permission.PROFILES_READ)


def test_what_belongs_to_others_looks_as_if_it_were_not_there() -> None:
    acme = somebody(AccountRole.EMPLOYER, employer_id="acme")
    policy.check(acme, Permission.OPENINGS_WRITE, Belonging(employer_id="acme"))
    with pytest.raises(NotFound):
        policy.check(acme, Permission.OPENINGS_WRITE, Belonging(employer_id="other"))


def test_a_worker_reaches_only_themselves() -> None:
    worker = somebody(AccountRole.WORKER, worker_id=HERS)
    policy.check(worker, Permission.PROFILES_ERASE, Belonging(worker_id=HERS))
    with pytest.raises(NotFound):
        policy.check(worker, Permission.PROFILES_ERASE, Belonging(worker_id="w-" + "b" * 26))


def test_a_clerk_reaches_what_their_stations_serve() -> None:
    clerk = somebody(AccountRole.CLERK, station_ids=(STATION,))
    policy.check(clerk, Permission.MATCHES_ACT, Belonging(station_ids=(STATION,)))
    with pytest.raises(NotFound):
        policy.check(clerk, Permission.MATCHES_ACT, Belonging(station_ids=()))


def test_nobody_reaches_what_belongs_to_nobody_by_having_nothing() -> None:
    nobody = somebody(AccountRole.EMPLOYER)
    assert not policy.reaches(Reach.EMPLOYER, nobody, Belonging())
    assert not policy.reaches(Reach.SELF, nobody, Belonging())


def test_a_key_is_limited_to_its_scopes() -> None:
    key = somebody(AccountRole.ADMIN, scopes=frozenset({Permission.OPENINGS_READ}))
    assert policy.reach(key, Permission.OPENINGS_READ) is Reach.ALL
    with pytest.raises(Forbidden):
        policy.reach(key, Permission.OPENINGS_WRITE)
