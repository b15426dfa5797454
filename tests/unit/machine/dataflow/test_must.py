"""Bits that are in so many of some masks."""

from __future__ import annotations

from random import Random

import pytest

from wfnb.machine.dataflow.must import at_least


@pytest.mark.parametrize("many", [0, 1, 2, 3, 7, 8, 9, 40])
def test_bits_are_counted(many: int) -> None:
    random = Random(many)
    everything = (1 << 12) - 1
    masks = [random.randrange(everything + 1) for _ in range(many)]
    for count in range(many + 2):
        wanted = sum(1 << bit for bit in range(12) if sum(mask >> bit & 1 for mask in masks) >= count)
        assert at_least(masks, count, everything) == wanted, count
