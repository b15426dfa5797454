"""The context menu, the find box and the command palette, by mouse and keyboard."""

from __future__ import annotations

import base64
import re
import struct
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.canvas import Open, kept, middle, node_ids, shows
from tests.browser.drawing import Drawing

CANVAS = "() => document.activeElement?.classList.contains('wfnb-canvas')"
SELECTED = re.compile("wfnb-selected")


def menu(page: Page) -> Locator:
    return page.get_by_role("menu")


def entry(page: Page, command: str) -> Locator:
    return page.locator(f'[data-command="{command}"]')


def ask(page: Page, drawing: Drawing, id: str) -> None:
    page.mouse.click(*middle(drawing.card(id)), button="right")
    expect(menu(page)).to_be_visible()


def asked(page: Page, type: str) -> Any:
    """The last message of a type that the keeper got."""
    page.wait_for_function("type => keeper.asked.some(message => message.type === type)", arg=type)
    return page.evaluate("type => keeper.asked.findLast(message => message.type === type)", type)


# --------------------------------------------------------------------------------------------------------- the menu


@pytest.mark.parametrize("theme", ["", "dark"])
def test_a_node_has_a_menu_that_keys_walk_through(open_canvas: Open, page: Page, theme: str) -> None:
    drawing = open_canvas(theme)
    ask(page, drawing, "mark")
    expect(drawing.card("mark")).to_have_class(SELECTED)
    expect(entry(page, "runTo")).to_be_focused()
    expect(entry(page, "runFrom")).to_have_attribute("aria-disabled", "true")  # it has not run yet
    page.keyboard.press("ArrowUp")
    expect(entry(page, "heal")).to_be_focused()
    page.keyboard.press("r")
    page.keyboard.press("r")
    expect(entry(page, "runFrom")).to_be_focused()
    page.keyboard.press("Enter")  # which does nothing
    expect(menu(page)).to_be_visible()
    page.keyboard.press("Escape")
    expect(menu(page)).to_have_count(0)
    page.wait_for_function(CANVAS)
    for key in ("m", "Shift+F10", "ContextMenu"):
        page.keyboard.press(key)
        expect(menu(page)).to_be_visible()
        page.keyboard.press("Escape")
        expect(menu(page)).to_have_count(0)
    page.keyboard.press("m")
    page.keyboard.press("d")
    expect(entry(page, "disable")).to_be_focused()
    page.keyboard.press("d")
    expect(entry(page, "duplicate")).to_be_focused()
    page.keyboard.press("Enter")
    shows(drawing, 8)
    page.wait_for_function(CANVAS)


def test_the_menu_is_for_what_is_under_the_mouse(open_canvas: Open, page: Page) -> None:
    drawing = open_canvas()
    page.mouse.click(*middle(drawing.root.locator(".wfnb-chip").first), button="right")
    expect(entry(page, "delete")).to_be_visible()
    expect(entry(page, "runTo")).to_have_count(0)
    entry(page, "delete").click()
    page.wait_for_function("keeper.document.edges.length === 6")
    box = drawing.canvas.bounding_box()
    assert box
    page.mouse.click(box["x"] + 30, box["y"] + box["height"] - 30, button="right")
    expect(entry(page, "paste")).to_be_visible()
    expect(entry(page, "delete")).to_have_count(0)
    entry(page, "selectAll").click()
    expect(drawing.root.locator(".wfnb-card.wfnb-selected")).to_have_count(7)
    ask(page, drawing, "page")  # is one of them: all stay selected
    entry(page, "group").click()
    shows(drawing, 8)
    page.mouse.click(box["x"] + 30, box["y"] + box["height"] - 30, button="right")
    page.mouse.click(box["x"] + box["width"] - 30, box["y"] + 30)
    expect(menu(page)).to_have_count(0)


def test_copying_and_pasting_by_the_menu(open_canvas: Open, page: Page) -> None:
    drawing = open_canvas()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    ask(page, drawing, "again")
    entry(page, "copy").click()
    ask(page, drawing, "page")
    entry(page, "paste").click()
    shows(drawing, 8)
    assert node_ids(page)[-1] == "again_2"
    ask(page, drawing, "again_2")
    entry(page, "rename").click()
    expect(drawing.root.locator('[data-field="id"]')).to_be_focused()


