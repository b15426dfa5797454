"""The critical path of a run over its Gantt chart."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from wfnb.history.critical import CriticalPath
from wfnb.history.gantt import IS_WORK, span, specification
from wfnb.history.ganttrows import MAX_ROWS
from wfnb.history.linking import Spec, fainter, linked
from wfnb.history.looks import layer
from wfnb.history.measures.cells import each
from wfnb.history.plots.axes import ORANGE
from wfnb.history.tasktable import TaskRow

FIRST = 3
"""How many nodes the subtitle names."""
SHOWN = ("bars", "inside", "lighter", "beside")
"""Layers that have what is on the path, and what is not."""


def critical(tasks: Sequence[TaskRow], path: CriticalPath, title: str, *, compress: bool = True) -> Spec:
    """The Gantt chart of a run in which what is not on its critical path is faint, and the path a line."""
    visits = [path.causes.visits[number] for number in path.path]
    chain = [(visit.node, visit.visit) for visit in visits]
    on_path = set(chain)
    rows, left_out = list(tasks), 0
    every = {(row.node, row.visit) for row in rows}
    if len(every) > MAX_ROWS:  # rather no others than several in a row
        rows = [row for row in rows if (row.node, row.visit) in on_path]
        left_out = len(every) - len(on_path)
    spec = specification(rows, title, compress=compress, among=tasks)
    bars = spec["datasets"]["bars"]
    for name in SHOWN:
        for mark in spec["datasets"].get(name, ()):
            mark["critical"] = _place(mark) in on_path
    box = next(each for each in spec["layer"] if each["data"]["name"] == "bars")
    if bars:
        solid = fainter("task", {"condition": {"test": "datum.critical", "value": 1}, "value": 0.28})
        for drawn in spec["layer"]:
            if drawn["data"]["name"] in SHOWN:
                drawn["encoding"]["opacity"] = solid
        box["encoding"]["fillOpacity"] = {"condition": [{"test": IS_WORK, "value": 1}], "value": 0.25}
        links = _links(bars, chain)
        spec["datasets"]["links"] = links
        spec["layer"] += _drawn(box, links)
    spec["title"]["subtitle"] += _said(path, left_out)
    return linked(spec, "task", runs=tuple({row.run for row in tasks}))


def _place(bar: dict[str, Any]) -> tuple[str, int]:
    return bar["task"], bar.get("visit", 1)


def _links(bars: list[dict[str, Any]], chain: list[tuple[str, int]]) -> list[dict[str, Any]]:
    """The way from one bar of the chain to the next: down at the end of the one, along to the start of the other."""
    first: dict[tuple[str, int], dict[str, Any]] = {}
    last: dict[tuple[str, int], dict[str, Any]] = {}
    for bar in bars:
        first.setdefault(_place(bar), bar)
        last[_place(bar)] = bar
    known = [place for place in chain if place in first]
    return [
        {"x": last[one]["x1"], "x2": first[other]["x0"], "row": last[one]["row"], "to": first[other]["row"]}
        for one, other in pairwise(known)
    ]


def _drawn(box: Spec, links: list[dict[str, Any]]) -> list[Spec]:
    if not links:
        return []
    x, y = box["encoding"]["x"], box["encoding"]["y"]
    line = {"type": "rule", "color": ORANGE, "strokeWidth": 2}
    down = layer("links", line, {"x": {**x, "field": "x"}, "y": y, "y2": {"field": "to"}})
    along = layer("links", line, {"x": {**x, "field": "x"}, "x2": {"field": "x2"}, "y": {**y, "field": "to"}})
    return [down, along]


def _said(path: CriticalPath, left_out: int) -> list[str]:
    if not path.path:
        return ["No critical path yet: nothing that the run did has ended"]
    gains = path.gains()
    most = [f"{row.node} {span(row.gain)}" for row in each(gains[:FIRST])]
    lines = [
        f"Critical path: {len(path.path):,} visits"
        + (" · without the work of a node it gains: " + ", ".join(most) if most else "")
    ]
    if left_out:
        lines.append(f"Too many to show each: {left_out:,} visits that are not on the path are left out")
    return lines
