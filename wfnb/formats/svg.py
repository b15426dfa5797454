"""A workflow as a static picture: for saved notebooks, GitHub, and wherever no canvas runs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from html import escape

from wfnb.formats.chips import Chip, placed
from wfnb.formats.glyphs import chip_of, drawn_glyph, subtitle
from wfnb.formats.marks import Fated, Marks, noted, often, shade
from wfnb.formats.notes import drawn_note, size_of_note
from wfnb.formats.placing import positions
from wfnb.formats.routes import route
from wfnb.formats.tints import BAD, DIM, OK, RUN, WAIT, WARN
from wfnb.model.workflow import (
    Approval,
    Call,
    Choice,
    Edge,
    End,
    Fork,
    Group,
    Join,
    Map,
    Node,
    Note,
    Position,
    Start,
    Task,
    Wait,
    Workflow,
)

CARD = (150, 46)
FRAME = (18, 34, 22)
"""Room that a group keeps around its members: at the sides, above (where its name stands), and below."""
MAX_NODES = 600
"""Beyond this a picture helps nobody; a line of text says so instead."""
_COLOURS = {"completed": OK, "failed": BAD, "running": RUN, "retrying": WARN, "waiting": WAIT, "cancelled": DIM}
_MARKS = {"completed": "✓", "failed": "✕", "running": "●", "retrying": "↻", "waiting": "◷", "cancelled": "⊘"}
_LINE, _EDGE, _TEXT, _DIM, _BRAND, _WAIT = "#dfe3e8", "#8a97a5", "#1c2733", DIM, "#1976d2", WAIT
_FONT = "-apple-system, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif"


def draw(
    workflow: Workflow,
    states: Mapping[str, str] | None = None,
    marks: Marks | None = None,
    *,
    fates: Fated | None = None,
) -> str:
    """The workflow as SVG text; labels are text, whatever they contain.

    Args:
        workflow: the definition.
        states: by node id, how it stands in a run (`completed`, `failed`, ...).
        marks: what else stands on it.
        fates: what became of nodes and edges between two versions.
    """
    if len(workflow.nodes) > MAX_NODES:
        return _message(f"{workflow.name}: {len(workflow.nodes)} nodes")
    if not workflow.nodes:
        return _message(f"{workflow.name}: nothing is drawn yet")
    places, boxes = _arranged(workflow)
    left = min(places[id][0] - w / 2 for id, (w, _) in boxes.items()) - 24
    top = min(places[id][1] - h / 2 for id, (_, h) in boxes.items()) - 24
    right = max(places[id][0] + w / 2 for id, (w, _) in boxes.items()) + 24
    bottom = max(places[id][1] + h / 2 for id, (_, h) in boxes.items()) + 40
    kinds = {node.id: node for node in workflow.nodes}
    marks = marks or Marks()
    most = max(marks.counts.values(), default=0)
    edges = [
        _edge(
            places,
            boxes,
            edge,
            kinds[edge.source],
            said=often(marks.counts.get(number), most),
            fated=fates.line(number) if fates else "",
        )
        for number, edge in enumerate(workflow.edges)
        if edge.source in places and edge.target in places
    ]
    degree = Counter(edge.target for edge in workflow.edges)
    groups = [node for node in workflow.nodes if isinstance(node, Group)]
    groups.sort(key=lambda group: -boxes[group.id][0] * boxes[group.id][1])  # what is inside another lies above it
    frames = [_frame(group, places[group.id], boxes[group.id]) for group in groups]
    nodes = [
        _node(node, places[node.id], (states or {}).get(node.id, ""), degree[node.id])
        for node in workflow.nodes
        if not isinstance(node, Group)
    ]
    solid = [(*places[node.id], *boxes[node.id]) for node in workflow.nodes if not isinstance(node, Group)]
    chips = placed((chip for _, chip in edges if chip), solid)
    width, height = right - left, bottom - top
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{left:.0f} {top:.0f} {width:.0f} {height:.0f}" '
        f'width="{min(width, 1200):.0f}" style="max-width:100%;height:auto" role="img" '
        f'aria-label="{escape(workflow.name)}" font-family="{_FONT}" font-size="12">'
        f'<defs><marker id="a" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="10.5" markerHeight="10.5" '
        f'markerUnits="userSpaceOnUse" orient="auto">'
        f'<path d="M0,0L8,4L0,8z" fill="{_EDGE}"/></marker></defs>'
        f'<rect x="{left:.0f}" y="{top:.0f}" width="{width:.0f}" height="{height:.0f}" fill="#fff" rx="8"/>'
        + "".join(frames)
        + "".join(path for path, _ in edges)
        + "".join(nodes)
        + "".join(shade(places[id], boxes[id], part) for id, part in marks.shades.items() if id in boxes)
        + "".join(noted(places[id], boxes[id], note) for id, note in marks.notes.items() if id in boxes)
        + "".join(fates.around(id, places[id], box) for id, box in boxes.items() if fates)
        + "".join(chip.drawn() for chip in chips)
        + "</svg>"
    )


def _arranged(workflow: Workflow) -> tuple[dict[str, Position], dict[str, tuple[float, float]]]:
    """Centre and size of every node; a group lies around its members."""
    places = positions(workflow)
    boxes = {node.id: _size(node) for node in workflow.nodes}
    groups = {node.id: node for node in workflow.nodes if isinstance(node, Group)}
    side, above, below = FRAME
    done: set[str] = set()

    def enclose(group: Group) -> None:
        done.add(group.id)
        for id in group.members:
            if id in groups and id not in done:
                enclose(groups[id])
        inside = [(places[id], boxes[id]) for id in group.members if id in boxes and id != group.id]
        if not inside:
            return
        x1 = min(x - w / 2 for (x, _), (w, _) in inside) - side
        x2 = max(x + w / 2 for (x, _), (w, _) in inside) + side
        y1 = min(y - h / 2 for (_, y), (_, h) in inside) - above
        y2 = max(y + h / 2 for (_, y), (_, h) in inside) + below
        places[group.id], boxes[group.id] = ((x1 + x2) / 2, (y1 + y2) / 2), (x2 - x1, y2 - y1)

    for group in groups.values():
        if group.id not in done:
            enclose(group)
    return places, boxes


def _size(node: Node) -> tuple[float, float]:
    match node:
        case Task() | Approval() | Map() | Call():
            return CARD
        case Wait():
            return (120, 36)
        case Note():
            return size_of_note(node)
        case Group():
            return (180, 90)
        case Start() | End():
            return (28, 28)
        case Choice() | Fork() | Join():
            return (44, 44)


def _node(node: Node, at: Position, state: str, degree: int) -> str:
    x, y = at
    colour = _COLOURS.get(state, _EDGE)
    title = node.label or node.id
    match node:
        case Task() | Approval() | Map() | Call():
            return _card(node, x, y, title, state)
        case Wait():
            return _pill(x, y, title, state)
        case Note():
            return drawn_note(node, x, y)
        case Start():
            shape = f'<path d="M{x - 4},{y - 7}L{x + 6},{y}L{x - 4},{y + 7}z" fill="{colour}"/>'
            return f'<circle cx="{x}" cy="{y}" r="14" fill="#fff" stroke="{colour}" stroke-width="2"/>{shape}'
        case End():
            return _end(node, x, y, title, colour)
        case Choice():
            diamond = f"M{x},{y - 22}L{x + 22},{y}L{x},{y + 22}L{x - 22},{y}z"
            return (
                f'<path d="{diamond}" fill="#fff" stroke="{colour}" stroke-width="1.8"/>'
                f'<text x="{x}" y="{y + 4}" text-anchor="middle" fill="{_DIM}">?</text>' + _caption(x, y + 38, title)
            )
        case Fork() | Join():
            return _bar(node, at, title, colour, degree)
        case Group():
            return ""  # a frame, which lies behind all else


def _end(node: End, x: float, y: float, title: str, colour: str) -> str:
    ring = f'<circle cx="{x}" cy="{y}" r="13" fill="#fff" stroke="{colour}" stroke-width="2"/>'
    if node.error:
        core = drawn_glyph("failing", x, y, 22, BAD)
        title = title if node.label else f"{title}: {node.error}"
    elif node.terminate:
        core = f'<rect x="{x - 6}" y="{y - 6}" width="12" height="12" rx="1" fill="{colour}"/>'
    else:
        core = f'<circle cx="{x}" cy="{y}" r="7" fill="{colour}"/>'
    return ring + core + _caption(x, y + 28, title)


def _bar(node: Fork | Join, at: Position, title: str, colour: str, degree: int) -> str:
    x, y = at
    if isinstance(node, Fork):
        mark = "⇉?" if node.join else "⇉"
    elif node.need == "all":
        mark = "⇇"
    else:
        mark = "any" if node.need == "any" else f"{node.need}/{degree}"
    rest = f'<text x="{x}" y="{y + 15}" text-anchor="middle" font-size="9" fill="{_DIM}">✕ rest</text>'
    cancels = isinstance(node, Join) and node.rest == "cancel" and node.need != "all"
    return (
        f'<rect x="{x - 17}" y="{y - 20}" width="34" height="40" rx="6" fill="#fff" stroke="{colour}" '
        f'stroke-width="1.8"/><text x="{x}" y="{y + (1 if cancels else 4)}" text-anchor="middle" '
        f'fill="{_DIM}">{mark}</text>' + (rest if cancels else "") + _caption(x, y + 36, title)
    )


def _frame(group: Group, at: Position, size: tuple[float, float]) -> str:
    (x, y), (width, height) = at, size
    left, top = x - width / 2, y - height / 2
    facts = [_short(group.label or group.id, 30)]
    facts += ["✕ cancels"] * group.cancel + [f"lock {group.lock}"] * bool(group.lock)
    return (
        f'<rect x="{left:.0f}" y="{top:.0f}" width="{width:.0f}" height="{height:.0f}" rx="10" fill="#f4f7fb" '
        f'stroke="{_EDGE}" stroke-dasharray="2 4"/><text x="{left + 12:.0f}" y="{top + 17:.0f}" font-size="10.5" '
        f'font-weight="600" fill="{_DIM}">{escape(" · ".join(facts))}</text>'
    )


def _card(node: Task | Approval | Map | Call, x: float, y: float, title: str, state: str) -> str:
    width, height = CARD
    left, top = x - width / 2, y - height / 2
    colour = _COLOURS.get(state, _LINE)
    bar = _COLOURS.get(state, _WAIT if isinstance(node, Approval) else _BRAND)
    behind = "".join(
        f'<rect x="{left + by}" y="{top - by}" width="{width}" height="{height}" rx="7" fill="#fff" stroke="{colour}"/>'
        for by in ((6, 3) if isinstance(node, Map) else ())
    )
    inner = ""
    if isinstance(node, Call):
        inner = (
            f'<rect x="{left + 3}" y="{top + 3}" width="{width - 6}" height="{height - 6}" rx="5" fill="none" '
            f'stroke="{_LINE}"/>'
        )
    broken = ' stroke-dasharray="5 4"' if isinstance(node, Task) and node.disabled else ""
    below = subtitle(node)
    below = "" if below == title else below  # a name is said once
    return (
        f'{behind}<rect x="{left}" y="{top}" width="{width}" height="{height}" rx="7" fill="#fff" stroke="{colour}" '
        f'stroke-width="{2 if state in _MARKS else 1}"{broken}/>{inner}'
        f'<rect x="{left}" y="{top}" width="5" height="{height}" rx="2.5" fill="{bar}"/>'
        f'<text x="{left + 16}" y="{top + 19 if below else y + 4}" font-weight="600" fill="{_TEXT}">'
        f"{escape(_short(title, 18))}</text>"
        f'<text x="{left + 16}" y="{top + 35}" font-size="10.5" fill="{_DIM}">{escape(_short(below, 24))}'
        f"</text>{drawn_glyph(node.kind, left + width - 16, top + 14, 14, _DIM)}"
        + _mark(left + width - 2, top + 2, state)
    )


def _pill(x: float, y: float, title: str, state: str) -> str:
    width, height = 120, 36
    left, top = x - width / 2, y - height / 2
    colour = _COLOURS.get(state, _EDGE)
    return (
        f'<rect x="{left}" y="{top}" width="{width}" height="{height}" rx="18" fill="#fff" stroke="{colour}" '
        f'stroke-width="1.6"/>{drawn_glyph("wait", left + 20, y, 16, _WAIT)}<text x="{left + 34}" y="{y + 4}" '
        f'font-weight="600" fill="{_TEXT}">{escape(_short(title, 13))}</text>' + _mark(left + width - 8, top + 2, state)
    )


def _mark(x: float, y: float, state: str) -> str:
    if state not in _MARKS:
        return ""
    return (
        f'<circle cx="{x}" cy="{y}" r="8.5" fill="{_COLOURS[state]}"/>'
        f'<text x="{x}" y="{y + 4}" text-anchor="middle" fill="#fff" font-size="10">{_MARKS[state]}</text>'
    )


def _caption(x: float, y: float, text: str) -> str:
    return (
        f'<text x="{x}" y="{y}" text-anchor="middle" font-size="10.5" fill="{_DIM}">{escape(_short(text, 18))}</text>'
    )


def _edge(
    places: Mapping[str, Position],
    boxes: Mapping[str, tuple[float, float]],
    edge: Edge,
    source: Node,
    *,
    said: tuple[str, float],
    fated: str,
) -> tuple[str, Chip | None]:
    count, wide = said
    path, middle = route(places, boxes, edge.source, edge.target)
    # What interrupts is dashed, what starts a child dotted; a wait is not interrupted, it is what triggers are for.
    interrupts = edge.trigger and not isinstance(source, Wait)
    dashes = ' stroke-dasharray="1 4"' if edge.spawn else ' stroke-dasharray="6 4"' if interrupts else ""
    look = fated or f'stroke="{_EDGE}" stroke-width="{wide:.3g}"{dashes}'
    line = f'<path d="{path}" fill="none" {look} marker-end="url(#a)"/>'
    glyph, label = chip_of(edge, waits=isinstance(source, Wait))
    chip = Chip(_short(label, 26), count, glyph, middle)
    return line, chip if chip.words else None


def _short(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 1] + "…"


def _message(text: str) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="420" height="40" font-family="{_FONT}" font-size="13">'
        f'<rect width="420" height="40" rx="6" fill="#f6f7f9"/><text x="14" y="25" fill="{_TEXT}">{escape(text)}</text>'
        "</svg>"
    )
