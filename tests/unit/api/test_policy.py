"""Access policy."""

from __future__ import annotations

import pytest

from api.access import policy
from api.access.belonging import serving
from api.access.permission_labels import LABELS
from api.access.policy import Belonging, Forbidden, Reach
from api.access.principal import Principal
from roost.errors import NotFound
from roost.events.account import AccountRole, Holder, Permission

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


def test_a_reach_over_everything_is_asked_for_where_a_part_makes_no_sense() -> None:
    policy.everywhere(somebody(AccountRole.AUDITOR), Permission.OVERVIEW_READ)
    clerk = somebody(AccountRole.CLERK, station_ids=(STATION,))
    with pytest.raises(Forbidden, match="for the whole county"):
        policy.everywhere(clerk, Permission.OVERVIEW_READ)


def test_nobody_gives_what_they_have_not() -> None:
    admin = somebody(AccountRole.ADMIN)
    policy.check_may_give(admin, Holder(role=AccountRole.ADMIN))
    narrow = somebody(
        AccountRole.ADMIN, scopes=frozenset({Permission.ACCOUNTS_WRITE, Permission.AUDIT_READ})
    )
    with pytest.raises(Forbidden, match="view openings"):
        policy.check_may_give(narrow, Holder(role=AccountRole.ADMIN))
    policy.check_may_give(narrow, Holder(role=AccountRole.AUDITOR), {Permission.AUDIT_READ})


def test_every_permission_is_named_in_both_languages() -> None:
    assert set(LABELS) == set(Permission)
    assert all(english and chinese for english, chinese in LABELS.values())
    for column in zip(*LABELS.values(), strict=True):
        assert len(set(column)) == len(LABELS), "two permissions have the same label"


def test_a_refusal_names_the_action_in_words() -> None:
    with pytest.raises(Forbidden) as refused:
        policy.reach(somebody(AccountRole.AUDITOR), Permission.NOTICES_WRITE)
    assert refused.value.message.startswith("You do not have permission to publish notices;")
    assert refused.value.message_zh.startswith("您没有发布公告的权限，")


def test_a_scope_outside_of_the_role_gives_nothing() -> None:
    holder = Holder(role=AccountRole.AUDITOR)
    scopes = {Permission.AUDIT_READ, Permission.OPENINGS_WRITE}
    assert policy.permissions(holder, scopes) == {Permission.AUDIT_READ}


def test_a_station_serves_what_lies_in_its_places() -> None:
    stations = {"s-1": frozenset({"cn:1402"}), "s-2": frozenset({"cn:1401"}), "s-3": frozenset()}
    assert serving(stations, ["cn:140212", "cn:1402", "cn:14", "cn"]) == ("s-1",)
    assert serving(stations, []) == ()
