"""A drawing with what happened on it: edges as wide as they were taken often, nodes as warm as they took long."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from wfnb.formats.marks import Marks
from wfnb.formats.svg import draw
from wfnb.formats.tints import IN_JUPYTER, themed
from wfnb.history.gantt import span
from wfnb.history.measures.cells import each, known
from wfnb.history.measures.heat import Heat

if TYPE_CHECKING:
    from pandas import DataFrame


class HeatMap:
    """What `wf.heatmap` gives: a notebook shows the drawing.

    Attributes:
        heat: the numbers.
    """

    def __init__(self, heat: Heat) -> None:
        self.heat = heat

    @property
    def nodes(self) -> DataFrame:
        """A row a node: see `wfnb.history.measures.heat.Heat`."""
        return self.heat.nodes

    @property
    def edges(self) -> DataFrame:
        """A row an edge, with how often it was taken."""
        return self.heat.edges

    @property
    def svg(self) -> str:
        """The drawing."""
        return draw(self.heat.workflow, marks=marks_of(self.heat))

    def _repr_html_(self) -> str:
        told = f'<div style="font-size:12px;opacity:.75;margin:0 0 6px">{escape(said(self.heat))}</div>'
        return f"<style>{IN_JUPYTER}</style>{told}{themed(self.svg)}"

    def __repr__(self) -> str:
        return f"<HeatMap '{self.heat.workflow.name}': {self.heat.runs} runs>"


def marks_of(heat: Heat) -> Marks:
    """What stands on the drawing: of nodes their visits, mean and failures, of edges how often they were taken."""
    rows = list(each(heat.nodes))
    warmest = max((row.share for row in rows), default=0.0)
    notes = {}
    for row in rows:
        parts = [f"{row.visits:,} x"] + ([span(row.mean)] if known(row.mean) else [])
        notes[row.node] = " · ".join(parts + ([f"{row.failed:,} failed"] if row.failed else []))
    counts = dict(zip(heat.edges["edge"].astype(int), heat.edges["count"].astype(int), strict=True))
    return Marks({row.node: row.share / warmest for row in rows if warmest}, notes, counts)


def said(heat: Heat) -> str:
    """What the drawing shows, in words."""
    runs = f"{heat.runs:,} run" + "s" * (heat.runs != 1)
    total = float(heat.nodes["seconds"].sum()) if len(heat.nodes) else 0.0
    return (
        f"{heat.workflow.name}: {runs}, {span(total)} in its nodes. Warmer: more of that time; below a node: visits "
        "and mean of an attempt; wider: taken more often"
    )
