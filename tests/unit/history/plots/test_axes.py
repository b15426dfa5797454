"""Axes of charts."""

from __future__ import annotations

import pytest

from wfnb.history.plots.axes import amounts, durations, rounded


@pytest.mark.parametrize(
    ("between", "named"),
    [
        ((1e-6, 100.0), [1e-6, 1e-5, 1e-4, 0.001, 0.01, 0.1, 1.0, 10.0, 100.0]),
        ((0.02, 0.4), [0.03, 0.1, 0.3]),
        ((0.047, 0.1), [0.06, 0.08, 0.1]),
        ((0.05, 0.053), [0.05, 0.051, 0.052, 0.053]),
    ],
)
def test_a_logarithmic_axis_names_enough_durations_to_read_others_from(
    between: tuple[float, float], named: list[float]
) -> None:
    assert durations("seconds", "took", log=between)["axis"]["values"] == pytest.approx(named)


@pytest.mark.parametrize(
    ("most", "last", "step"),
    [(0.004, 0.004, 0.001), (1.3, 1.5, 0.5), (50, 50, 10), (1700, 1800, 300), (9000, 9000, 1800), (4e5, 432e3, 86400)],
)
def test_an_axis_of_durations_has_round_ones_of_their_unit(most: float, last: float, step: float) -> None:
    found = rounded(most)
    assert (found[0], found[1], found[-1]) == pytest.approx((0, step, last))


def test_few_whole_numbers_are_all_that_is_written() -> None:
    assert amounts("n", "", 2)["axis"]["values"] == [0, 1, 2]
    for many in (7, 1.5):
        assert "values" not in amounts("n", "", many)["axis"]
