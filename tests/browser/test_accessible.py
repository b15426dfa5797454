"""Without a mouse and without eyes: panes by keyboard, an outline to walk and edit, and no violation that axe finds."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Literal

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.canvas import EXTENSION, Open, shows
from tests.browser.drawing import Drawing

AXE = EXTENSION / "node_modules" / "axe-core" / "axe.min.js"
# All that it knows, best practices too; not what the page around the canvas would have to have.
RULES = """async () => {
    const rules = Object.fromEntries(
        ['landmark-one-main', 'page-has-heading-one'].map(id => [id, { enabled: false }])
    );
    const { violations } = await axe.run(document, { resultTypes: ['violations'], rules });
    return violations
        .flatMap(({ id, nodes }) =>
            nodes.map(node => `${id}: ${node.html.slice(0, 200)} ${node.any.map(one => one.message)}`)
        );
}"""
PANE = """() => {
    const panes = '.wfnb-toolbar,.wfnb-palette,.wfnb-canvas,.wfnb-inspector,.wfnb-footer,.wfnb-outline';
    return document.activeElement.closest(panes)?.className.split(' ')[0] ?? '';
}"""


STAND_OUT = """() => {
    const pen = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
    const rgba = css => {
        pen.clearRect(0, 0, 1, 1);
        pen.fillStyle = css;
        pen.fillRect(0, 0, 1, 1);
        return [...pen.getImageData(0, 0, 1, 1).data].map((part, i) => (i < 3 ? part : part / 255));
    };
    const over = ([r, g, b, a], below) => [r, g, b].map((part, i) => part * a + below[i] * (1 - a));
    const light = colour => {
        const [r, g, b] = colour.map(part => {
            const c = part / 255;
            return c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
        });
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const root = document.querySelector('.wfnb-root');
    const canvas = rgba(getComputedStyle(root.querySelector('.wfnb-canvas')).backgroundColor).slice(0, 3);
    const found = [];
    for (const card of root.querySelectorAll('.wfnb-card')) {
        const shape = rgba(getComputedStyle(card.querySelector('.wfnb-shape')).backgroundColor);
        const body = over(shape, canvas);
        for (const part of card.querySelectorAll('.wfnb-title,.wfnb-subtitle,.wfnb-foot,.wfnb-mark,.wfnb-badge')) {
            if (!part.checkVisibility() || !(part.childNodes.length || part.matches('.wfnb-mark'))) continue;
            const style = getComputedStyle(part);
            const outside = part.matches('.wfnb-foot') || !card.matches('.wfnb-form-card,.wfnb-form-pill');
            const below = over(rgba(style.backgroundColor), outside ? canvas : body);
            const [a, b] = [light(over(rgba(style.color), below)), light(below)].sort((x, y) => y - x);
            const ratio = (a + 0.05) / (b + 0.05);
            const least = part.matches('.wfnb-mark,.wfnb-badge') ? 3 : 4.5;
            found.push([card.dataset.id, part.className, Math.round(100 * ratio) / 100, least]);
        }
    }
    return found;
}"""


@pytest.mark.parametrize("theme", ["", "dark"])
def test_words_and_marks_stand_out_in_every_state(open_canvas: Open, page: Page, theme: str) -> None:
    drawing = open_canvas(theme)
    parts = set()
    for state in ("", "ready", "running", "retrying", "waiting", "completed", "failed", "cancelled"):
        if state:
            page.evaluate(f"keeper.status('running', {{ page: '{state}', mark: '{state}', gate: '{state}' }})")
            drawing.expect_states({"page": state})
            expect(drawing.card("page")).to_have_class(re.compile(f"wfnb-is-{state}"))
        measured = page.evaluate(STAND_OUT)
        assert [(state, *one) for one in measured if one[2] < one[3]] == []
        parts |= {name for _, name, *_ in measured}
    assert {"wfnb-title", "wfnb-subtitle", "wfnb-foot", "wfnb-mark"} <= parts


@pytest.fixture
def axe() -> Callable[[Page], list[str]]:
    """Gives what axe finds on a page."""
    if not AXE.exists():
        pytest.skip("the extension's packages are not installed")
    source = AXE.read_text()

    def violations(page: Page) -> list[str]:
        if not page.evaluate("() => 'axe' in window"):
            page.evaluate(source)
        found: list[str] = page.evaluate(RULES) + page.evaluate(SMALL)
        return found

    return violations


def open_state(drawing: Drawing, page: Page, state: str) -> Locator:
    """Bring the designer into one of its states, and give what must be seen then."""
    drawing.canvas.focus()
    keys = {"add": "Tab", "find": "Control+f", "commands": "Control+k", "keys": "?", "menu": "m"}
    if state in keys:
        page.keyboard.press(keys[state])
        return drawing.root.locator(".wfnb-picker, .wfnb-shortcuts, .wfnb-menu").first
    if state == "outline":
        page.keyboard.press("F6")
        while page.evaluate(PANE) != "wfnb-outline":
            page.keyboard.press("F6")
        return drawing.root.locator(".wfnb-outline")
    if state == "problems":
        page.evaluate("""keeper.edit({ edits: Array.from({ length: 20 }, (_, i) => (
            { op: 'add_node', node: { kind: 'task', id: `t${i}`, activity: `nowhere ${i}` } })) })""")
        shows(drawing, 27)
        drawing.root.locator(".wfnb-summary").click()
        return drawing.root.locator(".wfnb-findings")
    if state == "python":
        drawing.root.get_by_role("button", name="Python").or_(drawing.root.get_by_role("tab", name="Python")).click()
        return drawing.root.locator(".wfnb-source")
    if state == "run":
        drawing.press("run")
        return drawing.root.locator("form.wfnb-popover")
    drawing.select("mark")
    return drawing.root.locator('.wfnb-inspector [data-field="arguments.text"]')


SMALL = """() => {
    const targets = ':is(button,input,select,summary,[role=option],[role=slider])';
    return [...document.querySelectorAll(`.wfnb-root ${targets}`)]
        .filter(one => one.checkVisibility() && !one.closest('.wfnb-outline:not(:focus-within)'))
        .map(one => (one.matches('[type=checkbox]') ? one.closest('label') : one))
        .filter(one => Math.min(one.offsetWidth, one.offsetHeight) < 24)
        .map(one => `small: ${one.outerHTML.slice(0, 160)}`);
}"""
STATES = ["inspector", "add", "menu", "find", "commands", "keys", "outline", "problems", "run", "python"]


@pytest.mark.timeout(240)
@pytest.mark.parametrize("theme", ["", "dark"])
def test_axe_finds_nothing(open_canvas: Open, page: Page, axe: Callable[[Page], list[str]], theme: str) -> None:
    found = {}
    for state in STATES:
        drawing = open_canvas(theme)
        expect(open_state(drawing, page, state)).to_be_visible()
        found[state] = axe(page)
    drawing = open_canvas(f"whole&{theme}")
    drawing.run(orders="[1]", when="now")
    expect(drawing.root.locator('[data-approval="review"]')).to_be_visible()
    found["approval"] = axe(page)
    view = open_canvas(f"run=5&{theme}")
    expect(view.root.locator(".wfnb-toolbar")).to_be_visible()
    found["run view"] = axe(page)
    assert {state: what for state, what in found.items() if what} == {}


def test_the_keyboard_goes_round_the_panes(open_canvas: Open, page: Page) -> None:
    drawing = open_canvas()
    drawing.canvas.focus()
    seen = []
    for _ in range(6):
        page.keyboard.press("F6")
        seen.append(page.evaluate(PANE))
    assert seen == [
        "wfnb-inspector",
        "wfnb-footer",
        "wfnb-outline",
        "wfnb-toolbar",
        "wfnb-palette",
        "wfnb-canvas",
    ]
    for pane in ["wfnb-palette", "wfnb-toolbar", "wfnb-outline", "wfnb-footer", "wfnb-inspector", "wfnb-canvas"]:
        page.keyboard.press("Shift+F6")
        assert page.evaluate(PANE) == pane


def test_the_keyboard_comes_back_from_what_is_closed(open_canvas: Open, page: Page) -> None:
    drawing = open_canvas()
    run = drawing.root.locator('[data-action="run"]')
    run.focus()
    page.keyboard.press("Enter")
    expect(drawing.root.locator("[data-input=url]")).to_be_focused()
    page.keyboard.press("Escape")
    expect(run).to_be_focused()
    drawing.canvas.focus()
    for key in ("Tab", "Control+f", "Control+k", "?"):
        page.keyboard.press(key)
        expect(drawing.canvas).not_to_be_focused()
        page.keyboard.press("Escape")
        expect(drawing.canvas).to_be_focused()


def test_what_has_the_keyboard_goes_away_and_the_drawing_has_it(open_canvas: Open, page: Page) -> None:
    drawing = open_canvas()
    drawing.select("page")
    drawing.root.locator('.wfnb-inspector [data-action="delete"]').focus()
    page.keyboard.press("Enter")
    shows(drawing, 6)
    expect(drawing.canvas).to_be_focused()


def test_who_presses_by_mouse_goes_on_drawing(open_canvas: Open, page: Page) -> None:
    drawing = open_canvas()
    drawing.select("page")
    for where in ("fit", "palette", "text"):
        page.keyboard.press("Alt+ArrowDown")
        page.wait_for_function("keeper.document.layout?.page")
        if where == "fit":
            drawing.press("fit")
            expect(drawing.canvas).to_be_focused()
        elif where == "palette":
            drawing.root.locator(".wfnb-entry").first.click()
            expect(drawing.canvas).not_to_be_focused()
        else:
            drawing.root.locator(".wfnb-inspector .wfnb-hint").first.click(click_count=2)
        page.keyboard.press("Control+z")
        page.wait_for_function("!keeper.document.layout?.page")
        if where == "palette":
            drawing.canvas.focus()
    # Text that is selected in a panel is copied until the drawing has the keyboard.
    drawing.select("page")
    page.keyboard.press("Control+c")
    page.keyboard.press("Control+v")
    shows(drawing, 8)
    page.keyboard.press("Control+z")
    shows(drawing, 7)


def test_the_outline_is_walked_and_edited(open_canvas: Open, page: Page) -> None:
    drawing = open_canvas()
    line = drawing.root.locator('[data-outline=nodes] li[data-node="page"] button')
    open_state(drawing, page, "outline")
    page.keyboard.press("ArrowDown")
    expect(line).to_be_focused()
    expect(line).to_have_text("page, Task, not started")
    page.keyboard.press("F2")
    expect(line).to_have_attribute("aria-current", "true")
    expect(drawing.root.locator("[data-outline] [aria-current=true]")).to_have_count(1)
    expect(drawing.root.get_by_role("textbox", name="Name", exact=True)).to_be_focused()
    name = drawing.root.locator('.wfnb-inspector [data-field="id"]')
    expect(name).to_be_focused()
    page.keyboard.type("sheet")
    page.keyboard.press("Enter")
    page.wait_for_function("keeper.document.nodes.some(node => node.id === 'sheet')")
    page.keyboard.press("F6")
    while page.evaluate(PANE) != "wfnb-outline":
        page.keyboard.press("F6")
    for _ in range(4):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Delete")
    shows(drawing, 6)
    assert page.evaluate(PANE) == "wfnb-outline"
    page.keyboard.press("Escape")
    expect(drawing.canvas).to_be_focused()


def test_what_happens_is_announced(open_canvas: Open, page: Page) -> None:
    drawing = open_canvas()
    expect(drawing.root.locator("[data-announced=problems]")).to_have_text("No problems")
    page.evaluate("keeper.status('failed', { page: 'failed' })")
    announced = drawing.root.locator("[data-announced=run]")
    expect(announced).to_have_text("Run failed, page failed")
    assert announced.get_attribute("role") == "status"


def test_what_is_done_is_announced_once_it_rests(open_canvas: Open, page: Page) -> None:
    drawing = open_canvas()
    edits = drawing.root.locator("[data-announced=edits]")
    drawing.select("page")
    for _ in range(3):
        page.keyboard.press("Alt+ArrowDown")
    expect(edits).to_have_text("Done: move 1 node")
    page.keyboard.press("Control+z")
    expect(edits).to_have_text("Undone: move 1 node")
    page.keyboard.press("e")
    expect(drawing.root.locator("[data-announced=aim]")).to_contain_text("Edge from page to")
    page.keyboard.press("Escape")
    described = drawing.canvas.get_attribute("aria-describedby") or ""
    assert "page, Task" in page.locator(f"#{described.split()[0]}").inner_text()
    view = open_canvas("run=5")
    view.canvas.focus()
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    expect(view.root.locator("[data-announced=moment]")).to_have_text("event 1 of 10, TaskStarted, task_0")


def test_bars_and_tabs_are_walked_with_arrows_and_are_one_stop(open_canvas: Open, page: Page) -> None:
    drawing = open_canvas()
    drawing.root.locator('[data-action="undo"]').focus()  # one that can not be pressed now is found, too
    page.keyboard.press("ArrowRight")
    expect(drawing.root.locator('[data-action="redo"]')).to_be_focused()
    page.keyboard.press("End")
    expect(drawing.root.locator('[data-action="run"]')).to_be_focused()
    page.keyboard.press("Shift+Tab")
    assert page.evaluate(PANE) != "wfnb-toolbar"
    drawing.root.locator('[data-action="fit"]').focus()
    page.keyboard.press("Tab")
    assert page.evaluate(PANE) == "wfnb-palette"
    view = open_canvas("run=5")
    view.root.locator('[data-tab="graph"]').focus()
    page.keyboard.press("ArrowRight")
    expect(view.root.locator('[data-tab="tasks"]')).to_be_focused()
    view.root.locator('[data-table="tasks"]').press("ArrowUp")
    chosen = view.root.locator('[data-table="tasks"]').get_attribute("aria-activedescendant")
    expect(view.root.locator(f"[id='{chosen}']")).to_have_attribute("aria-selected", "true")


def test_a_field_says_its_type_and_what_is_wrong(open_canvas: Open, page: Page) -> None:
    drawing = open_canvas()
    drawing.select("mark")
    expect(drawing.root.locator('[data-field="arguments.text"]')).to_have_accessible_description("str")
    timeout = drawing.root.locator('[data-field="timeout"]')
    timeout.fill("never")
    expect(timeout).to_have_accessible_description(re.compile("number|second", re.IGNORECASE))
    # What is opened from somewhere gives the keyboard back to there.
    page.keyboard.press("Control+k")
    expect(timeout).not_to_be_focused()
    page.keyboard.press("Escape")
    expect(timeout).to_be_focused()


PAINTED = """() => {
    const paper = document.querySelector('.wfnb-picture');
    const { width, height } = paper;
    const pen = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
    pen.drawImage(paper, 0, 0);
    const { data } = pen.getImageData(0, 0, width, height);
    const light = i => data[i] + data[i + 1] + data[i + 2];
    const probe = document.createElement('i');
    probe.style.cssText = 'color:Canvas;forced-color-adjust:none';
    document.body.append(probe);
    const ground = getComputedStyle(probe).color.match(/\\d+/g).slice(0, 3).map(Number).join();
    let lines = 0;
    for (let i = 0; i < data.length; i += 4) if (data[i + 3] && Math.abs(light(i) - light(0)) > 600) lines++;
    return { ground, painted: [...data.slice(0, 3)].join(), lines: lines > 500 };
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_contrast_theme_of_the_system_holds(open_canvas: Open, page: Page, scheme: Literal["light", "dark"]) -> None:
    page.emulate_media(forced_colors="active", color_scheme=scheme)
    open_canvas()
    painted = page.evaluate(PAINTED)
    assert painted["painted"] == painted["ground"]
    assert painted["lines"]
    page.emulate_media(forced_colors="none")
    page.wait_for_function(f"({PAINTED})().lines === false")


def test_nothing_moves_where_people_want_it_still(open_canvas: Open, page: Page) -> None:
    page.emulate_media(reduced_motion="reduce")
    drawing = open_canvas()
    page.evaluate("""new MutationObserver(changes => globalThis.walked = [
        ...globalThis.walked ?? [], ...changes.flatMap(({ addedNodes }) => [...addedNodes])
            .filter(one => one.matches?.('.wfnb-token'))
    ]).observe(document.querySelector('.wfnb-canvas'), { childList: true, subtree: true })""")
    page.evaluate("keeper.status('running', { page: 'running' })")
    drawing.expect_states({"page": "running"})
    assert page.evaluate("globalThis.walked ?? []") == []
    moving = "() => document.getAnimations().filter(one => one.playState === 'running').length"
    assert page.evaluate(moving) == 0
    page.emulate_media(reduced_motion="no-preference")
    page.wait_for_function(f"({moving})() > 0")
    # A token goes along an edge as the run takes it, and away at its end.
    page.evaluate("keeper.tell({ type: 'status', run: 'r1', state: 'running', nodes: {}, edges: { 1: 1 } })")
    page.wait_for_function("globalThis.walked?.length === 1 && !walked[0].isConnected")
