"""Accounts, keys and sessions, held in memory and kept current from Kafka."""

from __future__ import annotations

from dataclasses import dataclass, field

from api.ports.topic_table import Held, Table
from roost.events.account import Account, ApiKey
from roost.events.session import Session
from roost.servers.connections import Servers
from roost.topics import ACCOUNTS, API_KEYS, SESSIONS


def _accounts() -> Held[Account]:
    return Held(Account)


def _keys() -> Held[ApiKey]:
    return Held(ApiKey)


def _sessions() -> Held[Session]:
    return Held(Session)


@dataclass(frozen=True, slots=True)
class Identities:
    """The three tables; empty by default, so that no caller is identified."""

    accounts: Held[Account] = field(default_factory=_accounts)
    keys: Held[ApiKey] = field(default_factory=_keys)
    sessions: Held[Session] = field(default_factory=_sessions)

    def name_of(self, id: str) -> str:
        """Return the name of an account or key; the id itself if it is unknown."""
        found = self.accounts.get(id) or self.keys.get(id)
        return found.name if found is not None else id

    @property
    def caught_up(self) -> bool:
        """Whether every table has been loaded."""
        return all(each.caught_up for each in (self.accounts, self.keys, self.sessions))

    def start(self) -> None:
        for each in (self.accounts, self.keys, self.sessions):
            if isinstance(each, Table):
                each.start()

    async def close(self) -> None:
        for each in (self.accounts, self.keys, self.sessions):
            if isinstance(each, Table):
                await each.close()


def identities_from(bootstrap_servers: Servers) -> Identities:
    return Identities(
        accounts=Table(bootstrap_servers, ACCOUNTS, Account),
        keys=Table(bootstrap_servers, API_KEYS, ApiKey),
        sessions=Table(bootstrap_servers, SESSIONS, Session),
    )
