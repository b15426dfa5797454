"""The explicit state machine in a notebook cell: a graph to look at, drawn by ipycytoscape.

ipycytoscape lays the whole graph out anew at each change and does not tell positions back, so this one is made whole,
with places computed here, and never changed.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

from ipycytoscape import CytoscapeWidget, Edge, Node
from ipywidgets import HTML, Layout, VBox

from wfnb.formats.states import COLOURS, LINE, START, TEXT, Arrow, Box, draw_states, picture
from wfnb.machine.formal.statemachine import Role, StateMachine
from wfnb.widgets.designer import DRAWING

_HEIGHT = (160, 520)
"""Pixels, at least and at most."""
_SHEET = (
    "<style>.wfnb-states.custom-widget{{background:transparent;resize:none}}"
    ".wfnb-states.custom-widget:hover{{border:none}}"
    ".wfnb-states-{height}.custom-widget{{height:{height}px}}"
    ".tippy-tooltip.material-theme{{color:#fff;overflow-wrap:anywhere}}</style>"
)
"""In place of ipycytoscape's own, which makes every graph white, in dark themes too, and its tooltips dark on dark.

The height is in it because a layout's comes too late: the graph has been fitted into its place by then."""
_BOX = {
    "shape": "round-rectangle",
    "width": "data(width)",
    "height": "data(height)",
    "background-color": "#ffffff",
    "border-width": 1.5,
    "border-color": "data(colour)",
    "label": "data(label)",
    "text-wrap": "wrap",
    "text-valign": "center",
    "text-halign": "center",
    "font-size": 11,
    "line-height": 1.25,
    "color": TEXT,
}
_ARROW = {
    "width": 1.5,
    "line-color": LINE,
    "target-arrow-color": LINE,
    "target-arrow-shape": "triangle",
    "curve-style": "bezier",
    "label": "data(label)",
    "text-wrap": "wrap",
    "font-size": 10.5,
    "color": TEXT,
    "text-background-color": "#ffffff",
    "text-background-opacity": 0.9,
    "text-background-padding": 2,
    "text-background-shape": "round-rectangle",
}
_STYLE = [
    {"selector": "node", "style": _BOX},
    {"selector": "node.start", "style": {"border-width": 3}},
    {"selector": "node.final", "style": {"border-width": 4, "border-style": "double"}},
    {"selector": "node.open", "style": {"border-style": "dashed"}},
    {"selector": "edge", "style": _ARROW},
    {
        "selector": "edge:loop",
        "style": {"loop-direction": "0deg", "loop-sweep": "-60deg", "control-point-step-size": 70},
    },
    {"selector": "edge.back", "style": {"curve-style": "unbundled-bezier", "control-point-distances": 60}},
]


class StateGraph(VBox):  # type: ignore[misc]  # ipywidgets ships no types
    """A state machine as a graph that can be moved and zoomed; in saved notebooks a picture.

    A click on a state or a move says all of what it is; on the graph long names are wrapped and cut.

    Attributes:
        machine: what is drawn.
    """

    def __init__(self, machine: StateMachine) -> None:
        self.machine = machine
        boxes, arrows = picture(machine)
        top, bottom = (max(side * box.at[1] + box.size[1] / 2 for box in boxes) for side in (-1, 1))
        height = max(_HEIGHT[0], min(_HEIGHT[1], round(top + bottom) + 90))
        graph = _graph(boxes, arrows)
        graph.add_class("wfnb-states")
        graph.add_class(f"wfnb-states-{height}")
        super().__init__([HTML(_SHEET.format(height=height), layout=Layout(display="none")), graph])

    def picture(self) -> str:
        """The graph as SVG text."""
        return draw_states(self.machine)

    def __repr__(self) -> str:
        return self.machine.text()

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, Any]:
        bundle: dict[str, Any] = super()._repr_mimebundle_(**kwargs)
        return {
            **bundle,
            DRAWING: {"model_id": self.model_id},
            "image/svg+xml": self.picture(),
            "text/plain": repr(self),
        }


def _graph(boxes: Sequence[Box], arrows: Sequence[Arrow]) -> CytoscapeWidget:
    shown = CytoscapeWidget(
        cytoscape_layout={"name": "preset", "fit": True, "padding": 16},
        cytoscape_style=_STYLE,
        auto_ungrabify=True,
        max_zoom=1.6,
        min_zoom=0.05,
        wheel_sensitivity=0.3,
        tooltip_source="tooltip",  # shown as HTML: what goes in is escaped
    )
    shown.graph.add_nodes(
        [
            Node(
                data={
                    "id": str(number),
                    "label": "\n".join(box.lines),
                    "tooltip": escape(box.whole),
                    "width": box.size[0],
                    "height": box.size[1],
                    "colour": START if box.start and box.role is Role.INNER else COLOURS[box.role],
                },
                position={"x": box.at[0], "y": box.at[1]},
                classes=f"{box.role} {'start' if box.start else ''}".strip(),
            )
            for number, box in enumerate(boxes)
        ]
    )
    shown.graph.add_edges(
        [
            Edge(
                data={
                    "id": f"e{number}",
                    "source": str(a.source),
                    "target": str(a.target),
                    "label": "\n".join(a.lines),
                    "tooltip": escape(a.whole),
                },
                classes="back" if boxes[a.source].at[0] >= boxes[a.target].at[0] and a.source != a.target else "",
            )
            for number, a in enumerate(arrows)
        ],
        directed=True,
    )
    return shown
