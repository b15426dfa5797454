"""What a designer is opened on, and where its drawing goes: Python files above all."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.unit.widgets.view import View
from wfnb.author.document import Document
from wfnb.author.edits import AddNode, SetNode, SetWorkflow
from wfnb.author.source import drawn_in, to_python
from wfnb.engine.engine import Engine
from wfnb.errors import DefinitionError, SourceError
from wfnb.model.codec import decode, encode
from wfnb.model.workflow import End, Start, Task, Workflow
from wfnb.testing import virtual_time
from wfnb.widgets.designer import Designer
from wfnb.widgets.keeping import LOOK_EVERY, SAVE_AFTER, Keeper
from wfnb.widgets.notation import PythonPart
from wfnb.widgets.opened import open_flow

BEFORE = '''\
"""Reviews."""
import wfnb as wf
print("this is never run here")

@wf.activity
def fetch(url: str) -> str:
    return url  # as it is

'''
DRAWN = 'f = wf.flow("f")\nf.start >> f.task("a", fetch, url="x") >> f.end("end")\n'
AFTER = "\nif __name__ == '__main__': wf.run(f)\n"
COMMENTED = DRAWN.replace("f.start", "# goes first\nf.start")
NEW = AddNode(node=Task("new", activity="fetch"))


def made(tmp_path: Path, text: str, name: str = "x.py") -> Path:
    file = tmp_path / name
    file.write_bytes(text.encode())
    return file


def test_a_drawing_in_python_follows_and_all_else_stays(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = made(tmp_path, BEFORE + DRAWN + AFTER)
    opened = open_flow(file)
    assert (opened.file, opened.apart) == (file, "")
    designer = Designer(opened, lambda: Engine(None))
    designer.document.apply([NEW])
    text = file.read_text()
    assert text.startswith(BEFORE)
    assert text.endswith(AFTER)
    assert drawn_in(text) == designer.workflow
    assert 'f.task("a", fetch, url="x")' in text
    designer.undo()
    assert drawn_in(file.read_text()) == designer.workflow
    assert designer.save() == file
    designer.close()
    assert capsys.readouterr().out == ""


def test_an_export_stays_one_and_a_new_file_becomes_one(tmp_path: Path) -> None:
    workflow = drawn_in("import wfnb as wf\n" + DRAWN)
    for file in (made(tmp_path, to_python(workflow)), tmp_path / "new.py"):
        designer = Designer(open_flow(str(file)), lambda: Engine(None))
        designer.document.apply([NEW])
        assert file.read_text() == to_python(designer.workflow)
        designer.close()


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (BEFORE + COMMENTED, "line 10: a comment stands between the builder's calls, which would get lost"),
        ("import wfnb as wf\nlimit = 3\nf = wf.flow('f')\nf.end('e', limit)", "line 4: 'limit' is not defined"),
    ],
)
def test_what_would_lose_something_is_not_written_and_says_where_it_goes(tmp_path: Path, text: str, why: str) -> None:
    file = made(tmp_path, text)
    designer = Designer(open_flow(file), lambda: Engine(None))
    designer.document.apply([NEW])
    assert file.read_text() == text
    what, cure = open_flow(file).apart.split("\n")
    assert what == f"what is drawn is not written into 'x.py': {why}"
    assert cure == "save it as a document of its own; in a cell: pad.save('x.wf.json')"
    for path in (None, file):
        with pytest.raises(DefinitionError, match="what is drawn is not written"):
            designer.save(path)
    assert designer.save(tmp_path / "x.wf.json").exists()
    assert file.read_text() == text
    designer.close()


def test_another_format_is_not_written_either(tmp_path: Path) -> None:
    task = {"name": "a", "id": "a", "parents": [], "children": [], "inputFiles": [], "outputFiles": []}
    found = {
        "name": "x",
        "schemaVersion": "1.5",
        "workflow": {
            "specification": {"tasks": [task], "files": []},
            "execution": {"makespanInSeconds": 1, "tasks": []},
        },
    }
    opened = open_flow(made(tmp_path, json.dumps(found), "x.json"))
    assert opened.notation is None
    assert "'x.json': it has another format" in opened.apart


def test_what_can_not_be_read_is_not_opened(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"'x\.py', line 2: there is no workflow"):
        open_flow(made(tmp_path, "x = 1\nprint(x)\n"))


def test_a_canvas_is_told_that_it_is_apart_and_saves_it_beside(tmp_path: Path) -> None:
    file = made(tmp_path, BEFORE + COMMENTED)
    view = View()
    designer = Designer(open_flow(file), lambda: Engine(None))
    session = designer._session
    session._send = view
    session.receive({"type": "hello"})
    (saving,) = view.of("saving")
    assert (saving["state"], saving["beside"]) == ("apart", "x.wf.json")
    for name, trouble in {"../x.wf.json": "is no name of a document", "x.py": "is no name of a document"}.items():
        session.receive({"type": "save_as", "name": name})
        assert trouble in view.of("failure")[-1]["message"]
    session.receive({"type": "save_as", "name": "x.wf.json"})
    assert (view.of("saving")[-1]["state"], view.of("document")[-1]["saved"]) == ("saved", "x.wf.json")
    designer.document.apply([NEW])
    beside = tmp_path / "x.wf.json"
    assert decode(beside.read_text()) == designer.workflow
    assert designer.file == beside
    assert designer.save() == beside
    # Another one does not take its place.
    other = Designer(open_flow(file), lambda: Engine(None))
    with pytest.raises(DefinitionError, match=r"there is a file 'x\.wf\.json' already"):
        other._save_beside("x.wf.json")
    for one in (designer, other):
        one.close()


def followed(tmp_path: Path, main: Callable[[Document, Keeper, Path], None]) -> None:
    """Run `main` on a Python file that follows a drawing, in virtual time."""
    file = made(tmp_path, BEFORE + DRAWN + AFTER)

    async def run() -> None:
        opened = open_flow(file)
        assert opened.notation is not None
        keeper = Keeper(opened.flow.document, file, opened.notation)
        main(opened.flow.document, keeper, file)
        keeper.close()

    virtual_time(run())


def test_what_others_write_around_the_drawing_stays_and_what_they_draw_is_taken(tmp_path: Path) -> None:
    def main(document: Document, keeper: Keeper, file: Path) -> None:
        file.write_text(file.read_text().replace("as it is", "as it was") + "\nx = 1\n")
        keeper.look()
        assert (document.revision, keeper.state.state) == (0, "saved")
        file.write_text(file.read_text().replace('"end"', '"done"'))
        keeper.look()
        assert document.workflow.nodes[-1] == End("done")
        document.apply([NEW])
        keeper.save()
        text = file.read_text()
        assert drawn_in(text) == document.workflow
        assert "as it was" in text
        assert text.endswith("\nx = 1\n")

    followed(tmp_path, main)
    assert LOOK_EVERY > SAVE_AFTER


def test_a_conflict_is_merged_and_versions_are_documents_to_go_back_to(tmp_path: Path) -> None:
    def main(document: Document, keeper: Keeper, file: Path) -> None:
        first = document.workflow
        file.write_text(file.read_text().replace('"end"', '"done"') + "\nx = 1\n")
        document.apply([SetWorkflow(description="mine")])
        keeper.save()
        assert (keeper.state.state, keeper.state.clashes) == ("conflict", ())
        keeper.resolve("merge")
        assert keeper.state.state == "saved"
        text = file.read_text()
        assert (document.workflow.description, document.workflow.nodes[-1].id) == ("mine", "done")
        assert drawn_in(text) == document.workflow
        assert text.endswith("\nx = 1\n")
        found = keeper.versions.revisions
        assert {encode(found.read(one.id)) for one in found.all()} >= {encode(first), encode(document.workflow)}

    followed(tmp_path, main)


def test_where_others_left_no_drawing_nothing_is_written_until_there_is_one(tmp_path: Path) -> None:
    def main(document: Document, keeper: Keeper, file: Path) -> None:
        broken = file.read_text().replace("f.start", "# why\nf.start")
        file.write_text(broken)
        keeper.look()
        document.apply([SetNode(id="a", node=Task("a", activity="other"))])
        keeper.save()
        assert keeper.state.state == "unsaved"
        assert "is not written: line 10: a comment stands between" in keeper.state.why
        assert file.read_text() == broken
        file.unlink()
        keeper.save()
        assert keeper.state.state == "conflict"
        keeper.resolve("mine")
        assert keeper.state.state == "unsaved"
        assert "the file is gone" in keeper.state.why

    followed(tmp_path, main)


def test_a_python_part_that_begins_anyhow_is_read(tmp_path: Path) -> None:
    text = "flow = wf.flow('f')\nlimit = 3\nflow.end('e', limit)\n"
    expected = Workflow(name="f", nodes=(Start("start"), End("e", output=3)))
    assert PythonPart().read(text, "x.py") == expected
    assert "'flow.end' draws more behind other statements" in open_flow(made(tmp_path, text)).apart