def test_running_to_a_node_asks_for_inputs_and_pauses_there(open_canvas: Open, page: Page) -> None:
    drawing = open_canvas()
    ask(page, drawing, "mark")
    entry(page, "runTo").click()
    drawing.root.locator('[data-input="url"]').fill("x")
    drawing.press("start-run")
    drawing.expect_states({"page": "running"})
    assert asked(page, "run") == {"type": "run", "input": {"url": "x"}, "until": "mark"}
    page.evaluate("keeper.status('paused', { page: 'completed', mark: 'ready' })")
    drawing.press("step")
    assert asked(page, "steer") == {"type": "steer", "action": "step"}
    ask(page, drawing, "page")
    entry(page, "runFrom").click()
    assert asked(page, "run_from") == {"type": "run_from", "node": "page"}
    ask(page, drawing, "again")
    entry(page, "runTo").click()
    page.wait_for_function("keeper.asked.at(-1).action === 'run_to'")
    drawing.press("resume")
    page.wait_for_function("keeper.asked.at(-1).action === 'resume'")
    page.evaluate("keeper.status('failed', { page: 'completed', mark: 'failed' })")
    drawing.expect_states({"mark": "failed"})
    ask(page, drawing, "mark")
    entry(page, "retry").click()
    assert asked(page, "retry") == {"type": "retry", "node": "mark"}


def test_breakpoints_pins_and_disabled_tasks_have_marks_with_words(open_canvas: Open, page: Page) -> None:
    drawing = open_canvas()
    ask(page, drawing, "page")
    entry(page, "breakpoint").click()
    flags = drawing.card("page").locator(".wfnb-flag")
    expect(flags).to_have_attribute("title", re.compile("Breakpoint"))
    ask(page, drawing, "page")
    expect(entry(page, "breakpoint")).to_have_attribute("aria-checked", "true")
    page.keyboard.press("Escape")
    page.keyboard.press("b")
    expect(flags).to_have_count(0)
    page.keyboard.press("b")
    page.keyboard.press("p")
    value = drawing.root.locator('[data-field="pin"]')
    expect(value).to_be_focused()
    expect(value).to_have_value('{"mark": 0.9}')  # what it gave last
    value.fill("{nothing")
    page.keyboard.press("Control+Enter")
    expect(drawing.root.locator(".wfnb-pinform")).to_contain_text("JSON is needed")
    value.fill("[1,")
    page.keyboard.press("Enter")  # a line of it: only a whole value is pinned
    page.keyboard.type("2]")
    page.keyboard.press("Enter")
    expect(flags).to_have_count(2)
    assert asked(page, "pin") == {"type": "pin", "node": "page", "value": [1, 2]}
    page.wait_for_function(CANVAS)
    page.keyboard.press("d")
    expect(flags).to_have_count(3)
    expect(drawing.card("page").locator(".wfnb-shape")).to_have_css("border-style", "dashed")
    page.wait_for_function("keeper.document.nodes[1].disabled")
    disabled = drawing.root.locator('[data-field="disabled"]')
    expect(disabled).to_be_checked()
    ask(page, drawing, "page")
    entry(page, "unpin").click()
    expect(flags).to_have_count(2)
    disabled.click()
    expect(flags).to_have_count(1)
    assert "disabled" not in kept(page, "nodes[1]")


# ------------------------------------------------------------------------------------------------ find and commands


def test_finding_goes_to_nodes_conditions_and_problems(open_canvas: Open, page: Page) -> None:
    drawing = open_canvas("whole", 900)
    drawing.canvas.focus()
    page.keyboard.press("Control+f")
    box = page.locator('[data-picker="find"]')
    expect(box.get_by_role("combobox")).to_be_focused()
    page.keyboard.type("audited")
    expect(drawing.card("audited")).to_have_class(SELECTED)  # is shown while one chooses
    page.keyboard.press("Control+a")
    page.keyboard.type("len(input")
    page.keyboard.press("Enter")
    expect(box).to_have_count(0)
    expect(drawing.root.locator(".wfnb-chip.wfnb-selected")).to_have_text("len(input.orders) > 1")
    page.evaluate(
        """() => {
            const problems = [{ code: 'WF3', severity: 'error', message: 'no way on', nodes: ['stopped'] }];
            keeper.tell({ type: 'checked', revision: 1, problems, properties: [], ms: 1 });
        }"""
    )
    page.keyboard.press("Control+f")
    page.keyboard.type("no way")
    expect(drawing.card("stopped")).to_have_class(SELECTED)
    page.keyboard.press("Escape")  # goes back to what was selected
    expect(drawing.root.locator(".wfnb-chip.wfnb-selected")).to_have_text("len(input.orders) > 1")
    page.wait_for_function(CANVAS)
    drawing.root.locator('[data-action="fit"]').focus()
    page.keyboard.press("Control+f")  # also where a panel has the keyboard
    expect(box).to_be_visible()


