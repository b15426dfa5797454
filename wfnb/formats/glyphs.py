"""What stands on cards and edges beside their names: small line drawings and short texts."""

from __future__ import annotations

from wfnb.model.workflow import Approval, Call, Edge, Map, Task

_RING = "M8 2.6a5.4 5.4 0 1 0 0 10.8A5.4 5.4 0 0 0 8 2.6z"
GLYPHS = {
    "task": "M11.2 3.3c-1.9-.8-3 .2-3.3 1.9L6.6 11.8c-.3 1.5-1.2 2.2-2.8 1.6M5.2 7.2h5",
    "wait": f"{_RING}M8 5v3.2l2.3 1.4",
    "approval": "M8 2.8a2.6 2.6 0 1 0 0 5.2 2.6 2.6 0 0 0 0-5.2zM3 13.4c.4-2.6 2.4-3.8 5-3.8s4.6 1.2 5 3.8",
    "map": "M5.4 4h8M5.4 8h8M5.4 12h8M2.6 4h.2M2.6 8h.2M2.6 12h.2",
    "call": "M2.8 3h10.4v10H2.8zM5.6 6h4.8v4H5.6z",
    "failing": "M5 5l6 6M11 5l-6 6",
    "error": "M9 1.8 4 9h3.4L6.8 14.2 12 7H8.6z",
    "timer": f"{_RING}M8 5v3.2l2.3 1.4",
    "signal": "M2.4 4h11.2v8H2.4zM2.6 4.4 8 8.8l5.4-4.4",
    "condition": "M1.8 8S4 4 8 4s6.2 4 6.2 4S12 12 8 12 1.8 8 1.8 8zM8 6.4a1.6 1.6 0 1 0 0 3.2 1.6 1.6 0 0 0 0-3.2z",
    "spawn": "M3 8h6M9 3.4h4v4H9zM9 8.8h4v4H9z",
}
"""Paths on a field of 16 x 16, without filling; the canvas has the same (extension/src/canvas/look/icons.ts)."""


def subtitle(node: Task | Approval | Map | Call) -> str:
    """The second line of a card."""
    match node:
        case Task():
            return node.activity
        case Approval():
            return ", ".join(node.form) or "a person answers"
        case Map():
            width = "" if node.width is None else f", {node.width} at once"
            return f"each: {node.activity or node.workflow or '?'}{width}"
        case Call():
            return node.workflow


def chip_of(edge: Edge, *, waits: bool) -> tuple[str, str]:
    """Glyph and text of what stands on an edge; both empty where nothing does.

    Args:
        edge: the edge.
        waits: whether it leaves a wait, whose bare conditions are triggers too.
    """
    guard = f" if {edge.when}" if edge.when else ""
    match edge.trigger:
        case "error":
            return "error", ("any error" if edge.error == "*" else f"{edge.error}") + guard
        case "after":
            return "timer", span(edge.after) + guard
        case "until":
            return "timer", f"at {edge.until}{guard}"
        case "on":
            return "signal", f"{edge.on}{guard}"
        case _:
            pass
    if edge.spawn:
        return "spawn", f"spawn{guard}"
    if edge.otherwise:
        return "", "otherwise"
    return "condition" if waits and edge.when else "", edge.when or ""


def span(seconds: float | str | None) -> str:
    """A duration as people write it: `90 s`, `5 min`, `2 h`, `3 d`; an expression as it stands."""
    if not isinstance(seconds, int | float):
        return str(seconds)
    for unit, size in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= size and seconds % size == 0:
            return f"{seconds / size:g} {unit}"
    return f"{seconds:g} s"


def drawn_glyph(name: str, x: float, y: float, size: float, colour: str) -> str:
    """A line drawing around a point."""
    if name not in GLYPHS:
        return ""
    corner = f"translate({x - size / 2:.1f},{y - size / 2:.1f}) scale({size / 16:.3g})"
    return (
        f'<path d="{GLYPHS[name]}" transform="{corner}" fill="none" stroke="{colour}" stroke-width="1.5" '
        f'stroke-linecap="round" stroke-linejoin="round"/>'
    )
