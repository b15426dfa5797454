"""Axes of charts."""

from __future__ import annotations

import pytest

from wfnb.history.plots.axes import durations


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
