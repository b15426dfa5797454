"""Notes are made larger and smaller, by the mouse at their corner and by the keyboard: one gesture, one undo."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.canvas import Open, kept, script
from tests.browser.drawing import Drawing

__all__ = ["script"]


def note(drawing: Drawing) -> dict[str, Any]:
    """The note in the kept document."""
    (found,) = [node for node in kept(drawing.page, "nodes") if node["kind"] == "note"]
    return dict(found)


def corner(drawing: Drawing) -> tuple[float, float]:
    """Where the upper left corner of the note is on the page."""
    box = drawing.card("why").bounding_box()
    assert box
    return round(box["x"]), round(box["y"])


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_note_is_resized_by_the_mouse(open_canvas: Open, theme: str, artifacts: Path) -> None:
    drawing = open_canvas("whole&dark" if theme == "dark" else "whole")
    page, mouse = drawing.page, drawing.page.mouse
    drawing.select("why")
    page.keyboard.press("Control+0")
    page.keyboard.press("Shift+2")
    before, place = note(drawing), kept(page, "layout")
    at = corner(drawing)
    grip = drawing.card("why").locator(".wfnb-grip")
    expect(grip).to_have_css("opacity", "1")
    box = grip.bounding_box()
    assert box
    x, y = box["x"] + 8, box["y"] + 8
    mouse.move(x, y)
    mouse.down()
    mouse.move(x + 60, y + 50, steps=6)
    page.screenshot(path=artifacts / f"note-resized-{theme}.png")
    assert note(drawing) == before, "nothing is changed before it is let go"
    page.keyboard.press("Escape")
    mouse.up()
    assert note(drawing) == before
    assert drawing.card("why").locator(".wfnb-grip").bounding_box() == box
    mouse.move(x, y)
    mouse.down()
    mouse.move(x + 60, y + 50, steps=6)
    mouse.up()
    page.wait_for_function("keeper.document.nodes.some(node => node.kind === 'note' && node.width)")
    after = note(drawing)
    assert after["width"] > 230
    assert after["height"] > 60
    assert corner(drawing) == at
    assert kept(page, "layout").keys() == place.keys()
    page.keyboard.press("Control+z")
    page.wait_for_function("keeper.document.nodes.every(node => node.kind !== 'note' || !node.width)")
    assert note(drawing) == before
    assert kept(page, "layout") == place


def test_a_note_is_resized_by_the_keyboard(open_canvas: Open) -> None:
    drawing = open_canvas("whole")
    page = drawing.page
    drawing.canvas.focus()
    page.keyboard.press("Control+f")
    page.keyboard.type("why")
    page.keyboard.press("Enter")
    expect(drawing.canvas).to_be_focused()
    before = note(drawing)
    page.keyboard.press("Control+Shift+ArrowRight")
    page.keyboard.press("Control+Shift+ArrowDown")
    page.wait_for_function("keeper.document.nodes.some(node => node.kind === 'note' && node.height)")
    assert note(drawing)["width"] == 220
    page.keyboard.press("Control+Shift+ArrowLeft")
    page.keyboard.press("Control+Shift+ArrowUp")
    page.wait_for_function("keeper.document.nodes.every(node => node.kind !== 'note' || !(node.width || node.height))")
    assert note(drawing) == before
    page.keyboard.press("Enter")
    drawing.fill("width", "300")
    page.wait_for_function("keeper.document.nodes.some(node => node.width === 300)")
    drawing.fill("width", "3")
    expect(drawing.root.locator(".wfnb-inspector")).to_contain_text("A number from 96 to 960 is needed")
    drawing.fill("width", "")
    page.wait_for_function("keeper.document.nodes.every(node => node.kind !== 'note' || !node.width)")
    assert note(drawing) == before
