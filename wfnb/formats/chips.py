"""What stands on the edges of a static picture, each where it covers neither a node nor another."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from html import escape

from wfnb.formats.glyphs import drawn_glyph
from wfnb.model.workflow import Position

HEIGHT = 18.0
_LETTER = 6.4
_LINE, _TEXT = "#dfe3e8", "#1c2733"
_SHORTEST = 12
"""Letters; what is cut shorter says nothing."""
_SHIFTS = (0.0, -14.0, 14.0, -24.0, 24.0, -34.0, 34.0)
"""How far from the middle of its edge one stands, tried in turn."""

Box = tuple[float, float, float, float]
"""The middle of something, its width and its height."""


@dataclass(frozen=True, slots=True)
class Chip:
    """A guard, a trigger or a count.

    Attributes:
        text: what it says.
        end: what it says at its end, which is never cut.
        glyph: a name of `glyphs.GLYPHS`, or empty.
        middle: of its edge; later, of itself.
        whole: all of the text, where that was cut.
    """

    text: str
    end: str
    glyph: str
    middle: Position
    whole: str = ""

    @property
    def words(self) -> str:
        """All that it says."""
        return " · ".join(part for part in (self.text, self.end) if part)

    @property
    def box(self) -> Box:
        """The room it takes."""
        return (*self.middle, len(self.words) * _LETTER + 14 + self._room, HEIGHT)

    @property
    def _room(self) -> int:
        return 16 if self.glyph else 0

    def drawn(self) -> str:
        """The chip as SVG."""
        x, y, width, _ = self.box
        title = f"<title>{escape(self.whole)}</title>" if self.whole else ""
        return (
            f'<g>{title}<rect x="{x - width / 2:.1f}" y="{y - 9:.1f}" width="{width:.1f}" height="18" rx="9" '
            f'fill="#f6f7f9" stroke="{_LINE}"/>{drawn_glyph(self.glyph, x - width / 2 + 14, y, 11, _TEXT)}'
            f'<text x="{x + self._room / 2:.1f}" y="{y + 4:.1f}" text-anchor="middle" font-size="10.5" '
            f'font-family="DejaVu Sans Mono, monospace" fill="{_TEXT}">{escape(self.words)}</text></g>'
        )


def placed(chips: Iterable[Chip], nodes: Iterable[Box]) -> list[Chip]:
    """Chips where there is room: beside the middle of their edge, else cut shorter, else where least is covered."""
    taken = list(nodes)
    found = []
    for chip in chips:
        best = _best(chip, taken)
        taken.append(best.box)
        found.append(best)
    return found


def _best(chip: Chip, taken: list[Box]) -> Chip:
    x, y = chip.middle
    best, least = chip, len(taken) + 1
    for cut in _cuts(chip):
        for shift in _SHIFTS:
            tried = replace(cut, middle=(x, y + shift))
            covered = sum(_touch(tried.box, box) for box in taken)
            if covered < least:
                best, least = tried, covered
            if not covered:
                return tried
    return best


def _cuts(chip: Chip) -> Iterable[Chip]:
    yield chip
    for letters in (_SHORTEST, _SHORTEST // 2):
        if len(chip.text) > letters + 1:
            yield replace(chip, text=f"{chip.text[: letters - 1]}…", whole=chip.text)


def _touch(a: Box, b: Box) -> bool:
    return abs(a[0] - b[0]) * 2 < a[2] + b[2] + 4 and abs(a[1] - b[1]) * 2 < a[3] + b[3] + 2
