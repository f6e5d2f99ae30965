"""Sealed texts open under the same key and binding only."""

from __future__ import annotations

import pytest

from roost.security.sealing import seal, unseal

KEY, OTHER = b"k" * 32, b"o" * 32


def test_a_sealed_text_opens_and_never_looks_the_same() -> None:
    first, second = seal(KEY, b"secret", b"li"), seal(KEY, b"secret", b"li")
    assert first != second
    assert unseal(KEY, first, b"li") == unseal(KEY, second, b"li") == b"secret"


@pytest.mark.parametrize("text", ["", "x", "!!", "密", "A" * 40])
def test_a_foreign_text_opens_to_nothing(text: str) -> None:
    assert unseal(KEY, text) is None


def test_another_key_or_binding_does_not_open_it() -> None:
    sealed = seal(KEY, b"secret", b"li")
    assert unseal(OTHER, sealed, b"li") is None
    assert unseal(KEY, sealed, b"wang") is None
