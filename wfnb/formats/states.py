"""The explicit state machine as a picture: where its states stand, and the whole as SVG."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from wfnb.formats.placing import layered
from wfnb.machine.formal.statemachine import Role, StateMachine
from wfnb.model.workflow import Position

COLOURS = {
    Role.UNSAFE: "#c62828",
    Role.DEADLOCK: "#c62828",
    Role.TRAP: "#b26a00",
    Role.OPEN: "#66727f",
    Role.FINAL: "#2e7d32",
    Role.INNER: "#8a97a5",
}
"""Of a state's border."""
MARKS = {
    Role.UNSAFE: "✕ unsafe",
    Role.DEADLOCK: "✕ deadlock",
    Role.TRAP: "∞ trap",
    Role.OPEN: "…",
    Role.FINAL: "✓ final",
}
"""What is written beside the colour."""
START, LINE, TEXT = "#1976d2", "#8a97a5", "#1c2733"
FONT = "-apple-system, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif"
GAP = (110.0, 26.0)
"""Between boxes, at least."""
_LINES, _LETTERS, _LABEL = 6, 26, 22
"""Places that a state shows, letters of a place, letters of a move."""


@dataclass(frozen=True, slots=True)
class Box:
    """A state in the picture.

    Attributes:
        lines: what stands in it, a line a place, and last what it is if that is worth a word.
        size: width and height.
        at: its centre.
        role: what it is.
        start: whether it is the start.
    """

    lines: tuple[str, ...]
    size: tuple[float, float]
    at: Position
    role: Role
    start: bool


@dataclass(frozen=True, slots=True)
class Arrow:
    """All moves from one state to another.

    Attributes:
        source: number of a state.
        target: number of a state.
        label: what they are called.
    """

    source: int
    target: int
    label: str


def picture(machine: StateMachine) -> tuple[list[Box], list[Arrow]]:
    """Boxes by number of the state, and the arrows between them."""
    labels: dict[tuple[int, int], list[str]] = {}
    for move in machine.moves:
        labels.setdefault((move.source, move.target), []).append(_short(move.label, _LABEL))
    arrows = [Arrow(source, target, _joined(names)) for (source, target), names in labels.items()]
    lines = [_lines(machine, number) for number in range(len(machine.states))]
    sizes = [(max(map(len, shown)) * 6.6 + 24, len(shown) * 15.0 + 14) for shown in lines]
    successors: list[list[int]] = [[] for _ in lines]
    for arrow in arrows:
        if arrow.source != arrow.target:
            successors[arrow.source].append(arrow.target)
    widest = max((_width(arrow.label) for arrow in arrows if arrow.source != arrow.target), default=0.0)
    places = layered(successors, sizes, gap=(max(GAP[0], widest + 24), GAP[1]))  # labels stand between the boxes
    return [
        Box(lines[number], sizes[number], places[number], state.role, number == 0)
        for number, state in enumerate(machine.states)
    ], arrows


def _lines(machine: StateMachine, number: int) -> tuple[str, ...]:
    state = machine.states[number]
    names = [_short(f"{name} ×2" if name == state.second else name, _LETTERS) for name in state.marked] or ["∅"]  # noqa: RUF001
    if len(names) > _LINES:
        names[_LINES - 1 :] = [f"… {len(names)} places"]
    return (*names, MARKS[state.role]) if state.role in MARKS else tuple(names)


def _joined(names: list[str]) -> str:
    return ", ".join(names[:2]) + (f" +{len(names) - 2}" if len(names) > 2 else "")


