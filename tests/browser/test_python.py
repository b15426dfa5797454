"""The drawing as Python beside the canvas: what is typed is drawn, what is drawn is written."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.drawing import Drawing
from tests.tools.front import Front, Notebook, screenshot

SET_UP = """\
import wfnb as wf

@wf.activity
async def fetch(url: str) -> str: ...

@wf.activity
async def score(text: str) -> float: ...

flow = wf.flow("review")
page = flow.task("page", fetch, url="=input.url").options(retries=3, timeout=30)
mark = flow.task("mark", score, text="=page")
gate = flow.choice("gate")
flow.start >> page >> mark >> gate
gate.when("mark > 0.8") >> flow.end("kept")
gate.otherwise() >> flow.end("dropped")
pad = wf.design(flow)
pad"""
ASK = "__import__('json').loads(__import__('wfnb.model.codec').model.codec.encode(flow.workflow))"


def opened(front: Front) -> tuple[Notebook, Drawing, Locator]:
    notebook = front.open_notebook([SET_UP])
    notebook.run(0)
    drawing = Drawing(notebook.output(0)).ready()
    drawing.root.locator("[data-mode=python]").click()
    code = drawing.root.locator("[data-field=python]")
    expect(code).to_have_value(re.compile(r"flow = wf\.flow"))
    return notebook, drawing, code


def replace(code: Locator, old: str, new: str) -> None:
    """Put a text in place of another, as a person does: select it and type."""
    at = code.input_value().index(old)
    code.focus()
    code.evaluate("(area, [from, to]) => area.setSelectionRange(from, to)", [at, at + len(old)])
    code.page.keyboard.type(new)


def test_either_changes_the_other_and_each_edit_is_one_to_undo(front: Front) -> None:
    notebook, drawing, code = opened(front)
    before = notebook.python(ASK)
    replace(code, '"mark > 0.8"', '"mark > 0.9"')
    expect(drawing.root.locator('[data-outline=edges] li[data-target="kept"]')).to_contain_text("mark > 0.9")
    expect(code).to_have_value(re.compile('"mark > 0.9"'))
    typed = code.input_value()
    assert notebook.python(ASK) != before
    code.page.keyboard.press("Control+z")
    expect(code).to_have_value(re.compile('"mark > 0.8"'))
    assert notebook.python(ASK) == before
    code.page.keyboard.press("Control+Shift+z")
    expect(code).to_have_value(typed)
    drawing.select("mark")
    front.page.keyboard.press("Delete")
    expect(code).not_to_have_value(re.compile("mark = flow.task"))
    drawing.press("undo")
    expect(code).to_have_value(typed)
    assert front.errors == []


def test_a_fault_is_named_with_its_line_and_nothing_changes(lab: Front) -> None:
    notebook, drawing, code = opened(lab)
    before = notebook.python(ASK)
    replace(code, "flow.choice", "flow.choose")
    trouble = drawing.root.locator(".wfnb-codefoot")
    line = code.input_value().split("\n").index('gate = flow.choose("gate")') + 1
    expect(trouble).to_contain_text(f"line {line}: 'flow.choose' is no part of a drawing")
    expect(trouble).to_contain_text("Did you mean 'choice'?")
    expect(drawing.root.locator(".wfnb-wrong")).to_have_text(["flow", ".choose"])
    expect(code).to_have_attribute("aria-invalid", "true")
    assert notebook.python(ASK) == before
    # The drawing goes on meanwhile; what is typed stays until someone gives it up.
    notebook.python("bool(flow.task('late', 'score'))")
    expect(drawing.root.locator("[data-action=take-drawing]")).to_be_visible()
    expect(code).to_have_value(re.compile("flow.choose"))
    drawing.press("take-drawing")
    expect(code).to_have_value(re.compile('late", "score"'))
    expect(trouble).not_to_contain_text("line")
    assert lab.errors == []


def test_the_document_editor_has_it_too(lab: Front) -> None:
    document = {"wfnb": 1, "name": "x", "nodes": [{"kind": "start", "id": "start"}, {"kind": "end", "id": "end"}]}
    file = lab.server.root / "x.wf.json"
    file.write_text(json.dumps(document))
    lab.open("x.wf.json")
    drawing = Drawing(lab.page.locator(".wfnb-document")).ready()
    drawing.root.locator("[data-mode=python]").click()
    code = drawing.root.locator("[data-field=python]")
    expect(code).to_have_value(re.compile(r'flow = wf\.flow\("x"\)'))
    replace(code, 'flow.end("end")\n', 'flow.end("end")\nflow.start >> flow.node("end")\n')
    expect(drawing.root.locator("[data-outline=edges] li")).to_have_count(1)
    lab.command("docmanager:save")
    assert json.loads(file.read_text())["edges"] == [{"source": "start", "target": "end"}]
    drawing.press("undo")
    expect(drawing.root.locator("[data-outline=edges] li")).to_have_count(0)
    expect(code).not_to_have_value(re.compile("flow.start >>"))
    assert lab.errors == []


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [900, 1600])
def test_it_looks_like_code(lab: Front, artifacts: Path, theme: Literal["light", "dark"], width: int) -> None:
    _, drawing, code = opened(lab)
    lab.page.set_viewport_size({"width": width, "height": 900})
    lab.theme(theme)
    replace(code, "flow.choice", "flow.choose")
    expect(drawing.root.locator(".wfnb-wrong").first).to_be_visible()
    box, stage = code.bounding_box(), drawing.canvas.bounding_box()
    assert box
    assert stage
    assert stage["x"] >= box["x"] + 200
    assert stage["width"] > 150
    drawing.root.screenshot(path=artifacts / f"python-{theme}-{width}.png")


def test_a_long_program_is_scrolled_with_what_is_typed_in_it(lab: Front) -> None:
    more = "".join(f'last = flow.task("t{n}", fetch, url="{n}")\nends >> last\nends = last\n' for n in range(40))
    long = SET_UP.replace("pad = wf.design(flow)", f"ends = flow.start\n{more}pad = wf.design(flow)")
    notebook = lab.open_notebook([long])
    notebook.run(0)
    drawing = Drawing(notebook.output(0)).ready()
    drawing.root.locator("[data-mode=python]").click()
    code, pane = drawing.root.locator("[data-field=python]"), drawing.root.locator(".wfnb-code")
    expect(code).to_have_value(re.compile(r'task\("t39"'))
    lines = drawing.root.locator(".wfnb-codeline")
    first, last = lines.filter(has_text="import wfnb"), lines.last
    expect(first).to_be_in_viewport()
    code.focus()
    lab.page.keyboard.press("Control+End")
    lab.page.keyboard.type("\n\n# the end")
    expect(last).to_have_text("# the end")
    lab.page.wait_for_function(
        """() => {
            const [pane, ...lines] = document.querySelectorAll('.wfnb-code, .wfnb-codeline');
            const [room, line] = [pane, lines.at(-1)].map(one => one.getBoundingClientRect());
            return line.top >= room.top && line.bottom <= room.bottom;
        }"""
    )
    # What is seen is where the caret is: both are scrolled as one.
    assert code.evaluate("area => area.scrollTop") == 0
    box = pane.bounding_box()
    assert box
    lab.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    lab.page.mouse.wheel(0, -10_000)
    expect(first).to_be_in_viewport()
    assert lab.errors == []


FILE = '''\
from pathlib import Path
import wfnb as wf
around = """print('never run')
import wfnb as wf

