"""The two doors of the canvas stand open: JupyterLab knows the extension, and a cell shows a widget."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import expect

from tests.tools.front import Front
from wfnb import __version__

REGISTRY = "globalThis[Symbol.for('wfnb')]"

SHOW = """\
from wfnb.widgets.module import CanvasWidget
asked = []
canvas = CanvasWidget()
canvas.on_msg(lambda widget, content, buffers: asked.append(content))
canvas"""


def test_lab_lists_the_extension_as_enabled(lab: Front) -> None:
    lab.open()
    plugins = lab.page.evaluate("() => globalThis.jupyterapp.listPlugins()")
    assert "wfnb:cells" in plugins
    assert lab.page.evaluate("() => globalThis.jupyterapp.isPluginActivated('wfnb:cells')")
    config = json.loads(lab.page.locator("#jupyter-config-data").inner_text())
    assert "wfnb" in [extension["name"] for extension in config["federated_extensions"]]
    assert lab.errors == []


@pytest.mark.parametrize("source", ["labextension", "kernel"])
def test_a_widget_shows_the_canvas(front: Front, source: str) -> None:
    notebook = front.open_notebook([SHOW])
    assert front.page.evaluate(f"() => [...{REGISTRY}.keys()]") == [__version__]
    if source == "kernel":
        front.page.evaluate(f"() => {REGISTRY}.clear()")
    notebook.run(0)
    expect(notebook.output(0).locator(".wfnb-root")).to_be_visible()
    files = notebook.python("[content['name'] for content in asked if content.get('wfnb') == 'file']")
    assert files == (["widget.js"] if source == "kernel" else [])
    assert front.errors == []


def test_the_bundle_is_never_a_synced_trait(lab: Front) -> None:
    notebook = lab.open_notebook([SHOW])
    notebook.run(0)
    assert notebook.python("len(__import__('json').dumps(canvas.get_state()))") < 4_000


def test_the_theme_switches(lab: Front) -> None:
    lab.open()
    for theme in ("dark", "light"):
        lab.theme(theme)
        assert lab.page.locator("body").get_attribute("data-jp-theme-light") == str(theme == "light").lower()


def test_a_document_opens_in_the_designer(lab: Front) -> None:
    lab.open()
    lab.command("wfnb:new-workflow", cwd="")
    expect(lab.page.locator(".wfnb-document .wfnb-root")).to_be_visible()
    (file,) = lab.server.root.glob("*.wf.json")
    assert [node["id"] for node in json.loads(file.read_text())["nodes"]] == ["start", "end"]
    assert lab.errors == []


def test_the_launcher_offers_a_workflow(lab: Front) -> None:
    lab.open()
    card = lab.page.locator(".jp-LauncherCard", has_text="Workflow")
    expect(card).to_be_visible()
    card.click()
    expect(lab.page.locator(".wfnb-document .wfnb-root")).to_be_visible()
