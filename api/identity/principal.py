"""Who asks: a person or a machine, as every endpoint and the policy see it."""

from __future__ import annotations

from dataclasses import dataclass, field

from roost.events.account import AccountRole, Permission


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
