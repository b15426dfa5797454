"""Nothing lost: a kernel killed, a page reloaded, a server restarted, a file changed, each before all is saved."""

from __future__ import annotations

import json
import os
import re
import signal
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.drawing import Drawing
from tests.tools.front import Front, Notebook
from tests.tools.server import serving

NAME = "kept.wf.json"
CELL = f"""\
import wfnb as wf
pad = wf.design("{NAME}")
pad"""
START = {
    "wfnb": 1,
    "name": "kept",
    "nodes": [{"kind": "start", "id": "start"}, {"kind": "end", "id": "end"}],
    "layout": {"start": [80, 200], "end": [520, 200]},
}
CONTENTS = re.compile(r"/api/contents/kept\.wf\.json")

pytestmark = pytest.mark.timeout(400)


def write(root: Path, *more: str) -> Path:
    nodes = [*START["nodes"], *({"kind": "end", "id": id} for id in more)]  # type: ignore[misc]
    file = root / NAME
    file.write_text(json.dumps({**START, "nodes": nodes}))
    return file


def ids(file: Path) -> list[str]:
    return [node["id"] for node in json.loads(file.read_text())["nodes"]]


def in_cell(notebook: Notebook) -> Drawing:
    notebook.run(0)
    return Drawing(notebook.output(0)).ready()


def in_editor(front: Front) -> Drawing:
    front.open(NAME)
    return Drawing(front.page.locator(".wfnb-document").first).ready()


def until_saved(drawing: Drawing) -> None:
    expect(drawing.root.locator("[data-saving=saved]")).to_contain_text(f"Saved · {NAME}", timeout=40_000)


def expect_nodes(drawing: Drawing, nodes: list[str]) -> None:
    expect(drawing.root.locator("[data-outline=nodes] li")).to_have_count(len(nodes))
    assert drawing.nodes() == nodes


def leave(page: Page) -> None:
    """Go away from the page, whatever it asks."""
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto("about:blank")


def refuse(page: Page) -> None:
    """Let nobody answer what asks for the file."""

    def abort(route: Route) -> None:
        route.abort("connectionrefused")

    page.route(CONTENTS, abort)


def without_network(errors: list[str]) -> list[str]:
    """What is left of the errors beside those of a server that does not answer."""
    return [error for error in errors if not re.search(r"Failed to (load|fetch)|ERR_CONNECTION|WebSocket", error)]


def close_warning(page: Page) -> None:
    """Close what JupyterLab says once it has noticed that its server is gone."""
    said = page.locator(".jp-Dialog", has_text="Server Connection Error")
    expect(said).to_be_visible(timeout=60_000)
    said.locator("input[type=checkbox]").check()
    said.get_by_role("button", name="Close").click()
    expect(said).to_have_count(0)


# --------------------------------------------------------------------------------------------------- in a cell


def test_in_a_cell_a_gesture_that_a_killed_kernel_never_received_is_made_again(lab: Front) -> None:
    file = write(lab.server.root)
    notebook = lab.open_notebook([CELL])
    drawing = in_cell(notebook)
    pid = notebook.python("__import__('os').getpid()")
    os.kill(pid, signal.SIGSTOP)
    made = drawing.drop(0.5, 0.8, kind="choice")
    drawing.connect("start", made)
    expect(drawing.root.locator(".wfnb-savedstate")).to_contain_text("Saving")
    os.kill(pid, signal.SIGKILL)
    lab.page.get_by_role("dialog", name="Kernel Restarting").locator(".jp-mod-accept").click(timeout=30_000)
    expect(drawing.root.locator(".wfnb-toast")).to_contain_text("without having received 2 changes")
    expect_nodes(drawing, ["start", "end", made])
    assert ids(file) == ["start", "end"]
    notebook.wait_until_idle()
    drawing = in_cell(notebook)
    expect(drawing.root.locator(".wfnb-toast")).to_contain_text("Made again: 2 changes")
    expect_nodes(drawing, ["start", "end", made])
    assert drawing.edges() == [("start", made)]
    until_saved(drawing)
    assert ids(file) == ["start", "end", made]
    assert lab.errors == []


def test_in_a_cell_a_gesture_outlives_a_page_that_is_reloaded_before_it_is_answered(lab: Front) -> None:
    file = write(lab.server.root)
    notebook = lab.open_notebook([CELL])
    drawing = in_cell(notebook)
    pid = notebook.python("__import__('os').getpid()")
    os.kill(pid, signal.SIGSTOP)
    made = drawing.drop(0.5, 0.8, kind="choice")
    leave(lab.page)
    os.kill(pid, signal.SIGCONT)
    lab.open(notebook.path)
    notebook.wait_until_idle()
    drawing = in_cell(notebook)
    expect_nodes(drawing, ["start", "end", made])
    until_saved(drawing)
    assert ids(file) == ["start", "end", made]


def test_in_a_cell_a_file_that_changes_before_an_edit_is_saved_is_asked_about(lab: Front) -> None:
    file = write(lab.server.root)
    notebook = lab.open_notebook([CELL])
    drawing = in_cell(notebook)
    pid = notebook.python("__import__('os').getpid()")
    os.kill(pid, signal.SIGSTOP)
    made = drawing.drop(0.5, 0.8, kind="choice")
    write(lab.server.root, "theirs")
    os.kill(pid, signal.SIGCONT)
    # Which of the two the kernel sees first is its own affair: both are there in the end.
    merge = drawing.root.locator("[data-action=merge]")
    both = drawing.root.locator('li[data-node="theirs"]')
    expect(merge.or_(both)).to_be_attached()
    if merge.count():
        merge.click()
    until_saved(drawing)
    assert set(ids(file)) == {"start", "end", "theirs", made}
    assert set(drawing.nodes()) == {"start", "end", "theirs", made}
    assert lab.errors == []


