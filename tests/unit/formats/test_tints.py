"""The colours of pictures are those of the canvas, and in a cell those of its theme."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree as ET

from wfnb.formats import tints
from wfnb.formats.svg import draw
from wfnb.formats.tints import themed
from wfnb.model.workflow import Note, Task, Workflow

CANVAS = Path(__file__).parents[3] / "extension" / "src" / "canvas"


def test_they_are_the_colours_of_a_light_canvas() -> None:
    style = (CANVAS / "look" / "style.ts").read_text(encoding="utf-8")
    exported = (CANVAS / "surface" / "svg.shapes.ts").read_text(encoding="utf-8")
    for name in ("ok", "run", "wait", "warn", "bad"):
        colour = getattr(tints, name.upper())
        found = re.findall(rf"--wfnb-{name}:(#[0-9a-f]+)", style)
        assert found[0] == colour, f"the light one of {name}"
        assert f"{name}: '{colour}'" in exported


def test_in_a_page_they_follow_its_theme_and_texts_stay() -> None:
    text = 'fill="#fff"'
    picture = draw(Workflow(nodes=(Task("a", label=text, activity="f"), Note("n", text="why"))), {"a": "completed"})
    shown = themed(picture)
    assert not re.findall(r'(?:fill|stroke)="#', shown)
    assert 'fill="var(--jp-layout-color1,#fff)" rx="8"' in shown
    assert "fill=&quot;#fff&quot;" in shown
    ET.fromstring(shown)
    assert "var(--" not in picture
