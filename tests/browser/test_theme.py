"""The canvas while its page changes the theme: JupyterLab hides all of itself meanwhile, and a run goes on."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.canvas import Open

FRAMES = """count => new Promise(done => {
    const next = left => left ? requestAnimationFrame(() => next(left - 1)) : done();
    next(count);
})"""
CHANGE = """([theme, state]) => {
    document.body.dataset.jpThemeLight = String(theme === 'light');
    keeper.status('running', { open: 'completed', review: state });
}"""
PAINTED = """root => {
    const canvas = root.querySelector('.wfnb-picture');
    const { width, height } = canvas;
    let points = [];
    if (width && height) {
        const copy = document.createElement('canvas');
        [copy.width, copy.height] = [width, height];
        const pen = copy.getContext('2d', { willReadFrequently: true });
        pen.drawImage(canvas, 0, 0);
        points = pen.getImageData(0, 0, width, height).data;
    }
    const kinds = new Set(new Uint32Array(points.buffer ?? [])).size;
    return { cards: root.querySelectorAll('.wfnb-card').length, edges: kinds > 9 };
}"""


def painted(page: Page) -> Any:
    """How many cards there are, and whether anything is painted where the edges are."""
    return page.locator(".wfnb-root").evaluate(PAINTED)


def test_a_drawing_stays_while_its_page_is_hidden_for_a_change_of_theme(open_canvas: Open, page: Page) -> None:
    drawing = open_canvas("whole")
    page.evaluate(CHANGE, ["light", "waiting"])
    drawing.expect_states({"review": "waiting"})
    shown = painted(page)
    assert shown["cards"] > 10
    assert shown["edges"]
    host = drawing.root.locator("..")
    for round in range(6):
        host.evaluate("host => void (host.style.display = 'none')")
        page.evaluate(CHANGE, ["dark" if round % 2 == 0 else "light", "running"])
        page.evaluate(FRAMES, 3)
        assert painted(page) == shown
        # A cell out of view hears of no change of its size: what is shown now must be there already.
        host.evaluate("host => { host.style.display = ''; host.style.contentVisibility = 'hidden' }")
        page.evaluate(CHANGE, ["dark" if round % 2 == 0 else "light", "waiting"])
        page.evaluate(FRAMES, 3)
        host.evaluate("host => void (host.style.contentVisibility = '')")
        assert painted(page) == shown
    drawing.expect_states({"review": "waiting"})
    expect(drawing.card("review")).to_be_visible()


def test_icons_on_cards_take_the_colours_of_the_theme(open_canvas: Open, page: Page) -> None:
    drawing = open_canvas("whole")
    parts = [drawing.card("review").locator(f".wfnb-{part}") for part in ("glyph", "mark")]
    page.evaluate(CHANGE, ["light", "completed"])
    light = []
    for part in parts:
        expect(part).to_have_css("background-image", re.compile("data:image/svg"))
        light.append(part.evaluate("part => getComputedStyle(part).backgroundImage"))
    page.evaluate(CHANGE, ["dark", "completed"])
    for part, image in zip(parts, light, strict=True):
        expect(part).to_have_css("background-image", re.compile("data:image/svg"))
        expect(part).not_to_have_css("background-image", image)


GROUND = """root => {
    const [r, g, b] = root.querySelector('.wfnb-picture').getContext('2d').getImageData(1, 1, 1, 1).data;
    return `rgb(${r}, ${g}, ${b})`;
}"""


def test_a_view_that_is_drawn_before_it_is_in_the_page_has_the_theme_of_its_place(
    open_canvas: Open, page: Page
) -> None:
    drawing = open_canvas("late&dark")
    expect(drawing.root).to_have_css("display", "grid")  # the style is where the view is: in a shadow root
    expect(drawing.root).to_have_class(re.compile("wfnb-dark"))
    ground = drawing.canvas.evaluate("canvas => getComputedStyle(canvas).backgroundColor")
    assert ground not in ("rgb(255, 255, 255)", "rgb(0, 0, 0)")
    page.wait_for_function(f"root => ({GROUND})(root) === '{ground}'", arg=drawing.root.element_handle())


@pytest.mark.parametrize(
    ("said", "ground"),
    [
        ("document.body.style.background = '#1e1e1e'", "rgb(23, 27, 32)"),
        ("document.documentElement.className = 'dark', document.body.style.color = '#ddd'", "rgb(23, 27, 32)"),
        # VS Code: the colours of its theme, and beside them those which its ipywidgets brings along.
        (
            "document.documentElement.style.cssText = '--vscode-editor-background:#000;--jp-layout-color1:white'",
            "rgb(0, 0, 0)",
        ),
    ],
    ids=["ground", "text", "VS Code"],
)
def test_a_host_that_is_no_jupyterlab_is_judged_by_what_is_seen(
    open_canvas: Open, page: Page, said: str, ground: str
) -> None:
    page.emulate_media(color_scheme="dark")  # what the person's other windows look like does not matter here
    drawing = open_canvas()
    page.evaluate("delete document.body.dataset.jpThemeLight")
    expect(drawing.root).not_to_have_class(re.compile("wfnb-dark"))
    page.evaluate(f"{said}; document.body.dataset.theme = 'said'")
    expect(drawing.root).to_have_class(re.compile("wfnb-dark"))
    expect(drawing.canvas).to_have_css("background-color", ground)


def test_what_a_host_does_to_code_in_its_page_does_not_show_in_the_canvas(open_canvas: Open, page: Page) -> None:
    drawing = open_canvas()
    rules = "<style>code{color:red;background:red;padding:9px;border-radius:9px}</style>"  # as VS Code and Bootstrap do
    page.evaluate("rules => document.head.insertAdjacentHTML('afterbegin', rules)", rules)
    code = drawing.root.locator(".wfnb-entry code").first
    expect(code).to_have_css("padding", "0px")
    expect(code).to_have_css("background-color", "rgba(0, 0, 0, 0)")
    expect(code).not_to_have_css("color", "rgb(255, 0, 0)")
