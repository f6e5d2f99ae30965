"""The steps of a migration, each safe to repeat after an interruption.

1. the claim on the record is published in the state `migrating`, with the cut of every topic; from
   now on no other process starts
2. every topic's records are copied behind its cut, with keyed ids
3. the copies are verified: all are there, and no other process has written meanwhile. If one has,
   step 1 makes new cuts; copies of the first run are then copied as they are
4. the records before the cuts are deleted, and the stages' groups are moved to the ends
5. the outbox, the rejected rows of imports and the views are rewritten
6. the claim is published in the state `current`
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from deploy.id_migration.copying import Cut, copy_topic, existing_copies, originals
from deploy.id_migration.local_files import forget_mark, rewrite_file
from deploy.id_migration.plan import COPIED, GROUPS, REWRITTEN, obstacles, refuse
from deploy.id_migration.respelling import respelled_ids
from deploy.id_migration.rewriting import Positions, Rewriter, pointed_to
from producers.admin import declare_topics, delete_before, end_offsets, skip_to_end
from roost import ids
from roost.county_ids import SOURCE, Existing, claim_of, existing_ids
from roost.errors import Conflict
from roost.events.county import IdState, KeyClaim
from roost.events.envelope import record
from roost.ids import IdKeyError
from roost.kafka.ports import Producer, TopicReader
from roost.security.county_key import id_key
from roost.servers.connections import Servers
from roost.time.clock import Clock
from roost.topics import DEAD_LETTERS, Topic, topic_named

Cuts = Mapping[Topic, Cut]
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Migration:
    """A migration of one record to the county key; `rebuild_views` rebuilds all views."""

    servers: Servers
    reader: TopicReader
    producer: Producer
    clock: Clock
    county: bytes
    rebuild_views: Callable[[], Awaitable[object]]
    files: Sequence[Path]
    say: Say

    async def run(self) -> bool:
        """Migrate the ids, or continue; return whether there was anything to do.

        Raises Conflict while there is an obstacle, IdKeyError for another county's key, and
        Transient if a server is away.
        """
        existing = await existing_ids(self.reader)
        self._check(existing)
        if existing.claim is not None and existing.claim.state is IdState.CURRENT:
            return False
        if not existing.migration_due and existing.claim is None:
            return False
        ids.install(id_key(self.county))
        if existing.claim is None:
            refuse(await asyncio.to_thread(obstacles, self.servers))
            cuts = await self._begin()
        else:
            cuts = _cuts_of(existing.claim)
        await self._finish(await self._copied(cuts))
        return True

    def _check(self, existing: Existing) -> None:
        claim, ours = existing.claim, id_key(self.county).fingerprint()
        if claim is not None and claim.fingerprint != ours:
            raise IdKeyError(
                f"The migration of this record began with the key {claim.fingerprint}, and this "
                f"machine has {ours}; run the command with the first one.",
                f"本次迁移使用的密钥指纹为 {claim.fingerprint}，本机为 {ours}，请使用原密钥。",
            )

    async def _begin(self) -> Cuts:
        """Publish the cuts: the present ends of all topics."""
        ends = await asyncio.to_thread(end_offsets, self.servers, REWRITTEN)
        await self._publish_claim(IdState.MIGRATING, ends)
        return {topic: ends[topic.name] for topic in REWRITTEN}

    async def _copied(self, cuts: Cuts) -> Cuts:
        """Copy and verify all topics; return the cuts behind which the copies are."""
        if await self._foreign(cuts):
            self.say("Another process has written meanwhile; beginning with new cuts.")
            cuts = await self._begin()
        rewriter = await self._rewriter()
        lettered = await self._lettered(cuts[DEAD_LETTERS])
        moved: Positions = {}
        for topic in sorted(COPIED, key=lambda each: each == DEAD_LETTERS):
            number = await copy_topic(
                self.reader, self.producer, topic, cuts[topic], rewriter, moved
            )
            if topic.name in {each[0] for each in lettered}:
                copies = await existing_copies(self.reader, topic, cuts[topic], lettered)
                moved |= copies.moved
            self.say(f"{topic.name}: {number} records copied")
        await self._refuse_foreign(cuts)
        return cuts

    async def _rewriter(self) -> Rewriter:
        """Return the rewriter; the copies show the same references as their originals."""
        respelled = await respelled_ids(self.reader)
        if respelled.kept:
            self.say(
                f"{len(respelled.kept)} records have another spelling of a reference that a "
                "further record has. They keep separate ids; compare them and erase the "
                f"duplicates: {', '.join(self._keyed(respelled.kept))}"
            )
        return Rewriter(self.county, respelled.taken)

    def _keyed(self, unkeyed: Iterable[str]) -> list[str]:
        return sorted(ids.successor(each, id_key(self.county)) for each in unkeyed)

    async def _lettered(self, cut: Cut) -> set[tuple[str, int, int]]:
        """Return the positions of the records that dead letters point to."""
        return {
            place
            async for each in originals(self.reader, DEAD_LETTERS, cut)
            if (place := pointed_to(each)) is not None
        }

    async def _refuse_foreign(self, cuts: Cuts) -> None:
        if writing := await self._foreign(cuts):
            raise Conflict(
                f"Another process writes to {', '.join(writing)}; stop the API and all commands, "
                "and run `roost migrate-ids` again.",
                f"仍有其他进程写入 {'、'.join(writing)}，请停止后重新运行 roost migrate-ids。",
            )

    async def _foreign(self, cuts: Cuts) -> list[str]:
        """Return the topics that another process has written to behind their cuts."""
        return [
            topic.name
            for topic, cut in cuts.items()
            if (await existing_copies(self.reader, topic, cut)).foreign
        ]

    async def _finish(self, cuts: Cuts) -> None:
        await asyncio.to_thread(delete_before, self.servers, cuts)
        self.say("The records with unkeyed ids are deleted.")
        await asyncio.to_thread(declare_topics, self.servers)
        await asyncio.to_thread(skip_to_end, self.servers, GROUPS)
        rewriter = await self._rewriter()
        for path in self.files:
            await asyncio.to_thread(rewrite_file, path, rewriter)
        await self.rebuild_views()
        await self._refuse_foreign(cuts)
        await self._publish_claim(IdState.CURRENT, {})
        for path in self.files:
            forget_mark(path)

    async def _publish_claim(self, state: IdState, ends: Mapping[str, Mapping[int, int]]) -> None:
        made = claim_of(id_key(self.county), self.clock)
        until = {name: {str(each): end for each, end in cut.items()} for name, cut in ends.items()}
        claim = KeyClaim.model_validate(
            made.model_dump() | {"state": state, "migrated_until": until}
        )
        await self.producer.publish([record(claim, claim.id, source=SOURCE, at=claim.at)])


def _cuts_of(claim: KeyClaim) -> Cuts:
    return {
        topic_named(name): {int(each): end for each, end in cut.items()}
        for name, cut in claim.migrated_until.items()
    }
