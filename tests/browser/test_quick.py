"""Adding, connecting and deleting by quick gestures: quick-add, edges dropped on nothing, nodes dropped on edges."""

from __future__ import annotations

import itertools
import re

from playwright.sync_api import Locator, Page, expect

from tests.browser.canvas import Open, kept, middle, node_ids, shows
from tests.browser.drawing import Drawing


def picker(page: Page, name: str = "add") -> Locator:
    return page.locator(f'[data-picker="{name}"]')


def edges(page: Page) -> list[tuple[str, str]]:
    return [(edge["source"], edge["target"]) for edge in kept(page, "edges")]


def free_place(drawing: Drawing, x: float = 0.5, y: float = 0.9) -> tuple[float, float]:
    """A place on the canvas where nothing is, in shares of its size."""
    box = drawing.canvas.bounding_box()
    assert box
    return box["x"] + x * box["width"], box["y"] + y * box["height"]


def pull(page: Page, drawing: Drawing, source: str, target: tuple[float, float]) -> None:
    """Draw an edge from a port to a place, and let it go there."""
    page.mouse.move(*middle(drawing.card(source)))
    port = drawing.card(source).locator(".wfnb-port")
    expect(port).to_have_css("opacity", "1")
    page.mouse.move(*middle(port))
    page.mouse.down()
    page.mouse.move(*target, steps=6)
    page.mouse.up()


# ------------------------------------------------------------------------------------------------------- quick-add


def test_a_workflow_is_begun_by_keyboard_alone(open_canvas: Open, page: Page) -> None:
    drawing = open_canvas("empty")
    drawing.canvas.focus()
    page.keyboard.press("Control+f")
    page.keyboard.type("start")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    box = picker(page)
    expect(box.get_by_role("combobox")).to_be_focused()
    expect(box.get_by_role("option").first).to_contain_text("fetch")
    page.keyboard.type("sco")
    expect(box.get_by_role("option")).to_have_count(1)
    page.keyboard.press("Enter")
    shows(drawing, 3)
    expect(box).to_have_count(0)
    expect(drawing.card("score")).to_have_class(re.compile("wfnb-selected"))
    page.keyboard.press("Tab")  # the keyboard is on the drawing again
    page.keyboard.type("page = fet")
    page.keyboard.press("Enter")
    shows(drawing, 4)
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Escape")
    expect(box).to_have_count(0)
    assert node_ids(page) == ["start", "end", "score", "page"]
    assert edges(page) == [("start", "score"), ("score", "page")]
    for count in (3, 2):
        page.keyboard.press("Control+z")
        shows(drawing, count)
    assert edges(page) == []


def test_shift_enter_goes_on_with_the_name(open_canvas: Open, page: Page) -> None:
    drawing = open_canvas("empty")
    drawing.canvas.focus()
    page.keyboard.press("Tab")
    page.keyboard.type("fetch")
    page.keyboard.press("Shift+Enter")
    name = drawing.root.locator('[data-field="id"]')
    expect(name).to_be_focused()
    page.keyboard.type("page")
    page.keyboard.press("Enter")
    expect(drawing.card("page")).to_be_visible()
    assert node_ids(page) == ["start", "end", "page"]


def test_a_double_click_adds_there(open_canvas: Open, page: Page) -> None:
    drawing = open_canvas()
    place = free_place(drawing)
    page.mouse.click(*free_place(drawing, 0.1, 0.95))  # a click before it elsewhere is none of its two
    page.mouse.dblclick(*place)
    expect(picker(page).get_by_role("combobox")).to_be_focused()
    page.keyboard.type("approval")
    page.keyboard.press("Enter")
    shows(drawing, 8)
    x, y = middle(drawing.card("approval"))
    assert abs(x - place[0]) < 3
    assert abs(y - place[1]) < 3
    page.mouse.dblclick(*free_place(drawing, 0.1, 0.95))
    picker(page).get_by_role("option", name="Choice").click()
    shows(drawing, 9)
    page.mouse.dblclick(*free_place(drawing, 0.1, 0.85))
    page.mouse.click(*free_place(drawing, 0.9, 0.85))
    expect(picker(page)).to_have_count(0)
    shows(drawing, 9)


def test_a_new_activity_is_offered_at_once(open_canvas: Open, page: Page) -> None:
    drawing = open_canvas()
    drawing.canvas.focus()
    page.keyboard.press("Tab")
    page.keyboard.type("publish")
    expect(picker(page)).to_contain_text("Nothing of that name")
    page.evaluate("keeper.tell({ type: 'activities', activities: [{ name: 'publish', returns: 'str' }] })")
    expect(picker(page).get_by_role("option")).to_contain_text("publish")


def test_after_a_task_that_goes_on_it_is_put_in_between_and_what_follows_makes_room(
    open_canvas: Open, page: Page
) -> None:
    drawing = open_canvas()
    before = middle(drawing.card("gate"))
    drawing.select("page")
    page.keyboard.press("Tab")
    options = picker(page).get_by_role("option")
    expect(options.nth(1)).to_contain_text("score")
    expect(options.nth(2)).to_contain_text("ask")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    shows(drawing, 8)
    assert not kept(page, "nodes.at(-1).arguments")  # a Page is no text
    assert ("page", "score") in edges(page)
    assert ("score", "mark") in edges(page)
    assert ("page", "mark") not in edges(page)
    assert middle(drawing.card("gate"))[0] > before[0]
    page.keyboard.press("Control+z")
    shows(drawing, 7)
    assert kept(page, "layout") == {}


