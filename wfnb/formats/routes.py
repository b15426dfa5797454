"""The lines of a static picture: a curve from one node to the next, around what lies between them."""

from __future__ import annotations

from collections.abc import Mapping

from wfnb.model.workflow import Position

CLEAR = 14
"""Pixels between a line and what it goes around."""


def route(
    places: Mapping[str, Position], boxes: Mapping[str, tuple[float, float]], source: str, target: str
) -> tuple[str, Position]:
    """The path of an edge, as SVG has it, and the middle of it.

    Args:
        places: the centre of each node.
        boxes: width and height of each node.
        source: where the edge begins.
        target: where it ends.
    """
    (x1, y1), (x2, y2) = places[source], places[target]
    x1 += boxes[source][0] / 2 if x2 >= x1 else 0
    if x2 > places[source][0]:
        x2 -= boxes[target][0] / 2 + 2
        bend = max(24.0, (x2 - x1) / 2)
        top = _over(places, boxes, (source, target), (x1, y1, x2, y2))
        # Half way a cubic curve has three quarters of the height of its handles.
        high1, high2 = (y1, y2) if top is None else ((8 * top - y1 - y2) / 6,) * 2
        path = f"M{x1:.0f},{y1:.0f} C{x1 + bend:.0f},{high1:.0f} {x2 - bend:.0f},{high2:.0f} {x2:.0f},{y2:.0f}"
        return path, ((x1 + x2) / 2, (y1 + y2) / 2 if top is None else top)
    # Back: below both.
    y1, y2 = y1 + boxes[source][1] / 2, y2 + boxes[target][1] / 2 + 2
    low = max(y1, y2) + 46
    path = f"M{x1:.0f},{y1:.0f} C{x1:.0f},{low:.0f} {x2:.0f},{low:.0f} {x2:.0f},{y2:.0f}"
    return path, ((x1 + x2) / 2, max(y1, y2) + 34)


def _over(
    places: Mapping[str, Position],
    boxes: Mapping[str, tuple[float, float]],
    ends: tuple[str, str],
    line: tuple[float, float, float, float],
) -> float | None:
    """How high the middle of a line has to be to pass above what it would cross; None where it crosses nothing."""
    x1, y1, x2, y2 = line
    tops = []
    for id, (x, y) in places.items():
        if not x1 < x < x2 or id in ends or id not in boxes:
            continue
        width, height = boxes[id]
        inside = x1 < x - width / 2 and x + width / 2 < x2  # a group that an end of it is in is no obstacle
        if inside and abs(y - (y1 + (y2 - y1) * (x - x1) / (x2 - x1))) < height / 2:
            tops.append(y - height / 2 - CLEAR)
    return min(tops, default=None)