def draw_states(machine: StateMachine) -> str:
    """The state machine as SVG text; labels are text, whatever they contain."""
    boxes, arrows = picture(machine)
    left = min(box.at[0] - box.size[0] / 2 for box in boxes) - 30
    right = max(box.at[0] + box.size[0] / 2 for box in boxes) + 30
    top = min(box.at[1] - box.size[1] / 2 for box in boxes) - 30
    bottom = max(box.at[1] + box.size[1] / 2 for box in boxes) + 60
    drawn = [_arrow(boxes, arrow) for arrow in arrows]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{left:.0f} {top:.0f} {right - left:.0f} {bottom - top:.0f}" '
        f'width="{min(right - left, 1200):.0f}" style="max-width:100%;height:auto" role="img" '
        f'aria-label="{escape(repr(machine)[1:-1])}" font-family="{FONT}" font-size="11">'
        f'<defs><marker id="s" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
        f'<path d="M0,0L8,4L0,8z" fill="{LINE}"/></marker></defs>'
        f'<rect x="{left:.0f}" y="{top:.0f}" width="{right - left:.0f}" height="{bottom - top:.0f}" rx="8" '
        'fill="#fff"/>'
        + "".join(path for path, _ in drawn)
        + "".join(map(_box, boxes))
        + "".join(label for _, label in drawn)
        + "</svg>"
    )


def _box(box: Box) -> str:
    (x, y), (width, height) = box.at, box.size
    colour = START if box.start and box.role is Role.INNER else COLOURS[box.role]
    thick = 2.5 if box.start else 1.5
    outer = (
        f'<rect x="{x - width / 2:.1f}" y="{y - height / 2:.1f}" width="{width:.1f}" height="{height:.1f}" rx="9" '
        f'fill="#fff" stroke="{colour}" stroke-width="{thick}"/>'
    )
    first = y - (len(box.lines) - 1) * 7.5 + 4
    lines = "".join(
        f'<text x="{x:.1f}" y="{first + 15 * index:.1f}" text-anchor="middle" fill="{TEXT}">{escape(line)}</text>'
        for index, line in enumerate(box.lines)
    )
    return outer + lines


def _arrow(boxes: list[Box], arrow: Arrow) -> tuple[str, str]:
    a, b = boxes[arrow.source], boxes[arrow.target]
    if a.at[0] < b.at[0]:
        x1, y1, x2, y2 = a.at[0] + a.size[0] / 2, a.at[1], b.at[0] - b.size[0] / 2 - 2, b.at[1]
        bend = max(24.0, (x2 - x1) / 2)
        path = f"M{x1:.0f},{y1:.0f} C{x1 + bend:.0f},{y1:.0f} {x2 - bend:.0f},{y2:.0f} {x2:.0f},{y2:.0f}"
        t = (
            0.5 if x2 - x1 < 1.5 * max(GAP[0], _width(arrow.label)) else 0.25
        )  # of a long one near its source, clear of what it passes
        middle = (
            x1 + 3 * t * (1 - t) * bend + t**3 * (x2 - x1) + 3 * t**2 * (1 - t) * (x2 - x1 - 2 * bend),
            y1 + t**2 * (3 - 2 * t) * (y2 - y1),
        )
    else:  # back, or in place: below both
        x1, x2 = a.at[0] + 12, b.at[0] - 12
        y1, y2 = a.at[1] + a.size[1] / 2, b.at[1] + b.size[1] / 2 + 2
        low = max(y1, y2) + 40
        path = f"M{x1:.0f},{y1:.0f} C{x1:.0f},{low:.0f} {x2:.0f},{low:.0f} {x2:.0f},{y2:.0f}"
        middle = ((x1 + x2) / 2, max(y1, y2) + 30)
    line = f'<path d="{path}" fill="none" stroke="{LINE}" stroke-width="1.5" marker-end="url(#s)"/>'
    label = (
        f'<text x="{middle[0]:.0f}" y="{middle[1] + 4:.0f}" text-anchor="middle" font-size="10.5" fill="{TEXT}" '
        f'stroke="#fff" stroke-width="4" paint-order="stroke">{escape(arrow.label)}</text>'
    )
    return line, label


def _width(label: str) -> float:
    return len(label) * 5.8


def _short(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 1] + "…"
