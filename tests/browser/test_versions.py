"""An earlier version of a file is compared with the drawing, on the canvas, by mouse and by keyboard."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import expect

from tests.browser.drawing import Drawing
from tests.tools.front import Front

SHOW = """\
import wfnb as wf
@wf.activity
def fetch(url: str) -> str: return url
@wf.activity
def score(text: str) -> int: return len(text)
flow = wf.flow("versions")
page, mark, gate = flow.task("page", fetch, url="a"), flow.task("mark", score, text="=page"), flow.choice("gate")
flow.start >> page >> mark >> gate
gate.when("mark > 3") >> flow.end("kept")
gate.otherwise() >> flow.end("dropped")
flow.layout({"start": (60, 160), "page": (220, 160), "mark": (440, 160), "gate": (620, 160),
             "kept": (800, 100), "dropped": (800, 240)})
wf.save(flow, "versions.wf.json")
pad = wf.design("versions.wf.json")
pad"""
CHANGE = """\
from wfnb.author.edits import AddEdge, AddNode, Move, RemoveEdge, RemoveNode, SetNode
from wfnb.model.workflow import Edge, End, Task
document = pad.document
_ = document.apply([AddNode(node=End("late"))])
pad._keeper.save()
_ = document.apply([
    SetNode(id="page", node=Task("page", activity="fetch", arguments={"url": "b"})),
    RemoveEdge(edge=Edge(source="gate", target="dropped", otherwise=True)), RemoveNode(id="dropped"),
    AddNode(node=Task("again", activity="score", arguments={"text": "=page"}), position=(620, 260)),
    AddEdge(edge=Edge(source="gate", target="again", otherwise=True)),
    AddEdge(edge=Edge(source="again", target="late")), Move(positions={"kept": (820, 60)})])
pad._keeper.save()"""


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_version_is_compared_on_the_canvas(lab: Front, artifacts: Path, theme: Literal["light", "dark"]) -> None:
    notebook = lab.open_notebook([SHOW, CHANGE])
    lab.theme(theme)
    notebook.run(0)
    notebook.run(1)
    page, drawing = lab.page, Drawing(notebook.output(0)).ready()
    expect(drawing.root.locator("[data-saving=saved]")).to_be_visible()
    drawing.press("revisions")
    rows = drawing.root.locator(".wfnb-revisions ol > li")
    expect(rows).to_have_count(3)
    expect(rows.first.locator("[data-fate=moved]")).to_have_text("\N{RIGHTWARDS ARROW} moved end kept")
    rows.last.locator("[data-action=compare-revision]").click()
    shown = drawing.root.locator(".wfnb-versions")
    for node, fate in {
        "page": "changed", "dropped": "removed", "again": "added", "late": "added", "kept": "moved"
    }.items():  # fmt: skip
        card = shown.locator(f'.wfnb-card[data-id="{node}"]')
        expect(card.locator(f".wfnb-flag-{fate}")).to_have_attribute("title", fate)
    expect(shown.locator('.wfnb-card[data-id="mark"] .wfnb-flag')).to_have_count(0)
    expect(shown.locator(".wfnb-count").filter(has_text="\N{MINUS SIGN}")).to_have_count(1)
    expect(shown.locator(".wfnb-legend")).to_contain_text("\N{MINUS SIGN} 2 removed")
    # The sign of an edge that begins under a node's caption leaves that to be read.
    lies_over = """shown => {
        const at = selector => [...shown.querySelectorAll(selector)].map(one => one.getBoundingClientRect());
        const [caption] = at('.wfnb-card[data-id="gate"] .wfnb-title');
        return at('.wfnb-count').some(mark => mark.left < caption.right && caption.left < mark.right
            && mark.top < caption.bottom && caption.top < mark.bottom);
    }"""
    assert shown.evaluate(lies_over) is False
    drawing.root.screenshot(path=artifacts / f"compared-{theme}.png")
    # The list leads to what it names; what is drawn meanwhile is compared, too.
    shown.get_by_role("button", name="+ added task again").press("Enter")
    expect(shown.locator('.wfnb-card[data-id="again"]')).to_have_class(re.compile("wfnb-selected"))
    notebook.python("bool(pad.flow.end('later'))")
    expect(shown.locator('[data-list="differences"]')).to_contain_text("+ added end later")
    page.keyboard.press("Escape")
    expect(shown).to_have_count(0)
    expect(drawing.card("dropped")).to_have_count(0)
    expect(drawing.card("again")).to_be_visible()
    assert lab.errors == []


def test_a_version_is_compared_and_gone_back_to_by_keyboard(lab: Front) -> None:
    notebook = lab.open_notebook([SHOW, CHANGE])
    notebook.run(0)
    notebook.run(1)
    page, drawing = lab.page, Drawing(notebook.output(0)).ready()
    drawing.root.locator("[data-action=revisions]").focus()
    page.keyboard.press("Enter")
    rows = drawing.root.locator(".wfnb-revisions ol > li")
    expect(rows).to_have_count(3)
    wanted = rows.last.locator("[data-action=compare-revision]")
    for _ in range(12):
        if wanted.evaluate("button => button === document.activeElement"):
            break
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(drawing.root.locator("[data-action=leave-comparison]")).to_be_focused()
    page.keyboard.press("Tab")
    expect(drawing.root.locator(".wfnb-versions [data-action=restore]")).to_be_focused()
    page.keyboard.press("Enter")
    expect(drawing.root.locator(".wfnb-versions")).to_have_count(0)
    assert notebook.python("sorted(node.id for node in pad.workflow.nodes)") == [
        "dropped", "gate", "kept", "mark", "page", "start",
    ]  # fmt: skip
    assert lab.errors == []