def test_in_a_selected_edge_it_is_put(open_canvas: Open, page: Page) -> None:
    drawing = open_canvas()
    drawing.root.locator(".wfnb-chip", has_text="mark > 0.8").click()
    page.keyboard.press("Tab")
    page.keyboard.type("end")
    expect(picker(page).get_by_role("option", name="End")).to_have_count(0)
    page.keyboard.press("Control+a")
    page.keyboard.type("ask")
    page.keyboard.press("Enter")
    shows(drawing, 8)
    assert {"source": "gate", "target": "ask", "when": "mark > 0.8"} in kept(page, "edges")
    assert ("ask", "kept") in edges(page)


# --------------------------------------------------------------------------------------------------- dropped edges


def test_an_edge_that_is_dropped_on_nothing_offers_what_can_take_it(open_canvas: Open, page: Page) -> None:
    drawing = open_canvas("empty")
    place = free_place(drawing, 0.5, 0.3)
    pull(page, drawing, "start", place)
    box = picker(page)
    expect(box).to_be_visible()
    for kind in ("Start", "Group", "Note"):
        expect(box.get_by_role("option", name=kind, exact=True)).to_have_count(0)
    page.keyboard.type("fetch")
    page.keyboard.press("Enter")
    shows(drawing, 3)
    assert edges(page) == [("start", "fetch")]
    x, y = middle(drawing.card("fetch"))
    assert abs(x - place[0]) < 3
    assert abs(y - place[1]) < 3
    page.keyboard.press("Control+z")
    shows(drawing, 2)
    assert edges(page) == []
    pull(page, drawing, "start", place)
    page.keyboard.press("Escape")
    expect(box).to_have_count(0)
    shows(drawing, 2)


def test_an_edge_of_a_choice_is_asked_for_its_condition(open_canvas: Open, page: Page) -> None:
    drawing = open_canvas()
    pull(page, drawing, "gate", free_place(drawing))
    page.keyboard.type("end")
    page.keyboard.press("Enter")
    shows(drawing, 8)
    expect(drawing.root.locator('[data-field="when"]')).to_be_focused()


# --------------------------------------------------------------------------------------------------- dropped nodes


def between(drawing: Drawing, source: str, target: str) -> tuple[float, float]:
    a, b = drawing.card(source).bounding_box(), drawing.card(target).bounding_box()
    assert a
    assert b
    return (a["x"] + a["width"] + b["x"]) / 2, a["y"] + a["height"] / 2


def test_a_node_that_is_dropped_on_an_edge_is_put_into_it(open_canvas: Open, page: Page) -> None:
    drawing = open_canvas()
    target = between(drawing, "page", "mark")
    page.mouse.move(*middle(drawing.root.locator('.wfnb-entry[data-kind="wait"]')))
    page.mouse.down()
    page.mouse.move(target[0], target[1] - 60, steps=6)
    lit = re.compile("wfnb-landing")
    expect(drawing.canvas).not_to_have_class(lit)
    page.mouse.move(*target, steps=3)
    expect(drawing.canvas).to_have_class(lit)
    page.mouse.up()
    expect(drawing.canvas).not_to_have_class(lit)
    shows(drawing, 8)
    assert edges(page)[1:2] == [("page", "wait")]
    assert ("wait", "mark") in edges(page)
    page.keyboard.press("Control+z")
    shows(drawing, 7)


def test_a_lone_node_that_is_dragged_onto_an_edge_is_put_into_it(open_canvas: Open, page: Page) -> None:
    drawing = open_canvas()
    page.mouse.dblclick(*free_place(drawing, 0.4, 0.92))
    page.keyboard.type("ask")
    page.keyboard.press("Enter")
    shows(drawing, 8)
    start, target = middle(drawing.card("ask")), between(drawing, "page", "mark")
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move(start[0] + 8, start[1] + 4, steps=2)
    page.mouse.move(*target, steps=12)
    expect(drawing.canvas).to_have_class(re.compile("wfnb-landing"))
    page.mouse.up()
    page.wait_for_function("keeper.done.length === 2")
    assert ("page", "ask") in edges(page)
    assert ("ask", "mark") in edges(page)
    # It keeps clear of both, and one that has edges already is only moved.
    boxes = [drawing.card(id).bounding_box() for id in ("page", "ask", "mark")]
    assert all(a and b and a["x"] + a["width"] < b["x"] for a, b in itertools.pairwise(boxes))
    page.keyboard.press("Control+z")
    page.wait_for_function("keeper.done.length === 1")
    assert ("page", "mark") in edges(page)


# --------------------------------------------------------------------------------------------------------- deleting


def test_deleting_heals_with_shift(open_canvas: Open, page: Page) -> None:
    drawing = open_canvas()
    before = page.evaluate("JSON.stringify(keeper.document)")
    drawing.select("again")
    page.keyboard.press("Shift+Delete")
    shows(drawing, 6)
    assert {"source": "gate", "target": "mark", "when": "mark > 0.3"} in kept(page, "edges")
    drawing.select("mark")
    page.keyboard.press("Delete")
    shows(drawing, 5)
    assert not any("mark" in pair for pair in edges(page))
    for count in (6, 7):
        page.keyboard.press("Control+z")
        shows(drawing, count)
    assert page.evaluate("JSON.stringify(keeper.document)") == before
    drawing.select("gate")
    page.keyboard.press("Shift+Backspace")
    shows(drawing, 6)
    expect(drawing.root.locator(".wfnb-toast")).to_contain_text("1 edge could not be drawn on")
