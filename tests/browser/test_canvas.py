"""The canvas alone, without Jupyter, by real mouse and keyboard: fast enough to test every gesture."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.canvas import Open, kept, middle, node_ids, shows
from tests.browser.drawing import Drawing


def test_a_choice_is_drawn_and_its_conditions_asked_for(open_canvas: Open, page: Page) -> None:
    drawing = open_canvas("empty")
    task = drawing.drop(0.35, 0.2, activity="fetch")
    choice = drawing.drop(0.5, 0.6, kind="choice")
    drawing.connect("start", task)
    drawing.connect(task, choice)
    drawing.connect(choice, "end")
    # The inspector has the keyboard: what is typed is the condition.
    expect(drawing.root.locator('[data-field="when"]')).to_be_focused()
    expect(drawing.root.locator(".wfnb-footer")).to_contain_text("has no condition")
    badge = drawing.root.locator(".wfnb-edgebadge")  # on the edge, and no matter of colour alone
    expect(badge).to_have_attribute("title", re.compile("has no condition"))
    page.keyboard.type("len(fetch) > 3")
    page.keyboard.press("Enter")
    expect(drawing.root.locator(".wfnb-chip")).to_have_text("len(fetch) > 3")
    expect(badge).to_have_count(0)
    expect(drawing.root.locator('[data-action="problems"]')).to_have_text("No problems")
    assert kept(page, "edges") == [
        {"source": "start", "target": "fetch"},
        {"source": "fetch", "target": "choice"},
        {"source": "choice", "target": "end", "when": "len(fetch) > 3"},
    ]


@pytest.mark.parametrize(
    ("source", "target", "reason"),
    [("again", "start", "Nothing leads into the start."), ("start", "page", "These two are already connected.")],
)
def test_an_edge_that_makes_no_sense_is_refused(
    open_canvas: Open, page: Page, source: str, target: str, reason: str
) -> None:
    drawing = open_canvas()
    place = drawing.canvas.bounding_box()
    page.mouse.move(*middle(drawing.card(source)))
    port = drawing.card(source).locator(".wfnb-port")
    expect(port).to_have_css("opacity", "1")
    page.mouse.move(*middle(port))
    page.mouse.down()
    page.mouse.move(*middle(drawing.card(target)), steps=5)
    expect(drawing.card(target)).to_have_css("opacity", "0.4")  # what can not take it steps back
    page.mouse.up()
    expect(drawing.root.locator(".wfnb-toast")).to_contain_text(reason)
    assert drawing.canvas.bounding_box() == place, "what is said lies over the canvas"
    assert len(kept(page, "edges")) == 7
    drawing.root.locator(".wfnb-toast button").click()
    expect(drawing.root.locator(".wfnb-toast")).to_have_count(0)


def test_every_gesture_is_one_step_of_undo(open_canvas: Open, page: Page) -> None:
    drawing = open_canvas()
    before = page.evaluate("JSON.stringify(keeper.document)")
    drawing.select("again")
    page.keyboard.press("Alt+ArrowRight")
    page.wait_for_function("keeper.done.length === 1")
    page.keyboard.press("Delete")
    shows(drawing, 6)
    assert len(kept(page, "edges")) == 5
    page.keyboard.press("Control+a")
    page.keyboard.press("Delete")
    shows(drawing, 0)
    for steps in (2, 1, 0):
        page.keyboard.press("Control+z")
        page.wait_for_function(f"keeper.done.length === {steps}")
    assert page.evaluate("JSON.stringify(keeper.document)") == before
    page.keyboard.press("Control+y")
    page.keyboard.press("Control+Shift+z")
    shows(drawing, 6)


def test_selecting_copying_and_pasting(open_canvas: Open, page: Page) -> None:
    drawing = open_canvas()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    first, last = middle(drawing.card("page")), middle(drawing.card("mark"))
    page.keyboard.down("Shift")
    page.mouse.move(first[0] - 80, first[1] - 60)
    page.mouse.down()
    page.mouse.move(last[0] + 80, last[1] + 60, steps=5)
    page.mouse.up()
    page.keyboard.up("Shift")
    expect(drawing.root.locator(".wfnb-card.wfnb-selected")).to_have_count(2)
    page.keyboard.press("Control+c")
    page.keyboard.press("Control+v")
    shows(drawing, 9)
    assert node_ids(page)[-2:] == ["page_2", "mark_2"]
    assert kept(page, "edges")[-1] == {"source": "page_2", "target": "mark_2"}
    assert kept(page, "nodes")[-1]["arguments"] == {"text": "=page_2"}
    page.keyboard.press("Control+x")
    shows(drawing, 7)
    page.keyboard.press("Escape")
    expect(drawing.root.locator(".wfnb-card.wfnb-selected")).to_have_count(0)


def test_panning_zooming_and_leaving_the_wheel_to_the_page(open_canvas: Open, page: Page) -> None:
    drawing = open_canvas()
    card = drawing.card("page")
    box = drawing.canvas.bounding_box()
    assert box
    free = (box["x"] + 20, box["y"] + box["height"] - 20)

    def moved(act: Callable[[], None]) -> tuple[int, int]:
        before = middle(card)
        act()
        page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
        after = middle(card)
        return round(after[0] - before[0]), round(after[1] - before[1])

    def drag(button: Any = "left", start: tuple[float, float] = free) -> None:
        page.mouse.move(*start)
        page.mouse.down(button=button)
        page.mouse.move(start[0] + 30, start[1] - 20, steps=3)
        page.mouse.up(button=button)

    assert moved(drag) == (30, -20)
    assert moved(lambda: drag("middle", middle(drawing.card("mark")))) == (30, -20)
    page.keyboard.down(" ")
    assert moved(lambda: drag("left", middle(drawing.card("mark")))) == (30, -20)
    page.keyboard.up(" ")
    assert moved(lambda: page.mouse.wheel(0, 40)) == (0, -40)  # the canvas has the keyboard
    zoom = drawing.root.locator('[data-action="zoom"]')
    before = zoom.inner_text()
    page.keyboard.down("Control")
    page.mouse.wheel(0, -60)
    page.keyboard.up("Control")
    expect(zoom).not_to_have_text(before)
    page.keyboard.press("f")
    expect(zoom).to_have_text(before)
    page.evaluate("document.body.style.height = '3000px'")
    drawing.root.locator(".wfnb-palette input").focus()
    page.mouse.move(*free)
    page.mouse.wheel(0, 80)
    page.wait_for_function("scrollY > 0")
    assert kept(page, "layout") == {}, "looking around changes nothing"


def test_the_inspector_follows_the_signature(open_canvas: Open, page: Page) -> None:
    drawing = open_canvas()
    drawing.select("mark")
    drawing.fill("arguments.weight", "2.5")
    drawing.fill("retry.attempts", "5")
    drawing.fill("retry.delay", "0.5")
    drawing.fill("timeout", "30")
    page.wait_for_function("keeper.done.length === 4")
    assert kept(page, "nodes")[2] == {
        "kind": "task",
        "id": "mark",
        "activity": "score",
        "arguments": {"text": "=page", "weight": 2.5},
        "retry": {"attempts": 5, "delay": 0.5},
        "timeout": 30,
    }
    drawing.root.locator('[data-field="id"]').fill("page")
    expect(drawing.root.locator(".wfnb-inspector .wfnb-trouble")).to_have_text("There is already a node 'page'")
    page.keyboard.press("Escape")
    drawing.fill("id", "grade")
    expect(drawing.card("grade")).to_be_attached()
    expect(drawing.root.locator(".wfnb-inspector header b")).to_have_text("grade")
    drawing.fill("activity", "scroe")
    expect(drawing.root.locator(".wfnb-inspector .wfnb-trouble")).to_have_text("unknown activity 'scroe'")
    drawing.select("gate")
    drawing.root.locator('.wfnb-guard button[title="Try later"]').first.click()
    page.wait_for_function("keeper.document.edges[3].target === 'again'")


def test_problems_lead_to_what_they_are_about(open_canvas: Open, page: Page) -> None:
    drawing = open_canvas()
    drawing.select("again")
    drawing.fill("activity", "nothing")
    page.keyboard.press("Escape")
    footer, problem = drawing.root.locator(".wfnb-footer"), drawing.root.locator('button[data-code="WF2"]')
    expect(footer).to_contain_text("1 problem")
    expect(footer).to_contain_text("unknown activity 'nothing'")
    expect(problem).to_have_count(0)
    place = drawing.canvas.bounding_box()
    footer.locator("button").first.click()
    expect(problem).to_be_visible()
    assert drawing.canvas.bounding_box() == place, "the list lies over the canvas"
    expect(drawing.card("again").locator(".wfnb-badge")).to_have_attribute("data-severity", "error")
    problem.click()
    expect(drawing.card("again")).to_have_class(re.compile("wfnb-selected"))


@pytest.mark.parametrize("dx", [-1, 0, 1])
def test_a_choice_is_selected_and_moved_by_its_middle(open_canvas: Open, page: Page, dx: int) -> None:
    drawing = open_canvas()
    x, y = middle(drawing.card("gate"))
    page.mouse.click(x + dx, y - 6)
    expect(drawing.card("gate")).to_have_class(re.compile("wfnb-selected"))


def test_running_shows_on_the_cards_and_can_be_cancelled(open_canvas: Open, page: Page) -> None:
    drawing = open_canvas()
    drawing.run(url="https://example.org")
    drawing.expect_states({"start": "completed", "page": "running"})
    assert page.evaluate("keeper.asked.at(-1)") == {"type": "run", "input": {"url": "https://example.org"}}
    drawing.press("cancel")
    drawing.expect_states({"page": "cancelled"})
    drawing.press("run")
    expect(drawing.root.locator('[data-input="url"]')).to_have_value("https://example.org")


def test_two_views_are_equal(open_canvas: Open, page: Page) -> None:
    one = open_canvas("two")
    two = Drawing(page.locator("body > div").nth(1)).ready()
    one.select("again")
    one.page.keyboard.press("Delete")
    expect(two.card("again")).to_have_count(0)
    two.press("undo")
    expect(one.card("again")).to_have_count(1)
    assert one.nodes() == two.nodes() == node_ids(page)
    assert one.edges() == two.edges()


@pytest.mark.parametrize("width", [1280, 900, 640])
@pytest.mark.parametrize("query", ["", "run=5"])
def test_nothing_is_cut_off(open_canvas: Open, width: int, query: str) -> None:
    drawing = open_canvas(query, width)
    frame = drawing.root.bounding_box()
    assert frame
    for button in drawing.root.locator(".wfnb-toolbar > *:visible").all():
        box = button.bounding_box()
        assert box
        assert box["x"] >= frame["x"]
        assert box["x"] + box["width"] <= frame["x"] + frame["width"], button.inner_text()


@pytest.mark.parametrize("width", [620, 740])
def test_a_run_in_a_narrow_place_shows_its_graph(open_canvas: Open, width: int) -> None:
    drawing = open_canvas("run=5", width)
    frame, line = drawing.root.bounding_box(), drawing.root.locator(".wfnb-timeline").bounding_box()
    assert frame
    assert line
    whole = drawing.canvas.bounding_box()
    assert whole
    assert whole["width"] > frame["width"] - 4
    for panel, button in ((".wfnb-runlist", "runlist"), ("aside[data-at]", "values")):
        shown = drawing.root.locator(panel)
        expect(shown).to_have_count(0)
        drawing.press(button)
        box = shown.bounding_box()
        assert box
        assert box["y"] + box["height"] <= line["y"]
        assert drawing.canvas.bounding_box() == whole
    drawing.press("close-values")
    expect(drawing.root.locator("aside[data-at]")).to_have_count(0)
    drawing.press("runlist")
    drawing.root.locator('[data-tab="tasks"]').click()
    table = drawing.root.locator('[data-table="tasks"]')
    last = table.get_by_role("columnheader").last
    last.scroll_into_view_if_needed()
    box = last.bounding_box()
    assert box
    assert box["x"] + box["width"] <= frame["x"] + frame["width"]
    fits = "element => [...element.querySelectorAll('.wfnb-row')].every(row => row.scrollWidth <= row.clientWidth)"
    assert table.evaluate(fits)


@pytest.mark.parametrize("width", [560, 650, 740])
def test_run_and_cancel_stay_in_view(open_canvas: Open, width: int) -> None:
    drawing = open_canvas("", width)
    frame = drawing.root.bounding_box()
    assert frame

    def whole(action: str) -> bool:
        button = drawing.root.locator(f'[data-action="{action}"]')
        expect(button).to_be_visible()
        box = button.bounding_box()
        assert box
        return box["x"] + box["width"] <= frame["x"] + frame["width"]

    assert whole("run")
    drawing.run(url="https://example.org")
    assert whole("cancel")
    drawing.press("cancel")
    assert whole("run")


def test_a_layout_says_when_there_is_nothing_to_do(open_canvas: Open, page: Page) -> None:
    drawing = open_canvas()
    drawing.press("layout")
    page.wait_for_function("keeper.done.length === 1")
    drawing.press("layout")
    expect(drawing.root.get_by_role("status").filter(has_text="arranged already")).to_be_visible()
    expect(drawing.root.locator('[data-action="layout"]')).to_have_attribute("aria-busy", "false")
    assert page.evaluate("keeper.done.length") == 1


def test_a_file_is_drawn_without_a_kernel(open_canvas: Open, page: Page) -> None:
    drawing = open_canvas("file")
    expect(drawing.root.locator('[data-action="run"]')).to_be_disabled()
    expect(drawing.root.locator(".wfnb-footer")).to_contain_text("No kernel")
    before = page.evaluate("file.text")
    drawing.select("again")
    page.keyboard.press("Delete")
    page.wait_for_function("!file.text.includes('again')")
    page.keyboard.press("Control+z")
    page.wait_for_function("before => file.text === before", arg=before)


def test_a_run_is_sought_by_slider_keys_and_tables(open_canvas: Open, page: Page) -> None:
    drawing = open_canvas("run=2000")
    focus = drawing.root.locator("[data-at]")
    expect(focus).to_have_attribute("data-at", "4000")
    slider = drawing.root.locator(".wfnb-slider")
    slider.focus()
    page.keyboard.press("Home")
    expect(focus).to_have_attribute("data-at", "0")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(focus).to_have_attribute("data-at", "2")
    drawing.expect_states({"task_0": "completed", "task_1": "idle"})
    box = slider.bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] * 0.3, box["y"] + 14)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.6, box["y"] + 14, steps=30)
    page.mouse.up()
    expect(focus).not_to_have_attribute("data-at", "2")
    # Dragging asks for as many events as are answered, not for one each pixel.
    assert page.evaluate("keeper.asked.length") < 36
    drawing.root.locator('[data-tab="events"]').click()
    expect(drawing.root.locator('[data-table="events"]')).to_have_attribute("aria-rowcount", "4000")
    assert drawing.root.locator('[data-table="events"] [role=row]').count() < 60
    page.keyboard.press("Tab")
    row = drawing.root.locator('[data-table="events"] [role=rowgroup] [role=row]').nth(5)
    chosen = row.locator("[role=gridcell]").first.inner_text()
    row.click()
    expect(focus).to_have_attribute("data-at", chosen)
    drawing.root.locator('[data-table="events"]').press("ArrowDown")
    expect(focus).to_have_attribute("data-at", str(int(chosen) + 1))
    drawing.root.locator('[data-tab="tasks"]').click()
    drawing.root.locator('[data-table="tasks"] [role=rowgroup] [role=row]').nth(3).click()
    drawing.root.locator('[data-action="last"]').click()
    expect(focus).to_have_attribute("data-at", "4000")
    expect(slider).to_have_attribute("aria-valuetext", "end")
    expect(slider).to_have_text("end")
    line, thumb = drawing.root.locator(".wfnb-now"), drawing.root.locator(".wfnb-thumb")
    expect(line).to_have_count(1)
    assert middle(line)[0] == pytest.approx(middle(thumb)[0], abs=1)


def test_the_theme_of_the_page_is_followed(open_canvas: Open, page: Page) -> None:
    drawing = open_canvas()
    light = drawing.canvas.evaluate("element => getComputedStyle(element).backgroundColor")
    page.evaluate("document.body.dataset.jpThemeLight = 'false'")
    expect(drawing.root).to_have_class(re.compile("wfnb-dark"))
    assert drawing.canvas.evaluate("element => getComputedStyle(element).backgroundColor") != light


def test_markup_in_labels_and_notes_is_text(open_canvas: Open, page: Page) -> None:
    drawing = open_canvas("empty")
    note = drawing.drop(0.3, 0.2, kind="note")
    drawing.select(note)
    field = drawing.root.locator('[data-field="text"]')
    field.fill('<img src=x onerror="globalThis.ran = 1"><b>bold</b>')
    field.press("Control+Enter")
    expect(drawing.card(note)).to_contain_text("<b>bold</b>")
    assert page.evaluate("globalThis.ran") is None
    svg = page.evaluate("mounted[0].svg()")
    assert "<b>" not in svg
    assert "&lt;b&gt;" in svg
