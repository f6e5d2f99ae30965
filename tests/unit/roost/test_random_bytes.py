"""No byte of the source is given out twice."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor

import pytest

from roost.security.random_bytes import BLOCK_BYTES, RandomBytes, random_bytes


def test_no_two_callers_in_any_thread_receive_the_same_bytes() -> None:
    source = RandomBytes()
    with ThreadPoolExecutor(8) as threads:
        taken = list(threads.map(lambda _: source.take(16), range(20_000)))
    assert len(set(taken)) == 20_000
    assert {len(each) for each in taken} == {16}


def test_a_forked_process_continues_with_other_bytes() -> None:
    source = RandomBytes()
    source.take(1)
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(write, source.take(16))
        os._exit(0)
    os.waitpid(child, 0)
    assert os.read(read, 16) != source.take(16)
    os.close(read)
    os.close(write)


@pytest.mark.parametrize("count", [0, 1, BLOCK_BYTES])
def test_the_length_is_the_one_asked_for(count: int) -> None:
    assert len(random_bytes(count)) == count


@pytest.mark.parametrize("count", [-1, BLOCK_BYTES + 1])
def test_more_than_a_block_is_refused(count: int) -> None:
    with pytest.raises(ValueError, match="16384"):
        random_bytes(count)
