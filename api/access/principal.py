"""The caller of a request, a person or a machine, as endpoints and the policy see it."""

from __future__ import annotations

from dataclasses import dataclass, field

from roost.events.account import Account, AccountRole, ApiKey, Permission
from roost.rules.key_scopes import scopes_in_force


@dataclass(frozen=True, slots=True)
class Principal:
    """A caller: `id` is an account's (`u-…`) or a key's (`k-…`), `name` is for colleagues."""

    id: str
    role: AccountRole
    name: str
    language: str = "zh"
    employer_id: str | None = None
    worker_id: str | None = None
    station_ids: tuple[str, ...] = ()
    scopes: frozenset[Permission] = field(default_factory=frozenset)
    """Permissions that a key is limited to; empty for all permissions of its role."""
    login: str | None = None
    """Login of a person; None for a key."""
    large_text: bool = False
    """True if pages are shown in larger letters."""
    must_change_password: bool = False
    """True until the initial password has been changed; every other action is refused."""
    must_enrol: bool = False
    """True until a required second factor has been enrolled; every other action is refused."""

    @property
    def is_key(self) -> bool:
        """Whether the caller is a machine."""
        return self.login is None

    @property
    def group(self) -> str:
        """Group whose callers share mappings and imports: an employer, a station, or one caller."""
        if self.employer_id is not None:
            return f"employer:{self.employer_id}"
        return f"station:{self.station_ids[0]}" if self.station_ids else self.id

    @property
    def counted_as(self) -> str:
        """Owner of the caller's limits: the person, or the owner of a machine's key.

        All keys of an employer, a station or a worker share its limits. A key of the county itself
        has its own.
        """
        if not self.is_key:
            return self.id
        return f"worker:{self.worker_id}" if self.worker_id is not None else self.group


def principal_of_account(account: Account, *, must_enrol: bool = False) -> Principal:
    """Return the principal of a signed-in person."""
    return Principal(
        id=account.id,
        role=account.role,
        name=account.name,
        language=account.language,
        employer_id=account.employer_id,
        worker_id=account.worker_id,
        station_ids=account.station_ids,
        login=account.login,
        large_text=account.large_text,
        must_change_password=account.must_change_password,
        must_enrol=must_enrol,
    )


def principal_of_key(key: ApiKey) -> Principal:
    """Return the principal of a machine's key."""
    return Principal(
        id=key.id,
        role=key.role,
        name=key.name,
        employer_id=key.employer_id,
        worker_id=key.worker_id,
        station_ids=key.station_ids,
        scopes=frozenset(scopes_in_force(key)),
    )
