"""Mouse and keyboard on a drawing: looking around, selecting, copying, leading edges, putting in line."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.canvas import Open, kept, middle, node_ids, shows
from tests.browser.drawing import Drawing

SELECTED = re.compile("wfnb-selected")
FRAMES = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
THEMES = pytest.mark.parametrize("theme", ["", "dark"], ids=["light", "dark"])


def undone(page: Page, steps: int = 1) -> None:
    """Take back the last gesture, which was one step."""
    page.wait_for_function(f"keeper.done.length === {steps}")
    page.keyboard.press("Control+z")
    page.wait_for_function(f"keeper.done.length === {steps - 1}")


def chosen(drawing: Drawing) -> str:
    """The id of the one card that is selected, once it is drawn."""
    card = drawing.root.locator(".wfnb-card.wfnb-selected")
    expect(card).to_have_count(1)
    drawing.page.evaluate(FRAMES)
    return card.get_attribute("data-id") or ""


def selects(drawing: Drawing, *ids: str) -> None:
    """Wait until just these are selected."""
    expect(drawing.root.locator(".wfnb-card.wfnb-selected")).to_have_count(len(ids))
    for id in ids:
        expect(drawing.card(id)).to_have_class(SELECTED)


def add_to_selection(drawing: Drawing, *ids: str) -> None:
    """Select one, then click the others with Shift."""
    drawing.select(ids[0])
    drawing.page.keyboard.down("Shift")
    for id in ids[1:]:
        drawing.select(id)
    drawing.page.keyboard.up("Shift")
    selects(drawing, *ids)


def drag(page: Page, start: tuple[float, float], end: tuple[float, float], *, steps: int = 12) -> None:
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move(*end, steps=steps)
    page.mouse.up()


def edge_between(drawing: Drawing, source: str, target: str) -> tuple[float, float]:
    """A point of the straight edge between two cards that stand beside each other."""
    a, b = drawing.card(source).bounding_box(), drawing.card(target).bounding_box()
    assert a
    assert b
    return (a["x"] + a["width"] + b["x"]) / 2, a["y"] + a["height"] / 2


def take_end(drawing: Drawing, between: tuple[str, str], end: str) -> Locator:
    """The handle at an end of an edge, which the mouse over the edge brings up."""
    x, y = edge_between(drawing, *between)
    drawing.page.mouse.move(x, y - 1)
    drawing.page.mouse.move(x, y)
    handle = drawing.root.locator(f'.wfnb-edgeend[data-end="{end}"]')
    expect(handle).to_be_visible()
    return handle


# ------------------------------------------------------------------------------------------------- looking around


def test_keys_show_all_the_selection_and_the_size_of_life(open_canvas: Open, page: Page) -> None:
    drawing = open_canvas("whole", 900)
    zoom = drawing.root.locator('[data-action="zoom"]')
    drawing.canvas.focus()
    page.keyboard.press("Shift+Digit1")
    expect(zoom).to_have_text("34 %")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Control+0")
    expect(zoom).to_have_text("100 %")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Shift+Digit2")
    box, view = drawing.root.locator(".wfnb-card.wfnb-selected").last.bounding_box(), drawing.canvas.bounding_box()
    assert box
    assert view
    assert view["x"] < box["x"]
    assert box["x"] + box["width"] < view["x"] + view["width"]
    assert page.evaluate("keeper.done.length") == 0, "looking around changes nothing"


def test_the_wheel_zooms_around_the_mouse(open_canvas: Open, page: Page) -> None:
    drawing = open_canvas()
    card = drawing.card("mark")
    before = middle(card)
    page.mouse.move(*before)
    page.keyboard.down("Control")
    page.mouse.wheel(0, -90)
    page.keyboard.up("Control")
    expect(drawing.root.locator('[data-action="zoom"]')).not_to_have_text("83 %")
    page.evaluate(FRAMES)
    assert middle(card) == pytest.approx(before, abs=1.5)


# ------------------------------------------------------------------------------------------------------ selecting


@THEMES
def test_a_box_drawn_with_shift_selects_and_adds(open_canvas: Open, page: Page, theme: str) -> None:
    drawing = open_canvas(theme)
    drawing.select("start")
    first, last = middle(drawing.card("again")), middle(drawing.card("dropped"))
    page.keyboard.down("Shift")
    drag(page, (first[0] - 90, first[1] - 40), (last[0] + 90, last[1] + 40), steps=5)
    page.keyboard.up("Shift")
    selects(drawing, "start", "again", "kept", "dropped")
    page.keyboard.press("Control+a")
    selects(drawing, "start", "page", "mark", "gate", "again", "kept", "dropped")
    expect(drawing.root.locator("[data-selection]")).to_have_text("7 nodes and 7 edges selected")
    page.keyboard.press("Escape")
    selects(drawing)
    page.keyboard.press("Escape")  # a second time gives the keyboard back to the page
    page.wait_for_function("() => !document.activeElement?.closest('.wfnb-root')")


@pytest.mark.parametrize("key", ["Shift", "Control"])
def test_a_click_with_a_key_adds_and_takes_away(open_canvas: Open, page: Page, key: str) -> None:
    drawing = open_canvas()
    drawing.select("page")
    page.keyboard.down(key)
    drawing.select("mark")
    selects(drawing, "page", "mark")
    drawing.root.locator(".wfnb-chip").first.click()
    expect(drawing.root.locator(".wfnb-chip.wfnb-selected")).to_have_count(1)
    drawing.select("page")
    page.keyboard.up(key)
    selects(drawing, "mark")
    expect(drawing.root.locator(".wfnb-chip.wfnb-selected")).to_have_count(1)


def test_arrows_go_along_the_edges_and_shift_selects_on_the_way(open_canvas: Open, page: Page) -> None:
    drawing = open_canvas()
    drawing.canvas.focus()
    said = drawing.root.locator("[data-selection]")
    for id in ("start", "page", "mark", "gate"):
        page.keyboard.press("ArrowRight")
        selects(drawing, id)
    expect(said).to_have_text("gate, Choice, 1 edge in, 3 edges out")
    page.keyboard.press("ArrowRight")
    first = chosen(drawing)
    page.keyboard.press("ArrowUp" if first == "kept" else "ArrowDown")
    second = chosen(drawing)
    assert {first, second} <= {"again", "kept", "dropped"}, "among siblings"
    page.keyboard.press("ArrowLeft")
    selects(drawing, "gate")
    page.keyboard.press("Shift+ArrowLeft")
    page.keyboard.press("Shift+ArrowLeft")
    selects(drawing, "page", "mark", "gate")
    expect(said).to_have_text("3 nodes and 0 edges selected")
    assert page.evaluate("keeper.done.length") == 0, "going along changes nothing"


def test_arrows_bring_what_they_come_to_into_view(open_canvas: Open, page: Page) -> None:
    drawing = open_canvas("whole", 900)
    zoom = drawing.root.locator('[data-action="zoom"]')
    drawing.canvas.focus()
    page.keyboard.press("Control+0")
    page.keyboard.press("ArrowRight")
    for _ in range(8):
        page.keyboard.press("ArrowRight")
        id = chosen(drawing)
        card, view = drawing.card(id).bounding_box(), drawing.canvas.bounding_box()
        assert card
        assert view
        assert view["x"] <= card["x"]
        assert card["x"] + card["width"] <= view["x"] + view["width"]
    expect(zoom).to_have_text("100 %")


def test_alt_and_arrows_move_what_is_selected(open_canvas: Open, page: Page) -> None:
    drawing = open_canvas()
    add_to_selection(drawing, "page", "mark")
    x, y = middle(drawing.card("page"))
    page.keyboard.press("Alt+ArrowDown")
    page.wait_for_function("keeper.done.length === 1")
    before = kept(page, "layout")
    page.keyboard.press("Alt+Shift+ArrowRight")
    page.wait_for_function("keeper.done.length === 2")
    after = kept(page, "layout")
    for id in before:
        by = 40 if id in {"page", "mark"} else 0
        assert after[id] == [before[id][0] + by, before[id][1]]
    page.evaluate(FRAMES)
    moved = middle(drawing.card("page"))
    zoom = (moved[0] - x) / 40
    assert moved[1] - y == pytest.approx(8 * zoom, abs=0.6)
    undone(page, 2)
    undone(page, 1)


# -------------------------------------------------------------------------------------------------------- copying


def clipboard(page: Page) -> Any:
    """What was copied, as another program would get it."""
    page.evaluate("document.body.append(globalThis.area = document.createElement('textarea')); area.focus()")
    page.keyboard.press("Control+v")
    text: str = page.evaluate("(() => { const { value } = area; area.remove(); return value; })()")
    return json.loads(text)


def test_copies_lie_where_the_mouse_is_else_beside_their_source(open_canvas: Open, page: Page) -> None:
    drawing = open_canvas()
    add_to_selection(drawing, "page", "mark")
    page.keyboard.press("Control+c")
    text = clipboard(page)
    assert [node["id"] for node in text["nodes"]] == ["page", "mark"]
    assert text["edges"] == [{"source": "page", "target": "mark"}]
    drawing.canvas.focus()
    page.keyboard.press("Control+v")  # the mouse still lies on what was copied
    shows(drawing, 9)
    page.wait_for_function("keeper.done.length === 1")
    layout = kept(page, "layout")
    assert [layout["page_2"][i] - layout["page"][i] for i in (0, 1)] == [24, 24]
    page.keyboard.press("Control+v")
    shows(drawing, 11)
    box = drawing.canvas.bounding_box()
    assert box
    spot = (box["x"] + box["width"] * 0.4, box["y"] + box["height"] * 0.8)
    page.mouse.move(*spot)
    page.keyboard.press("Control+v")
    shows(drawing, 13)
    a, b = middle(drawing.card("page_4")), middle(drawing.card("mark_4"))
    assert ((a[0] + b[0]) / 2, (a[1] + b[1]) / 2) == pytest.approx(spot, abs=2)
    selects(drawing, "page_4", "mark_4")
    assert kept(page, "edges")[-1] == {"source": "page_4", "target": "mark_4"}
    for steps in (3, 2, 1):
        undone(page, steps)
    shows(drawing, 7)


def test_the_menu_pastes_where_it_was_opened(open_canvas: Open, page: Page) -> None:
    drawing = open_canvas()
    page.mouse.click(*middle(drawing.card("mark")), button="right")
    page.get_by_role("menuitem", name="Copy").click()
    box = drawing.canvas.bounding_box()
    assert box
    spot = (box["x"] + box["width"] * 0.4, box["y"] + box["height"] * 0.8)
    page.mouse.click(*spot, button="right")
    page.get_by_role("menuitem", name="Paste").click()
    shows(drawing, 8)
    page.evaluate(FRAMES)
    assert middle(drawing.card("mark_2")) == pytest.approx(spot, abs=2)


def test_duplicating_leaves_the_clipboard_alone(open_canvas: Open, page: Page) -> None:
    drawing = open_canvas()
    drawing.select("gate")
    page.keyboard.press("Control+c")
    add_to_selection(drawing, "page", "mark")
    page.keyboard.press("Control+d")
    shows(drawing, 9)
    assert node_ids(page)[-2:] == ["page_2", "mark_2"]
    assert kept(page, "edges")[-1] == {"source": "page_2", "target": "mark_2"}
    assert [node["id"] for node in clipboard(page)["nodes"]] == ["gate"]
    drawing.canvas.focus()
    undone(page)


def test_a_group_that_is_cut_takes_along_what_is_inside(open_canvas: Open, page: Page) -> None:
    drawing = open_canvas("whole", 1600)
    before = page.evaluate("JSON.stringify(keeper.document)")
    box = drawing.card("inner").bounding_box()
    assert box
    page.mouse.click(box["x"] + 40, box["y"] + 14)
    selects(drawing, "inner")
    page.keyboard.press("Control+x")
    shows(drawing, 13)
    assert sorted(node["id"] for node in clipboard(page)["nodes"]) == ["bill", "each", "inner", "pack"]
    drawing.canvas.focus()
    page.keyboard.press("Control+v")
    shows(drawing, 17)
    assert set(node_ids(page)) >= {"bill", "each", "inner", "pack"}
    undone(page, 2)
    undone(page, 1)
    assert page.evaluate("JSON.stringify(keeper.document)") == before


def test_what_is_no_workflow_is_not_pasted(open_canvas: Open, page: Page) -> None:
    drawing = open_canvas()
    field = drawing.root.locator(".wfnb-palette input")
    field.fill("two words")
    field.press("Control+a")
    field.press("Control+c")
    drawing.canvas.focus()
    page.keyboard.press("Control+v")
    expect(drawing.root.get_by_role("status").filter(has_text="no part of a workflow")).to_be_visible()
    assert page.evaluate("keeper.done.length") == 0


# ------------------------------------------------------------------------------------------------- leading edges


@THEMES
def test_an_end_of_an_edge_is_led_to_another_node(open_canvas: Open, page: Page, theme: str) -> None:
    drawing = open_canvas(theme)
    before = page.evaluate("JSON.stringify(keeper.document.edges)")
    handle = take_end(drawing, ("start", "page"), "target")
    page.mouse.move(*middle(handle))
    page.mouse.down()
    page.mouse.move(*middle(drawing.card("mark")), steps=8)
    expect(drawing.card("mark")).to_have_class(re.compile(r"wfnb-can\b"))
    expect(drawing.card("mark")).to_have_css("opacity", "1")
    expect(drawing.card("start")).to_have_css("opacity", "0.4")
    page.mouse.up()
    page.wait_for_function("keeper.document.edges[0].target === 'mark'")
    assert kept(page, "edges")[0] == {"source": "start", "target": "mark"}, "in its place among the edges"
    undone(page)
    assert page.evaluate("JSON.stringify(keeper.document.edges)") == before


def test_the_beginning_of_an_edge_is_led_elsewhere_and_says_what_it_can(open_canvas: Open, page: Page) -> None:
    drawing = open_canvas()
    drawing.root.locator(".wfnb-chip", has_text="mark > 0.3").click()
    handle = drawing.root.locator('.wfnb-edgeend[data-end="source"]')
    expect(handle).to_be_visible()
    drag(page, middle(handle), middle(drawing.card("page")))
    page.wait_for_function("keeper.document.edges[4].source === 'page'")
    assert kept(page, "edges")[4] == {"source": "page", "target": "again", "error": "*"}
    undone(page)


def test_an_end_that_is_let_go_nowhere_or_where_it_may_not_stays(open_canvas: Open, page: Page) -> None:
    drawing = open_canvas()
    before = kept(page, "edges")
    box = drawing.canvas.bounding_box()
    assert box
    handle = take_end(drawing, ("page", "mark"), "target")
    drag(page, middle(handle), (box["x"] + 60, box["y"] + box["height"] - 60))
    handle = take_end(drawing, ("page", "mark"), "target")
    page.mouse.move(*middle(handle))
    page.mouse.down()
    page.mouse.move(*middle(drawing.card("gate")), steps=5)
    page.keyboard.press("Escape")
    page.mouse.up()
    handle = take_end(drawing, ("page", "mark"), "target")
    drag(page, middle(handle), middle(drawing.card("start")))
    expect(drawing.root.locator(".wfnb-toast")).to_contain_text("Nothing leads into the start.")
    assert kept(page, "edges") == before
    assert page.evaluate("keeper.done.length") == 0


@THEMES
def test_an_edge_is_drawn_by_keyboard(open_canvas: Open, page: Page, theme: str) -> None:
    drawing = open_canvas(theme)
    drawing.select("start")
    page.keyboard.press("e")
    told = drawing.root.locator(".wfnb-aim")
    expect(told).to_contain_text("Edge from start to")
    expect(drawing.card("page")).to_have_css("opacity", "0.4")  # they are connected already
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowLeft")
    expect(told).to_contain_text("Edge from start to mark")
    expect(drawing.card("mark")).to_have_class(re.compile("wfnb-aimed"))
    page.keyboard.press("Escape")
    expect(told).to_have_count(0)
    page.keyboard.press("e")
    expect(told).to_contain_text("Edge from start to mark")
    page.keyboard.press("Enter")
    expect(told).to_have_count(0)
    page.wait_for_function("keeper.document.edges.length === 8")
    assert kept(page, "edges")[-1] == {"source": "start", "target": "mark"}
    undone(page)
    expect(drawing.canvas).to_be_focused()


def test_the_end_of_a_selected_edge_is_led_by_keyboard(open_canvas: Open, page: Page) -> None:
    drawing = open_canvas()
    drawing.root.locator(".wfnb-chip", has_text="mark > 0.3").click()
    page.keyboard.press("e")
    expect(drawing.root.locator(".wfnb-aim")).to_contain_text("Edge from gate to again")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_function("keeper.document.edges[4].target === 'kept'")
    assert kept(page, "edges")[4] == {"source": "gate", "target": "kept", "when": "mark > 0.3"}
    undone(page)


# ------------------------------------------------------------------------------------------------- putting in line


@THEMES
def test_a_dragged_node_snaps_and_a_line_shows_to_what(open_canvas: Open, page: Page, theme: str) -> None:
    drawing = open_canvas(f"empty&{theme}")
    drawing.drop(0.3, 0.2, activity="fetch")
    drawing.drop(0.6, 0.8, activity="score")
    page.wait_for_function("keeper.done.length === 2")
    guide = drawing.root.locator(".wfnb-guide-line")

    def heights() -> tuple[float, float]:
        page.evaluate(FRAMES)
        return middle(drawing.card("fetch"))[1], middle(drawing.card("score"))[1]

    level, _ = heights()
    x, y = middle(drawing.card("score"))
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 30, y - 20, steps=4)
    page.mouse.move(x + 60, level + 4, steps=6)
    expect(guide).to_have_count(1)
    assert heights() == pytest.approx((level, level), abs=0.2)
    page.mouse.move(x + 61, level + 30, steps=6)
    assert heights() == pytest.approx((level, level + 30), abs=0.2)  # loose again, and under the mouse
    expect(guide).to_have_count(0)
    page.mouse.move(x + 62, level - 4, steps=6)
    page.mouse.up()
    expect(guide).to_have_count(0)
    page.wait_for_function("keeper.done.length === 3")
    layout = kept(page, "layout")
    assert layout["fetch"][1] == layout["score"][1]
    undone(page, 3)


def test_alt_lets_a_node_be_moved_without_snapping(open_canvas: Open, page: Page) -> None:
    drawing = open_canvas()
    x, y = middle(drawing.card("again"))
    _, level = middle(drawing.card("mark"))
    page.mouse.move(x, y)
    page.mouse.down()
    page.keyboard.down("Alt")
    page.mouse.move(x + 60, level + 3, steps=6)
    page.evaluate(FRAMES)
    assert middle(drawing.card("again"))[1] == pytest.approx(level + 3, abs=0.6)
    expect(drawing.root.locator(".wfnb-guide")).to_have_count(0)
    page.mouse.up()
    page.keyboard.up("Alt")


def test_equal_gaps_are_snapped_to_and_shown(open_canvas: Open, page: Page) -> None:
    drawing = open_canvas("empty")
    for x in (0.2, 0.45, 0.8):
        drawing.drop(x, 0.25, kind="fork")
    page.wait_for_function("keeper.done.length === 3")
    a, b, c = (middle(drawing.card(id)) for id in ("fork", "fork_2", "fork_3"))
    page.mouse.move(*c)
    page.mouse.down()
    page.mouse.move(c[0] - 5, c[1] + 8, steps=3)
    page.mouse.move(b[0] + (b[0] - a[0]) + 3, c[1] + 12, steps=10)
    expect(drawing.root.locator(".wfnb-guide-gap")).to_have_count(2)
    page.mouse.up()
    page.wait_for_function("keeper.done.length === 4")
    at = kept(page, "layout")
    assert at["fork_3"][0] - at["fork_2"][0] == pytest.approx(at["fork_2"][0] - at["fork"][0], abs=1)


def test_several_nodes_that_are_dragged_keep_their_places_to_each_other(open_canvas: Open, page: Page) -> None:
    drawing = open_canvas()
    add_to_selection(drawing, "again", "kept")
    a, b = middle(drawing.card("again")), middle(drawing.card("kept"))
    drag(page, a, (a[0] + 37, a[1] + 71), steps=9)
    page.wait_for_function("keeper.done.length === 1")
    c, d = middle(drawing.card("again")), middle(drawing.card("kept"))
    assert (d[0] - c[0], d[1] - c[1]) == pytest.approx((b[0] - a[0], b[1] - a[1]), abs=1.5)
    undone(page)


SIDES: dict[str, Callable[[dict[str, float]], float]] = {
    "alignLeft": lambda box: box["x"],
    "alignCentre": lambda box: box["x"] + box["width"] / 2,
    "alignRight": lambda box: box["x"] + box["width"],
    "alignTop": lambda box: box["y"],
    "alignMiddle": lambda box: box["y"] + box["height"] / 2,
    "alignBottom": lambda box: box["y"] + box["height"],
}


def boxes(drawing: Drawing, *ids: str) -> list[Any]:
    drawing.page.evaluate(FRAMES)
    return [drawing.card(id).bounding_box() for id in ids]


@THEMES
def test_a_bar_puts_what_is_selected_in_line_in_one_step(open_canvas: Open, page: Page, theme: str) -> None:
    drawing = open_canvas(theme)
    bar = drawing.root.get_by_role("toolbar", name="Put in line")
    drawing.select("page")
    expect(bar).to_have_count(0)
    add_to_selection(drawing, "page", "again", "kept")
    expect(bar.get_by_role("button")).to_have_count(8)
    before = page.evaluate("JSON.stringify(keeper.document)")
    for how, side in SIDES.items():
        bar.locator(f'[data-action="{how}"]').click()
        page.wait_for_function("keeper.done.length === 1")
        found = [side(box) for box in boxes(drawing, "page", "again", "kept")]
        assert found == pytest.approx([found[0]] * 3, abs=1.2), how
        drawing.canvas.focus()
        undone(page)
        assert page.evaluate("JSON.stringify(keeper.document)") == before


def test_the_bar_spreads_three_or_more(open_canvas: Open, page: Page) -> None:
    drawing = open_canvas()
    add_to_selection(drawing, "page", "again")
    across = drawing.root.locator('[data-action="spreadAcross"]')
    down = drawing.root.locator('[data-action="spreadDown"]')
    expect(across).to_be_disabled()
    page.keyboard.down("Shift")
    drawing.select("dropped")
    drawing.select("mark")
    page.keyboard.up("Shift")
    across.click()
    page.wait_for_function("keeper.done.length === 1")
    row = boxes(drawing, "page", "mark", "again", "dropped")
    gaps = [b["x"] - a["x"] - a["width"] for a, b in pairwise(row)]
    assert gaps == pytest.approx([gaps[0]] * 3, abs=1.5)
    down.click()
    page.wait_for_function("keeper.done.length === 2")
    drawing.canvas.focus()
    undone(page, 2)
    undone(page, 1)
