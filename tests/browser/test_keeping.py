"""A drawing in a cell and its file: saved at once, nothing of it lost, whoever dies or writes meanwhile."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import expect

from tests.browser.drawing import Drawing
from tests.tools.front import Front, Notebook

SHOW = """\
import wfnb as wf
pad = wf.design("kept.wf.json")
pad"""


def opened(front: Front) -> tuple[Notebook, Drawing, Path]:
    notebook = front.open_notebook([SHOW])
    notebook.run(0)
    return notebook, Drawing(notebook.output(0)).ready(), front.server.root / "kept.wf.json"


def ids(file: Path) -> list[str]:
    return [node["id"] for node in json.loads(file.read_text())["nodes"]]


def saved(drawing: Drawing) -> None:
    expect(drawing.root.locator("[data-saving=saved]")).to_contain_text("Saved · kept.wf.json")


def test_an_edit_outlives_a_kernel_that_is_killed_and_a_page_that_is_reloaded(lab: Front) -> None:
    notebook, drawing, file = opened(lab)
    made = drawing.drop(0.5, 0.8, kind="choice")
    saved(drawing)
    assert ids(file) == ["start", "end", made]
    notebook.kill_kernel()
    notebook.run(0)
    drawing = Drawing(notebook.output(0)).ready()
    assert drawing.nodes() == ["start", "end", made]
    other = drawing.drop(0.3, 0.8, kind="wait")
    saved(drawing)
    lab.page.reload()
    assert ids(file) == ["start", "end", made, other]
    assert lab.errors == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_file_that_somebody_else_wrote_is_asked_about(
    lab: Front, artifacts: Path, theme: Literal["light", "dark"]
) -> None:
    notebook, drawing, file = opened(lab)
    lab.theme(theme)
    theirs = json.loads(file.read_text())
    theirs["nodes"].append({"kind": "end", "id": "theirs"})
    text = json.dumps(theirs)
    notebook.python(f"bool(pad.file.write_text({text!r}) and pad.flow.end('mine'))")
    conflict = drawing.root.locator(".wfnb-conflict")
    expect(conflict).to_contain_text("'kept.wf.json' was changed by somebody else")
    expect(conflict).to_contain_text("+ added end mine")
    expect(conflict).to_contain_text("+ added end theirs")
    assert ids(file) == ["start", "end", "theirs"]
    drawing.root.screenshot(path=artifacts / f"conflict-{theme}.png")
    drawing.press("merge")
    saved(drawing)
    assert ids(file) == ["start", "end", "mine", "theirs"]
    assert drawing.nodes() == ["start", "end", "mine", "theirs"]
    drawing.press("revisions")
    rows = drawing.root.locator(".wfnb-revisions ol > li")
    expect(rows).to_have_count(4)
    drawing.root.screenshot(path=artifacts / f"revisions-{theme}.png")
    rows.last.locator("[data-action=restore]").click()
    expect(drawing.root.locator("[data-outline=nodes] li")).to_have_count(2)
    drawing.press("undo")
    expect(drawing.root.locator("[data-outline=nodes] li")).to_have_count(4)
    assert lab.errors == []


def test_what_is_written_to_the_file_is_drawn(lab: Front) -> None:
    _, drawing, file = opened(lab)
    theirs = json.loads(file.read_text())
    theirs["nodes"].append({"kind": "end", "id": "theirs"})
    file.write_text(json.dumps(theirs))
    expect(drawing.root.locator('li[data-node="theirs"]')).to_be_attached()
    drawing.press("undo")
    expect(drawing.root.locator("[data-outline=nodes] li")).to_have_count(2)
    assert lab.errors == []
