"""Places: columns follow the edges, boxes do not overlap, few edges cross."""

from __future__ import annotations

import random
from itertools import combinations

import pytest

from wfnb.formats.placing import layered, layers


def drawn(seed: int, *, circular: bool) -> list[list[int]]:
    draw = random.Random(seed)
    count = draw.randint(1, 14)
    return [
        sorted({to for to in (draw.randrange(count) for _ in range(draw.randint(0, 3))) if circular or to > node})
        for node in range(count)
    ]


def longest(successors: list[list[int]], node: int) -> int:
    return max((longest(successors, a) + 1 for a, targets in enumerate(successors) if node in targets), default=0)


@pytest.mark.parametrize("seed", range(60))
def test_a_layer_is_the_longest_distance(seed: int) -> None:
    successors = drawn(seed, circular=False)
    assert layers(successors) == [longest(successors, node) for node in range(len(successors))]


@pytest.mark.parametrize("seed", range(60))
def test_boxes_stand_apart_and_columns_lead_on(seed: int) -> None:
    successors = drawn(seed, circular=seed % 2 > 0)
    draw = random.Random(seed)
    sizes = [(draw.uniform(10, 90), draw.uniform(10, 60)) for _ in successors]
    places = layered(successors, sizes, gap=(20, 10))
    for a, b in combinations(range(len(sizes)), 2):
        apart_x = abs(places[a][0] - places[b][0]) >= (sizes[a][0] + sizes[b][0]) / 2 + 20 - 1e-6
        apart_y = abs(places[a][1] - places[b][1]) >= (sizes[a][1] + sizes[b][1]) / 2 + 10 - 1e-6
        assert apart_x or apart_y
    if not seed % 2:
        for node, targets in enumerate(successors):
            assert all(places[node][0] < places[to][0] for to in targets)


def test_crossed_pairs_are_untangled() -> None:
    # 0 leads to 1, 2, 3; these to 6, 5, 4, which lead to 7: in the order of the numbers all three cross.
    successors = [[1, 2, 3], [6], [5], [4], [7], [7], [7], []]
    places = layered(successors, [(10, 10)] * 8, gap=(10, 10))
    for a, b in combinations([(1, 6), (2, 5), (3, 4)], 2):
        assert (places[a[0]][1] - places[b[0]][1]) * (places[a[1]][1] - places[b[1]][1]) > 0


def test_a_long_edge_has_a_lane_of_its_own() -> None:
    # 0 leads to 3 past 1 and 2, which must not lie on the line between.
    places = layered([[1, 3], [2], [3], []], [(10, 10)] * 4, gap=(10, 10))
    assert places[0][1] == places[3][1] == 0
    assert abs(places[1][1]) >= 5
    assert abs(places[2][1]) >= 5
    assert layered([], [], gap=(1, 1)) == []