# -------------------------------------------------------------------------------------- in the document editor


def test_in_the_editor_an_edit_outlives_its_kernel(lab: Front) -> None:
    file = write(lab.server.root)
    drawing = in_editor(lab)
    expect(drawing.root.locator('[data-action="problems"]')).not_to_have_text("Not checked")
    session = "globalThis.jupyterapp.shell.currentWidget.context.sessionContext.session"
    refuse(lab.page)
    made = drawing.drop(0.5, 0.8, kind="choice")
    lab.page.evaluate(f"() => {session}.kernel.shutdown()")
    expect(drawing.root.locator("[data-saving=unsaved]")).to_contain_text("Not saved")
    lab.page.unroute(CONTENTS)
    until_saved(drawing)
    assert ids(file) == ["start", "end", made]


def test_in_the_editor_an_edit_outlives_a_page_that_is_reloaded_before_it_is_saved(lab: Front) -> None:
    file = write(lab.server.root)
    drawing = in_editor(lab)
    refuse(lab.page)
    made = drawing.drop(0.5, 0.8, kind="choice")
    expect(drawing.root.locator("[data-saving=unsaved]")).to_contain_text("Not saved")
    leave(lab.page)
    assert ids(file) == ["start", "end"]
    lab.page.unroute(CONTENTS)
    drawing = in_editor(lab)
    expect_nodes(drawing, ["start", "end", made])
    until_saved(drawing)
    assert ids(file) == ["start", "end", made]
    drawing.press("undo")
    expect_nodes(drawing, ["start", "end"])


@pytest.mark.parametrize("choice", ["keep-mine", "take-theirs", "merge"])
def test_in_the_editor_a_file_that_changes_before_an_edit_is_saved_is_asked_about(lab: Front, choice: str) -> None:
    file = write(lab.server.root)
    drawing = in_editor(lab)
    expect(drawing.root.locator('[data-action="problems"]')).not_to_have_text("Not checked")
    refuse(lab.page)
    made = drawing.drop(0.5, 0.8, kind="choice")
    expect(drawing.root.locator("[data-saving=unsaved]")).to_contain_text("Not saved")
    write(lab.server.root, "theirs")
    lab.page.unroute(CONTENTS)
    conflict = drawing.root.locator(".wfnb-conflict")
    expect(conflict).to_contain_text(f"'{NAME}' was changed by somebody else")
    expect(conflict).to_contain_text("+ added end theirs")
    lab.command("docmanager:save")  # no window of JupyterLab's own, and nothing is written
    assert ids(file) == ["start", "end", "theirs"]
    drawing.press(choice)
    until_saved(drawing)
    wanted = {"keep-mine": {made}, "take-theirs": {"theirs"}, "merge": {made, "theirs"}}[choice]
    assert set(ids(file)) == set(drawing.nodes()) == {"start", "end"} | wanted
    drawing.press("revisions")
    rows = drawing.root.locator(".wfnb-revisions ol > li")
    expect(rows).to_have_count(4)  # what was opened, both sides, what came of them
    rows.last.locator("[data-action=restore]").click()
    expect_nodes(drawing, ["start", "end"])
    until_saved(drawing)
    assert ids(file) == ["start", "end"]
    drawing.press("undo")
    expect(drawing.root.locator("[data-outline=nodes] li")).to_have_count(2 + len(wanted))


def test_in_the_editor_what_others_write_is_drawn_where_nothing_is_lost(lab: Front) -> None:
    write(lab.server.root)
    drawing = in_editor(lab)
    write(lab.server.root, "theirs")
    expect(drawing.root.locator('li[data-node="theirs"]')).to_be_attached()
    drawing.press("undo")
    expect_nodes(drawing, ["start", "end"])
    until_saved(drawing)
    assert lab.errors == []


# ------------------------------------------------------------------------------------------------ the server


def test_nothing_is_lost_with_a_server_that_is_restarted(page: Page, tmp_path: Path) -> None:
    with serving("lab", tmp_path) as server:
        file = write(server.root)
        front = Front(page, server)
        drawing = in_editor(front)
    close_warning(page)
    made = drawing.drop(0.5, 0.8, kind="choice")
    expect(drawing.root.locator("[data-saving=unsaved]")).to_contain_text("Not saved", timeout=40_000)
    assert ids(file) == ["start", "end"]
    with serving("lab", tmp_path, again=server):
        until_saved(drawing)
        assert ids(file) == ["start", "end", made]
        notebook = front.open_notebook([CELL])
        drawing = in_cell(notebook)
    close_warning(page)
    other = drawing.drop(0.3, 0.8, kind="wait")
    leave(page)
    with serving("lab", tmp_path, again=server):
        front.open(notebook.path)
        notebook.wait_until_idle()
        drawing = in_cell(notebook)
        expect_nodes(drawing, ["start", "end", made, other])
        until_saved(drawing)
        assert ids(file) == ["start", "end", made, other]
    assert without_network(front.errors) == []
