"""The designer in JupyterLab: its commands, keys that the settings change, the palette, the toolbar, the status bar."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.drawing import Drawing
from tests.tools.front import Front

DOCUMENT = {
    "wfnb": 1,
    "name": "greet",
    "nodes": [
        {"kind": "start", "id": "start"},
        {"kind": "task", "id": "hello", "activity": "greet"},
        {"kind": "end", "id": "end"},
    ],
    "edges": [{"source": "start", "target": "hello"}, {"source": "hello", "target": "end"}],
    "layout": {"start": [80, 200], "hello": [300, 200], "end": [520, 200]},
}


@pytest.fixture
def opened(lab: Front) -> Drawing:
    return open_document(lab)


def open_document(front: Front) -> Drawing:
    (front.server.root / "greet.wf.json").write_text(json.dumps(DOCUMENT))
    front.open("greet.wf.json")
    return Drawing(front.page.locator(".wfnb-document")).ready()


def set_shortcuts(front: Front, *shortcuts: dict[str, Any]) -> None:
    """What a person writes into the settings of the keyboard shortcuts."""
    plugin = "@jupyterlab/shortcuts-extension:shortcuts"
    front.page.evaluate(
        "([id, raw]) => globalThis.jupyterapp.serviceManager.settings.save(id, raw)",
        [plugin, json.dumps({"shortcuts": shortcuts})],
    )


def labels(front: Front) -> list[str]:
    """The commands of ours that the palette has now."""
    front.command("apputils:activate-command-palette")
    expect(front.page.locator("#command-palette")).to_be_visible()
    items = front.page.locator('#command-palette [data-command^="wfnb:"] .lm-CommandPalette-itemLabel')
    return items.all_inner_texts()


def test_the_commands_of_the_canvas_are_in_the_palette_while_a_designer_is_current(lab: Front) -> None:
    lab.open()
    assert labels(lab) == ["New Workflow", "Workflow runs"]
    drawing = open_document(lab)
    found = labels(lab)
    assert {"Undo", "Group", "Run", "Fit all of it", "Align left"} <= set(found)
    assert "Go along the edges" not in found
    lab.page.keyboard.press("Escape")
    drawing.select("hello")
    lab.command("apputils:activate-command-palette")
    box = lab.page.locator("#command-palette .lm-CommandPalette-input")
    box.fill("Delete and reconnect")
    expect(lab.page.locator('#command-palette [data-command="wfnb:heal"]')).to_be_visible()
    box.press("Enter")
    expect(drawing.root.locator("[data-outline=nodes] li")).to_have_count(2)
    assert drawing.edges() == [("start", "end")]
    expect(drawing.canvas).to_be_focused()
    assert lab.errors == []


def test_a_key_is_answered_once_and_only_where_the_drawing_has_the_keyboard(lab: Front) -> None:
    drawing = open_document(lab)
    drawing.select("hello")
    lab.page.keyboard.press("Control+d")
    expect(drawing.root.locator("[data-outline=nodes] li")).to_have_count(4)
    lab.page.keyboard.press("Control+z")
    expect(drawing.root.locator("[data-outline=nodes] li")).to_have_count(3)
    assert drawing.edges() == [("start", "hello"), ("hello", "end")]
    drawing.select("hello")
    field = drawing.root.locator('.wfnb-inspector [data-field="label"]')
    field.fill("g")
    field.press("g")
    field.press("Delete")
    assert len(drawing.nodes()) == 3
    assert lab.errors == []


def test_keys_are_what_the_settings_say(lab: Front) -> None:
    drawing = open_document(lab)
    canvas = ".wfnb-designer .wfnb-canvas:focus"
    set_shortcuts(
        lab,
        {"command": "wfnb:duplicate", "keys": ["Accel D"], "selector": canvas, "disabled": True},
        {"command": "wfnb:duplicate", "keys": ["Accel Shift Y"], "selector": canvas},
        {"command": "wfnb:travel", "keys": ["H"], "selector": canvas, "args": {"chord": "ArrowLeft"}},
    )
    try:
        lab.page.reload()
        drawing = Drawing(lab.page.locator(".wfnb-document")).ready()
        drawing.select("hello")
        lab.page.keyboard.press("h")
        expect(drawing.root.locator('.wfnb-card[data-id="start"]')).to_have_class(re.compile("wfnb-selected"))
        drawing.select("hello")
        lab.page.keyboard.press("Control+d")
        lab.page.keyboard.press("Control+Shift+Y")
        expect(drawing.root.locator("[data-outline=nodes] li")).to_have_count(4)
        drawing.canvas.focus()
        lab.page.keyboard.press("?")
        keys = drawing.root.locator(".wfnb-shortcuts dl > div", has_text="Duplicate")
        expect(keys.locator("kbd")).to_have_text(["Ctrl+Shift+Y"])
    finally:
        set_shortcuts(lab)
    assert lab.errors == []


def test_the_status_bar_says_how_the_designer_stands_and_leads_to_the_problems(lab: Front) -> None:
    drawing = open_document(lab)
    item = lab.page.locator("#jp-main-statusbar .wfnb-standing")
    expect(item).to_contain_text("Saved · greet.wf.json")
    expect(item).to_contain_text(re.compile(r"\d+ problems?"), timeout=60_000)
    drawing.drop(0.5, 0.8, kind="choice")
    item.locator("button").click()
    expect(drawing.root.locator(".wfnb-footer li").first).to_be_visible()
    lab.command("launcher:create")
    expect(item).to_be_hidden()
    assert lab.errors == []


def test_a_workflow_is_saved_once_it_rests(lab: Front) -> None:
    drawing = open_document(lab)
    made = drawing.drop(0.5, 0.8, kind="choice")
    expect(drawing.root.locator(".wfnb-state")).to_contain_text("Saved · greet.wf.json", timeout=30_000)
    saved = json.loads((lab.server.root / "greet.wf.json").read_text())
    assert saved["nodes"][-1]["id"] == made


def test_the_toolbar_of_a_document_gives_commands(lab: Front) -> None:
    drawing = open_document(lab)
    bar = lab.page.locator(".jp-DocumentWidget .jp-Toolbar, .jp-Document .jp-Toolbar").first
    expect(bar.locator('[data-jp-item-name="kernelName"]')).to_be_visible()
    cut = bar.locator('[data-jp-item-name="cut"] jp-button')
    expect(cut).to_have_attribute("aria-disabled", "true")
    drawing.select("hello")
    expect(cut).not_to_have_attribute("aria-disabled", "true")
    bar.locator('[data-jp-item-name="add"] jp-button').click()
    expect(drawing.root.get_by_role("combobox", name="Add a node")).to_be_focused()
    lab.page.keyboard.insert_text("choice")
    lab.page.keyboard.press("Enter")
    expect(drawing.root.locator("[data-outline=nodes] li")).to_have_count(4)
    assert lab.errors == []


def test_the_file_menu_begins_a_workflow(front: Front) -> None:
    front.open()
    front.page.get_by_role("menuitem", name="File", exact=True).click()
    front.page.locator('.lm-Menu-item[data-type="submenu"]', has_text=re.compile("^New$")).hover()
    entry = front.page.locator('.lm-Menu-item[data-command="wfnb:new-workflow"]')
    expect(entry).to_be_visible()
    assert front.errors == []
