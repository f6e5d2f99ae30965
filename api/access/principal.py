"""Who asks: a person or a machine, as every endpoint and the policy see it."""

from __future__ import annotations

from dataclasses import dataclass, field

from roost.events.account import Account, AccountRole, ApiKey, Permission


@dataclass(frozen=True, slots=True)
class Principal:
    """`id` is an account's (`u-…`) or a key's (`k-…`); `name` is what colleagues see."""

    id: str
    role: AccountRole
    name: str
    language: str = "zh"
    employer_id: str | None = None
    worker_id: str | None = None
    station_ids: tuple[str, ...] = ()
    scopes: frozenset[Permission] = field(default_factory=frozenset)
    """A key's; empty for all that the role may."""
    login: str | None = None
    """A person's; None for a key."""
    must_change_password: bool = False
    """Then nothing else may be done first."""

    @property
    def is_key(self) -> bool:
        return self.login is None


def principal_of_account(account: Account) -> Principal:
    return Principal(
        id=account.id,
        role=account.role,
        name=account.name,
        language=account.language,
        employer_id=account.employer_id,
        worker_id=account.worker_id,
        station_ids=account.station_ids,
        login=account.login,
        must_change_password=account.must_change_password,
    )


def principal_of_key(key: ApiKey) -> Principal:
    return Principal(
        id=key.id,
        role=key.role,
        name=key.name,
        employer_id=key.employer_id,
        worker_id=key.worker_id,
        station_ids=key.station_ids,
        scopes=frozenset(key.scopes),
    )
