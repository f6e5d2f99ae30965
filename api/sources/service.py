"""Use cases of sources: add, change, read at once, confirm withdrawals, remove.

The runner (`producers.sources`) reads the sources; it alone writes their states. Every function
requires its permission over the whole county, and raises Forbidden without it.
"""

from __future__ import annotations

from api.access import policy
from api.access.principal import Principal
from api.ports.services import Services
from api.ports.topic_table import put
from api.writes.quotas import QuotaReached
from producers import source_facts as facts
from producers.mappings.mapping_files import shipped_mappings
from producers.sources.source_mappings import KIND, referenced_mapping
from roost.errors import NotFound
from roost.events.account import Permission
from roost.events.source import Source, SourceContent, SourceState

MOST_SOURCES = 200


def list_sources(given: Services, who: Principal) -> list[tuple[Source, SourceState | None]]:
    """Return all sources with their states, by name."""
    policy.everywhere(who, Permission.SOURCES_READ)
    found = sorted(given.sources.values(), key=lambda each: (each.name, each.id))
    return [(each, given.source_states.get(each.id)) for each in found]


def find_source(given: Services, who: Principal, id: str) -> tuple[Source, SourceState | None]:
    """Return a source with its state. Raises NotFound."""
    policy.everywhere(who, Permission.SOURCES_READ)
    return _existing(given, id), given.source_states.get(id)


def known_mappings(given: Services, who: Principal) -> list[tuple[str, str]]:
    """Return the mappings that a source can name: the value to write, and its name for people."""
    policy.everywhere(who, Permission.SOURCES_READ)
    saved = [each for each in given.import_mappings.values() if each.kind == KIND]
    saved.sort(key=lambda each: (each.name, each.id))
    return [
        *((name, name) for name in shipped_mappings(KIND)),
        *((each.id, each.name) for each in saved),
    ]


async def add_source(given: Services, who: Principal, content: SourceContent) -> Source:
    """Add a source; it is read at once.

    Raises Invalid for a URL or a mapping that is not read, and QuotaReached: sources are read one
    after another.
    """
    policy.everywhere(who, Permission.SOURCES_WRITE)
    if len(list(given.sources.values())) >= MOST_SOURCES:
        raise QuotaReached(
            f"There are {MOST_SOURCES} sources; remove one that is no longer read.",
            f"已有 {MOST_SOURCES} 个来源，请先删除不再使用的来源。",
        )
    source, record = facts.source_put(
        _with_mapping(given, content),
        None,
        at=given.clock.now(),
        may_be_private=given.settings.webhooks_may_be_private,
    )
    await put(given.publisher, given.sources, record)
    return source


async def change_source(given: Services, who: Principal, id: str, content: SourceContent) -> Source:
    """Replace the definition of a source; it is read at once. Raises NotFound and Invalid."""
    policy.everywhere(who, Permission.SOURCES_WRITE)
    source, record = facts.source_put(
        _with_mapping(given, content),
        _existing(given, id),
        at=given.clock.now(),
        may_be_private=given.settings.webhooks_may_be_private,
    )
    await put(given.publisher, given.sources, record)
    return source


async def request_run(given: Services, who: Principal, id: str) -> Source:
    """Ask for a run of a source at once, also of a paused one. Raises NotFound."""
    policy.everywhere(who, Permission.SOURCES_WRITE)
    source, record = facts.source_run_requested(_existing(given, id), at=given.clock.now())
    await put(given.publisher, given.sources, record)
    return source


async def confirm_withdrawals(given: Services, who: Principal, id: str) -> Source:
    """Let the next run close the advertisements whose withdrawal waits; it follows at once.

    Raises NotFound, and Conflict if none waits.
    """
    policy.everywhere(who, Permission.SOURCES_WRITE)
    source, record = facts.withdrawals_confirmed(
        _existing(given, id), given.source_states.get(id), at=given.clock.now()
    )
    await put(given.publisher, given.sources, record)
    return source


async def remove_source(given: Services, who: Principal, id: str) -> None:
    """Remove a source; its openings stay as they are. Raises NotFound."""
    policy.everywhere(who, Permission.SOURCES_WRITE)
    _existing(given, id)
    await put(given.publisher, given.sources, facts.source_removed(id, at=given.clock.now()))


def _with_mapping(given: Services, content: SourceContent) -> SourceContent:
    """Return the content with the id of the saved mapping that it names. Raises Invalid."""
    if content.mapping is None:
        return content
    mapping = referenced_mapping(content.mapping, given.import_mappings.values())
    return content.model_copy(update={"mapping": mapping})


def _existing(given: Services, id: str) -> Source:
    """Return a source. Raises NotFound."""
    source = given.sources.get(id)
    if source is None:
        raise NotFound(f"There is no source {id}.", f"没有该来源：{id}")
    return source
