"""What hands do out of habit from other editors, and what they do when they think better of it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.canvas import Open, kept, middle, shows
from tests.browser.drawing import Drawing
from tests.browser.test_gestures import FRAMES, edge_between, selects

LOST = """([x, y]) => document.elementFromPoint(x, y)
    .dispatchEvent(new MouseEvent('mousemove', { clientX: x, clientY: y, buttons: 0, bubbles: true }))"""
"""The mouse comes back with no button down, and nobody was told that it came up."""

SEEN = """id => {
    const card = document.querySelector(`.wfnb-card[data-id="${id}"]`)?.getBoundingClientRect();
    const view = document.querySelector('.wfnb-canvas').getBoundingClientRect();
    return card && card.left > view.left + 40 && card.right < view.right - 40;
}"""
"""Whether a card is in view, and not at its border."""


def added(drawing: Drawing) -> None:
    """Choose the activity `ask` in the list that lies over the drawing."""
    drawing.page.keyboard.type("ask")
    drawing.page.keyboard.press("Enter")


# --------------------------------------------------------------------------------------------- thinking better of it


def test_escape_puts_back_what_is_dragged_and_other_keys_wait(open_canvas: Open, page: Page) -> None:
    drawing = open_canvas()
    drawing.select("page")
    before = x, y = middle(drawing.card("again"))
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 40, y + 90, steps=6)
    for key in ("Delete", "Control+d", "Control+z", "Tab"):
        page.keyboard.press(key)
    page.keyboard.press("Escape")
    page.evaluate(FRAMES)
    assert middle(drawing.card("again")) == pytest.approx(before, abs=0.5)
    page.mouse.move(x + 90, y + 120, steps=3)
    page.mouse.up()
    page.evaluate(FRAMES)
    assert middle(drawing.card("again")) == pytest.approx(before, abs=0.5), "it is held no more"
    selects(drawing, "page")
    expect(drawing.root.get_by_role("dialog")).to_have_count(0)
    assert page.evaluate("keeper.asked.filter(({ type }) => type === 'edit' || type === 'undo').length") == 0


def test_escape_gives_up_a_box_and_what_comes_from_the_palette(open_canvas: Open, page: Page) -> None:
    drawing = open_canvas()
    drawing.select("mark")
    x, y = middle(drawing.card("start"))
    page.keyboard.down("Shift")
    page.mouse.move(x - 30, y - 60)
    page.mouse.down()
    page.mouse.move(x + 150, y + 60, steps=5)
    page.keyboard.press("Escape")
    page.mouse.up()
    page.keyboard.up("Shift")
    page.evaluate(FRAMES)
    selects(drawing, "mark")
    page.mouse.move(*middle(drawing.root.locator('.wfnb-entry[data-kind="fork"]')))
    page.mouse.down()
    page.mouse.move(*middle(drawing.canvas), steps=5)
    expect(drawing.root.locator(".wfnb-ghost")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(drawing.root.locator(".wfnb-ghost")).to_have_count(0)
    page.mouse.up()
    assert page.evaluate("keeper.done.length") == 0


def test_what_nobody_holds_any_more_does_not_stick_to_the_mouse(open_canvas: Open, page: Page) -> None:
    drawing = open_canvas()
    x, y = middle(drawing.card("again"))
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 40, y + 60, steps=4)
    page.evaluate(LOST, [x + 90, y + 120])
    page.wait_for_function("keeper.done.length === 1")
    page.evaluate(LOST, [x + 95, y + 140])
    page.evaluate(FRAMES)
    assert middle(drawing.card("again")) == pytest.approx((x + 40, y + 60), abs=3), "where it was seen last"
    page.mouse.up()
    page.mouse.move(*middle(drawing.card("start")))
    page.mouse.move(*middle(drawing.card("start").locator(".wfnb-port")))
    page.mouse.down()
    page.mouse.move(x, y + 200, steps=5)
    page.evaluate(LOST, [x, y + 180])
    expect(drawing.root.locator(".wfnb-drawing")).to_have_count(0)
    expect(drawing.root.get_by_role("dialog")).to_have_count(0)
    page.mouse.up()
    assert page.evaluate("keeper.done.length") == 1


# ------------------------------------------------------------------------------------------------ clicks and drops


def test_an_edge_that_is_clicked_on_its_end_is_what_delete_means(open_canvas: Open, page: Page) -> None:
    drawing = open_canvas()
    drawing.select("page")
    x, y = edge_between(drawing, "page", "mark")
    page.mouse.move(x, y - 2)
    page.mouse.move(x, y)
    page.mouse.click(*middle(drawing.root.locator('.wfnb-edgeend[data-end="target"]')))
    expect(drawing.root.locator("[data-selection]")).to_have_text("page to mark")
    page.keyboard.press("Delete")
    page.wait_for_function("keeper.document.edges.length === 6")
    shows(drawing, 7)


def test_a_double_click_on_an_edge_puts_what_is_chosen_into_it(open_canvas: Open, page: Page) -> None:
    drawing = open_canvas()
    page.mouse.dblclick(*edge_between(drawing, "mark", "gate"))
    expect(drawing.root.get_by_role("dialog")).to_be_visible()
    added(drawing)
    shows(drawing, 8)
    page.wait_for_function("keeper.document.edges.some(edge => edge.source === 'mark' && edge.target === 'ask')")
    assert {"source": "ask", "target": "gate"} in kept(page, "edges")


def test_a_click_on_a_port_asks_what_comes_next(open_canvas: Open, page: Page) -> None:
    drawing = open_canvas()
    page.mouse.move(*middle(drawing.card("again")))
    port = drawing.card("again").locator(".wfnb-port")
    expect(port).to_have_css("opacity", "1")
    x, y = middle(port)
    for off in (-3, 3):
        page.mouse.click(x + off, y)
        expect(drawing.root.get_by_role("dialog")).to_be_visible()
        page.keyboard.press("Escape")
        expect(drawing.root.get_by_role("dialog")).to_have_count(0)
    page.mouse.click(x, y)
    added(drawing)
    page.wait_for_function("keeper.document.edges.some(edge => edge.source === 'again' && edge.target === 'ask')")


def test_a_double_click_edits_a_node_and_a_condition(open_canvas: Open, page: Page) -> None:
    drawing = open_canvas()
    page.mouse.dblclick(*middle(drawing.card("mark")))
    name = drawing.root.locator('.wfnb-inspector [data-field="id"]')
    expect(name).to_be_focused()
    page.keyboard.type("grade")
    page.keyboard.press("Enter")
    page.wait_for_function("keeper.document.nodes.some(node => node.id === 'grade')")
    drawing.root.locator(".wfnb-chip", has_text="grade > 0.3").dblclick()
    expect(drawing.root.locator(".wfnb-inspector :focus")).to_have_value(re.compile("grade > 0.3"))


def test_what_is_dragged_is_selected(open_canvas: Open, page: Page) -> None:
    drawing = open_canvas()
    drawing.select("page")
    x, y = middle(drawing.card("again"))
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 20, y + 60, steps=5)
    page.mouse.up()
    selects(drawing, "again")


def test_what_is_dropped_onto_a_node_does_not_hide_it(open_canvas: Open, page: Page) -> None:
    drawing = open_canvas()
    page.mouse.move(*middle(drawing.root.locator('.wfnb-entry[data-activity="score"]')))
    page.mouse.down()
    page.mouse.move(*middle(drawing.card("page")), steps=6)
    page.mouse.up()
    shows(drawing, 8)
    page.evaluate(FRAMES)
    below, above = drawing.card("score").bounding_box(), drawing.card("page").bounding_box()
    assert below
    assert above
    assert below["y"] > above["y"] + above["height"]


def test_a_name_that_is_refused_is_not_dropped_without_a_word(open_canvas: Open, page: Page) -> None:
    drawing = open_canvas()
    drawing.select("page")
    drawing.root.locator('.wfnb-inspector [data-field="id"]').fill("mark")
    drawing.select("gate")
    told = drawing.root.get_by_role("status").filter(has_text="'mark' was not taken")
    expect(told).to_contain_text("There is already a node 'mark'")
    assert page.evaluate("keeper.done.length") == 0


def test_what_makes_room_for_a_new_node_stays_in_view(open_canvas: Open, page: Page) -> None:
    drawing = open_canvas("empty", 1100)
    first = drawing.drop(0.55, 0.5, activity="fetch")
    drawing.connect("start", first)
    drawing.connect(first, "end")
    entry = drawing.root.locator('.wfnb-entry[data-activity="score"]')
    page.mouse.move(*middle(entry))
    page.mouse.down()
    page.mouse.move(*edge_between(drawing, first, "end"), steps=8)
    page.mouse.up()
    shows(drawing, 4)
    page.wait_for_function("keeper.document.edges.length === 3")
    page.evaluate(FRAMES)
    end, view = drawing.card("end").bounding_box(), drawing.canvas.bounding_box()
    assert end
    assert view
    assert end["x"] + end["width"] <= view["x"] + view["width"]


def test_what_was_in_view_whole_is_so_again_once_there_is_room(open_canvas: Open) -> None:
    drawing = open_canvas("empty", 1280)
    zoom = drawing.root.locator('[data-action="zoom"]')
    drawing.select("start")
    before = zoom.inner_text()
    outer = drawing.root.locator("xpath=..")
    outer.evaluate("element => element.style.width = '480px'")
    expect(zoom).not_to_have_text(before)
    outer.evaluate("element => element.style.width = ''")
    expect(zoom).to_have_text(before)


def test_what_is_held_at_the_border_moves_the_view(open_canvas: Open, page: Page) -> None:
    drawing = open_canvas(width=900)
    drawing.canvas.focus()
    page.keyboard.press("Control+0")
    page.keyboard.press("ArrowRight")
    expect(drawing.card("kept")).to_have_count(0)
    page.keyboard.press("e")
    page.keyboard.type("kept")  # by keyboard the view goes there at once
    expect(drawing.card("kept")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowRight")
    expect(drawing.card("kept")).to_have_count(0)
    page.mouse.move(*middle(drawing.card("page")))
    port = drawing.card("page").locator(".wfnb-port")
    expect(port).to_have_css("opacity", "1")
    view = drawing.canvas.bounding_box()
    assert view
    page.mouse.move(*middle(port))
    page.mouse.down()
    page.mouse.move(view["x"] + view["width"] - 3, view["y"] + view["height"] / 2, steps=8)
    page.wait_for_function(SEEN, arg="kept")
    page.mouse.move(view["x"] + view["width"] / 2, view["y"] + 60)  # there it rests
    page.evaluate(FRAMES)
    page.mouse.move(*middle(drawing.card("kept")), steps=4)
    page.mouse.up()
    page.wait_for_function("keeper.document.edges.some(edge => edge.source === 'page' && edge.target === 'kept')")
    x, y = middle(drawing.card("kept"))
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(view["x"] + 3, y, steps=8)
    page.wait_for_function(SEEN, arg="start")
    assert middle(drawing.card("kept"))[0] == pytest.approx(view["x"] + 3, abs=14), "it stays under the mouse"
    page.mouse.up()
    page.wait_for_function("keeper.done.length === 2")
