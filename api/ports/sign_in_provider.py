"""Port: documents of the OpenID Connect provider."""

from __future__ import annotations

from typing import Any, Protocol


class ProviderDocuments(Protocol):
    """Configuration and keys of the OpenID Connect provider, read for all callers together."""

    async def configuration(self) -> dict[str, Any]:
        """Return the provider's configuration. Raises Transient."""
        ...

    async def keys(self) -> list[Any]:
        """Return the keys of the provider's signatures. Raises Transient."""
        ...

    async def newer_keys(self) -> list[Any]:
        """Return the keys, read again unless that was done just now. Raises Transient."""
        ...
