"""The colours of static pictures: those of the canvas in light, and in a cell those of JupyterLab's theme."""

from __future__ import annotations

import re

OK, RUN, WAIT, WARN, BAD = "#23692a", "#1565c0", "#6d4fa1", "#9a5b00", "#c62828"
"""What a state or a difference has; `extension/src/canvas/look/style.ts` has the same for a light canvas."""
DIM = "#66727f"

_GROUND, _TEXT = "--jp-layout-color1", "--jp-ui-font-color0"
_GREYS = {
    "#fff": 0,
    "#f6f7f9": 4,
    "#f4f7fb": 5,
    "#dfe3e8": 14,
    "#8a97a5": 52,
    "#66727f": 68,
    "#1c2733": 100,
}
"""How much of the text's colour is in each, the rest being the ground's: as on the canvas."""
_TINTS = (OK, RUN, WAIT, WARN, BAD, "#1976d2")
_NOTES = {"#fff8dc": 14, "#e5d9a8": 40}
GLOWING = ".wfnb-shade{mix-blend-mode:screen!important;opacity:.62}"
"""What a warm colour on a node does on a dark ground: there it lightens what it would darken on a light one, as far
as texts on it stay readable."""
IN_JUPYTER = f'[data-jp-theme-light="false"] {GLOWING}'
"""The same as a rule for pages that have JupyterLab's themes."""
ON_ITS_OWN = f":root{{{_GROUND}:Canvas;{_TEXT}:CanvasText}}@media (prefers-color-scheme:dark){{{GLOWING}}}"
"""Rules for a page that has no theme but what the reader's system prefers."""
_PAINT = re.compile(r'\b(fill|stroke)="(#[0-9a-f]{3,6})"')


def themed(picture: str) -> str:
    """An SVG text with the colours of the page that it stands in, where that has JupyterLab's; elsewhere its own.

    Only for a page: other programs know no such colours.
    """
    return _PAINT.sub(lambda found: f'{found[1]}="{_colour(found[2])}"', picture)


def _colour(own: str) -> str:
    ground, text = f"var({_GROUND},#fff)", f"var({_TEXT},#1c2733)"
    if own == "#fff":
        return ground
    if own == "#1c2733":
        return text
    if own in _GREYS:
        return f"color-mix(in srgb,{text} {_GREYS[own]}%,{ground})"
    if own in _TINTS:  # lighter on a dark ground, and as it is where no theme says what text looks like
        return f"color-mix(in srgb,{own} 72%,var({_TEXT},{own}))"
    if own in _NOTES:
        return f"color-mix(in srgb,#d9b13b {_NOTES[own]}%,{ground})"
    return own
