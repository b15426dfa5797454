"""The picture of a difference: both versions in one drawing, with what became of each node and edge."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from wfnb.author.comparing import Difference, Fate
from wfnb.formats import svg
from wfnb.formats.tints import BAD, OK, RUN, WAIT, WARN, themed
from wfnb.model.workflow import Edge, Position, Workflow

COLOURS: dict[Fate, str] = {"added": OK, "removed": BAD, "changed": WARN, "renamed": WAIT, "moved": RUN}
SIGNS: dict[Fate, str] = {"added": "+", "removed": "\N{MINUS SIGN}", "changed": "~", "renamed": "=", "moved": "→"}
DASHES: dict[Fate, str] = {"removed": "5 4", "moved": "1 3"}
"""Lines say it too, for whom colours say nothing."""


@dataclass(frozen=True, slots=True)
class Fates:
    """What became of the nodes of a drawing, by id, and of its edges, by index."""

    nodes: Mapping[str, Fate]
    edges: Mapping[int, Fate]

    def around(self, id: str, at: Position, size: tuple[float, float]) -> str:
        """A frame around a node, with a sign at its corner; empty where nothing became of it."""
        fate = self.nodes.get(id)
        if fate is None:
            return ""
        (x, y), (width, height), colour = at, size, COLOURS[fate]
        left, top = x - width / 2 - 5, y - height / 2 - 5
        return (
            f'<g><title>{fate}</title><rect x="{left:.0f}" y="{top:.0f}" width="{width + 10:.0f}" '
            f'height="{height + 10:.0f}" rx="9" fill="none" stroke="{colour}" stroke-width="2"{self._dashes(fate)}/>'
            f'<circle cx="{left:.0f}" cy="{top:.0f}" r="8.5" fill="{colour}"/><text x="{left:.0f}" y="{top + 4:.0f}" '
            f'text-anchor="middle" fill="#fff" font-size="12" font-weight="700">{SIGNS[fate]}</text></g>'
        )

    def line(self, index: int) -> str:
        """Attributes that an edge's line has instead of its own; empty where nothing became of it."""
        fate = self.edges.get(index)
        return "" if fate is None else f'stroke="{COLOURS[fate]}" stroke-width="2.5"{self._dashes(fate)}'

    @staticmethod
    def _dashes(fate: Fate) -> str:
        return f' stroke-dasharray="{DASHES[fate]}"' if fate in DASHES else ""


def both(difference: Difference) -> tuple[Workflow, Fates]:
    """The new version with what was removed put back, and what became of everything in it."""
    old, new = difference.old, difference.new
    nodes: dict[str, Fate] = {node.id: node.fate for node in difference.nodes}
    gone = [node for node in old.nodes if nodes.get(node.id) == "removed"]
    known = {node.id for node in (*new.nodes, *gone)}
    now = {node.was: node.id for node in difference.nodes if node.was}
    changes: dict[tuple[str, str], Fate] = {
        (edge.source, edge.target): edge.fate for edge in difference.edges if edge.fate != "removed"
    }
    before = set(old.edges)
    removed = {(edge.source, edge.target) for edge in difference.edges if edge.fate == "removed"}
    lost = [_renamed(edge, now) for edge in old.edges]
    lost = [edge for edge in lost if (edge.source, edge.target) in removed and edge not in new.edges]
    edges = (*new.edges, *(edge for edge in lost if edge.source in known and edge.target in known))
    fates: dict[int, Fate] = {}
    for index, edge in enumerate(edges):
        fate = changes.get((edge.source, edge.target)) if edge not in before else None
        if index >= len(new.edges):
            fates[index] = "removed"
        elif fate is not None:
            fates[index] = fate
    places = {node.id: old.layout[node.id] for node in gone if node.id in old.layout}
    drawn = msgspec.structs.replace(new, nodes=(*new.nodes, *gone), edges=edges, layout={**places, **new.layout})
    return drawn, Fates(nodes, fates)


def _renamed(edge: Edge, now: Mapping[str, str]) -> Edge:
    source, target = (now.get(id, id) for id in (edge.source, edge.target))
    return msgspec.structs.replace(edge, source=source, target=target)


def draw_difference(difference: Difference) -> str:
    """Both versions as one SVG text: a frame with a sign around what is new, gone, changed, renamed or moved."""
    drawn, fates = both(difference)
    return svg.draw(drawn, fates=fates)


@dataclass(frozen=True, slots=True)
class Pictured(Difference):
    """A difference that a notebook shows as a picture, with its lines below."""

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        lines = self._repr_html_()
        html = f"<div>{themed(draw_difference(self))}{lines}</div>" if self else lines
        return {"text/plain": str(self), "text/html": html}


def pictured(difference: Difference) -> Pictured:
    """The same difference, with its picture."""
    parts = (difference.nodes, difference.edges, difference.workflow, difference.reordered)
    return Pictured(difference.old, difference.new, *parts)
