"""Groups that are folded, notes, the map and the layout, with mouse and keyboard; looking changes no document."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.canvas import Open, kept, middle, node_ids
from tests.browser.drawing import Drawing


def take(page: Page, drawing: Drawing, group: str) -> None:
    """Select a group by its name."""
    page.mouse.click(*middle(drawing.card(group).locator(".wfnb-title")))


def document(page: Page) -> Any:
    return page.evaluate("JSON.stringify(keeper.document)")


@pytest.mark.parametrize("look", ["light", "dark"])
def test_groups_fold_to_a_card_and_unfold(open_canvas: Open, page: Page, look: str, artifacts: Path) -> None:
    drawing = open_canvas(f"grouped&{look}")
    before = document(page)
    page.screenshot(path=artifacts / f"unfolded-{look}.png")
    page.mouse.click(*middle(drawing.card("inner").locator(".wfnb-fold")))
    expect(drawing.card("page")).to_have_count(0)
    expect(drawing.card("inner").locator(".wfnb-subtitle")).to_have_text("2 nodes inside")
    page.screenshot(path=artifacts / f"folded-{look}.png")
    take(page, drawing, "outer")
    page.keyboard.press("c")
    expect(drawing.card("inner")).to_have_count(0)
    expect(drawing.card("outer").locator(".wfnb-subtitle")).to_have_text("4 nodes inside")
    page.mouse.dblclick(*middle(drawing.card("outer")))
    expect(drawing.card("inner")).to_be_visible()
    page.mouse.click(*middle(drawing.card("inner").locator(".wfnb-fold")))
    expect(drawing.card("page")).to_be_visible()
    page.keyboard.press("c")
    expect(drawing.card("page")).to_have_count(0)
    page.keyboard.press("Control+Enter")
    expect(drawing.card("page")).to_be_visible()
    page.keyboard.press("Shift+C")
    expect(drawing.card("outer").locator(".wfnb-subtitle")).to_have_text("4 nodes inside")
    # What is looked for is unfolded.
    page.evaluate("document.querySelector('[data-outline=nodes] li[data-node=page] button').click()")
    expect(drawing.card("page")).to_be_visible()
    assert document(page) == before


def drag(page: Page, start: tuple[float, float], dx: float, dy: float) -> None:
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move(start[0] + 8, start[1] + 4, steps=2)
    page.mouse.move(start[0] + dx, start[1] + dy, steps=6)
    page.mouse.up()


def test_a_folded_group_takes_what_is_inside_along(open_canvas: Open, page: Page) -> None:
    drawing = open_canvas("grouped")
    before = kept(page, "layout")
    take(page, drawing, "inner")
    page.keyboard.press("c")
    drag(page, middle(drawing.card("inner")), 0, 120)
    page.wait_for_function("keeper.revision === 2")
    after = kept(page, "layout")
    moved = {id: (round(after[id][0] - x), round(after[id][1] - y)) for id, (x, y) in before.items()}
    assert set(after) == set(before)
    assert moved["page"] == moved["clean"]
    assert moved["page"][1] > 60
    assert {moved[id] for id in before if id not in ("page", "clean")} == {(0, 0)}
    page.keyboard.press("Control+z")
    page.wait_for_function("keeper.revision === 3")
    assert kept(page, "layout") == before
    page.keyboard.press("Delete")
    page.wait_for_function("keeper.revision === 4")
    assert node_ids(page) == ["start", "mark", "end", "outer", "why"]


def test_group_and_ungroup_are_inverses(open_canvas: Open, page: Page) -> None:
    drawing = open_canvas("grouped")
    before = kept(page, "nodes")
    drawing.select("page")
    page.keyboard.down("Shift")
    drawing.select("clean")
    page.keyboard.up("Shift")
    page.keyboard.press("g")
    page.wait_for_function("keeper.revision === 2")
    made = {node["id"]: node.get("members") for node in kept(page, "nodes") if node["kind"] == "group"}
    assert made == {"inner": ["group"], "outer": ["inner", "mark"], "group": ["page", "clean"]}
    page.keyboard.press("Shift+G")
    page.wait_for_function("keeper.revision === 3")
    assert kept(page, "nodes") == before


def test_notes_are_markdown_and_never_html(open_canvas: Open, page: Page) -> None:
    drawing = open_canvas("grouped")
    note = drawing.card("why")
    expect(note.locator(".wfnb-noterow-heading")).to_have_text("Plan")
    expect(note.locator(".wfnb-b")).to_have_text("all")
    expect(note.locator("code")).to_have_text("score")
    expect(note.locator(".wfnb-noterow-item")).to_have_count(2)
    expect(note.locator(".wfnb-noterow-quote").first).to_contain_text("not <b>HTML</b>")
    assert note.locator("b, img, script").count() == 0
    link = note.locator("a")
    assert link.get_attribute("href") == "https://example.org/a"
    assert link.get_attribute("rel") == "noopener noreferrer"
    with page.context.expect_page() as opened:
        link.click()
    opened.value.close()
    picture = page.evaluate("mounted[0].svg()")
    assert "<img" not in picture
    assert ">all</tspan>" in picture


def test_many_nodes_open_folded_and_are_usable(open_canvas: Open, page: Page) -> None:
    drawing = open_canvas("many=5000")
    cards = drawing.root.locator('.wfnb-card[data-kind="group"]')
    expect(cards.first).to_be_visible()
    expect(drawing.root.locator('.wfnb-card[data-kind="task"]')).to_have_count(0)
    id = cards.nth(3).get_attribute("data-id")
    assert id is not None
    drawing.select(id)
    page.keyboard.press("c")
    expect(drawing.root.locator('.wfnb-card[data-kind="task"]').first).to_be_attached()
    page.keyboard.press("c")
    expect(drawing.root.locator('.wfnb-card[data-kind="task"]')).to_have_count(0)


def pan(page: Page) -> list[float]:
    """Where the view is."""
    matrix = "new DOMMatrix(document.querySelector('.wfnb-layer').style.transform)"
    found: list[float] = page.evaluate(f"(m => [m.e, m.f])({matrix})")
    return found


def test_the_map_leads_there_is_dragged_and_hidden(open_canvas: Open, page: Page) -> None:
    drawing = open_canvas("many=200&dark")
    small = drawing.root.locator(".wfnb-minimap")
    expect(small).to_be_visible()
    box = small.bounding_box()
    assert box
    canvas = drawing.canvas.bounding_box()
    assert canvas
    assert canvas["x"] + canvas["width"] - (box["x"] + box["width"]) < 20  # bottom right
    assert canvas["y"] + canvas["height"] - (box["y"] + box["height"]) < 20
    before = pan(page)
    page.mouse.click(box["x"] + 12, box["y"] + box["height"] / 2)
    page.wait_for_function(
        "before => new DOMMatrix(document.querySelector('.wfnb-layer').style.transform).e > before", arg=before[0]
    )
    jumped = pan(page)
    # Inside the window a press does not jump; dragging moves the view along.
    page.mouse.move(box["x"] + 13, box["y"] + box["height"] / 2)
    page.mouse.down()
    assert pan(page) == jumped
    page.mouse.move(box["x"] + 33, box["y"] + box["height"] / 2, steps=4)
    page.mouse.up()
    page.wait_for_function(
        "before => new DOMMatrix(document.querySelector('.wfnb-layer').style.transform).e < before", arg=jumped[0]
    )
    small.hover()
    drawing.press("map")
    expect(small).to_be_hidden()
    drawing.press("map")
    expect(small).to_be_visible()
    drawing.canvas.focus()
    page.keyboard.press("n")
    expect(small).to_be_hidden()


def test_a_layout_is_stable_undone_and_of_the_selection_only(open_canvas: Open, page: Page) -> None:
    drawing = open_canvas("grouped")
    start = kept(page, "layout")
    drawing.canvas.focus()
    page.keyboard.press("l")
    page.wait_for_function("keeper.revision === 2")
    once = kept(page, "layout")
    assert once["why"] == start["why"]
    page.keyboard.press("l")
    expect(drawing.root.locator(".wfnb-toast")).to_contain_text("arranged already")
    assert kept(page, "layout") == once
    page.keyboard.press("Control+z")
    page.wait_for_function("keeper.revision === 3")
    assert kept(page, "layout") == start
    drawing.select("page")
    page.keyboard.down("Shift")
    drawing.select("clean")
    page.keyboard.up("Shift")
    page.keyboard.press("l")
    page.wait_for_function("keeper.revision === 4")
    some = kept(page, "layout")
    assert {id for id in some if some[id] != start[id]} <= {"page", "clean"}
    assert some["page"] != start["page"]
