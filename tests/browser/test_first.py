"""The first minutes with an empty drawing: what to do next is said where it is done, with little room too."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.canvas import Open, kept, middle, shows
from tests.browser.drawing import Drawing
from tests.tools.front import Front

FLOW = """\
import wfnb as wf
@wf.activity
async def greet(name: str) -> str:
    return f"Hello {name}"
wf.connect()
pad = wf.design()
pad"""


def box(element: Locator) -> tuple[float, float, float, float]:
    """Left, top, right and bottom."""
    found = element.bounding_box()
    assert found
    return found["x"], found["y"], found["x"] + found["width"], found["y"] + found["height"]


def test_an_empty_drawing_says_what_to_do_until_something_is_connected(open_canvas: Open, page: Page) -> None:
    drawing = open_canvas("empty")
    hint = drawing.root.locator(".wfnb-beginning")
    expect(hint).to_contain_text("Drag an activity")
    pill, footer = drawing.root.locator('[data-action="problems"]'), drawing.root.locator(".wfnb-summary b")
    expect(pill).to_have_text(footer.inner_text())
    made = drawing.drop(0.5, 0.5, activity="fetch")
    expect(hint).to_contain_text("drag from the port")
    drawing.connect("start", made)
    expect(hint).to_have_count(0)
    page.keyboard.press("Control+z")
    expect(hint).to_contain_text("drag from the port")


def test_what_is_carried_is_as_large_as_the_card_that_it_becomes(open_canvas: Open, page: Page) -> None:
    drawing = open_canvas("empty")
    page.mouse.move(*middle(drawing.root.locator('.wfnb-entry[data-activity="score"]')))
    page.mouse.down()
    page.mouse.move(*middle(drawing.canvas), steps=5)
    left, top, right, bottom = box(drawing.root.locator(".wfnb-ghost"))
    page.mouse.up()
    shows(drawing, 3)
    card = box(drawing.card("score"))
    assert right - left == pytest.approx(card[2] - card[0], abs=3)
    assert bottom - top == pytest.approx(card[3] - card[1], abs=3)


def test_an_empty_argument_offers_what_it_can_be(open_canvas: Open, page: Page) -> None:
    drawing = open_canvas("empty")
    made = drawing.drop(0.5, 0.5, activity="fetch")
    url = drawing.root.locator('.wfnb-inspector [data-field="arguments.url"]')
    url.click()
    expect(drawing.root.locator("[data-name]")).to_have_count(1)
    expect(drawing.root.locator('[data-name="=input.url"]')).to_contain_text("new")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(url).to_have_value("=input.url")
    page.keyboard.press("Enter")
    page.wait_for_function(f"keeper.document.nodes.find(node => node.id === '{made}').arguments?.url === '=input.url'")
    expect(drawing.root.locator("[data-name]")).to_have_count(0)
    assert len(kept(page, "nodes")) == 3


def test_what_was_in_view_whole_is_so_beside_its_python(open_canvas: Open, page: Page) -> None:
    drawing = open_canvas(width=1400)
    page.mouse.move(*middle(drawing.card("again")))
    page.mouse.click(*middle(drawing.card("again")))  # from now on nobody's view is moved without need
    drawing.root.locator('[data-mode="python"]').click()
    expect(drawing.root.locator(".wfnb-palette")).to_have_count(0)
    page.wait_for_function(
        """() => {
            const room = document.querySelector('.wfnb-canvas').getBoundingClientRect();
            const cards = [...document.querySelectorAll('.wfnb-card')].map(card => card.getBoundingClientRect());
            return cards.every(card => card.left >= room.left && card.right <= room.right);
        }"""
    )


@pytest.mark.parametrize("width", [465, 620, 900])
def test_no_tool_lies_over_another_or_outside_of_the_bar(open_canvas: Open, width: int) -> None:
    drawing = open_canvas(width=width)
    drawing.press("run")
    drawing.root.locator('[data-input="url"]').fill("x")
    drawing.press("start-run")
    expect(drawing.root.locator("[data-run-state]")).to_be_visible()
    # At one moment: the words of a run that goes on become longer.
    bar, *tools = drawing.root.locator(".wfnb-toolbar, .wfnb-toolbar :is(button, .wfnb-pill)").evaluate_all(
        """all => all.map(each => each.getBoundingClientRect()).filter(at => at.width)
            .map(at => [at.left, at.top, at.right, at.bottom])"""
    )
    for i, (left, top, right, bottom) in enumerate(tools):
        assert bar[0] <= left
        assert right <= bar[2]
        assert top >= bar[1]
        assert bottom <= bar[3]
        for other in tools[:i]:
            apart = right <= other[0] + 1 or other[2] <= left + 1 or bottom <= other[1] + 1 or other[3] <= top + 1
            assert apart, f"{tools[i]} lies over {other}"


def test_what_has_run_leads_to_its_values(lab: Front) -> None:
    notebook = lab.open_notebook([FLOW])
    notebook.run(0)
    drawing = Drawing(notebook.output(0)).ready()
    made = drawing.drop(0.5, 0.5, activity="greet")
    drawing.fill("arguments.name", "=input.name")
    drawing.connect("start", made)
    drawing.connect(made, "end")
    drawing.run(name="you")
    done = drawing.root.get_by_role("button", name=re.compile("Completed"))
    done.click()
    expect(drawing.root.locator(".wfnb-inspector")).to_contain_text('"Hello you"')
    assert lab.errors == []


@pytest.mark.parametrize("width", [720, 830, 960, 1040, 1280])
def test_the_bar_is_one_line_and_a_run_makes_it_no_higher(open_canvas: Open, width: int) -> None:
    drawing = open_canvas(width=width)
    expect(drawing.root.locator(".wfnb-summary")).to_contain_text("proved")  # what the bar leaves out stands there
    run = drawing.root.locator('[data-action="run"]')
    for tool in ("undo", "inspector"):
        assert box(run)[1] == pytest.approx(box(drawing.root.locator(f'[data-action="{tool}"]'))[1], abs=2)
    if width < 800:
        return
    before = middle(drawing.canvas)
    drawing.run(url="x")
    expect(drawing.root.locator("[data-run-state]")).to_be_visible()
    assert middle(drawing.canvas) == before, "nothing moves under the mouse"
