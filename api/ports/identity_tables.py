"""Accounts, keys and sessions, held in memory and kept current from Kafka."""

from __future__ import annotations

from dataclasses import dataclass, field

from api.ports.topic_table import MemoryTable, TopicTable
from roost.events.account import Account, ApiKey
from roost.events.session import Session
from roost.kafka.ports import TopicReader
from roost.topics import ACCOUNTS, API_KEYS, SESSIONS


def _accounts() -> MemoryTable[Account]:
    return MemoryTable(Account)


def _keys() -> MemoryTable[ApiKey]:
    return MemoryTable(ApiKey)


def _sessions() -> MemoryTable[Session]:
    return MemoryTable(Session)


@dataclass(frozen=True, slots=True)
class Identities:
    """The three tables; empty by default, so that no caller is identified."""

    accounts: MemoryTable[Account] = field(default_factory=_accounts)
    keys: MemoryTable[ApiKey] = field(default_factory=_keys)
    sessions: MemoryTable[Session] = field(default_factory=_sessions)

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
            if isinstance(each, TopicTable):
                each.start()

    async def close(self) -> None:
        for each in (self.accounts, self.keys, self.sessions):
            if isinstance(each, TopicTable):
                await each.close()


def identities_from(reader: TopicReader) -> Identities:
    return Identities(
        accounts=TopicTable(reader, ACCOUNTS, Account),
        keys=TopicTable(reader, API_KEYS, ApiKey),
        sessions=TopicTable(reader, SESSIONS, Session),
    )
