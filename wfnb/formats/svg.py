"""A workflow as a static picture: for saved notebooks, GitHub, and wherever no canvas runs."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from wfnb.formats.placing import positions
from wfnb.model.workflow import Choice, End, Fork, Join, Node, Note, Position, Start, Task, Workflow

CARD = (150, 46)
MAX_NODES = 600
"""Beyond this a picture helps nobody; a line of text says so instead."""
_COLOURS = {
    "completed": "#2e7d32",
    "failed": "#c62828",
    "running": "#1565c0",
    "retrying": "#b26a00",
    "cancelled": "#66727f",
}
_MARKS = {"completed": "✓", "failed": "✕", "running": "●", "retrying": "↻", "cancelled": "⊘"}
_LINE, _EDGE, _TEXT, _DIM, _BRAND = "#dfe3e8", "#8a97a5", "#1c2733", "#66727f", "#1976d2"
_FONT = "-apple-system, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif"


def draw(workflow: Workflow, states: Mapping[str, str] | None = None) -> str:
    """The workflow as SVG text; labels are text, whatever they contain.

    Args:
        workflow: the definition.
        states: by node id, how it stands in a run (`completed`, `failed`, ...).
    """
    if len(workflow.nodes) > MAX_NODES:
        return _message(f"{workflow.name}: {len(workflow.nodes)} nodes")
    if not workflow.nodes:
        return _message(f"{workflow.name}: nothing is drawn yet")
    places = positions(workflow)
    boxes = {node.id: _size(node) for node in workflow.nodes}
    left = min(places[id][0] - w / 2 for id, (w, _) in boxes.items()) - 24
    top = min(places[id][1] - h / 2 for id, (_, h) in boxes.items()) - 24
    right = max(places[id][0] + w / 2 for id, (w, _) in boxes.items()) + 24
    bottom = max(places[id][1] + h / 2 for id, (_, h) in boxes.items()) + 40
    edges = [
        _edge(places, boxes, edge.source, edge.target, "otherwise" if edge.otherwise else edge.when or "")
        for edge in workflow.edges
        if edge.source in places and edge.target in places
    ]
    nodes = [_node(node, places[node.id], (states or {}).get(node.id, "")) for node in workflow.nodes]
    width, height = right - left, bottom - top
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{left:.0f} {top:.0f} {width:.0f} {height:.0f}" '
        f'width="{min(width, 1200):.0f}" style="max-width:100%;height:auto" role="img" '
        f'aria-label="{escape(workflow.name)}" font-family="{_FONT}" font-size="12">'
        f'<defs><marker id="a" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
        f'<path d="M0,0L8,4L0,8z" fill="{_EDGE}"/></marker></defs>'
        f'<rect x="{left:.0f}" y="{top:.0f}" width="{width:.0f}" height="{height:.0f}" fill="#fff" rx="8"/>'
        + "".join(path for path, _ in edges)
        + "".join(nodes)
        + "".join(chip for _, chip in edges)
        + "</svg>"
    )


def _size(node: Node) -> tuple[float, float]:
    match node:
        case Task():
            return CARD
        case Note():
            return (160, 60)
        case Start() | End():
            return (28, 28)
        case Choice() | Fork() | Join():
            return (44, 44)


def _node(node: Node, at: Position, state: str) -> str:
    x, y = at
    colour = _COLOURS.get(state, _EDGE)
    title = escape(node.label or node.id)
    match node:
        case Task():
            return _card(x, y, title, escape(_short(node.activity, 24)), state)
        case Note():
            lines = [escape(_short(line, 30)) for line in node.text.splitlines()[:3]]
            text = "".join(f'<text x="{x - 72}" y="{y - 12 + 15 * i}">{line}</text>' for i, line in enumerate(lines))
            return f'<rect x="{x - 80}" y="{y - 30}" width="160" height="60" rx="4" fill="#fff8e1"/>{text}'
        case Start():
            shape = f'<path d="M{x - 4},{y - 7}L{x + 6},{y}L{x - 4},{y + 7}z" fill="{colour}"/>'
            return f'<circle cx="{x}" cy="{y}" r="14" fill="#fff" stroke="{colour}" stroke-width="2"/>{shape}'
        case End():
            ring = f'<circle cx="{x}" cy="{y}" r="13" fill="#fff" stroke="{colour}" stroke-width="2"/>'
            return ring + f'<circle cx="{x}" cy="{y}" r="7" fill="{colour}"/>' + _caption(x, y + 28, title)
        case Choice():
            diamond = f"M{x},{y - 22}L{x + 22},{y}L{x},{y + 22}L{x - 22},{y}z"
            return (
                f'<path d="{diamond}" fill="#fff" stroke="{colour}" stroke-width="1.8"/>'
                f'<text x="{x}" y="{y + 4}" text-anchor="middle" fill="{_DIM}">?</text>' + _caption(x, y + 38, title)
            )
        case Fork() | Join():
            mark = "⇉" if isinstance(node, Fork) else "⇇"
            return (
                f'<rect x="{x - 15}" y="{y - 20}" width="30" height="40" rx="6" fill="#fff" stroke="{colour}" '
                f'stroke-width="1.8"/><text x="{x}" y="{y + 4}" text-anchor="middle" fill="{_DIM}">{mark}</text>'
                + _caption(x, y + 36, title)
            )


def _card(x: float, y: float, title: str, sub: str, state: str) -> str:
    width, height = CARD
    left, top = x - width / 2, y - height / 2
    colour = _COLOURS.get(state, _LINE)
    mark = ""
    if state in _MARKS:
        mark = (
            f'<circle cx="{left + width - 2}" cy="{top + 2}" r="8.5" fill="{colour}"/>'
            f'<text x="{left + width - 2}" y="{top + 6}" text-anchor="middle" fill="#fff" font-size="10">'
            f"{_MARKS[state]}</text>"
        )
    return (
        f'<rect x="{left}" y="{top}" width="{width}" height="{height}" rx="7" fill="#fff" stroke="{colour}" '
        f'stroke-width="{2 if state in _MARKS else 1}"/>'
        f'<rect x="{left}" y="{top}" width="5" height="{height}" rx="2.5" fill="{_COLOURS.get(state, _BRAND)}"/>'
        f'<text x="{left + 16}" y="{top + 19}" font-weight="600" fill="{_TEXT}">{_short(title, 20)}</text>'
        f'<text x="{left + 16}" y="{top + 35}" font-size="10.5" fill="{_DIM}">{sub}</text>{mark}'
    )


def _caption(x: float, y: float, text: str) -> str:
    return f'<text x="{x}" y="{y}" text-anchor="middle" font-size="10.5" fill="{_DIM}">{_short(text, 18)}</text>'


def _edge(
    places: Mapping[str, Position], boxes: Mapping[str, tuple[float, float]], source: str, target: str, label: str
) -> tuple[str, str]:
    (x1, y1), (x2, y2) = places[source], places[target]
    x1 += boxes[source][0] / 2 if x2 >= x1 else 0
    if x2 > places[source][0]:
        x2 -= boxes[target][0] / 2 + 2
        bend = max(24.0, (x2 - x1) / 2)
        path = f"M{x1:.0f},{y1:.0f} C{x1 + bend:.0f},{y1:.0f} {x2 - bend:.0f},{y2:.0f} {x2:.0f},{y2:.0f}"
        middle = ((x1 + x2) / 2, (y1 + y2) / 2)
    else:  # back: below both
        y1, y2 = y1 + boxes[source][1] / 2, y2 + boxes[target][1] / 2 + 2
        low = max(y1, y2) + 46
        path = f"M{x1:.0f},{y1:.0f} C{x1:.0f},{low:.0f} {x2:.0f},{low:.0f} {x2:.0f},{y2:.0f}"
        middle = ((x1 + x2) / 2, max(y1, y2) + 34)
    line = f'<path d="{path}" fill="none" stroke="{_EDGE}" stroke-width="1.5" marker-end="url(#a)"/>'
    if not label:
        return line, ""
    text = _short(label, 26)
    width = len(text) * 6.4 + 14
    x, y = middle
    chip = (
        f'<rect x="{x - width / 2:.1f}" y="{y - 9:.1f}" width="{width:.1f}" height="18" rx="9" fill="#f6f7f9" '
        f'stroke="{_LINE}"/><text x="{x:.1f}" y="{y + 4:.1f}" text-anchor="middle" font-size="10.5" '
        f'font-family="DejaVu Sans Mono, monospace" fill="{_TEXT}">{escape(text)}</text>'
    )
    return line, chip


def _short(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 1] + "…"


def _message(text: str) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="420" height="40" font-family="{_FONT}" font-size="13">'
        f'<rect width="420" height="40" rx="6" fill="#f6f7f9"/><text x="14" y="25" fill="{_TEXT}">{escape(text)}</text>'
        "</svg>"
    )