def test_every_command_is_in_the_palette_with_its_key(open_canvas: Open, page: Page) -> None:
    drawing = open_canvas()
    drawing.select("page")
    page.keyboard.press("Control+k")
    box = page.locator('[data-picker="commands"]')
    expect(box.get_by_role("option", name="Delete and reconnect")).to_contain_text("Shift+Delete")
    expect(box.get_by_role("option", name="Redo")).to_have_count(0)  # there is nothing to do again
    page.keyboard.type("arrange")
    page.keyboard.press("Enter")
    page.wait_for_function("keeper.document.layout.page")
    page.keyboard.press("Control+k")
    page.keyboard.type("add a node")
    page.keyboard.press("Enter")  # one list after the other
    expect(page.locator('[data-picker="add"]').get_by_role("combobox")).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    told = page.get_by_role("dialog", name="Keys")
    for keys, what in {"Tab": "Add a node", "Ctrl+F": "Find", "Ctrl+K": "Commands", "M": "Menu"}.items():
        row = told.locator("dl > div").filter(has_text=what).first
        expect(row.locator("kbd").first).to_have_text(keys)


@pytest.mark.parametrize("width", [900, 1600])
@pytest.mark.parametrize("theme", ["", "dark"])
def test_what_lies_over_the_drawing_stays_inside_of_it(
    open_canvas: Open, page: Page, artifacts: Any, theme: str, width: int
) -> None:
    drawing = open_canvas(theme, width)
    drawing.select("page")
    page.keyboard.press("b")
    drawing.select("mark")
    page.keyboard.press("d")
    drawing.select("again")
    opened = {
        "add": ("Tab", '[data-picker="add"]'),
        "menu": ("m", ".wfnb-menu"),
        "find": ("Control+f", '[data-picker="find"]'),
        "commands": ("Control+k", '[data-picker="commands"]'),
        "pin": ("p", ".wfnb-pinform"),
    }
    frame = drawing.root.bounding_box()
    assert frame
    for name, (key, selector) in opened.items():
        page.keyboard.press(key)
        box = drawing.root.locator(selector).bounding_box()
        assert box
        assert box["x"] >= frame["x"]
        assert box["y"] >= frame["y"]
        assert box["x"] + box["width"] <= frame["x"] + frame["width"]
        assert box["y"] + box["height"] <= frame["y"] + frame["height"]
        page.screenshot(path=artifacts / f"over-{name}-{theme or 'light'}-{width}.png")
        page.keyboard.press("Escape")
        page.wait_for_function(CANVAS)


def test_a_picture_of_the_drawing_is_saved(open_canvas: Open, page: Page, artifacts: Any) -> None:
    drawing = open_canvas()
    box = drawing.canvas.bounding_box()
    assert box
    page.mouse.click(box["x"] + 30, box["y"] + box["height"] - 30, button="right")
    with page.expect_download() as saved:
        entry(page, "saveSvg").click()
    assert saved.value.suggested_filename == "review.svg"
    drawn = ET.fromstring(saved.value.path().read_text(encoding="utf-8"))
    words = [text for text in drawn.itertext() if text.strip()]
    assert {"page", "mark", "again"} <= set(words), words
    expect(drawing.root.locator(".wfnb-toast")).to_contain_text("Saved as 'review.svg'")
    drawing.canvas.focus()
    page.keyboard.press("Control+k")
    page.keyboard.type("png")
    with page.expect_download() as saved:
        page.keyboard.press("Enter")
    assert saved.value.suggested_filename == "review.png"
    png = saved.value.path().read_bytes()
    (artifacts / "picture.png").write_bytes(png)
    assert png.startswith(b"\x89PNG\r\n")
    assert struct.unpack(">II", png[16:24]) == tuple(2 * int(drawn.attrib[side]) for side in ("width", "height"))
    shown = "async source => { const image = new Image(); image.src = source; await image.decode(); }"
    page.evaluate(shown, f"data:image/png;base64,{base64.b64encode(png).decode()}")
