"""Gaps that are drawn shorter: which, how much shorter, and that every time keeps its place in the order."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wfnb.history.idle import LEFT, LONG, Gap, Ruler, gaps, labels_of

HOUR = 3600 * 10**6


@pytest.mark.parametrize(
    ("busy", "found"),
    [
        ([(0, 40), (60, 100)], []),  # a fifth is not long
        ([(0, 10), (90, 100)], [(10, 90)]),
        ([(0, 10), (5, 30), (90, 100)], [(30, 90)]),
        ([(40, 50)], [(0, 40), (50, 100)]),  # before the first, and after the last
        ([(0, 4), (48, 52), (96, 100)], [(4, 48), (52, 96)]),
        ([], []),  # all of it is idle: nothing is seen better without
        ([(0, 100)], []),
    ],
)
def test_what_takes_most_of_the_width_is_shortened(busy: list[tuple[int, int]], found: list[tuple[int, int]]) -> None:
    assert [(gap.start, gap.end) for gap in gaps(busy, 0, 100)] == found


def test_a_gap_keeps_a_little_and_the_rest_its_length() -> None:
    ruler = Ruler(0, 1000, (Gap(100, 900),))
    assert ruler.left == pytest.approx(LEFT * 200)
    assert [ruler.at(ts) for ts in (0, 50, 100, 900, 950, 1000)] == pytest.approx([0, 50, 100, 110, 160, 210])
    assert ruler.at(500) == pytest.approx(105)
    assert ruler.width == pytest.approx(210)


def test_numbers_say_true_times_and_stand_beside_gaps() -> None:
    ruler = Ruler(0, 10 * HOUR + 8_000_000, (Gap(4_000_000, 10 * HOUR + 4_000_000),))
    ticks = ruler.ticks(1e6)
    assert [label for _, label in ticks] == ["0", "2", "4", "36,006", "36,008"]
    assert [place for place, _ in ticks] == pytest.approx([0, 2, 4, 6.4, 8.4])
    assert labels_of(ruler.axis(1e6)) == ticks
    assert labels_of(Ruler(0, 100).axis(1)) is None


@given(st.lists(st.tuples(st.integers(0, 10**9), st.integers(0, 10**6)), max_size=30), st.integers(1, 10**9))
def test_times_stay_in_their_order_and_work_is_not_shortened(found: list[tuple[int, int]], more: int) -> None:
    busy = [(start, start + length) for start, length in found]
    last = max((end for _, end in busy), default=0) + more
    ruler = Ruler(0, last, tuple(gaps(busy, 0, last)))
    times = sorted({0, last, *(ts for interval in busy for ts in interval)})
    places = [ruler.at(ts) for ts in times]
    assert places == sorted(places)
    assert all(ruler.at(b) - ruler.at(a) == pytest.approx(b - a, abs=1e-3) for a, b in busy)
    kept = last - sum(gap.length for gap in ruler.gaps)
    assert all(gap.length > LONG * kept for gap in ruler.gaps)
    assert ruler.width <= last + 1e-3
    assert all(0 <= place <= ruler.width + 1e-3 for place, _ in ruler.ticks(1.0))
