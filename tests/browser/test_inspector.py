"""The inspector: what a signature and its docstring say, names in scope, and what is wrong while it is typed."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

from tests.browser.canvas import Open, kept
from tests.browser.drawing import Drawing


def field(drawing: Drawing, name: str) -> Locator:
    return drawing.root.locator(f'.wfnb-inspector [data-field="{name}"]')


def names(drawing: Drawing) -> list[str]:
    return drawing.root.locator("[data-name]").evaluate_all("items => items.map(item => item.dataset.name)")


def test_a_field_says_what_its_docstring_says_of_it(open_canvas: Open) -> None:
    drawing = open_canvas()
    drawing.select("page")
    url = field(drawing, "arguments.url")
    expect(url).to_have_accessible_description("str Where the page is.")
    expect(drawing.root.locator(".wfnb-inspector")).to_contain_text("Gets a page.")
    drawing.select("mark")
    expect(field(drawing, "arguments.weight")).to_have_attribute("placeholder", "1.0")


def test_names_in_scope_are_offered_and_taken_by_keyboard(open_canvas: Open, page: Page) -> None:
    drawing = open_canvas()
    drawing.select("again")
    page.keyboard.press("Enter")
    drawing.select("mark")
    text = field(drawing, "arguments.text")
    text.fill("")
    text.press_sequentially("=pa")
    expect(text).to_have_attribute("aria-expanded", "true")
    assert names(drawing) == ["page"]
    page.keyboard.press("ArrowDown")
    marked = drawing.root.locator(f'[id="{text.get_attribute("aria-activedescendant")}"]')
    expect(marked).to_contain_text("page")
    page.keyboard.press("Enter")
    expect(text).to_have_value("=page")
    text.press_sequentially(".")
    assert names(drawing) == ["page.title", "page.words"]
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Tab")
    expect(text).to_have_value("=page.words")
    page.keyboard.press("Enter")
    page.wait_for_function("keeper.document.nodes.some(node => node.arguments?.text === '=page.words')")
    text.fill("=")
    page.keyboard.press("Control+Space")
    expect(drawing.root.locator("[data-name]").first).to_be_visible()
    assert names(drawing) == ["page", "input.url", "input.text", "again", "len(", "sum("]
    page.keyboard.press("Escape")
    expect(drawing.root.locator("[data-name]")).to_have_count(0)
    expect(text).to_have_value("=")
    page.keyboard.press("Escape")
    expect(text).to_have_value("=page.words")


def test_a_name_is_taken_with_the_mouse(open_canvas: Open) -> None:
    drawing = open_canvas()
    drawing.select("mark")
    text = field(drawing, "arguments.text")
    text.fill("=len(ur")
    drawing.root.locator('[data-name="input.url"]').click()
    expect(text).to_have_value("=len(input.url")
    expect(text).to_be_focused()


def test_what_is_wrong_is_underlined_while_it_is_typed(open_canvas: Open, page: Page) -> None:
    drawing = open_canvas()
    drawing.select("mark")
    text = field(drawing, "arguments.text")
    text.fill("=page + nobody")
    expect(drawing.root.locator(".wfnb-fault")).to_contain_text("there is no node 'nobody'")
    wrong = drawing.root.locator(".wfnb-fxcopy u")
    expect(wrong).to_have_text("nobody")
    expect(text).to_have_attribute("aria-invalid", "true")
    box, line = text.bounding_box(), wrong.bounding_box()
    assert box
    assert line
    assert box["x"] < line["x"] < line["x"] + line["width"] < box["x"] + box["width"]
    text.press("End")
    for _ in range(len(" + nobody")):
        page.keyboard.press("Backspace")
    expect(drawing.root.locator(".wfnb-fault")).to_have_count(0)
    expect(text).to_have_attribute("aria-invalid", "false")
    # Nothing was committed yet: it is told before, not after.
    assert kept(page, "nodes.find(node => node.id === 'mark').arguments.text") == "=page"


def test_a_condition_is_an_expression_without_a_sign(open_canvas: Open) -> None:
    drawing = open_canvas()
    drawing.select("gate")
    when = field(drawing, "when").first
    when.fill("nobody > 1")
    expect(drawing.root.locator(".wfnb-fault")).to_be_visible()
    when.fill("mar")
    expect(drawing.root.locator('[data-name="mark"]')).to_be_visible()


def test_a_task_runs_where_it_is_told_to(open_canvas: Open, page: Page) -> None:
    drawing = open_canvas()
    drawing.select("page")
    drawing.root.locator(".wfnb-more summary", has_text="Order and resources").click()
    field(drawing, "executor").select_option("process")
    page.wait_for_function("keeper.document.nodes.some(node => node.executor === 'process')")
    drawing.press("undo")
    expect(field(drawing, "executor")).to_have_value("")


STATUS = """() => keeper.tell({
    type: 'status', run: 'r1', state: 'running', started: Date.now(),
    nodes: {
        page: { state: 'completed', started: 1, ended: 2, value: '{"title": "a long page"}', visits: 3 },
        mark: { state: 'running', started: Date.now(), attempt: 2, share: 0.42 }
    },
    edges: { 0: 1, 1: 3 }
})"""


def test_a_run_shows_progress_values_and_counts(open_canvas: Open, page: Page) -> None:
    drawing = open_canvas()
    page.evaluate(STATUS)
    expect(drawing.card("mark").locator(".wfnb-foot")).to_contain_text("42 %")
    assert drawing.card("mark").evaluate("card => card.style.getPropertyValue('--share')") == "42%"
    box = drawing.card("page").bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    tip = drawing.root.locator(".wfnb-tip")
    expect(tip).to_be_visible()
    expect(tip).to_contain_text('{"title": "a long page"}')
    expect(tip).to_contain_text("3 visits")
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] - 60)
    expect(tip).to_be_hidden()
    drawing.select("mark")
    expect(drawing.root.locator(".wfnb-lastrun progress")).to_have_js_property("value", 0.42)
    expect(drawing.root.locator(".wfnb-lastrun")).to_contain_text("2 attempts")


def test_where_there_is_little_room_it_lies_over_the_drawing_and_is_closed(open_canvas: Open, page: Page) -> None:
    drawing = open_canvas(width=720)
    inspector = drawing.root.locator(".wfnb-inspector")
    expect(inspector).to_have_count(0)
    drawing.select("page")
    page.keyboard.press("Enter")
    expect(field(drawing, "id")).to_be_focused()
    page.keyboard.press("Escape")
    expect(inspector).to_have_count(0)
    expect(drawing.canvas).to_be_focused()
    expect(drawing.card("page")).to_have_class(re.compile("wfnb-selected"))
    page.keyboard.press("Enter")
    drawing.press("close-inspector")
    expect(inspector).to_have_count(0)
    assert kept(page, "nodes.length") == 7  # what closes deletes nothing
    drawing.select("dropped")  # at the right end, under where it opens
    page.keyboard.press("Enter")
    page.wait_for_function(
        """() => {
            const [card, pane] = ['.wfnb-card[data-id="dropped"]', '.wfnb-inspector'].map(
                one => document.querySelector(one).getBoundingClientRect());
            return card.right < pane.left;
        }"""
    )
    drawing.canvas.focus()
    page.keyboard.press("Escape")
    expect(inspector).to_have_count(0)
    expect(drawing.card("dropped")).to_have_class(re.compile("wfnb-selected"))


def test_it_is_there_again_where_it_was_open_before(open_canvas: Open, page: Page) -> None:
    drawing = open_canvas(width=720)
    inspector = drawing.root.locator(".wfnb-inspector")
    drawing.select("page")
    page.keyboard.press("Enter")
    expect(field(drawing, "id")).to_be_focused()
    drawing.canvas.focus()
    # As JupyterLab does while it changes the theme.
    for width, tight in ((1280, False), (720, True)):
        page.set_viewport_size({"width": width, "height": 700})
        expect(drawing.root.and_(page.locator(".wfnb-tight"))).to_have_count(int(tight))
    page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    expect(inspector).to_have_count(1)
    page.keyboard.press("Escape")
    expect(inspector).to_have_count(0)


def test_who_types_in_it_goes_on_where_it_gets_narrow(open_canvas: Open, page: Page) -> None:
    drawing = open_canvas()
    drawing.select("page")
    url = field(drawing, "arguments.url")
    url.fill("=input.url + '/a'")
    page.set_viewport_size({"width": 720, "height": 700})
    expect(drawing.root).to_have_class(re.compile("wfnb-tight"))
    expect(url).to_be_focused()
    expect(url).to_have_value("=input.url + '/a'")
    # Whatever takes it away, what was typed is what counts.
    drawing.root.locator('[data-action="inspector"]').evaluate("button => button.click()")
    expect(url).to_have_count(0)
    page.wait_for_function("keeper.document.nodes.some(node => node.arguments?.url === \"=input.url + '/a'\")")


def test_another_form_begins_at_its_top(open_canvas: Open, page: Page) -> None:
    drawing = open_canvas()
    drawing.select("page")
    inspector = drawing.root.locator(".wfnb-inspector")
    inspector.evaluate("pane => void (pane.scrollTop = pane.scrollHeight)")
    assert inspector.evaluate("pane => pane.scrollTop") > 0
    drawing.select("mark")
    expect(field(drawing, "id")).to_have_value("mark")
    assert inspector.evaluate("pane => pane.scrollTop") == 0
    page.keyboard.press("F2")
    expect(field(drawing, "id")).to_be_in_viewport()
