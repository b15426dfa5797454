"""What stands on a static picture of a workflow beside the workflow: shades, notes, counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from typing import Protocol

from wfnb.model.workflow import Position

_HEAT, _TEXT, _GROUND = "#f07800", "#1c2733", "#fff"
_LONGEST = 34


@dataclass(frozen=True, slots=True)
class Marks:
    """What else stands on a drawing.

    Attributes:
        shades: by node id, how much of a warm colour lies on it, from 0 to 1.
        notes: by node id, a short text below it.
        counts: by the number of an edge, how often it was taken; it is as wide as that is often.
    """

    shades: Mapping[str, float] = field(default_factory=dict)
    notes: Mapping[str, str] = field(default_factory=dict)
    counts: Mapping[int, int] = field(default_factory=dict)


class Fated(Protocol):
    """What is drawn around nodes, and instead of the lines of edges."""

    def around(self, id: str, at: Position, size: tuple[float, float]) -> str:
        """What stands around a node."""

    def line(self, index: int) -> str:
        """The attributes of an edge's line; empty: its own."""


def shade(at: Position, size: tuple[float, float], part: float) -> str:
    """A warm colour on a node, by a part from 0 to 1."""
    (x, y), (width, height) = at, size
    return (
        f'<rect x="{x - width / 2:.0f}" y="{y - height / 2:.0f}" width="{width:.0f}" height="{height:.0f}" rx="7" '
        f'fill="{_HEAT}" fill-opacity="{0.08 + 0.52 * min(1.0, max(0.0, part)):.2f}" '
        f'class="wfnb-shade" style="mix-blend-mode:multiply"/>'
    )


def noted(at: Position, size: tuple[float, float], note: str) -> str:
    """A text below a node; lines that pass there are behind it."""
    text = note if len(note) <= _LONGEST else f"{note[: _LONGEST - 1]}…"
    return (
        f'<text x="{at[0]:.0f}" y="{at[1] + size[1] / 2 + 13:.0f}" text-anchor="middle" font-size="10.5" '
        f'fill="{_TEXT}" stroke="{_GROUND}" stroke-width="3" stroke-linejoin="round" paint-order="stroke">'
        f"{escape(text)}</text>"
    )


def often(count: int | None, most: int) -> tuple[str, float]:
    """What is said of how often an edge was taken, and how wide it is."""
    if count is None:
        return "", 1.5
    return f"{count:,}", 1.0 + 4.0 * (count / most if most else 0.0)