@wf.activity
def fetch(url: str) -> str:
    return url  # stays

"""
drawn = """f = wf.flow("f")
f.start >> f.task("page", fetch, url="x") >> f.end("end")
"""
_ = Path("x.py").write_text(around + drawn)
_ = Path("y.py").write_text(around + drawn.replace("f.start", "# why\\nf.start"))
'''


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_python_file_follows_or_says_that_it_does_not(lab: Front, theme: str, artifacts: Path) -> None:
    page = lab.page
    notebook = lab.open_notebook([FILE, "pad = wf.design('x.py')\npad", "other = wf.design('y.py')\nother"])
    lab.theme(theme)  # type: ignore[arg-type]
    notebook.run(0)
    notebook.run(1)
    drawing = Drawing(notebook.output(1)).ready()
    state = drawing.root.locator("[data-saving]")
    expect(state).to_contain_text("Saved · x.py")
    drawing.select("page")
    drawing.root.locator('.wfnb-inspector [data-field="id"]').fill("got")
    page.keyboard.press("Enter")
    expect(state).to_have_attribute("data-saving", "saved")
    text = "Path('x.py').read_text()"
    notebook.wait_until_idle()
    assert notebook.python(f'{text}.startswith(around) and {text}.count(\'f.task("got", fetch, url="x")\')') == 1

    notebook.run(2)
    drawing = Drawing(notebook.output(2)).ready()
    state = drawing.root.locator("[data-saving]")
    expect(state).to_contain_text("Not written back")
    for width in (900, 1600):
        page.set_viewport_size({"width": width, "height": 900})
        expect(state).to_be_visible()
        state.click()
        form = drawing.root.locator(".wfnb-saveas")
        expect(form).to_contain_text("line 9: a comment stands between the builder's calls")
        screenshot(page, str(artifacts / f"apart-{theme}-{width}.png"))
        page.keyboard.press("Escape")
        expect(form).to_have_count(0)
    state.click()
    expect(form.locator('[data-field="save-as"]')).to_be_focused()
    page.keyboard.press("Enter")
    expect(state).to_contain_text("Saved · y.wf.json")
    assert notebook.python("'# why' in Path('y.py').read_text() and Path('y.wf.json').exists()")
    assert lab.errors == []
