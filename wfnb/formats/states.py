"""The explicit state machine as a picture: where its states stand, and the whole as SVG."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from textwrap import wrap

from wfnb.formats.placing import layered
from wfnb.formats.tints import BAD, DIM, OK, WARN
from wfnb.machine.formal.statemachine import Role, State, StateMachine
from wfnb.model.workflow import Position

COLOURS = {
    Role.UNSAFE: BAD,
    Role.DEADLOCK: BAD,
    Role.TRAP: WARN,
    Role.OPEN: DIM,
    Role.FINAL: OK,
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
_PLACES, _NAMES = 6, 2
"""Places that a state shows, moves that an arrow names; the rest is counted."""
_PLACE, _LABEL = (26, 2), (22, 4)
"""Letters of a line and most lines: of a place, of what stands on an arrow."""
_LINE = 13.0
"""Height of a line on an arrow."""


@dataclass(frozen=True, slots=True)
class Box:
    """A state in the picture.

    Attributes:
        lines: what stands in it, a line or two a place, and last what it is if that is worth a word.
        whole: the places, none cut and none left out, a line each.
        size: width and height.
        at: its centre.
        role: what it is.
        start: whether it is the start.
    """

    lines: tuple[str, ...]
    whole: str
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
        lines: what they are called.
        whole: the same, nothing cut and nothing left out, a line a move.
    """

    source: int
    target: int
    lines: tuple[str, ...]
    whole: str


def picture(machine: StateMachine) -> tuple[list[Box], list[Arrow]]:
    """Boxes by number of the state, and the arrows between them."""
    labels: dict[tuple[int, int], list[str]] = {}
    for move in machine.moves:
        labels.setdefault((move.source, move.target), []).append(move.label)
    arrows = [Arrow(source, target, _joined(names), "\n".join(names)) for (source, target), names in labels.items()]
    lines = [_lines(machine, number) for number in range(len(machine.states))]
    sizes = [(max(map(len, shown)) * 6.6 + 24, len(shown) * 15.0 + 14) for shown in lines]
    successors: list[list[int]] = [[] for _ in lines]
    for arrow in arrows:
        if arrow.source != arrow.target:
            successors[arrow.source].append(arrow.target)
    between = [arrow for arrow in arrows if arrow.source != arrow.target]  # where labels stand
    widest = max(map(_width, between), default=0.0)
    tallest = max((len(arrow.lines) * _LINE for arrow in between), default=0.0)
    places = layered(successors, sizes, gap=(max(GAP[0], widest + 24), max(GAP[1], tallest)))
    return [
        Box(lines[number], "\n".join(_names(state)), sizes[number], places[number], state.role, number == 0)
        for number, state in enumerate(machine.states)
    ], arrows


def _lines(machine: StateMachine, number: int) -> tuple[str, ...]:
    state = machine.states[number]
    names = _names(state)
    if len(names) > _PLACES:
        names[_PLACES - 1 :] = [f"… {len(names)} places"]
    lines = [line for name in names for line in _wrapped(name, *_PLACE)]
    return (*lines, MARKS[state.role]) if state.role in MARKS else tuple(lines)


def _names(state: State) -> list[str]:
    return [f"{name} ×2" if name == state.second else name for name in state.marked] or ["∅"]  # noqa: RUF001


def _joined(names: list[str]) -> tuple[str, ...]:
    left = len(names) - _NAMES
    return _wrapped(", ".join(names[:_NAMES]) + (f" +{left}" if left > 0 else ""), *_LABEL)


def draw_states(machine: StateMachine) -> str:
    """The state machine as SVG text; labels are text, whatever they contain."""
    boxes, arrows = picture(machine)
    left = min(box.at[0] - box.size[0] / 2 for box in boxes) - 30
    right = max(box.at[0] + box.size[0] / 2 for box in boxes) + 30
    top = min(box.at[1] - box.size[1] / 2 for box in boxes) - 30
    bottom = (
        max(box.at[1] + box.size[1] / 2 for box in boxes)
        + 60
        + _LINE * max((len(arrow.lines) - 1 for arrow in arrows), default=0)
    )
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
            0.5 if x2 - x1 < 1.5 * max(GAP[0], _width(arrow)) else 0.25
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
        middle = ((x1 + x2) / 2, max(y1, y2) + 30 + (len(arrow.lines) - 1) * _LINE / 2)
    line = f'<path d="{path}" fill="none" stroke="{LINE}" stroke-width="1.5" marker-end="url(#s)"/>'
    first = middle[1] + 4 - (len(arrow.lines) - 1) * _LINE / 2
    words = "".join(
        f'<tspan x="{middle[0]:.0f}" y="{first + _LINE * number:.0f}">{escape(text)}</tspan>'
        for number, text in enumerate(arrow.lines)
    )
    label = (
        f'<text text-anchor="middle" font-size="10.5" fill="{TEXT}" stroke="#fff" stroke-width="6" '
        f'paint-order="stroke">{words}<title>{escape(arrow.whole)}</title></text>'
    )
    return line, label


def _width(arrow: Arrow) -> float:
    return max(map(len, arrow.lines)) * 5.8


def _wrapped(text: str, width: int, most: int) -> tuple[str, ...]:
    lines = wrap(text, width, break_on_hyphens=False) or [text]
    if len(lines) > most:
        lines[most - 1 :] = [lines[most - 1][: width - 1] + "…"]
    return tuple(lines)
