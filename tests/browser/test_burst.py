"""A run that reports faster than a page paints: all of it is shown, and only what looks different is painted."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.canvas import Open

STATES = ["running", "completed", "failed", "retrying", "waiting"]
BURST = """([states, messages, size]) => {
    const ids = keeper.document.nodes.filter(node => node.kind === 'task').map(node => node.id);
    const card = document.querySelector('.wfnb-card[data-kind=task]');
    globalThis.painted = 0;
    const count = changes => (globalThis.painted += changes.length);
    new MutationObserver(count).observe(card, { attributeFilter: ['class'] });
    globalThis.last = {};
    for (let sent = 0; sent < messages; sent++) {
        const nodes = {};
        for (let i = 0; i < size; i++) {
            nodes[ids[(sent * size + i * 7) % ids.length]] = states[(sent + i) % states.length];
        }
        keeper.status('running', nodes);
        Object.assign(globalThis.last, nodes);
    }
    return ids.length;
}"""
SHOWN = """() => {
    const is = (element, attribute) => element.getAttribute(attribute);
    const cards = [...document.querySelectorAll('.wfnb-card[data-kind=task]')];
    const lines = [...document.querySelectorAll('[data-outline=nodes] li')].filter(line => last[is(line, 'data-node')]);
    return (
        cards.length > 0 && lines.length === Object.keys(last).length &&
        cards.every(card => card.classList.contains(`wfnb-is-${last[is(card, 'data-id')]}`)) &&
        lines.every(line => is(line, 'data-state') === last[is(line, 'data-node')])
    );
}"""
COUNT_LINES = """() => {
    const { prototype } = CanvasRenderingContext2D;
    const dash = prototype.setLineDash;
    globalThis.lines = 0;
    prototype.setLineDash = function (pattern) {
        globalThis.lines++;
        return dash.call(this, pattern);
    };
}"""


def test_ten_thousand_changes_at_once_are_all_shown_and_painted_once(open_canvas: Open, page: Page) -> None:
    drawing = open_canvas("many=200")
    expect(drawing.root.locator('.wfnb-card[data-kind="task"]').first).to_be_visible()
    count = page.evaluate(BURST, [STATES, 200, 50])
    page.wait_for_function(SHOWN)
    assert page.evaluate("Object.keys(last).length") == count
    assert page.evaluate("painted") == 1  # not once a change


def test_lines_are_painted_again_only_where_an_edge_was_taken_first(open_canvas: Open, page: Page) -> None:
    drawing = open_canvas()
    page.evaluate("keeper.status('running', { page: 'running' })")
    expect(drawing.card("page")).to_have_class(re.compile("wfnb-is-running"))
    page.evaluate(COUNT_LINES)
    page.evaluate("keeper.status('running', { page: 'completed', mark: 'running' })")
    expect(drawing.card("mark")).to_have_class(re.compile("wfnb-is-running"))
    assert page.evaluate("lines") == 0
    taken = "edges => keeper.tell({ type: 'status', run: 'r1', state: 'running', started: Date.now(), edges })"
    page.evaluate(taken, {"0": 3})
    expect(drawing.root.locator(".wfnb-count")).to_contain_text("3")
    assert page.evaluate("lines") == 0
    page.evaluate(taken, {"1": 1})
    page.wait_for_function("lines > 0")
